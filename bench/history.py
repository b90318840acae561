"""An environment of the sample company with a long history, made in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Text, bindparam, cast, insert, select

from statuspage.domain.facts import Affected, Facts, Known, NoticeKind, NoticeText, Precision, StartTime, State
from statuspage.domain.incident import EventKind, Notice, TimelineEvent
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.settings import INTAKE_SECRET_FILE, read_settings
from statuspage.storage import incidents
from statuspage.storage import tables as schema
from statuspage.storage.engine.database import Connection
from statuspage.usecases import bootstrap, new_company
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates

NOW = datetime(2026, 7, 28, 3, 3, tzinfo=UTC)
ADDRESS = "https://status.fitline.example"
LANGUAGES = ("ja", "en")
THIS_WEEK, THIS_MONTH = 100, 1_000
"""How many of the newest incidents are in the last week, and in the present month."""

PATTERN = "past00000000"

_TEXTS = ("body", "media")


def env(home: Path, size: int) -> Environment:
    """A live environment with ``size`` closed incidents: the newest hundred within a week, the newest thousand in this
    month, the others every three hours before that."""
    new_company.create_demo(home)
    (home / INTAKE_SECRET_FILE).unlink()  # monitors on this machine then need none
    site = home / "content" / "site.toml"
    site.write_text(
        re.sub("(?m)^(languages|desk_languages) = .*$", r'\1 = ["ja", "en"]', site.read_text("utf-8")), "utf-8"
    )
    env = bootstrap.live_environment(read_settings({"STATUSPAGE_ADDRESS": ADDRESS}, home=str(home)), now=NOW)
    with env.databases.environment.begin() as tx:
        _pattern(tx, env)
        copy(tx, size)
    return env


def store_first_report(env: Environment, id: str, now: datetime) -> None:
    """Stores a new incident with its first notice, not published yet."""
    with env.databases.environment.begin() as tx:
        _open(tx, id, now)
        notice = notice_of(env, NoticeKind.FIRST, facts_at(now), id)
        incidents.append_entry(tx, id, notice, happened=now, recorded=now, after=0)


def go_on(env: Environment, number: int) -> None:
    """Publishes one more notice, a minute after the last: the first of an incident, then an update, then its end."""
    at, id = NOW + timedelta(minutes=number + 1), f"new{number // len(_NOTICES):09d}"
    notice_kind, facts = _NOTICES[number % len(_NOTICES)]
    if notice_kind is NoticeKind.FIRST:
        store_first_report(env, id, at)
    else:
        with env.databases.environment.begin() as tx:
            incidents.append_entry(tx, id, notice_of(env, notice_kind, facts(at), id), happened=at, recorded=at)
    site_updates.publish_incident(env, id, now=at)


def build_again(env: Environment) -> None:
    """Runs another full build, at the time of the newest notice."""
    with env.databases.environment.read() as tx:
        (newest,) = incidents.latest_notices(tx, 1)
    site_updates.build_site(env, now=max(NOW, newest[1].recorded))


def _pattern(tx: Connection, env: Environment) -> None:
    """Writes one incident as the program does."""
    at = NOW - timedelta(hours=1)
    _open(tx, PATTERN, at)
    for notice_kind, facts, happened in (
        (NoticeKind.FIRST, facts_at(at), at),
        (NoticeKind.UPDATE, facts_at(at), at + timedelta(minutes=15)),
        (NoticeKind.RESOLVED, _over(at), at + timedelta(minutes=30)),
    ):
        facts = replace(facts, extra={"ja": f"お問い合わせの番号は{PATTERN}です。", "en": f"Our number is {PATTERN}."})
        incidents.append_entry(
            tx, PATTERN, notice_of(env, notice_kind, facts, PATTERN), happened=happened, recorded=happened
        )


def copy(tx: Connection, size: int) -> None:
    """Copies the incident with other ids and earlier times until there are ``size`` incidents."""
    (head,) = tx.execute(select(schema.incident).where(schema.incident.c.id == PATTERN)).mappings()
    texts = [cast(schema.entry.c[name], Text).label(f"{name}_text") for name in _TEXTS]
    whole = select(schema.entry, *texts)
    rows = [dict(row) for row in tx.execute(whole.where(schema.entry.c.incident == PATTERN)).mappings()]
    derived = {
        table: [dict(row) for row in tx.execute(select(table).where(table.c.incident == PATTERN)).mappings()]
        for table in (schema.affected_service, schema.incident_record, schema.state_period)
    }
    for numbers in batched(range(1, size)):
        heads = [_earlier(dict(head), number) | {"id": f"past{number:08d}"} for number in numbers]
        entries = [_another(row, number) for number in numbers for row in rows]
        tx.execute(insert(schema.incident), heads)
        tx.execute(insert(schema.entry).values({n: bindparam(f"{n}_text", type_=Text) for n in _TEXTS}), entries)
        for table, own in derived.items():
            copied = [_earlier(row, number) | {"incident": f"past{number:08d}"} for number in numbers for row in own]
            tx.execute(insert(table), copied)


def batched(numbers: range, size: int = 500) -> Iterator[range]:
    """A range in batches."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _earlier(row: dict[str, Any], number: int) -> dict[str, Any]:
    ago = _ago(number)
    return {name: value - ago if isinstance(value, datetime) else value for name, value in row.items()}


def _another(row: dict[str, Any], number: int) -> dict[str, Any]:
    id = f"past{number:08d}"
    kept = {name: value for name, value in _earlier(row, number).items() if name not in _TEXTS}
    texts = {f"{name}_text": (row[f"{name}_text"] or "").replace(PATTERN, id) or None for name in _TEXTS}
    return kept | {"incident": id, **texts}


def _ago(number: int) -> timedelta:
    week, month = min(number, THIS_WEEK), min(max(number - THIS_WEEK, 0), THIS_MONTH - THIS_WEEK)
    return timedelta(minutes=90 * week + 20 * month, hours=3 * max(number - THIS_MONTH, 0))


def _open(tx: Connection, id: str, at: datetime) -> None:
    incidents.open_incident(tx, id, at=at, t0=at, t0_source="alert")
    incidents.append_entry(tx, id, TimelineEvent(EventKind.CONFIRMED, actor="bench"), happened=at, recorded=at)


def facts_at(now: datetime) -> Facts:
    return Facts(
        incident_type="booking",
        affected=(Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED)),
        start=StartTime(Precision.ABOUT, now - timedelta(minutes=8)),
        estimate=Known(now + timedelta(hours=1)),
        workarounds=("front-desk",),
        next_update=now + timedelta(minutes=30),
    )


def _over(now: datetime) -> Facts:
    return replace(facts_at(now), ended_at=now, next_update=None, workarounds=(), cause="change")


def notice_of(env: Environment, notice_kind: NoticeKind, facts: Facts, id: str) -> Notice:
    incident_context = IncidentContext(incident_id=id, site_address=ADDRESS)
    words: Mapping[str, NoticeText] = compose(
        notice_kind, facts, catalog=env.site.catalog, incident=incident_context, now=NOW
    )
    return Notice(notice_kind, facts, words, actor="bench")


_NOTICES = ((NoticeKind.FIRST, facts_at), (NoticeKind.UPDATE, facts_at), (NoticeKind.RESOLVED, _over))
