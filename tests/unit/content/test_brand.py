"""The branding: logo, colour and links, readable for everybody, and without requests to other servers."""

from __future__ import annotations

import gzip
import re
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage import bundled
from statuspage.content.loading.brand import MAX_LOGO_BYTES
from statuspage.domain.catalog import Catalog
from statuspage.domain.site_config import Brand
from statuspage.rendering.site import contrast
from statuspage.rendering.site.pages import status
from statuspage.rendering.site.templating import content_security_policy, page_css
from tests.support.brand import LINK, LOGO, NAMES, NOON, BrandLoader
from tests.support.brand import load_brand as load_brand
from tests.support.site import booking, drilled, present, site_context


def png(width: int = 96, height: int = 32) -> bytes:
    """A black image of this size."""
    rows = zlib.compress(b"".join(b"\0" * (width + 1) for _ in range(height)))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_the_look_stands_on_every_page_and_the_policy_still_allows_nothing_from_outside(load_brand: BrandLoader):
    look = f'logo = "logo.svg"\nlogo_dark = "dark.png"\naccent = "#00695c"\n{LINK}{NAMES}'
    catalog, faults = load_brand(look, logo_svg=LOGO, dark_png=png())
    assert (catalog is not None, faults) == (True, [])
    assert catalog is not None
    context = site_context(catalog)
    files = status.front_pages(context, present(context, booking(), now=NOON), now=NOON)
    for language, name in (("ja", "プライバシー"), ("en", "Privacy")):
        page = files[f"{language}/index.html"].decode()
        assert 'media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,' in page
        assert '<img src="data:image/svg+xml;base64,' in page
        assert f'<a href="https://fitline.example/privacy">{name}</a>' in page
        (css,) = re.findall(r"<style>(.*?)</style>", page)
        assert ":root{--act:#00695c;--act-tint:" in css
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
        assert policy == content_security_policy(css, context.assets.script.strip(), "'none'")
        assert policy.startswith("default-src 'none';")
        assert "img-src data:;" in policy
        assert len(gzip.compress(files[f"{language}/index.html"])) <= 8000
    assert page_css(context.assets, ("tokens",)) in files["ja/index.html"].decode()


def test_a_link_is_named_as_in_the_first_language_where_a_language_has_no_name_for_it(load_brand: BrandLoader):
    catalog, faults = load_brand(f'{LINK}name = {{ ja = "規約", en = "Terms", vi = "Điều khoản" }}\n')
    assert catalog is not None, faults
    assert catalog.site.brand.links[0].names == {"ja": "規約", "en": "Terms", "ja-simple": "規約"}


def test_a_company_without_a_brand_has_pages_as_before(catalog: Catalog):
    page = status.front_pages(site_context(catalog), present(site_context(catalog), now=NOON), now=NOON)[
        "ja/index.html"
    ].decode()
    assert (catalog.site.brand, "<img" in page, ".brand img" in page) == (Brand(), False, False)
    assert page.count("--act:") == 2


def test_a_drill_wears_the_look_under_its_marks(load_brand: BrandLoader):
    catalog, _ = load_brand('logo = "logo.svg"\naccent = "#00695c"\n', logo_svg=LOGO)
    assert catalog is not None
    context = site_context(drilled(catalog))
    page = status.front_pages(context, present(context, now=NOON), now=NOON)["ja/index.html"].decode()
    assert all(part in page for part in ('class="dbar"', "<img src=", "--act:#00695c"))


@pytest.mark.parametrize(
    ("look", "files", "message"),
    [
        ('accent = "#00b09c"\n', {}, "is 2.42, and at least 4.5 is needed; #007b6d would do."),
        ('accent = "#00695c"\naccent_dark = "#00695c"\n', {}, "hard to read on dark pages"),
        ('accent = "green"\n', {}, "“green” is not a colour; write it like “#213f9c”."),
        ('accent_dark = "#a9bcff"\n', {}, "add “accent” too"),
        ('logo_dark = "l.svg"\n', {"l_svg": LOGO}, "add “logo” too"),
        ('logo = "../secret.svg"\n', {}, "is not an SVG or PNG file beside site.toml"),
        ('logo = "none.svg"\n', {}, "There is no file “none.svg”"),
        ('logo = "l.svg"\n', {"l_svg": LOGO + b" " * MAX_LOGO_BYTES}, f"at most {MAX_LOGO_BYTES} fit into every page"),
        ('logo = "l.svg"\n', {"l_svg": b"<svg"}, "is not an SVG image"),
        ('logo = "l.svg"\n', {"l_svg": b"<html/>"}, "is not an SVG image"),
        ('logo = "l.svg"\n', {"l_svg": b"<!DOCTYPE svg>" + LOGO}, "contains its own declarations"),
        ('logo = "l.png"\n', {"l_png": LOGO}, "is not a PNG image"),
        ('logo = "l.png"\n', {"l_png": png(1001, 4)}, "is larger than 1000 by 1000 pixels"),
        (f"colour = 1\n{LINK}{NAMES}", {}, "The key “colour” is not known here"),
        (f'{LINK}name = {{ en = "a" }}\n', {}, "“ja” is missing"),
        (f'{LINK}name = {{ ja = "あ", jp = "あ" }}\n', {}, "“jp” is not known here; choose one of: de, en"),
        (f"{LINK.replace('https', 'javascript')}{NAMES}", {}, "is not a web address"),
    ],
)
def test_what_cannot_be_used_is_a_fault_that_says_what_to_write(
    load_brand: BrandLoader, look: str, files: dict[str, bytes], message: str
):
    _, faults = load_brand(look, **files)
    assert any(message in fault and fault.startswith("site.toml:") for fault in faults), faults


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b'<rect onload="alert(1)"/>',
        b"<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>",
        b'<image href="https://evil.example/x.png"/>',
        b'<use xlink:href="https://evil.example/x.svg#a" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        b"<style>@import 'https://evil.example/x.css';</style>",
        b'<rect style="fill: url(https://evil.example/x)"/>',
        b'<a href="#x"><rect/></a>',
    ],
)
def test_a_logo_that_does_more_than_show_a_picture_is_refused(load_brand: BrandLoader, inside: bytes):
    _, faults = load_brand('logo = "l.svg"\n', l_svg=LOGO.replace(b"</svg>", inside + b"</svg>"))
    assert any("contains more than an image" in fault for fault in faults), faults


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format), st.booleans())
def test_whatever_the_colour_the_one_proposed_can_be_read_on_every_ground(colour: str, day: bool):
    found = contrast.grounds(bundled.site_css())
    every = found.light if day else found.dark
    assert len(every) == (6 if day else 3), "the control: every ground was found, and the tints of light pages"
    near = contrast.nearest_readable(colour, every)
    assert contrast.worst_contrast(near, every)[0] >= contrast.READABLE
    assert near == colour or contrast.worst_contrast(colour, every)[0] < contrast.READABLE


def test_the_ratio_is_that_of_the_standard():
    assert round(contrast.contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast.contrast("#777777", "#ffffff"), 2) == 4.48
    assert contrast.contrast("#213f9c", "#213f9c") == 1
