"""Lighthouse scores of the front page and of an incident's page, served as by a web server."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

_TOOL = Path(__file__).parent / "node_modules" / ".bin" / "lighthouse"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_JUDGED = ("performance", "accessibility", "best-practices", "seo")


class _Packed(http.server.SimpleHTTPRequestHandler):
    """Sends the gzip copies, as docs/reference/public-page.md tells a web server to."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        text = path.suffix != ".png"
        body = gzip.compress(path.read_bytes(), 9) if text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)) + ("; charset=utf-8" if text else ""))
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


def scores(folder: Path, addresses: Mapping[str, str]) -> Iterator[str]:
    """One line for each named address of this site, or one that says what is missing."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None or not _TOOL.exists():
        yield f"  not measured: {'no browser is installed' if browser is None else 'npm could not install it'}"
        return
    with _served(folder) as address:
        for name, place in addresses.items():
            by_category = _judged(f"{address}/{place}", browser)
            yield f"  {name}: " + ", ".join(f"{key} {round(score * 100)}" for key, score in by_category.items())


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Packed, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _judged(url: str, browser: str) -> dict[str, float]:
    judged = f"--only-categories={','.join(_JUDGED)}"
    command = [str(_TOOL), url, "--quiet", "--output=json", "--output-path=stdout", judged, f"--chrome-flags={_FLAGS}"]
    result = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=300, env={**os.environ, "CHROME_PATH": browser}
    )
    return {category: found["score"] for category, found in json.loads(result.stdout)["categories"].items()}
