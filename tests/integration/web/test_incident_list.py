"""The list of incidents on the desk: search, filters, paging, and the same as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain.incident import Incident, InternalNote, Notice
from statuspage.storage import incidents
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.translations import translator_for
from tests.support.desk import Browser, Clock, as_role, clock, env, signed_in
from tests.support.site import booking
from tests.support.times import at

__all__ = ["clock", "env"]


def keep(env: Environment, id: str, incident: Incident, *, earlier: timedelta = timedelta()) -> None:
    """Writes an incident that happened this long before the one it is made from."""
    entries = tuple(
        replace(
            item,
            happened=item.happened - earlier,
            recorded=item.recorded - earlier,
            entry=replace(item.entry, key=f"{id}-{item.sequence}") if isinstance(item.entry, Notice) else item.entry,
        )
        for item in incident.entries
    )
    moved = replace(incident, id=id, opened=incident.opened - earlier, t0=incident.t0 - earlier, entries=entries)
    with env.databases.environment.begin() as tx:
        incidents.restore_incident(tx, moved)


OVER = booking(("12:03", "first"), ("12:30", "resolved"))


def listed(browser: Browser) -> list[str]:
    return [link.get("href").rpartition("/")[2] for link in browser.tree.xpath("//main//a[contains(@class, 'whole')]")]


@pytest.fixture
def browser(env: Environment, clock: Clock) -> Browser:
    """A desk with one open and two ended incidents, one of them a month ago."""
    keep(env, "open00000001", booking(("12:03", "first")))
    keep(env, "over00000001", OVER, earlier=timedelta(hours=3))
    keep(env, "over00000002", OVER, earlier=timedelta(days=31))
    with env.databases.environment.begin() as tx:
        incidents.append_entry(
            tx, "over00000002", InternalNote("=1+1 の設定", actor="Ken"), happened=at("13:00"), recorded=at("13:00")
        )
    return signed_in(env, clock)


def test_open_incidents_come_first_then_ended_ones_by_month(browser: Browser) -> None:
    assert listed(browser.open("/incidents")) == ["open00000001", "over00000001", "over00000002"]


def test_an_incident_of_last_month_is_found_by_two_characters_of_a_note(browser: Browser) -> None:
    assert listed(browser.open("/incidents?q=設定")) == ["over00000002"]
    assert "すべて表示" in browser.words


def test_a_search_without_a_match_says_so_and_offers_everything(browser: Browser) -> None:
    browser.open("/incidents?q=津波")
    assert listed(browser) == []
    assert "該当するインシデントはありません。" in browser.words


@pytest.mark.parametrize(
    "address", ["?group=x&order=x&since=x&until=x", "?from_row=-1", "?from_row=9x", "?order=longest", "?order=slowest"]
)
def test_what_is_not_a_filter_lets_everything_through(browser: Browser, address: str) -> None:
    assert sorted(listed(browser.open(f"/incidents{address}"))) == ["open00000001", "over00000001", "over00000002"]


def test_groups_and_days_narrow_the_list(browser: Browser) -> None:
    assert listed(browser.open("/incidents?group=open")) == ["open00000001"]
    assert listed(browser.open(f"/incidents?group=over&since={at('00:00'):%Y-%m-%d}")) == ["over00000001"]


def test_the_next_page_keeps_the_filters(env: Environment, browser: Browser) -> None:
    for number in range(60):
        keep(env, f"more{number:08}", OVER, earlier=timedelta(days=2, hours=number))
    first = listed(browser.open("/incidents?group=over"))
    address = browser.tree.xpath("//a[@rel='prev']/@href")[0]
    rest = listed(browser.open(address))
    assert len(first) == 50 and "group=over" in address
    assert len({*first, *rest}) == 62


def test_the_file_has_what_the_page_shows_and_no_formulas(browser: Browser) -> None:
    response = browser.open("/incidents.csv?group=over").page
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == ["over00000001", "over00000002"]
    assert all(not value.startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_a_viewer_may_read_and_export_the_list(env: Environment, clock: Clock) -> None:
    viewer = as_role(env, clock, Role.VIEWER)
    assert viewer.open("/incidents").page.status_code == viewer.open("/incidents.csv").page.status_code == 200


def test_what_is_over_is_named_by_what_was_affected_and_not_as_if_it_went_on(browser: Browser) -> None:
    browser.open("/incidents")
    titles = {
        link.get("href").rpartition("/")[2]: link.text_content()
        for link in browser.tree.xpath("//main//a[contains(@class, 'whole')]")
    }
    assert titles["over00000001"] == "レッスン予約：使えない不具合 · 予約の管理：遅くなる不具合"
    assert "できません" in titles["open00000001"]
    rows = list(csv.reader(io.StringIO(browser.client.get("/incidents.csv").get_data().decode("utf-8-sig"))))
    assert {row[0]: row[1] for row in rows[1:]} == {
        **titles, "open00000001": f"{titles['open00000001']}。"
    }  # fmt: skip


@pytest.mark.parametrize(("language", "shown"), [("ja", "18分7秒 10分 9秒"), ("en", "18 min 7 s 10 min 9 s")])
def test_lengths_are_no_times_of_day(env: Environment, language: str, shown: str) -> None:
    translator = translator_for(env.site.catalog, language)
    lengths = (timedelta(minutes=18, seconds=7), timedelta(minutes=10), timedelta(seconds=9))
    assert " ".join(map(translator.stopwatch, lengths)) == shown


def test_drills_or_live_is_a_filter_that_leads_to_the_other_desk_with_the_others_kept(
    env: Environment, clock: Clock
) -> None:
    both = signed_in(env, clock, siblings={"live": "http://live.example", "drill": "http://drill.example/desk"})
    both.open("/incidents?q=予約&environment=live&service=desk-booking&order=longest")
    chosen = both.tree.xpath("//form[@role='search']//select[@name='environment']/option[@selected]")
    assert [option.get("value") for option in chosen] == ["live"]
    assert "form-action 'self' http://drill.example;" in both.page.headers["Content-Security-Policy"]
    answer = both.client.get("/incidents?q=x&environment=drill&service=desk-booking&group=open&order=longest")
    assert (answer.status_code, answer.location) == (
        302, "http://drill.example/desk/incidents?q=x&service=desk-booking&order=longest",
    )  # fmt: skip
    assert "form-action 'self';" in both.open("/").page.headers["Content-Security-Policy"]


def test_where_no_other_desk_is_known_there_is_nothing_to_choose(browser: Browser) -> None:
    browser.open("/incidents?environment=drill")
    assert browser.page.status_code == 200
    assert browser.tree.xpath("//select[@name='environment']") == []
