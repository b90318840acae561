"""Prints a template into a finished page: style and script inlined, and a policy that allows only those."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from statuspage.domain import LanguagePack
from statuspage.rendering.site import branding
from statuspage.rendering.site.context import SiteAssets, SiteContext
from statuspage.rendering.site.pages import language_choice
from statuspage.rendering.wording import Clock, direction

_CSS_SECTION = re.compile(r"/\* \[([a-z]+)\] \*/(.*?)(?=/\* \[[a-z]+\] \*/|\Z)", re.DOTALL)
_CSS_FIXED = re.compile(r"--((?:[srt]\d|lw)):([^;}]+);")
_CSS_USE = re.compile(r"var\(--([srt]\d|lw)\)")
_SLOT = re.compile("\0([a-z]+)\0")
_SLOTS = ("title", "description", "tail", "feeds", "main")
# What XML 1.0 cannot carry (section 2.2, Char), and the controls it discourages; HTML forbids the same.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What the frame of a page needs to know about it.

    ``tail`` is its folder below the language's ("" for the front); ``path`` its own folder from the root.
    ``state`` is the class of the mark in its favicon. ``sections`` names the parts of the style sheet it uses.
    ``base`` is the site's root for a page that is served at any address. ``kept`` says whether it may be indexed.
    ``form`` is where its form may go, as the policy names it. ``switch`` leads to the root below which
    the same page lies in every language, where that is not the site's. ``chooses``: it leads a browser to the page in
    its own language.
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
    form: str = "'none'"
    switch: str = ""
    chooses: bool = False

    @property
    def root(self) -> str:
        """The way from this page up to the root, as a relative address."""
        return self.base or "../" * self.path.count("/") or "./"


def page(edition: SiteContext, sheet: PageLayout, template: str, view: Mapping[str, object]) -> bytes:
    """The finished page, UTF-8: the template's blocks in the frame they share with other pages.

    Where templates of the house fail, it is made with the program's own.
    """
    return _render_bytes(edition, template, lambda one: _render_page(one, sheet, template, view))


def _render_bytes(edition: SiteContext, template: str, make: Callable[[SiteContext], bytes]) -> bytes:
    if edition.shipped is None:
        return make(edition)
    try:
        return make(edition)
    except Exception as error:  # whatever a house's template does, customers are told
        edition.sources.stumbled[template] = f"{type(error).__name__}: {error}"
        return make(edition.shipped)


def _render_page(edition: SiteContext, sheet: PageLayout, template: str, view: Mapping[str, object]) -> bytes:
    voice, found = _voice(edition, sheet.language, sheet.root), _environment(edition.sources).get_template(template)
    context = found.new_context({**voice, "sheet": sheet, **view})
    words = {name: "".join(said(context)) for name, said in found.blocks.items()} | {
        "title": voice["marks"].marked(sheet.title),
        "description": voice["marks"].whole(sheet.description),
        "tail": sheet.tail,
    }
    frame = _frame(edition, replace(sheet, path="", tail="", title="", description="", base=sheet.root))
    return frame.around({slot: clean(text) for slot, text in words.items()}).encode()


def printed(
    edition: SiteContext, sheet: PageLayout, template: str, view: Mapping[str, object], sections: tuple[str, ...]
) -> bytes:
    """The same of a template that has no frame, with these sections of the style sheet alone."""
    return _render_bytes(edition, template, lambda one: _printed(one, sheet, template, view, sections))


def _printed(
    edition: SiteContext, sheet: PageLayout, template: str, view: Mapping[str, object], sections: tuple[str, ...]
) -> bytes:
    shown = {**_voice(edition, sheet.language, sheet.root), **_dress(edition, sections), "sheet": sheet}
    return clean(_environment(edition.sources).get_template(template).render({**shown, **view})).encode()


@dataclass(frozen=True, slots=True)
class _Frame:
    """What many pages share. ``pieces`` are its own text and the names of its slots, in turn."""

    pieces: tuple[str, ...]

    def around(self, words: Mapping[str, str]) -> str:
        """The whole page; a slot for which there are no words stays empty."""
        return "".join(words.get(piece, "") if at % 2 else piece for at, piece in enumerate(self.pieces))


@lru_cache(maxsize=256)
def _frame(edition: SiteContext, sheet: PageLayout) -> _Frame:
    marked = ("drill",) if edition.book(sheet.language).marks.word else ()
    logo = ("logo",) if edition.catalog.site.brand.logo else ()
    sections = ("tokens", "core", "public", f"tint{sheet.state}", *logo, *sheet.sections, *marked)
    slots = {slot: Markup(f"\0{slot}\0") for slot in _SLOTS}  # noqa: S704 - no word of anybody's
    shown = {**_voice(edition, sheet.language, sheet.root), **slots}
    first = language_choice.script(edition.catalog.languages) if sheet.chooses else ""
    shown |= _dress(edition, sections, sheet.form, first)
    shown |= {"sheet": sheet, "switch": sheet.switch or sheet.root}
    text = _environment(edition.sources).get_template("base.html").render(shown)
    return _Frame(tuple(_SLOT.split(text)))


@lru_cache(maxsize=64)
def _voice(edition: SiteContext, language: str, root: str) -> Mapping[str, Any]:
    """What every template may use, and the macros: for pages in this language that lie as deep below the root."""
    book, templates = edition.book(language), _environment(edition.sources)
    own: dict[str, Any] = {
        "book": book,
        "edition": edition,
        "root": root,
        "feed": f"{root}{language}",
        "zone": Clock(book.writing, edition.catalog.site.zone).zone_always(offset=True),
        "right_to_left": direction(book.writing) == "rtl",
        "logo": branding.pictures(edition.catalog.site.brand),
        "t": lambda key, **slots: site_label(book, key, **slots),
    }
    own["marks"] = templates.get_template("marks.html").make_module(own)
    own["parts"] = templates.get_template("parts.html").make_module(own)
    return own


def _dress(edition: SiteContext, sections: tuple[str, ...], form: str = "'none'", first: str = "") -> dict[str, str]:
    """Style and script, both our own, and the policy that allows only those. ``first``: what the script does first."""
    brand = edition.catalog.site.brand
    css = style(edition.sources, sections) + branding.css(brand.accent, brand.accent_dark, edition.sources.css)
    script = first + edition.sources.script.strip()
    # The policy stands between double quotes, so its own single ones may stay as they are.
    allowed = Markup(str(escape(policy(css, script, form))).replace("&#39;", "'"))  # noqa: S704 - escaped above
    return {"css": Markup(css), "script": Markup(script), "policy": allowed}  # noqa: S704 - our own files


def clean(text: str) -> str:
    """The text without what pages and feeds cannot carry, so that nothing typed can keep them from being made."""
    return text if text.replace("\n", "").isprintable() else _UNSPEAKABLE.sub("", text)


def site_label(book: LanguagePack, key: str, **slots: object) -> str:
    """One of the site's own texts, with its slots filled."""
    return book.labels[f"site.{key}"].format(**slots)


def stamp(edition: SiteContext) -> str:
    """Changes whenever pages of the same notices would look or read differently."""
    sources = edition.sources
    parts = [
        edition.catalog.version,
        edition.address,
        edition.own_pages,
        *(f"{language} {kind}" for language, kinds in sorted(edition.offers.items()) for kind in sorted(kinds)),
        sources.css,
        sources.script,
    ]
    parts += [f"{name}\n{text}" for name, text in sorted(sources.templates.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=128)
def policy(css: str, script: str, form: str) -> str:
    """The Content Security Policy of a page: this style, this script, pictures inside the page, nothing else; its form
    goes to ``form`` and nowhere else."""
    allowed = f"style-src '{_digest(css)}'; script-src '{_digest(script)}'"
    # The page itself asks for nothing; a judge of pages fetches robots.txt under the page's own policy.
    return f"default-src 'none'; {allowed}; img-src data:; connect-src 'self'; base-uri 'none'; form-action {form}"


@lru_cache(maxsize=128)
def style(sources: SiteAssets, sections: tuple[str, ...]) -> str:
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
def _environment(sources: SiteAssets) -> Environment:
    kind = ImmutableSandboxedEnvironment if sources.sealed or sources.shipped else Environment
    return kind(
        loader=FunctionLoader(lambda name: _source(sources, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _source(sources: SiteAssets, name: str) -> tuple[str, str, None] | None:
    """A template and the name that its mistakes are told under."""
    return (sources.templates[name], name, None) if name in sources.templates else None
