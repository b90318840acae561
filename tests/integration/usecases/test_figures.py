"""Figures by month and service: incidents at the edges, drills beside, redaction, the file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain import ContributingCause, Figures, Incident, ReportTimes, Section, State
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, Notice, TimelineEntry, TimelineEvent
from statuspage.domain.site_config import Targets
from statuspage.storage import incidents
from statuspage.storage.audit_log import Actor
from statuspage.usecases import figures, retrospectives
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.figures import FigureFormatter, FigureTable
from statuspage.usecases.redaction import redact
from tests.integration.usecases.test_action_items import FIRST, OVER, SECOND, keep
from tests.support.desk import env
from tests.support.site import booking
from tests.support.times import at

__all__ = ["env"]

pytestmark = pytest.mark.usefixtures("database")

JULY = date(2026, 7, 1)
LATER = at("12:00", "2026-08-15")
ALL = ""


def built(env: Environment, *, now: datetime = LATER, year: int | None = None) -> FigureTable:
    return figures.build_figures(env, year=year, now=now)


def minutes(counted: Figures) -> dict[State, int]:
    return {state: count for state, count in counted.minutes.items() if count}


def with_events(incident: Incident, *events: tuple[str, EventKind, str]) -> Incident:
    """The incident with events after its notices: time, kind, text."""
    last = incident.entries[-1].sequence
    added = [
        TimelineEntry(last + number, at(clock), at(clock), TimelineEvent(kind, text=text))
        for number, (clock, kind, text) in enumerate(events, 1)
    ]
    return replace(incident, entries=(*incident.entries, *added))


def moved(incident: Incident, by: timedelta) -> Incident:
    """The same incident at another time: its records and what its notices say."""
    entries = []
    for item in incident.entries:
        entry = item.entry
        if isinstance(entry, Notice):
            facts = entry.facts
            start = replace(facts.start, at=facts.start.at + by) if facts.start else None
            ended = facts.ended_at + by if facts.ended_at else None
            promised = facts.next_update + by if facts.next_update else None
            entry = replace(entry, facts=replace(facts, start=start, ended_at=ended, next_update=promised))
        entries.append(replace(item, entry=entry, happened=item.happened + by, recorded=item.recorded + by))
    return replace(incident, opened=incident.opened + by, t0=incident.t0 + by, entries=tuple(entries))


def with_history(env: Environment, start: date | None) -> Environment:
    """The environment with another first day on record."""
    catalog = replace(env.site.catalog, site=replace(env.site.catalog.site, history_start=start))
    return replace(env, content=replace(env.content, site=replace(env.site, catalog=catalog)))


def test_an_incident_counts_for_all_services_and_for_each_that_it_affected(env: Environment):
    keep(env, FIRST, with_events(OVER, ("12:05", EventKind.READABLE, "1")), cause="machine")
    table = built(env)
    assert [table.month(JULY, id).incidents for id in (ALL, "booking", "desk-booking", "login")] == [1, 1, 1, 0]
    assert minutes(table.month(JULY)) == minutes(table.month(JULY, "booking")) == {State.MAJOR: 77}
    assert minutes(table.month(JULY, "desk-booking")) == {State.DEGRADED: 77}
    assert table.month(JULY).alerted == ReportTimes((timedelta(minutes=8),))
    assert table.month(JULY).causes == {"machine": 1}
    assert table.total() == table.month(JULY)


def test_a_reopened_incident_counts_once_and_both_of_its_times(env: Environment):
    incident = booking(("12:03", "first"), ("13:15", "resolved"), ("14:00", "update"), ("14:40", "resolved"))
    ends = iter(("13:12", "14:30"))
    entries = []
    for item in incident.entries:
        notice = item.entry
        assert isinstance(notice, Notice)
        if notice.notice is NoticeKind.RESOLVED:
            notice = replace(notice, facts=replace(notice.facts, ended_at=at(next(ends))))
        entries.append(replace(item, entry=notice))
    reopened = TimelineEntry(9, at("14:00"), at("14:00"), TimelineEvent(EventKind.REOPENED))
    keep(env, FIRST, replace(incident, entries=tuple(sorted((*entries, reopened), key=lambda one: one.recorded))))
    counted = built(env).month(JULY, "booking")
    assert (counted.incidents, minutes(counted)) == (1, {State.MAJOR: 77 + 30})


def test_a_withdrawn_incident_affected_nobody(env: Environment):
    keep(env, FIRST, booking(("12:03", "first"), ("12:20", "withdrawal")))
    table = built(env)
    assert [(table.month(JULY, id).incidents, table.month(JULY, id).withdrawn) for id in (ALL, "booking")] == [
        (0, 1),
        (0, 0),
    ]
    assert minutes(table.month(JULY)) == {}


def test_an_incident_over_midnight_at_the_end_of_a_month_is_in_both(env: Environment):
    keep(env, FIRST, moved(OVER, timedelta(days=27, hours=11, minutes=30)))  # 31 July 23:25 to 1 August 0:42
    table, august = built(env), date(2026, 8, 1)
    assert [table.month(month).incidents for month in (JULY, august)] == [1, 0]
    assert [table.month(month).minutes[State.MAJOR] for month in (JULY, august)] == [35, 42]
    assert minutes(table.total()) == {State.MAJOR: 77}


def test_what_was_never_published_and_planned_work_are_no_incidents(env: Environment):
    with env.databases.environment.begin() as tx:
        incidents.open_incident(tx, FIRST, at=at("12:00"), t0=at("12:00"), t0_source="form")
    assert built(env).total().is_empty


def test_without_incidents_every_month_is_there_and_empty(env: Environment):
    table = built(env)
    assert table.months == tuple(date(2026, month, 1) for month in range(1, 9))
    assert table.total().is_empty
    assert built(env, year=2030).months == ()


def test_twelve_months_end_with_the_present_one(env: Environment):
    assert built(with_history(env, None)).months == (
        *(date(2025, month, 1) for month in range(9, 13)),
        *built(env).months,
    )


def test_months_before_the_records_begin_are_left_out(env: Environment):
    assert built(with_history(env, date(2026, 7, 3))).months == (JULY, date(2026, 8, 1))


def test_contributing_causes_are_counted_from_the_retrospectives(env: Environment):
    keep(env, FIRST, OVER)
    keep(env, SECOND, OVER, later=timedelta(days=3))
    for id in (FIRST, SECOND):
        retrospectives.change_causes(
            env, id, added={ContributingCause.CAPACITY}, removed=set(), actor=Actor(name="彩"), now=at("15:00")
        )
    assert built(env).total().contributing_causes == {"capacity": 2}


def test_the_figures_say_nothing_that_was_redacted(env: Environment):
    keep(env, FIRST, OVER, cause="machine")
    text = "山田花子さまの電話で分かった"
    retrospectives.write_note(env, FIRST, Section.WHY, text, actor=Actor(name="彩"), now=at("15:00"))
    before = built(env)
    redact.redact_text(env, FIRST, "山田花子", reason="本人の依頼", actor="管理者", now=at("15:00"))
    assert built(env) == before
    assert "山田" not in str(figures.figures_json(before, timedelta(minutes=10), Targets()))


def test_drills_stand_beside_and_change_no_number(env: Environment, tmp_path: Path):
    keep(env, FIRST, OVER)
    status = shared_status.StatusSummary(
        LATER,
        figures=(
            shared_status.ResponseFigure("drill1", at("10:00"), timedelta(minutes=4), scenario="a"),
            shared_status.ResponseFigure("drill2", at("10:00"), timedelta(minutes=1), "announced", scenario="b"),
        ),
    )
    shared_status._write_summary(tmp_path, status)
    beside = replace(env, drill_status_path=tmp_path / "summary.json")
    table = built(beside)
    assert table.drills_of(JULY) == table.all_drills == ReportTimes((timedelta(minutes=4),))
    assert table.cells == built(env).cells
    assert built(env).drills is None


def formatter_of(env: Environment, language: str) -> FigureFormatter:
    pack = env.site.catalog.packs[language]
    return FigureFormatter(lambda key, **slots: pack.labels[key].format(**slots), pack)


def test_the_file_opens_in_excel_and_has_the_same_numbers(env: Environment):
    keep(env, FIRST, OVER, cause="machine")
    table, goal, targets = built(env), timedelta(minutes=10), Targets(60, 95)
    text = figures.figures_csv(table, goal, targets, formatter_of(env, "ja"))
    assert text.startswith("\ufeff月,サービス,件数,")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    of_json = figures.figures_json(table, goal, targets)
    assert len(rows) == len(of_json) == (len(table.months) + 1) * (1 + len(table.services))
    assert [row[2] for row in rows] == [str(one["incidents"]) for one in of_json]
    july = next(row for row in rows if row[:2] == ["2026-07", "すべてのサービス"])
    named = dict(zip(header, july, strict=True))
    cause = env.site.catalog.packs["ja"].lists["cause"]["machine"].label
    assert (named["件数"], named["使えない（分）"], named["お知らせした原因"]) == ("1", "77", f"{cause} 1")
    assert (named["目標：第一報まで（秒）"], named["目標：予告どおりの続報（%）"]) == ("600", "95")
    assert {row[0] for row in rows[-len(table.services) - 1 :]} == {"2026-01/2026-08"}
