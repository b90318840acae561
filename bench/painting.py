"""When a browser first paints the front page over a connection with a round-trip time of 400 ms.

nginx serves the site over TLS 1.3 and HTTP/2, behind a relay that holds everything for half a round-trip time, and what
opens a connection for a whole one more, as TCP's own handshake would. TCP's slow start is not simulated; it does not
matter below 8.5 kB.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.sync_api import sync_playwright

from bench.costs import listening
from bench.figures import Figures
from tests.support.browser import launch
from tests.support.readers import NGINX, nginx

TURNS = 7
ROUND_TRIP = 0.4
BUDGET = 1.35
_LISTEN = """ ssl; http2 on;
        ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.key; ssl_protocols TLSv1.3;"""
_LOCATION = "gzip on; gzip_types text/css image/svg+xml;"
_CERTIFICATE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def report(site: Path, folder: Path, path: str, figures: Figures) -> None:
    """The median of all turns, each in a new browser, if there is one."""
    print(f"First paint of /{path} at a round-trip time of {ROUND_TRIP * 1000:.0f} ms; median of {TURNS}")
    browsers = ("chromium", "chromium-browser", "google-chrome")
    if not Path(NGINX).exists() or not any(map(shutil.which, browsers)):
        print("  not measured: no browser or no nginx is installed")
        return
    folder.mkdir()
    _write_certificate(folder)
    served = nginx(site, folder, _LISTEN.format(folder=folder), _LOCATION)
    with served as port, listening("bench.painting", str(port)) as far:
        trusted = _key_hash(folder / "site.pem")
        took = [_painted(f"https://127.0.0.1:{far}/{path}", trusted) for _ in range(TURNS)]
    figures.add(f"first paint at {ROUND_TRIP * 1000:.0f} ms", statistics.median(took) / 1000, "s", BUDGET)


def _painted(address: str, trusted: str) -> float:
    """Milliseconds from the start of the navigation to the first content, in a new browser that trusts this key."""
    with sync_playwright() as playwright:
        browser = launch(playwright, f"--ignore-certificate-errors-spki-list={trusted}")
        page = browser.new_page()
        page.goto(address, wait_until="load")
        page.wait_for_function(_PAINTED)
        painted = float(page.evaluate(_PAINTED))
        browser.close()
    return painted


def _key_hash(certificate: Path) -> str:
    """Base64 of the SHA-256 of its public key. A certificate that is merely forgiven costs a second connection."""
    key = load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return b64encode(sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()).decode()


def _write_certificate(folder: Path) -> None:
    keys = ["-keyout", str(folder / "site.key"), "-out", str(folder / "site.pem")]
    subprocess.run([*_CERTIFICATE.split(), *keys], check=True, capture_output=True)


async def relay(port: int) -> None:
    """Prints its own port, and passes everything on to this one, late."""
    loop = asyncio.get_running_loop()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, earliest: float) -> None:
        while data := await reader.read(65_536):
            loop.call_at(max(loop.time() + ROUND_TRIP / 2, earliest), writer.write, data)
        loop.call_at(max(loop.time() + ROUND_TRIP / 2, earliest), writer.close)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = loop.time() + ROUND_TRIP
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, forth, opened + ROUND_TRIP / 2), pass_on(back, writer, 0))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(relay(int(sys.argv[1])))
