"""Series of drills played through the real use cases with a supplied clock: simulated, and titled as such.

``python -m tests.support.drill_series HOME`` adds a series that improves from an hour to under ten minutes to an
instance.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from statuspage import settings
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.storage import incidents
from statuspage.usecases import alerts, drills, notices
from statuspage.usecases.bootstrap import drill_environment
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import add_note
from tests.support.content import SAMPLE_ALERT
from tests.support.typed import typed_input

TITLE = "Simulated: the booking database fails"
"""So that nobody mistakes a simulated series for real drills."""

STAGES = ("acknowledged", "confirmed", "colleagues_told", "opened", "written", "published", "readable")

QUICK = dict(zip(STAGES, (20, 40, 30, 10, 60, 20, 2), strict=True))
"""The seconds of each stage if all goes well: three minutes in all."""

CAUSES = ("acknowledged", "confirmed", "colleagues_told", "opened", "written", "readable")
"""Six causes of delay, each in a drill of its own."""

IMPROVING = (62, 41, 30, 18, 12, 8)
"""Minutes to the first notice, drill by drill, in a team that practises."""

WORSENING = (9, 11, 16, 24)


def slowed(stage: str, by: timedelta) -> dict[str, int]:
    """A drill in which one stage takes longer."""
    return {**QUICK, stage: QUICK[stage] + round(by.total_seconds())}


def spread(minutes: int) -> dict[str, int]:
    """A drill of so many minutes in which noticing, notifying the staff and writing take most of it."""
    rest = minutes * 60 - sum(QUICK.values())
    parts = {"acknowledged": 0.25, "colleagues_told": 0.3, "written": 0.45}
    return {stage: seconds + round(rest * parts.get(stage, 0)) for stage, seconds in QUICK.items()}


def play(
    env: Environment, began: datetime, takes: Mapping[str, int], title: str = TITLE, setup: Setup | None = None
) -> drills.Report:
    """One drill, with each stage taking so many seconds; the preview to publish is at most nine minutes old."""
    body = (SAMPLE_ALERT).read_bytes()
    begun = drills.start_drill(
        env,
        title=title,
        leader="Nakamura",
        goal=timedelta(minutes=10),
        signals=SOURCES["alertmanager"].parse(body, began),
        setup=setup,
        now=began,
    )
    marks, at = {}, began
    for stage in STAGES:
        at += timedelta(seconds=takes[stage])
        marks[stage] = at
    alerts.acknowledge(env, begun.drill.alert, actor="Sato", now=marks["acknowledged"])
    incident = alerts.confirm(env, begun.drill.alert, actor="Takahashi", now=marks["confirmed"]).id
    add_note(env, incident, "Booking is down", actor="Sato", now=marks["colleagues_told"])
    target = notices.open_notice_form(env.databases.environment, incident, actor="Sato", now=marks["opened"])
    assert target is not None
    notice_input = typed_input(incident_type="booking", start="about:5m", next_update="30m")
    preview = notices.preview_notice(
        env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=marks["written"]
    )
    assert preview.problems == ()
    published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=marks["published"])
    assert isinstance(published, notices.Published)
    read_back(env, incident, published.sequence, marks["readable"])
    resolve(env, incident, marks["readable"] + timedelta(minutes=12))
    ended = drills.end_drill(env, now=marks["readable"] + timedelta(minutes=20))
    return drills.report(env, ended.drill.id, now=marks["readable"] + timedelta(minutes=20))


def resolve(env: Environment, incident: str, now: datetime) -> None:
    """Publishes the resolved notice."""
    target = notices.open_notice_form(env.databases.environment, incident, actor="Sato", now=now)
    assert target is not None
    notice_input = typed_input(incident_type="booking", start="about:20m", ended="1m")
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.RESOLVED, target=target, now=now)
    assert preview.problems == ()
    published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=now)
    assert isinstance(published, notices.Published)
    read_back(env, incident, published.sequence, now + timedelta(seconds=QUICK["readable"]))


def read_back(env: Environment, incident: str, sequence: int, at: datetime) -> None:
    """Records that customers can read this notice."""
    with env.databases.environment.begin() as tx:
        incidents.append_entry(
            tx, incident, TimelineEvent(EventKind.READABLE, text=str(sequence)), happened=at, recorded=at
        )


def series(env: Environment, minutes: Sequence[int], first: datetime) -> list[drills.Report]:
    """Drills with these durations, a month apart."""
    return [play(env, first + timedelta(days=30 * n), spread(took)) for n, took in enumerate(minutes)]


def main() -> None:
    """Adds an improving series to an instance, ending today."""
    home = Path(sys.argv[1])
    here = settings.read_settings({}, home=str(home))
    env = drill_environment(home, home / "content", now=datetime.now(UTC))
    first = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) - timedelta(days=30 * len(IMPROVING))
    for report in series(env, IMPROVING, first):
        print(report.drill.id, report.duration)
    shared_status.write_status(env, now=datetime.now(UTC))
    assert here.home == home


if __name__ == "__main__":
    main()
