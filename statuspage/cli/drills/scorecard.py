"""What a drill showed, from the command line: its scorecard, the leader's own word, and the line over all drills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import click

from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.show import clock_of
from statuspage.domain import Grade, shown
from statuspage.rendering.wording import Clock
from statuspage.serialization import to_json_value
from statuspage.storage.drills import Drill
from statuspage.usecases import drills
from statuspage.usecases.drills import (
    IncidentReport,
    Report,
    Teller,
    card,
    counted,
    markdown,
    otherwise,
    scorecard,
    sign,
    slowest,
    table,
    trend,
)
from statuspage.usecases.drills import score_json as scored
from statuspage.usecases.environment import Figure

T = TypeVar("T")

DRILL_ID = click.Argument(["drill_id"], metavar="[ID]", required=False)


@verb(
    "report",
    DRILL_ID,
    Flag(["--format", "form"], type=click.Choice(["text", "markdown", "csv"]), default="text", label="score-format"),
    group="drill",
)
def report(door: CommandContext, drill_id: str | None, form: str) -> None:
    """What a drill showed, by default the newest: each stage, where the time went, and how its objectives were met."""
    world = door.world()
    found = known(door, lambda: scorecard.score(world, drill_id or "", now=door.now()))
    teller = teller_of(door)
    if form != "text" and not door.as_json:
        click.echo(markdown(found, teller) if form == "markdown" else table(found, teller), nl=False)
        return
    lines = [*read_out(door, found.report, teller.clock), *_card(found, teller)]
    door.put({**whole(door, found.report), **scored(found)}, lines)


def teller_of(door: CommandContext) -> Teller:
    """Speaks the terminal's language, or the site's first where the terminal's is not one of the site's."""
    catalog = door.world().catalog
    language = door.speech.language if door.speech.language in catalog.books else catalog.languages[0]
    return Teller(door.speech.say, clock_of(door, catalog), catalog, language)


def _card(found: scorecard.Score, teller: Teller) -> Iterator[str]:
    for said in slowest(found, teller):
        if said:
            yield said
    for section in card(found, teller):
        yield from ("", section.title)
        for line in section.lines:
            yield f"  {sign(section, line)}{line.text}  {line.right}".rstrip()
            yield from (f"      {part}" for part in line.detail.splitlines())


@verb(
    "grade",
    click.Argument(["objective"], metavar="OBJECTIVE"),
    click.Argument(["grade"], metavar="GRADE", type=click.Choice([*(g.value for g in Grade), "ours"])),
    Flag(["--reason"], default=""),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    Flag(["--by"], default=""),
    group="drill",
)
def grade(door: CommandContext, objective: str, grade: str, reason: str, drill_id: str, by: str) -> None:
    """The leader's own grade of an objective, with a reason; *ours* takes it back."""
    chosen = None if grade == "ours" else Grade(grade)
    _change(door, lambda: scorecard.overrule(door.world(), drill_id, objective, chosen, reason=reason, by=person(by)))


@verb(
    "handled",
    click.Argument(["number"], metavar="NUMBER", type=int),
    click.Argument(["done"], metavar="yes|no", type=click.Choice(["yes", "no"])),
    Flag(["--text", "said"], default="", label="remark"),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    Flag(["--by"], default=""),
    group="drill",
)
def handled(door: CommandContext, number: int, done: str, said: str, drill_id: str, by: str) -> None:
    """Whether what was fed in was dealt with."""
    _change(door, lambda: scorecard.handle(door.world(), drill_id, number, done == "yes", by=person(by), text=said))


@verb(
    "action",
    click.Argument(["text"], metavar="TEXT"),
    Flag(["--owner"], default="", metavar="NAME", label="action-owner"),
    Flag(["--until"], type=click.DateTime(["%Y-%m-%d"]), metavar="2026-12-31", label="action-until"),
    Flag(["--id", "drill_id"], default="", metavar="ID", label="drill-id"),
    group="drill",
)
def action(door: CommandContext, text: str, owner: str, until: object, drill_id: str) -> None:
    """Something to mend after the drill."""
    day = until.date().isoformat() if isinstance(until, datetime) else ""
    _change(door, lambda: scorecard.add_action(door.world(), drill_id, text, owner=owner, until=day))


def _change(door: CommandContext, change: Callable[[], object]) -> None:
    try:
        known(door, change)
    except scorecard.NoSuchObjective as error:
        raise Refusal(door.say("drill_nothing_so"), code=WRONG_USE) from error
    except scorecard.NoWords as error:
        raise Refusal(door.say("drill_words")) from error
    door.put({"kept": True}, [door.speech.say("desk.score.kept")])


@verb("trend", Flag(["--scenario"], default="", metavar="ID", label="of-scenario"), group="drill")
def over_time(door: CommandContext, scenario: str) -> None:
    """The time to the first notice from drill to drill, and beside what happened for real."""
    world = door.world()
    found = trend(world, scenario=scenario, now=door.now())
    clock = clock_of(door, world.catalog)
    drilled = [
        {"id": p.drill.id, "number": p.number, "scenario": p.drill.scenario, "title": p.drill.title,
         "started": to_json_value(p.drill.started), "seconds_to_notice": to_json_value(p.took), "reached": p.reached,
         "counted": [*p.report.otherwise], "in_line": p.joined,
         "slowest": {"stage": p.slowest, "seconds": p.length.total_seconds()} if p.slowest else None}
        for p in found.points
    ]  # fmt: skip
    lines = [
        f"{p.number:>4}  {clock.day(p.drill.started)}  {'–' if p.took is None else shown(p.took):>8}  {p.drill.title}"
        f"  {_listed(door, otherwise(p.report, door.speech.say))}".rstrip()
        for p in found.points
    ]
    real = [f"      {clock.day(f.at)}  {shown(f.took):>8}  {_how(door, f)}".rstrip() for f in found.real]
    said = door.speech.say("desk.score.blind" if found.blind else "desk.score.real_none")
    lines = lines or [door.say("no_drills")]
    door.put(
        {"drills": drilled, "real": to_json_value(found.real), "live_known": not found.blind},
        [*lines, "", door.speech.say("desk.score.real"), *(real or [said])],
    )


def _how(door: CommandContext, figure: Figure) -> str:
    return _listed(door, (door.speech.say(f"desk.score.otherwise.{one}") for one in figure.otherwise))


def known(door: CommandContext, work: Callable[[], T]) -> T:
    """What the work gives; a refusal where there is no such drill."""
    try:
        return work()
    except drills.NoSuchDrill as error:
        raise Refusal(door.say("no_drill")) from error


def drill_json(drill: Drill) -> dict[str, object]:
    """A drill for programs."""
    return {
        "id": drill.id,
        "title": drill.title,
        "leader": drill.leader,
        "goal_seconds": drill.goal.total_seconds(),
        "started": to_json_value(drill.started),
        "ended": to_json_value(drill.ended),
        "alert": drill.alert or None,
        "scenario": drill.scenario or None,
        "announced": drill.announced,
        "secret": drill.window is not None,
        "tutorial": drill.alone,
        "suspended": drill.suspended,
        "ends": to_json_value(drill.ends),
        "paused": to_json_value(drill.paused),
        "roles": to_json_value(drill.roles),
        "kept_out": to_json_value(drill.kept_out),
    }


def whole(door: CommandContext, found: Report) -> dict[str, object]:
    """What it showed, for programs."""
    return {
        **drill_json(found.drill),
        "seconds_to_notice": to_json_value(found.took),
        "reached": found.reached,
        "t0_source": found.source,
        "paused_seconds": found.paused.total_seconds(),
        "withdrawn_first": found.withdrawn,
        "earlier_seconds": to_json_value(found.earlier),
        "incidents": [_incident(door, told) for told in found.incidents],
    }


def _incident(door: CommandContext, told: IncidentReport) -> dict[str, object]:
    slowest = told.slowest
    return {
        "incident": told.incident,
        "stamps": to_json_value(told.stamps),
        "intervals": [{"stage": i.stage, "by": i.by, "seconds": i.length.total_seconds()} for i in told.intervals],
        "seconds_to_notice": to_json_value(told.took),
        "slowest": {"stage": slowest.stage, "seconds": slowest.length.total_seconds()} if slowest else None,
        "sentence": slowest_sentence(door, told),
    }


def read_out(door: CommandContext, found: Report, clock: Clock) -> Iterator[str]:
    """What it showed, stage by stage."""
    drill = found.drill
    yield f"{drill.title}  {clock.day(drill.started)} {clock.clock(drill.started)}  {drill.leader}"
    yield _verdict(door, found, clock)
    if notes := counted(found, door.speech.say):
        yield door.speech.say("desk.score.counted", how=_listed(door, notes))
    for told in found.incidents:
        yield ""
        yield from _stages(door, told)


def _verdict(door: CommandContext, found: Report, clock: Clock) -> str:
    goal = clock.length(found.drill.goal)
    if found.drill.suspended:
        return door.say("drill_suspended")
    if found.took is None:
        return door.say("drill_not_readable", goal=goal)
    start = f"_{found.source}" if found.source in ("form", "announced") else ""
    key = f"drill_{'reached' if found.reached else 'missed'}{start}"
    return door.say(key, took=spoken(door, found.took), goal=goal)


def _listed(door: CommandContext, notes: Iterable[str]) -> str:
    return door.speech.say("desk.list_comma").join(notes)


def _stages(door: CommandContext, told: IncidentReport) -> Iterator[str]:
    for interval in told.intervals:
        mark = "←" if told.slowest == interval else ""
        stage = door.speech.say(f"desk.stage.{interval.stage}")
        yield f"  {shown(interval.length):>8}  {stage}  {interval.by} {mark}".rstrip()


def slowest_sentence(door: CommandContext, told: IncidentReport) -> str:
    """Where the time went, in one sentence; "" while the notice is not readable, or when no stretch took a second."""
    if told.took is None or told.slowest is None or told.slowest.length < timedelta(seconds=1):
        return ""
    stage = door.speech.say(f"desk.score.slow.{told.slowest.stage}")
    lengths = {"length": shown(told.slowest.length), "whole": shown(told.took)}
    return door.speech.say("desk.score.slowest", stage=stage, **lengths)


def spoken(door: CommandContext, length: timedelta) -> str:
    """How long, with its seconds: what a drill is about."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    label = "seconds" if not minutes else "minutes_seconds"
    return door.say(label, minutes=minutes, seconds=seconds)


VERBS: dict[str, click.Command] = {
    "report": report,
    "grade": grade,
    "handled": handled,
    "action": action,
    "trend": over_time,
}
