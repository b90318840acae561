"""Live incidents stand beside drills, measured by the same stages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain.facts import NoticeKind
from statuspage.usecases import alerts, notices
from statuspage.usecases.environment import shared_status
from statuspage.usecases.incidents import add_note
from tests.support.desk import signed_in
from tests.support.drill_series import QUICK, play, read_back, resolve
from tests.support.real_alerts import Both
from tests.support.real_alerts import both as both
from tests.support.times import at
from tests.support.typed import typed_input

TAKES = {"acknowledged": 70, "confirmed": 50, "colleagues_told": 40, "opened": 30, "published": 100, "readable": 8}
"""Seconds of each stage of the live incident."""


def live_incident(both: Both) -> None:
    """A real alert at 10:00, with each stage taking its seconds; resolved twelve minutes after the first report, when
    it had worked for a minute, typed without its seconds."""
    both.clock.now = at("10:00") - timedelta(seconds=1)
    alert = both.alert()
    alerts.acknowledge(both.live, alert.id, actor="佐藤", now=both.clock.later(seconds=TAKES["acknowledged"]))
    incident = alerts.confirm(both.live, alert.id, actor="佐藤", now=both.clock.later(seconds=TAKES["confirmed"])).id
    add_note(both.live, incident, "予約不可", actor="佐藤", now=both.clock.later(seconds=TAKES["colleagues_told"]))
    opened = both.clock.later(seconds=TAKES["opened"])
    target = notices.open_notice_form(both.live.databases.environment, incident, actor="佐藤", now=opened)
    assert target is not None
    now, typed = both.clock.later(seconds=TAKES["published"]), typed_input(incident_type="booking", start="about:5m")
    preview = notices.preview_notice(both.live, typed, notice_kind=NoticeKind.FIRST, target=target, now=now)
    published = notices.publish_notice(both.live, typed, preview.token, actor="佐藤", now=now)
    assert isinstance(published, notices.Published)
    read_back(both.live, incident, published.sequence, both.clock.later(seconds=TAKES["readable"]))
    resolve(both.live, incident, both.clock.later(minutes=12))
    shared_status.write_status(both.live, now=both.clock.later(minutes=1))


@pytest.mark.slow
def test_a_live_incident_and_a_drill_are_two_rows_of_the_same_stages(both: Both):
    drill = play(both.drill, at("08:00"), QUICK)
    live_incident(both)
    page = signed_in(both.drill, both.clock, "nakamura", "中村").open("/drills/trend")
    (table,) = page.tree.xpath("//table[contains(@class, 'stages')]")
    heads = [" ".join(cell.text_content().split()) for cell in table.xpath("./thead//th")]
    assert heads[1:] == [
        "第一報まで", "アラートの確認", "障害の判断", "社内への連絡", "文面の作成", "公開の確認",
        "復旧からお客様へのお知らせまで",
    ]  # fmt: skip
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath("./tbody/tr")]
    assert [row[0].startswith(kind) for row, kind in zip(rows, ("本番", "第1回"), strict=True)] == [True, True]
    assert rows[0][1:] == ["4分58秒", "1分10秒", "50秒", "40秒", "2分10秒", "8秒", "2分"]
    assert rows[1][1:] == ["3分2秒", "20秒", "40秒", "30秒", "1分30秒", "2秒", "1分4秒"]
    assert drill.duration == timedelta(seconds=sum(QUICK.values()))
