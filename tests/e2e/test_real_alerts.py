"""A live alert on a drill's screens in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import requests
from playwright.sync_api import Browser, expect

from statuspage.usecases import drills
from statuspage.usecases.environment import shared_status
from statuspage.web.server import run
from statuspage.web.server.http_server import ServerThread, address_of, open_listener
from tests.support.desk import alertmanager, working
from tests.support.real_alerts import Both
from tests.support.real_alerts import both as both
from tests.support.served_desk import Served, now, on_the_desk, press_key


@contextmanager
def two_desks(both: Both) -> Iterator[tuple[Served, Served]]:
    """Both desks on loopback, each with its own address and worker."""
    sockets = {name: open_listener("127.0.0.1", 0) for name in ("live", "drill")}
    siblings = {name: address_of(each) for name, each in sockets.items()}
    live = replace(both.live, desk_url=siblings["live"], drill_status_path=both.drill.home / "summary.json")
    with ExitStack() as stack:
        for name, env in (("live", live), ("drill", both.drill)):
            app = run.desk_application(env, clock=now, siblings=siblings)
            stack.enter_context(ServerThread(app, sockets[name]))
            stack.enter_context(working(env, now))
        yield Served(live, siblings["live"], "", None), Served(both.drill, siblings["drill"], "", None)


def test_a_real_alert_comes_onto_the_screen_and_esc_lands_on_the_live_desk(browser: Browser, both: Both):
    shared_status.write_status(both.live, now=now())
    drills.start_drill(both.drill, title="予約できない", leader="佐藤", goal=timedelta(minutes=10), now=now())
    with two_desks(both) as (live, drill), on_the_desk(browser, drill) as page:
        page.goto(f"{drill.desk}/")
        expect(page.locator("h1")).to_have_text("訓練では現在、対応が必要なものはありません。")
        body = alertmanager(now())
        requests.post(f"{live.desk}/intake/alertmanager", data=body, timeout=10).raise_for_status()
        expect(page.locator("#live-banner [role=alert]")).to_contain_text("予約の応答エラー", timeout=10_000)
        expect(page.locator("#live-banner a").first).to_have_attribute("href", f"{live.desk}/")
        expect(page.locator("h1")).to_have_text("本番の対応を優先してください。")
        press_key(page, "Escape")
        page.wait_for_url(re.compile(rf"^{re.escape(live.desk)}/"))
        expect(page.locator("[role=status]").first).to_contain_text("訓練を中止しました")
        expect(page.locator(".alerts")).to_contain_text("予約の応答エラー")
        assert drills.running_drill(drill.env.databases.environment) is None
        page.click(".alerts .pop summary")
        with page.expect_navigation():
            page.click(".alerts button[value=acknowledge]")
        page.goto(f"{drill.desk}/drills")
        expect(page.locator("#live-banner [role=alert]")).to_contain_text("担当者が確認しています", timeout=30_000)
