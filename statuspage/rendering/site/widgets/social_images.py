"""The image for link previews: the service line and the mark of the state, as PNG, without text.

Many link previews do not support SVG. The shapes are those of ``marks.html`` and can be told apart without colour.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

WIDTH, HEIGHT = 1200, 630

_COLOURS = {
    "ok": (0x14744A, 0xEAF5EE),
    "part": (0xA34700, 0xFFF3E3),
    "down": (0xB8261C, 0xFDEEEB),
    "maint": (0x1A5C96, 0xEAF3FB),
    "chk": (0x474E56, 0xF3F4F6),
}
_SCALE = 14  # pixels per unit of the marks' own 24
_STROKE = 1.25  # half the line width, in those units
_LEFT, _TOP = 300, 147  # the offset of the mark's box
_LINE = 315 / _SCALE  # height of the service line, in units from the top
_LEVELS = 16  # shades between background and colour
_FINE = 4  # scan lines for each row of pixels
Point = tuple[float, float]
Stretch = tuple[float, float]


def pictures() -> dict[str, bytes]:
    """One image for each state: ``og-ok.png`` and so on."""
    return {name(state): _png(state) for state in _COLOURS}


def name(state: str) -> str:
    """The file name of a state's image."""
    return f"og-{state}.png"


@lru_cache(maxsize=8)
def _png(state: str) -> bytes:
    rows = b"".join(b"\0" + _pixel_row(state, y) for y in range(HEIGHT))
    size = WIDTH.to_bytes(4, "big") + HEIGHT.to_bytes(4, "big")
    colour, ground = _COLOURS[state]
    palette = b"".join(_between(ground, colour, level / _LEVELS) for level in range(_LEVELS + 1))
    chunks = (
        (b"IHDR", size + bytes((8, 3, 0, 0, 0))),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(tag, data) for tag, data in chunks)


def _chunk(tag: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + tag + data + zlib.crc32(tag + data).to_bytes(4, "big")


def _between(ground: int, colour: int, share: float) -> bytes:
    channels = zip(ground.to_bytes(3, "big"), colour.to_bytes(3, "big"), strict=True)
    return bytes(round(low + (high - low) * share) for low, high in channels)


def _pixel_row(state: str, y: int) -> bytes:
    """A level for each pixel: how much of it is covered, in sixteenths."""
    if not 0 <= y - _TOP < 24 * _SCALE:
        return bytes(WIDTH)
    deltas = [0] * (WIDTH + 2)  # by how much the level changes from one pixel to the next
    for subrow in range(_FINE):
        height = (y + (subrow + 0.5) / _FINE) / _SCALE
        for start, end in _merge_stretches(_stretches(state, height)):
            _add_coverage(deltas, max(start * _SCALE, 0), min(end * _SCALE, WIDTH))
    return bytes(accumulate(deltas[:WIDTH]))


def _add_coverage(deltas: list[int], start: float, end: float) -> None:
    full = _LEVELS // _FINE
    first_pixel, last_pixel = int(start), int(end)
    first_share, last_share = round((first_pixel + 1 - start) * full), round((end - last_pixel) * full)
    if first_pixel == last_pixel:
        first_share, last_share = round((end - start) * full), full
    deltas[first_pixel] += first_share
    deltas[first_pixel + 1] += full - first_share
    deltas[last_pixel] += last_share - full
    deltas[last_pixel + 1] -= last_share


def _stretches(state: str, y: float) -> Iterator[Stretch]:
    """The parts of the image that this scan line crosses, in units from its left edge."""
    left, top = _LEFT / _SCALE, _TOP / _SCALE
    if state == "ok":
        yield from _ring(left + 12, top + 12, 8.5, y)
    for begin, end in _SEGMENTS.get(state, ()):
        yield from _capsule((begin[0] + left, begin[1] + top), (end[0] + left, end[1] + top), y)
    for start, stop in _LINES[state]:
        yield from _capsule((start, _LINE), (stop, _LINE), y)


def _ring(x: float, top: float, radius: float, y: float) -> Iterator[Stretch]:
    outer, inner = _half_chord(radius + _STROKE, y - top), _half_chord(radius - _STROKE, y - top)
    if outer:
        yield from ((x - outer, x - inner), (x + inner, x + outer)) if inner else ((x - outer, x + outer),)


def _capsule(start: Point, end: Point, y: float) -> Iterator[Stretch]:
    """Where a scan line crosses a thick line with round ends; that shape is convex, so it is one stretch at most."""
    if not min(start[1], end[1]) - _STROKE <= y <= max(start[1], end[1]) + _STROKE:
        return
    crossings: list[float] = []
    for x, height in (start, end):
        if half := _half_chord(_STROKE, y - height):
            crossings += (x - half, x + half)
    length = math.dist(start, end)
    if length:
        across = ((end[1] - start[1]) / length * _STROKE, (start[0] - end[0]) / length * _STROKE)
        corners = [
            (point[0] + sign * across[0], point[1] + sign * across[1])
            for point, sign in ((start, 1), (end, 1), (end, -1), (start, -1))
        ]
        for corner, next_corner in zip(corners, [*corners[1:], corners[0]], strict=True):
            if min(corner[1], next_corner[1]) <= y <= max(corner[1], next_corner[1]) and corner[1] != next_corner[1]:
                crossings.append(
                    corner[0] + (next_corner[0] - corner[0]) * (y - corner[1]) / (next_corner[1] - corner[1])
                )
    if crossings:
        yield min(crossings), max(crossings)


def _half_chord(radius: float, offset: float) -> float:
    return math.sqrt(radius * radius - offset * offset) if abs(offset) < radius else 0.0


def _merge_stretches(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Merges stretches that touch, so that nothing is counted twice."""
    current: Stretch | None = None
    for start, end in sorted(stretches):
        if current is None or start > current[1]:
            if current:
                yield current
            current = (start, end)
        else:
            current = (current[0], max(current[1], end))
    if current:
        yield current


def _closed(*points: Point) -> Sequence[tuple[Point, Point]]:
    return tuple(zip(points, (*points[1:], points[0]), strict=True))


_SEGMENTS = {
    "part": _closed((12, 3.8), (21, 19.6), (3, 19.6)),
    "down": (((5, 5), (19, 19)), ((19, 5), (5, 19))),
    "maint": _closed((4.5, 4.5), (19.5, 4.5), (19.5, 19.5), (4.5, 19.5)),
    "chk": (((4, 12), (20, 12)),),
}
_EDGE = WIDTH / _SCALE + 2
_BEGIN = _LEFT / _SCALE
_DASHES = tuple((x, x + 3.5) for x in range(round(_BEGIN) + 26, round(_EDGE), 7))
_LINES: dict[str, Sequence[Stretch]] = {
    "ok": ((-2, _BEGIN + 3.5), (_BEGIN + 20.5, _EDGE)),
    "maint": ((-2, _BEGIN + 4.5), (_BEGIN + 19.5, _EDGE)),
    "part": ((-2, _BEGIN + 7.3), *_DASHES),
    "down": ((-2, _BEGIN + 1.5),),
    "chk": ((-2, _BEGIN - 0.5), *_DASHES),
}
