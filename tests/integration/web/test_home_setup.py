"""What the desk says beside the work: what is still to set up, what is a demonstration, what nobody has reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site import status
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Clock, alert_arrives, as_role, clock, drill_environment_in, env
from tests.support.environments import with_changes
from tests.support.site import present, site_context

__all__ = ["clock", "env"]

TITLE = "まだ設定していないもの"


def test_what_is_missing_is_folded_on_the_home_page_of_an_administrator(env: Environment, clock: Clock) -> None:
    page = as_role(env, clock, Role.ADMINISTRATOR).open("/")
    (fold,) = page.tree.xpath("//details[@id='setup-gaps']")
    assert fold.get("open") is None
    labels = env.site.catalog.packs["ja"].labels
    rows = [" ".join(row.text_content().split()) for row in fold.xpath(".//li")]
    found = [labels[f"doctor.{key}.found"] for key in ("no_host", "address", "no_contact", "no_mail", "no_monitor")]
    assert [row.startswith(title) for row, title in zip(rows, found, strict=True)] == [True] * 5
    assert labels["doctor.no_host.do"] in rows[0]
    links = [link.get("href") for link in fold.xpath(".//li//a")]
    assert links == ["/settings/page", "/settings/page", "/settings/channels", "/settings/monitors"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.LEAD])
def test_who_cannot_set_it_up_is_not_told(env: Environment, clock: Clock, role: Role) -> None:
    assert TITLE not in as_role(env, clock, role).open("/").text


def test_while_something_is_open_nobody_is_told(env: Environment, clock: Clock) -> None:
    browser = as_role(env, clock, Role.ADMINISTRATOR)
    assert TITLE in browser.open("/").text
    alert_arrives(browser)
    assert TITLE not in browser.open("/").text


def test_a_drill_has_nothing_to_set_up(tmp_path: Path, clock: Clock) -> None:
    assert TITLE not in as_role(drill_environment_in(tmp_path), clock, Role.ADMINISTRATOR).open("/").text


def demo_of(env: Environment) -> Environment:
    catalog = env.site.catalog
    return with_changes(env, catalog=replace(catalog, site=replace(catalog.site, is_demo=True)))


def test_every_screen_of_the_demo_company_says_what_it_is(env: Environment, clock: Clock) -> None:
    browser = as_role(demo_of(env), clock, Role.ADMINISTRATOR)
    for path in ("/", "/incidents/new", "/settings/accounts", "/settings/channels", "/no-such-page"):
        assert "架空の会社" in browser.open(path).text, path
    assert TITLE not in browser.open("/").text
    assert "架空の会社" not in as_role(env, clock, Role.ADMINISTRATOR).open("/").text


def test_every_page_of_the_demo_company_says_what_it_is(env: Environment, clock: Clock) -> None:
    site = demo_of(env).site
    pages = status.front_pages(site, present(site, now=clock()), now=clock())
    for language, words in {"en": "invented company", "ja": "架空の会社", "ja-simple": "見本"}.items():
        assert words in pages[f"{language}/index.html"].decode(), language
    assert (
        "invented company"
        not in status.front_pages(env.site, present(env.site, now=clock()), now=clock())["en/index.html"].decode()
    )


def test_a_language_without_a_review_is_marked_for_staff_and_not_for_customers(
    env: Environment, catalog: Catalog, clock: Clock
) -> None:
    packs = {**catalog.packs, "en": replace(catalog.packs["en"], status="draft")}
    changed = with_changes(env, catalog=replace(catalog, packs=packs))
    form = as_role(changed, clock, Role.REPORTER).open("/incidents/new").tree
    (label,) = form.xpath("//label[input[@name='only'][@value='en']]")
    assert "未校閲" in label.text_content()
    (other,) = form.xpath("//label[input[@name='only'][@value='ja']]")
    assert "未校閲" not in other.text_content()
    site = site_context(changed.site.catalog)
    for page in status.front_pages(site, present(site, now=clock()), now=clock()).values():
        assert b"unreviewed" not in page.lower()
        assert "未校閲".encode() not in page
