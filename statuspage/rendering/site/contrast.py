"""Checks whether text in a colour is readable on the pages' backgrounds, and finds a similar colour that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

READABLE = 4.5
"""The minimum contrast of text to its background (WCAG 2.2, success criterion 1.4.3)."""

COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)

TINT = 0.09
"""The share of the accent colour in the background of the workaround."""

_SECTION = re.compile(r"/\* \[([a-z]+)\] \*/(.*?)(?=/\* \[[a-z]+\] \*/|\Z)", re.DOTALL)
_GROUND = re.compile(r"--(ground|raised|sunken|tint): (#[0-9a-f]{3,6});")
_DARK = "@media screen and (prefers-color-scheme: dark)"


@dataclass(frozen=True, slots=True)
class Grounds:
    """The backgrounds of text and links in light and dark mode, except those mixed from the accent. Each
    ``#rrggbb``."""

    light: tuple[str, ...]
    dark: tuple[str, ...]


def grounds(css: str) -> Grounds:
    """The backgrounds defined in the style sheets."""
    light: dict[str, None] = {}
    dark: dict[str, None] = {}
    for name, text in _SECTION.findall(css):
        if name == "tokens" or name.startswith("tint"):
            day, _, night = text.partition(_DARK)
            light.update(dict.fromkeys(_expand_hex(colour) for _, colour in _GROUND.findall(day)))
            dark.update(dict.fromkeys(_expand_hex(colour) for _, colour in _GROUND.findall(night)))
    return Grounds(tuple(light), tuple(dark))


def _expand_hex(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(letter * 2 for letter in colour[1:])


def contrast(colour: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dim = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels_of(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels_of(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix_colours(colour: str, into: str, share: float) -> str:
    """``colour`` mixed into ``into`` at this share (0 to 1)."""
    channels = (
        round(a * share + b * (1 - share)) for a, b in zip(_channels_of(colour), _channels_of(into), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def tint(accent: str, ground: str) -> str:
    """The background that is mixed from the accent."""
    return mix_colours(accent, ground, TINT)


def worst_contrast(accent: str, all_grounds: Sequence[str]) -> tuple[float, str]:
    """The lowest contrast of text in this colour, and the background concerned; includes the one mixed from the
    accent."""
    every_ground = (*all_grounds, tint(accent, all_grounds[0]))
    return min((contrast(accent, ground), ground) for ground in every_ground)


def nearest_readable(accent: str, all_grounds: Sequence[str]) -> str:
    """The nearest colour of the same hue that is readable on all of them: darker on light backgrounds, lighter on dark
    ones."""
    return next(
        candidate
        for candidate in _shades_towards(accent, all_grounds[0])
        if worst_contrast(candidate, all_grounds)[0] >= READABLE
    )


def _shades_towards(accent: str, ground: str) -> Iterator[str]:
    target = "#000000" if _luminance(ground) > 0.5 else "#ffffff"
    for step in range(101):
        yield mix_colours(target, accent, step / 100)
