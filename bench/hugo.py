"""How long Hugo takes for as many pages of the same size: the same texts in a plain theme of our own."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.costs import Cost, measured

_SETTINGS = """baseURL = "https://status.fitline.example/"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "404", "section", "home"]
"""

_THEME = """<!doctype html>
<html lang="{{ .Params.language }}"><head><meta charset="utf-8"><style>STYLE</style><title>{{ .Title }}</title>
<meta name="description" content="{{ .Description }}"></head><body><main><h1>{{ .Title }}</h1>
<dl>{{ range .Params.facts }}<div><dt>{{ .name }}</dt><dd>{{ .said }}</dd></div>{{ end }}</dl>
<ol>{{ range .Params.notices }}<li><h2>{{ .time }} {{ .name }}</h2>
{{ range .lines }}<p>{{ . }}</p>{{ end }}</li>{{ end }}</ol>
{{ .Content }}</main></body></html>
"""

_PAGE = """---
title: "Some members cannot book classes ({number})"
description: "Booking classes does not work for some of you. We are looking into it."
language: en
facts:
{facts}
notices:
{notices}
---
Ask at the front desk: people there can book for you. The next update follows **by 12:30**.
"""

PAGE_BYTES = 22_300
"""The size of each page: that of our incidents' pages on 28 November 2026. It stays, so that smaller pages of ours are
not compared with smaller ones of others."""

_RULE = ".facts dd{margin:0;color:#1b1f23}\n"
_WORDS = 1_500  # bytes of a page without its style
_FACT = '  - {{name: "What is affected", said: "Booking classes and changing bookings, for some of you"}}'
_NOTICE = """  - time: "July 28, 12:03"
    name: "Update"
    lines:
      - Some of you cannot book classes.
      - We have been looking into it since about 11:55.
      - We expect it to work again by 13:00."""


def pages(folder: Path, many: int, size: int) -> Cost | None:
    """Builds ``many`` pages of about ``size`` bytes, with three notices each; None if Hugo is not installed."""
    hugo = shutil.which("hugo")
    if hugo is None:
        return None
    words = _PAGE.format(number="{number}", facts="\n".join([_FACT.format()] * 5), notices="\n".join([_NOTICE] * 3))
    _write(folder, many, words, style(size))
    cost = measured([hugo, "--source", str(folder), "--quiet"])
    pages = list((folder / "public").rglob("index.html"))
    return cost.of(pages) if len(pages) == many else None


def style(size: int = PAGE_BYTES) -> str:
    """Rules that make a page about this large."""
    return _RULE * (max(size - _WORDS, 0) // len(_RULE))


def _write(folder: Path, many: int, words: str, rules: str) -> None:
    (layouts := folder / "layouts" / "_default").mkdir(parents=True)
    (folder / "hugo.toml").write_text(_SETTINGS)
    (layouts / "single.html").write_text(_THEME.replace("STYLE", rules))
    (content := folder / "content" / "incidents").mkdir(parents=True)
    for number in range(many):
        (content / f"past{number:08d}.md").write_text(words.replace("{number}", str(number)))
