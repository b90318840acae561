"""Renders templates as complete pages, with inlined style and script and a policy that allows only those."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from statuspage.domain import LanguagePack
from statuspage.rendering.site import branding
from statuspage.rendering.site.context import SiteAssets, SiteContext
from statuspage.rendering.site.pages import language_choice
from statuspage.rendering.wording import Clock, fill_text, text_direction, words_after

_CSS_SECTION = re.compile(r"/\* \[([a-z]+)\] \*/(.*?)(?=/\* \[[a-z]+\] \*/|\Z)", re.DOTALL)
_CSS_FIXED = re.compile(r"--((?:[srt]\d|lw)):([^;}]+);")
_CSS_USE = re.compile(r"var\(--([srt]\d|lw)\)")
_SYMBOL = re.compile(r'<symbol id="([a-z0-9]+)".*?</symbol>')
_SYMBOL_USE = re.compile(r"""href=["']#([a-z0-9]+)["']""")
_SLOT = re.compile("\0([a-z]+)\0")
_SLOTS = ("title", "description", "tail", "feeds", "main")
# What XML 1.0 cannot contain (section 2.2, Char), and the controls it discourages; HTML forbids the same.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What the shared frame needs to know about a page.

    ``tail`` is its folder below the language's ("" for the front page); ``path`` its folder from the root. ``state`` is
    the class of the mark in its favicon. ``sections`` names the parts of the style sheet it uses. ``base_url`` is the
    site's root, for a page that can be served at any address. ``is_indexable`` says whether search engines may index
    it. ``form_target`` is where its form may be sent, in the syntax of the policy. ``language_root`` is the root below
    which the same page exists in every language, if that is not the site's. ``redirects_by_language``: it redirects
    browsers to the page in their language.
    """

    language: str
    path: str
    tail: str
    state: str
    title: str
    description: str
    sections: tuple[str, ...] = ()
    is_indexable: bool = True
    base_url: str = ""
    form_target: str = "'none'"
    language_root: str = ""
    redirects_by_language: bool = False
    has_times: bool = True

    @property
    def root(self) -> str:
        """The relative path from this page up to the root."""
        return self.base_url or "../" * self.path.count("/") or "./"


def render_page(site: SiteContext, layout: PageLayout, template_name: str, view: Mapping[str, object]) -> bytes:
    """The complete page in UTF-8: the template's blocks in the shared frame.

    If the company's template fails, the program's own is used.
    """
    return _render_bytes(site, template_name, lambda variant: _render_page(variant, layout, template_name, view))


def _render_bytes(site: SiteContext, template_name: str, render: Callable[[SiteContext], bytes]) -> bytes:
    if site.with_builtin_templates is None:
        return render(site)
    try:
        return render(site)
    except Exception as error:  # whatever fails in a company's template, customers must see the notice
        site.assets.template_errors[template_name] = f"{type(error).__name__}: {error}"
        return render(site.with_builtin_templates)


def _render_page(site: SiteContext, layout: PageLayout, template_name: str, view: Mapping[str, object]) -> bytes:
    shared = _template_globals(site, layout.language, layout.root)
    template = _environment(site.assets).get_template(template_name)
    context = template.new_context({**shared, "layout": layout, **view})
    blocks = {name: "".join(block(context)) for name, block in template.blocks.items()} | {
        "title": shared["marks"].marked(layout.title),
        "description": shared["marks"].whole(layout.description),
        "tail": layout.tail,
    }
    common = replace(layout, path="", tail="", title="", description="", base_url=layout.root)
    frame = _frame(site, replace(common, has_times="<time" in blocks["main"]))
    page = frame.fill({slot: strip_forbidden(text) for slot, text in blocks.items()})
    used = frozenset(_SYMBOL_USE.findall(page))
    return _SYMBOL.sub(lambda symbol: symbol[0] if symbol[1] in used else "", page).encode()


def render_frameless(
    site: SiteContext, layout: PageLayout, template_name: str, view: Mapping[str, object], sections: tuple[str, ...]
) -> bytes:
    """The complete page of a template without a frame, with only these sections of the style sheet."""
    return _render_bytes(
        site, template_name, lambda variant: _render_frameless(variant, layout, template_name, view, sections)
    )


def _render_frameless(
    site: SiteContext, layout: PageLayout, template_name: str, view: Mapping[str, object], sections: tuple[str, ...]
) -> bytes:
    values = {
        **_template_globals(site, layout.language, layout.root),
        **_style_and_script(site, sections, site.assets.script.strip()),
        "layout": layout,
    }
    return strip_forbidden(_environment(site.assets).get_template(template_name).render({**values, **view})).encode()


@dataclass(frozen=True, slots=True)
class _Frame:
    """What many pages share. ``pieces`` alternates its own text and the names of its slots."""

    pieces: tuple[str, ...]

    def fill(self, blocks: Mapping[str, str]) -> str:
        """The complete page; a slot without text stays empty."""
        return "".join(blocks.get(piece, "") if index % 2 else piece for index, piece in enumerate(self.pieces))


@lru_cache(maxsize=256)
def _frame(site: SiteContext, layout: PageLayout) -> _Frame:
    rules = site.language_pack(layout.language).locale_rules
    rtl_sections = ("rtl",) if text_direction(rules) == "rtl" else ()
    drill_sections = ("drill",) if site.language_pack(layout.language).marks.word else ()
    logo = ("logo",) if site.catalog.site.brand.logo else ()
    demo_sections = ("demo",) if site.catalog.site.is_demo else ()
    sections = (
        "tokens",
        "core",
        "public",
        "narrow" if rules.uses_spaces else "wide",
        f"tint{layout.state}",
        *logo,
        *layout.sections,
        *demo_sections,
        *drill_sections,
        *rtl_sections,
    )
    slots = {slot: Markup(f"\0{slot}\0") for slot in _SLOTS}  # noqa: S704 - contains no user input
    values = {**_template_globals(site, layout.language, layout.root), **slots}
    leading_script = language_choice.redirect_script(site.catalog.languages) if layout.redirects_by_language else ""
    script = leading_script + site.assets.script.strip() if layout.has_times else leading_script
    values |= _style_and_script(site, sections, script, layout.form_target)
    values |= {"layout": layout, "language_root": layout.language_root or layout.root}
    text = _environment(site.assets).get_template("base.html").render(values)
    return _Frame(tuple(_SLOT.split(text)))


@lru_cache(maxsize=64)
def _template_globals(site: SiteContext, language: str, root: str) -> Mapping[str, Any]:
    """What every template may use, and the macros, for pages in this language at this depth below the root."""
    pack, templates = site.language_pack(language), _environment(site.assets)
    values: dict[str, Any] = {
        "pack": pack,
        "words_after": words_after,
        "site": site,
        "root": root,
        "language_home": f"{root}{language}",
        "zone": Clock(pack.locale_rules, site.catalog.site.zone).zone_name(offset=True),
        "right_to_left": text_direction(pack.locale_rules) == "rtl",
        "logo": branding.logo_data_urls(site.catalog.site.brand),
        "t": lambda key, **slots: site_label(pack, key, **slots),
    }
    values["marks"] = templates.get_template("marks.html").make_module(values)
    values["parts"] = templates.get_template("parts.html").make_module(values)
    return values


def _style_and_script(
    site: SiteContext, sections: tuple[str, ...], script: str, form_target: str = "'none'"
) -> dict[str, str]:
    """Style and script, and the policy that allows only those."""
    brand = site.catalog.site.brand
    css = page_css(site.assets, sections) + branding.brand_css(brand.accent, brand.accent_dark, site.assets.css)
    # The policy is in double quotes, so its single quotes need no escaping.
    escaped_policy = Markup(str(escape(content_security_policy(css, script, form_target))).replace("&#39;", "'"))  # noqa: S704 - escaped above
    return {"css": Markup(css), "script": Markup(script), "policy": escaped_policy}  # noqa: S704 - our own files


def strip_forbidden(text: str) -> str:
    """The text without characters that pages and feeds cannot contain, so that no input can break the build."""
    return text if text.replace("\n", "").isprintable() else _UNSPEAKABLE.sub("", text)


def site_label(pack: LanguagePack, key: str, **slots: object) -> str:
    """One of the site's fixed texts, with its slots filled."""
    return fill_text(pack.labels[f"site.{key}"], pack.locale_rules, **slots)


def build_fingerprint(site: SiteContext) -> str:
    """Changes whenever pages of the same notices would look or read differently."""
    assets = site.assets
    parts = [
        site.catalog.version,
        site.address,
        site.signup_url,
        str(site.is_apart),
        *(f"{language} {kind}" for language, kinds in sorted(site.offered_kinds.items()) for kind in sorted(kinds)),
        assets.css,
        assets.script,
    ]
    parts += [f"{name}\n{text}" for name, text in sorted(assets.templates.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=128)
def content_security_policy(css: str, script: str, form_target: str) -> str:
    """The Content Security Policy of a page: only this style, this script, if any, and images inside the page; its form
    may only be sent to ``form_target``."""
    directives = (
        "default-src 'none'",
        f"style-src '{_digest(css)}'",
        *([f"script-src '{_digest(script)}'"] if script else []),
        "img-src data:",
        # The page itself requests nothing; page auditing tools fetch robots.txt under the page's own policy.
        "connect-src 'self'",
        "base-uri 'none'",
        f"form-action {form_target}",
    )
    return "; ".join(directives)


@lru_cache(maxsize=128)
def page_css(assets: SiteAssets, sections: tuple[str, ...]) -> str:
    """The named sections of the style sheet, without comments and superfluous whitespace; a section may be in several
    pieces. Size variables, which never change, are replaced by their values."""
    by_name: dict[str, str] = {}
    for name, piece in _CSS_SECTION.findall(assets.css):
        by_name[name] = by_name.get(name, "") + piece
    text = "".join(_minify(by_name[name]) for name in sections)
    fixed = dict(_CSS_FIXED.findall(text))
    return _CSS_USE.sub(lambda match: fixed[match[1]], _CSS_FIXED.sub("", text))


def _minify(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = re.sub(r"(?<=\w) \+ (?=[.a-z])", "+", css)
    css = re.sub(r"(?<=[a-z0-9-]): ?", ":", css)
    return css.replace(";}", "}").strip()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=8)
def _environment(assets: SiteAssets) -> Environment:
    environment_class = ImmutableSandboxedEnvironment if assets.is_sandboxed or assets.builtin else Environment
    return environment_class(
        loader=FunctionLoader(lambda name: _source(assets, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _source(assets: SiteAssets, name: str) -> tuple[str, str, None] | None:
    """A template's source and the name to show in its errors."""
    return (assets.templates[name], name, None) if name in assets.templates else None


def locate_error(error: BaseException, names: Collection[str]) -> tuple[str, int]:
    """The template among ``names``, and its line, in which the error occurred; ("", 1) if in none of them."""
    if isinstance(error, TemplateSyntaxError) and error.name in names:
        return error.name or "", error.lineno
    location, trace = ("", 1), error.__traceback__
    while trace is not None:
        location = _locate_frame(trace, names) or location
        trace = trace.tb_next
    return location


def _locate_frame(trace: TracebackType, names: Collection[str]) -> tuple[str, int] | None:
    """Jinja compiles a template into a function; some of its tracebacks already have the template's own line
    numbers."""
    template = trace.tb_frame.f_globals.get("__jinja_template__")
    name = template.name if template is not None else trace.tb_frame.f_code.co_filename
    if name not in names:
        return None
    return name, trace.tb_lineno if template is None else template.get_corresponding_lineno(trace.tb_lineno)
