"""Prints a template into a finished page: style and script inlined, and a policy that allows only those."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from statuspage.catalog import Book
from statuspage.site import Edition, Sources

_CSS_SECTION = re.compile(r"/\* \[([a-z]+)\] \*/(.*?)(?=/\* \[[a-z]+\] \*/|\Z)", re.DOTALL)
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
    book = edition.book(sheet.language)
    marked = ("drill",) if book.marks.word else ()
    css = style(edition.sources, ("core", "public", *sheet.sections, *marked))
    script = edition.sources.script.strip()
    frame = {
        "book": book,
        "edition": edition,
        "sheet": sheet,
        "css": Markup(css),  # noqa: S704 - our own style sheet
        "script": Markup(script),  # noqa: S704 - our own script
        "policy": policy(css, script),
        "t": lambda key, **slots: label(book, key, **slots),
    }
    text = _environment(edition.sources).get_template(template).render({**frame, **view})
    return clean(text).encode()


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
    """The same bytes compressed with gzip: no name and no time inside, so equal input gives equal output."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def with_twins(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Each file preceded by its compressed twin, in the same order."""
    twins: dict[str, bytes] = {}
    for name, data in files.items():
        twins[f"{name}.gz"] = packed(data)
        twins[name] = data
    return twins


def policy(css: str, script: str) -> str:
    """The Content Security Policy of a page: this style, this script, pictures inside the page, nothing else."""
    allowed = f"style-src '{_digest(css)}'; script-src '{_digest(script)}'"
    return f"default-src 'none'; {allowed}; img-src data:; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=32)
def style(sources: Sources, sections: tuple[str, ...]) -> str:
    """The named sections of the style sheet, without comments and needless blanks."""
    found = dict(_CSS_SECTION.findall(sources.css))
    return "".join(_tight(found[name]) for name in sections)


def _tight(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = re.sub(r"(?<=[a-z-]): ", ":", css)
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
