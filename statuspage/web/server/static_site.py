"""Serves a folder of published files over HTTP, on a machine without a web server in front.

Clients that accept it get the compressed copy of a file, or the file compressed at the moment.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from html import escape
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from statuspage.rendering.site import http_headers, language_choice, urls

CHUNK_BYTES = 65_536

Body = Iterable[bytes]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A file to send: its path, whether it is the compressed copy, and whether it is to be compressed now."""

    path: Path
    compressed: bool = False
    compressing: bool = False


def application(
    folder: Callable[[], Path],
    languages: Callable[[], Sequence[str]] = tuple,
    *,
    meanwhile: Callable[[], Mapping[str, str]] = dict,
) -> WSGIApplication:
    """Serves the current ``folder()`` at each request, so that a new build is visible at once.

    At the root, browsers that prefer another one of ``languages()`` than the first are redirected. ``meanwhile`` maps
    languages to a sentence that is shown instead of the site if not empty.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
        if sentences := meanwhile():
            return _setting_up_page(sentences, environ, start_response)
        root = folder().resolve()
        if environ.get("PATH_INFO", "") in ("", "/") and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return _front_response(root, languages(), environ, start_response)
        return _file_response(root, environ, start_response)

    return serve


def _front_response(
    root: Path, languages: Sequence[str], environ: WSGIEnvironment, start_response: StartResponse
) -> Body:
    """The root in the site's first language, or a redirect to another one."""
    language = language_choice.choose_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), languages)
    if language in languages[1:] and (root / language / "index.html").is_file():
        more = [("Location", f"{language}/"), ("Vary", "Accept-Language"), ("Cache-Control", http_headers.FRESH)]
        return _status_response(start_response, "302 Found", more)
    file_to_send = _find_file(root, environ)
    vary = "Accept-Encoding, Accept-Language" if languages[1:] else "Accept-Encoding"
    return (
        _send(file_to_send, environ, start_response, vary=vary)
        if file_to_send
        else _not_found(root, environ, start_response)
    )


def _file_response(root: Path, environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return _status_response(start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")])
    requested = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    path = _path_inside(root, requested)
    if path is not None and path.is_dir() and not requested.endswith("/"):
        return _status_response(
            start_response, "301 Moved Permanently", [("Location", f"/{quote(str(path.relative_to(root)))}/")]
        )
    file_to_send = _find_file(path, environ) if path is not None else None
    if file_to_send is None:
        return _not_found(root, environ, start_response)
    return _send(file_to_send, environ, start_response)


def _path_inside(root: Path, requested: str) -> Path | None:
    """The path of the requested file, if it is inside the folder and no part of it is hidden; ``security.txt`` alone
    is for everybody."""
    parts = [part for part in requested.split("/") if part]
    if requested == f"/{urls.SECURITY_TXT}":
        parts = [urls.SECURITY_TXT]
    elif any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    try:
        path = root.joinpath(*parts).resolve()
    except OSError:
        return None
    return path if path == root or root in path.parents else None


def _find_file(path: Path, environ: WSGIEnvironment) -> FileToSend | None:
    target = path / "index.html" if path.is_dir() else path
    if not http_headers.type_of(target.name) or not target.is_file():
        return None
    if not _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return FileToSend(target)
    packed = target.with_name(target.name + ".gz")
    if packed.is_file():
        return FileToSend(packed, compressed=True)
    return FileToSend(target, compressing=not target.name.endswith(http_headers.LASTING))


def _takes_gzip(header: str) -> bool:
    for offer in header.split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _send(
    file_to_send: FileToSend,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: str = "200 OK",
    vary: str = "Accept-Encoding",
) -> Body:
    try:
        opened: BinaryIO = file_to_send.path.open("rb")
    except OSError:
        return _status_response(start_response, "404 Not Found", [])
    file_status = os.fstat(opened.fileno())
    headers = _headers(file_to_send, file_status, vary)
    if status == "200 OK" and environ.get("HTTP_IF_NONE_MATCH") == dict(headers)["ETag"]:
        opened.close()
        kept_headers = [header for header in headers if header[0] in ("ETag", "Vary", "Cache-Control")]
        start_response("304 Not Modified", kept_headers)
        return []
    if not file_to_send.compressing:
        headers.append(("Content-Length", str(file_status.st_size)))
    elif environ["REQUEST_METHOD"] == "GET":  # Otherwise the length is not worth compressing the file.
        opened, size = _compressed(opened)
        headers.append(("Content-Length", str(size)))
    start_response(status, headers)
    return _chunks(opened) if environ["REQUEST_METHOD"] == "GET" else _close_file(opened)


def _compressed(file: BinaryIO) -> tuple[BinaryIO, int]:
    """The content of the file, compressed quickly, and its length; equal input gives equal output."""
    with file:
        data = gzip.compress(file.read(), compresslevel=5, mtime=0)
    return io.BytesIO(data), len(data)


def _headers(file_to_send: FileToSend, status: os.stat_result, vary: str) -> Headers:
    """The headers except the length. The ETag comes from the open file, which does not change if another one replaces
    it, and is known before anything is compressed."""
    size, changed = status.st_size, status.st_mtime_ns
    is_gzip = file_to_send.compressed or file_to_send.compressing
    headers = [
        *http_headers.headers_of(
            file_to_send.path.name.removesuffix(".gz") if file_to_send.compressed else file_to_send.path.name
        ).items(),
        ("ETag", f'"{changed:x}-{size:x}{"-gz" if is_gzip else ""}"'),
        ("Last-Modified", formatdate(changed / 1e9, usegmt=True)),
        ("Vary", vary),
    ]
    return [*headers, ("Content-Encoding", "gzip")] if is_gzip else headers


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _close_file(file: BinaryIO) -> Body:
    file.close()
    return []


def _not_found(root: Path, environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    file_to_send = _find_file(root / "404.html", environ)
    if file_to_send is None:
        return _status_response(start_response, "404 Not Found", [])
    return _send(file_to_send, environ, start_response, "404 Not Found")


def _setting_up_page(sentences: Mapping[str, str], environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    """A page that only says that the site is being set up, because it is not certain yet whose it will be."""
    paragraphs = "".join(f'<p lang="{language}">{escape(text)}</p>\n' for language, text in sentences.items())
    language, title = next(iter(sentences.items()))
    page = _SETTING_UP_HTML.format(language=language, title=escape(title), said=paragraphs).encode()
    more = {"Content-Length": str(len(page)), "Retry-After": "60", "Cache-Control": "no-store"}
    start_response("503 Service Unavailable", list({**http_headers.headers_of("index.html"), **more}.items()))
    return [page] if environ["REQUEST_METHOD"] != "HEAD" else []


_SETTING_UP_HTML = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
<main>
{said}</main>
</body>
</html>
"""


def _status_response(start_response: StartResponse, status: str, more: Headers) -> Body:
    text = f"{status}\n".encode()
    headers = [("Content-Type", http_headers.type_of(".txt")), ("Content-Length", str(len(text)))]
    start_response(status, [*headers, *more])
    return [text]
