"""A series of drills, side by side: six in one line, and whatever was measured otherwise beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.storage import drill_injects
from statuspage.storage import drills as stored_drills
from statuspage.usecases import alerts, drills, notices
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.browser import sideways
from tests.support.desk import drill_environment_in
from tests.support.drill_series import play, read_back, spread
from tests.support.fakes.x_server import x_server
from tests.support.served_desk import Served, on_the_desk, served
from tests.support.typed import typed_input

SCENARIO = "booking-phone"
MINUTES = (62, 41, 30, 18, 12, 8)


def series(env: Environment, last: datetime) -> None:
    """Six drills of one scenario: the third with two pauses, the fifth with a wrong notice that was withdrawn. Between
    them a tutorial, a figure by form clock, one that was broken off, and a tabletop."""
    setup = Setup(env.site.catalog.scenarios[SCENARIO], "ja")
    for number, minutes in enumerate(MINUTES):
        began = last - timedelta(days=14 * (len(MINUTES) - number))
        report = play(env, began, spread(minutes), "予約できない", setup)
        if number == 2:
            pause(env, report.drill.id, began + timedelta(minutes=2), timedelta(minutes=4))
            pause(env, report.drill.id, began + timedelta(minutes=10), timedelta(minutes=3))
        if number == 4:
            withdraw(env, began + timedelta(minutes=1))
    play(env, last - timedelta(days=75), spread(4), "ひと通り", Setup(env.site.catalog.scenarios["tutorial"], "ja"))
    by_form_clock(env, last - timedelta(days=36), setup)
    led = {"title": "予約できない", "leader": "Nakamura", "goal": timedelta(minutes=10)}
    at = last - timedelta(days=22)
    drills.start_drill(env, **led, setup=setup, now=at)
    drills.suspend_drill(env, now=at + timedelta(minutes=5))
    at = last - timedelta(days=8)
    tabletop = Setup(setup.scenario, "ja", tabletop=True)
    drills.start_drill(env, **led, setup=tabletop, now=at)
    drills.end_drill(env, now=at + timedelta(minutes=40))


def pause(env: Environment, drill_id: str, begin: datetime, length: timedelta) -> None:
    """The drill stood still for so long."""
    with env.databases.environment.begin() as tx:
        drill_injects.insert_pause(tx, drill_id, begin)
        drill_injects.end_pause(tx, drill_id, begin + length)


def write(env: Environment, opened: datetime, published: datetime) -> str:
    """A first report that nobody joined to an alert, readable five seconds after it was published. Its incident."""
    target, typed = notices.new_incident_target(env, now=opened), typed_input(incident_type="booking", start="about:5m")
    preview = notices.preview_notice(env, typed, notice_kind=NoticeKind.FIRST, target=target, now=published)
    done = notices.publish_notice(env, typed, preview.token, actor="Sato", now=published)
    assert isinstance(done, notices.Published)
    read_back(env, done.incident_id, done.sequence, published + timedelta(seconds=5))
    return done.incident_id


def withdraw(env: Environment, at: datetime) -> None:
    """A wrong notice was published, readable, and withdrawn."""
    incident, later = write(env, at, at + timedelta(seconds=20)), at + timedelta(seconds=50)
    target = notices.open_notice_form(env.databases.environment, incident, actor="Sato", now=later)
    assert target is not None
    typed = typed_input(incident_type="booking", start="about:5m")
    preview = notices.preview_notice(env, typed, notice_kind=NoticeKind.WITHDRAWAL, target=target, now=later)
    assert isinstance(notices.publish_notice(env, typed, preview.token, actor="Sato", now=later), notices.Published)


def by_form_clock(env: Environment, at: datetime, setup: Setup) -> None:
    """A report was begun before the alert of the script arrived."""
    led = {"title": "予約できない", "leader": "Nakamura", "goal": timedelta(minutes=10)}
    begun = drills.start_drill(env, **led, setup=setup, now=at)
    opened, alerted, published = (at + timedelta(seconds=seconds) for seconds in (20, 40, 300))
    signal = MonitorAlert("alertmanager", "late", "予約", "予約", {"service": "booking-api"}, alerted)
    (alert,) = alerts.receive_alerts(env, [signal], now=alerted)
    with env.databases.environment.begin() as tx:
        stored_drills.set_opening_alert(tx, begun.drill.id, alert.id)
    write(env, opened, published)
    drills.end_drill(env, now=published + timedelta(minutes=10))


def seen(page: Page, name: str) -> None:
    """A picture of the whole page, if somebody wants to look (``PICTURES``: a folder)."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"trend-{name}.png"), full_page=True)


def test_a_series_is_one_line_and_what_was_measured_otherwise_stands_beside_it(
    browser: Browser, tmp_path: Path, axe: Callable[[Page], list[str]]
):
    env = drill_environment_in(tmp_path)
    shared_status.write_first_status(tmp_path, now=datetime.now(UTC))
    series(env, datetime.now(UTC) - timedelta(days=1))
    with x_server() as x, served(env, x) as drill:
        look(browser, drill, axe)


def look(browser: Browser, drill: Served, axe: Callable[[Page], list[str]]) -> None:
    """In both languages and schemes, on a screen and on a phone."""
    for language, words in (
        ("ja", ("一時停止", "取り下げ", "フォーム")),
        ("en", ("without pauses of 7 min in total", "withdrawn", "opened form")),
    ):
        for scheme in ("light", "dark"):
            how = {"language": language, "color_scheme": scheme, "bypass_csp": True}
            with on_the_desk(browser, drill, **how) as page:
                page.goto(f"{drill.desk}/drills/trend?scenario={SCENARIO}")
                expect(page.locator("svg.trend circle")).to_have_count(6)
                for word in words:
                    expect(page.locator("main")).to_contain_text(word)
                assert axe(page) == []
                seen(page, f"{language}-{scheme}-1280")
                page.set_viewport_size({"width": 390, "height": 844})
                assert sideways(page) == 0
                seen(page, f"{language}-{scheme}-390")
                page.goto(f"{drill.desk}/drills/trend?scenario=all")
                expect(page.locator("svg.trend circle")).to_have_count(6)
                seen(page, f"{language}-{scheme}-390-all")
