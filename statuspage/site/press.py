"""Prints a template into a finished page: style and script inlined, and a policy that allows only those."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from statuspage.catalog import Book
from statuspage.site import Edition, Sources
from statuspage.wording.times import direction

_CSS_SECTION = re.compile(r"/\* \[([a-z]+)\] \*/(.*?)(?=/\* \[[a-z]+\] \*/|\Z)", re.DOTALL)
_CSS_FIXED = re.compile(r"--((?:[srt]\d|lw)):([^;}]+);")
_CSS_USE = re.compile(r"var\(--([srt]\d|lw)\)")
_GZIP = 31  # zlib's word for the largest window in a gzip wrapping
# What XML 1.0 cannot carry (section 2.2, Char), and the controls it discourages; HTML forbids the same.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the frame of a page needs to know about it.

    ``tail`` is its folder below the language's ("" for the front); ``path`` its own folder from the root.
    ``state`` is the class of the mark in its favicon. ``sections`` names the parts of the style sheet it uses.
    ``base`` is the site's root for a page that is served at any address. ``kept`` says whether it may be indexed.
    """

    language: str
    path: str
    tail: str
    state: str
    title: str
    description: str
    sections: tuple[str, ...] = ()
    kept: bool = True
    base: str = ""

    @property
    def root(self) -> str:
        """The way from this page up to the root, as a relative address."""
        return self.base or "../" * self.path.count("/") or "./"


def page(edition: Edition, sheet: Sheet, template: str, view: Mapping[str, object]) -> bytes:
    """The finished page, UTF-8."""
    marked = ("drill",) if edition.book(sheet.language).marks.word else ()
    return printed(edition, sheet, template, view, ("core", "public", f"tint{sheet.state}", *sheet.sections, *marked))


def printed(
    edition: Edition, sheet: Sheet, template: str, view: Mapping[str, object], sections: tuple[str, ...]
) -> bytes:
    """The same with these sections of the style sheet alone."""
    book = edition.book(sheet.language)
    css = style(edition.sources, sections)
    script = edition.sources.script.strip()
    frame = {
        "book": book,
        "edition": edition,
        "sheet": sheet,
        "css": Markup(css),  # noqa: S704 - our own style sheet
        "right_to_left": direction(book.writing) == "rtl",
        "script": Markup(script),  # noqa: S704 - our own script
        "policy": policy(css, script),
        "t": lambda key, **slots: label(book, key, **slots),
    }
    text = _environment(edition.sources).get_template(template).render({**frame, **view})
    head, seam, words = text.partition("</style>")  # Up to here all is ours, and takes longer to read than the words.
    return f"{head}{seam}{clean(words)}".encode()


def clean(text: str) -> str:
    """The text without what pages and feeds cannot carry, so that nothing typed can keep them from being made."""
    return _UNSPEAKABLE.sub("", text)


def label(book: Book, key: str, **slots: object) -> str:
    """One of the site's own texts, with its slots filled."""
    return book.labels[f"site.{key}"].format(**slots)


def stamp(edition: Edition) -> str:
    """Changes whenever pages of the same notices would look or read differently."""
    sources = edition.sources
    parts = [edition.catalog.version, edition.address, sources.css, sources.script]
    parts += [f"{name}\n{text}" for name, text in sorted(sources.templates.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def packed(data: bytes) -> bytes:
    """The same bytes compressed with gzip: no name and no time inside, so equal input gives equal output.

    Style, words and script are coded apart, which makes a page in Japanese 1% smaller. What all pages of a kind begin
    with is compressed once.
    """
    head, seam, rest = data.partition(b"</style>")
    if not seam:
        return gzip.compress(data, compresslevel=9, mtime=0)
    words, seam, script = rest.rpartition(b"<script>")
    begun, press = _begun(head)
    own = press.copy()
    parts = (own.compress(b"</style>" + words), own.flush(zlib.Z_BLOCK), own.compress(seam + script), own.flush())
    return b"".join((begun, *parts))


@lru_cache(maxsize=64)
def _begun(head: bytes) -> tuple[bytes, zlib._Compress]:
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


@lru_cache(maxsize=128)
def policy(css: str, script: str) -> str:
    """The Content Security Policy of a page: this style, this script, pictures inside the page, nothing else."""
    allowed = f"style-src '{_digest(css)}'; script-src '{_digest(script)}'"
    # The page itself asks for nothing; a judge of pages fetches robots.txt under the page's own policy.
    return f"default-src 'none'; {allowed}; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=128)
def style(sources: Sources, sections: tuple[str, ...]) -> str:
    """The named sections of the style sheet, without comments and needless blanks; sizes, which never change, stand
    where they are used."""
    found = dict(_CSS_SECTION.findall(sources.css))
    text = "".join(_tight(found[name]) for name in sections)
    fixed = dict(_CSS_FIXED.findall(text))
    return _CSS_USE.sub(lambda use: fixed[use[1]], _CSS_FIXED.sub("", text))


def _tight(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = re.sub(r"(?<=\w) \+ (?=[.a-z])", "+", css)
    css = re.sub(r"(?<=[a-z0-9-]): ?", ":", css)
    return css.replace(";}", "}").strip()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=8)
def _environment(sources: Sources) -> Environment:
    return Environment(
        loader=DictLoader(dict(sources.templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
