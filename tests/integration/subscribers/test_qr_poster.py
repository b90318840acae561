"""The QR code poster: scanned by a real QR code reader, and printed on one sheet."""

from __future__ import annotations

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site import drill_marks
from statuspage.rendering.site.pages import guides
from tests.support.site import drilled, site_context


def test_while_nobody_knows_where_the_page_is_there_is_no_code(catalog: Catalog) -> None:
    files = guides.guide_pages(site_context(catalog, address=""))
    assert [name for name in files if "counter" in name or name.endswith(".svg")] == []
    assert b"qr.svg" not in files["en/subscribe/index.html"]


def test_in_a_drill_the_code_says_so_below_itself(catalog: Catalog) -> None:
    context = site_context(drilled(catalog))
    files = guides.guide_pages(context)
    assert drill_marks.find_mark_faults(context, files) == ()
    assert ">DRILL</text>" in files["en/qr.svg"].decode()
    unmarked = files["en/qr.svg"].replace(b">DRILL</text>", b"></text>")
    assert drill_marks.find_mark_faults(context, {"en/qr.svg": unmarked}) == ("en/qr.svg lacks the mark text",)
    assert "<text" not in guides.guide_pages(site_context(catalog))["en/qr.svg"].decode()
