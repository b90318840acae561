"""Presses a published file small: its compressed twin, which web servers send as it lies there."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from functools import lru_cache

_GZIP = 31  # zlib's word for the largest window in a gzip wrapping


@lru_cache(maxsize=32)
def packed(data: bytes) -> bytes:
    """The same bytes compressed with gzip: no name and no time inside, so equal input gives equal output. Feeds are
    weighed by it before they are written: the newest are kept.

    Style, words and script are coded apart, which makes a page in Japanese 1% smaller. What all pages of a kind begin
    with is compressed once.
    """
    head, seam, rest = data.partition(b"</style>")
    if not seam:
        return gzip.compress(data, compresslevel=9, mtime=0)
    words, seam, script = rest.rpartition(b"<script>")
    begun, press = _compressor(head)
    own = press.copy()
    parts = (own.compress(b"</style>" + words), own.flush(zlib.Z_BLOCK), own.compress(seam + script), own.flush())
    return b"".join((begun, *parts))


@lru_cache(maxsize=64)
def _compressor(head: bytes) -> tuple[bytes, zlib._Compress]:
    press = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    before, seam, style = head.partition(b"<style>")
    return press.compress(before) + press.flush(zlib.Z_BLOCK) + press.compress(seam + style) + press.flush(
        zlib.Z_BLOCK
    ), press


def with_twins(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Each text preceded by its compressed twin, in the same order; pictures are compressed already."""
    twins: dict[str, bytes] = {}
    for name, data in files.items():
        if not name.endswith(".png"):
            twins[f"{name}.gz"] = packed(data)
        twins[name] = data
    return twins
