"""The figures on the desk: the page and its file show the same numbers, and only live's."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.incident import EventKind
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.integration.usecases.test_action_items import FIRST, OVER, SECOND, keep
from tests.integration.usecases.test_figures import moved, with_events
from tests.support.desk import Browser, Clock, as_role, clock, drill_environment_in, env, signed_in
from tests.support.times import at

__all__ = ["clock", "env"]


@pytest.fixture
def browser(env: Environment, clock: Clock) -> Browser:
    """A desk in August, after two incidents in July."""
    clock.now = at("12:00", "2026-08-15")
    told = with_events(OVER, ("12:19:30", EventKind.READABLE, "1"))
    keep(env, FIRST, told, cause="machine")
    keep(env, SECOND, moved(told, timedelta(days=3)))
    return signed_in(env, clock)


def cells(browser: Browser, table: int, row: str) -> list[str]:
    """The numbers of a row of the table."""
    (found,) = browser.tree.xpath(f"(//table)[{table}]//tr[th[normalize-space()='{row}']]")
    return [" ".join(cell.text_content().split()) for cell in found.xpath("td")]


def seconds(stopwatch: str) -> int:
    minutes, seconds = stopwatch.removesuffix("秒").split("分")
    return int(minutes) * 60 + int(seconds)


def test_the_page_and_its_file_have_the_same_numbers(browser: Browser):
    months = cells(browser.open("/figures?year=2026"), 1, "2026年7月")
    services = cells(browser, 2, "レッスン予約")
    assert months == ["2", "154", "0", "0", "0", "22分30秒", "22分30秒", "2/2", "0"]
    response = browser.client.get("/figures.csv?year=2026")
    assert response.mimetype == "text/csv"
    text = response.get_data().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    by_name = {(row[0], row[1]): row[2:] for row in rows}
    for shown, key in ((months, ("2026-07", "すべてのサービス")), (services, ("2026-01/2026-08", "レッスン予約"))):
        incidents, _, major, partial, degraded, planned, count, median, worst, *_ = by_name[key]
        assert shown[:5] == [incidents, major, partial, degraded, planned]
        assert [seconds(text) for text in shown[5:7]] == [int(median), int(worst)] == [1350, 1350]
        assert count == "2"
    assert len(header) == len(rows[0])


def test_what_misses_its_target_is_marked(browser: Browser):
    browser.open("/figures")
    (row,) = browser.tree.xpath("(//table)[1]//tr[th[normalize-space()='2026年7月']]")
    missed = [" ".join(cell.text_content().split()) for cell in row.xpath("td[.//*[@aria-label]]")]
    assert missed == ["22分30秒", "22分30秒"]
    assert "目標 10分" in browser.words


def test_a_service_has_its_own_months_and_a_cause_leads_to_its_incidents(browser: Browser):
    assert cells(browser.open("/figures?service=desk-booking"), 1, "2026年7月")[:5] == ["2", "0", "0", "154", "0"]
    browser.open("/figures")
    (href,) = browser.tree.xpath("//section[@aria-labelledby='h-causes']//a/@href")
    assert href.startswith("/incidents?") and "cause=machine" in href
    assert len(browser.open(href).tree.xpath("//ul[contains(@class,'history')]/li")) == 1


@pytest.mark.parametrize("query", ["year=9999", "year=0000", "year=x", "service=nothing", "year=２０２６"])
def test_odd_addresses_show_a_page(browser: Browser, query: str):
    assert browser.client.get(f"/figures?{query}").status_code == 200


def test_an_empty_company_has_a_page_and_a_file(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    assert cells(browser.open("/figures"), 1, "合計")[:3] == ["0", "0", "0"]
    assert browser.client.get("/figures.csv").status_code == 200


def test_a_viewer_reads_them_and_the_desk_of_drills_has_none(env: Environment, clock: Clock, tmp_path: Path):
    assert as_role(env, clock, Role.VIEWER).client.get("/figures").status_code == 200
    (tmp_path / "other").mkdir()
    drill = drill_environment_in(tmp_path / "other")
    desk = signed_in(drill, clock)
    assert desk.client.get("/figures").status_code == 404
    assert "/figures" not in desk.open("/incidents").text
