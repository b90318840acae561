"""Generated lives of incidents: from the first report to the last notice, each composed after those before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from statuspage.content.loading.loader import read_content
from statuspage.domain import (
    IMPACT_STATES,
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Estimate,
    EventKind,
    Facts,
    Incident,
    IncidentType,
    Known,
    NotBefore,
    Notice,
    NoticeKind,
    Precision,
    Range,
    StartTime,
    TimelineEntry,
    TimelineEvent,
    Unknown,
    initial_facts,
)
from statuspage.domain.facts import next_estimate
from statuspage.domain.validation import validate_facts
from statuspage.rendering.wording import REPORTS, IncidentContext, compose
from tests.support.content import LANGUAGES, whole_copy
from tests.support.life_recovery import facts_of_the_rest
from tests.support.life_steps import (
    CORRECTION,
    FIRST,
    FOLLOW_UP,
    PARTLY,
    POSTMORTEM,
    RESOLVED,
    UPDATE,
    WATCHING,
    WITHDRAWAL,
    Step,
)

SERVICES = ("login", "booking", "notices", "checkout", "gate")
GROUPS = ("shibuya", "umeda", "iphone", "staff")
PLAIN_TYPE = "other"
TYPES = (PLAIN_TYPE, PLAIN_TYPE, "booking", "slow", "messages")
"""Types without an impact of their own: their services speak for themselves. The last have questions."""

BEGINNINGS = (
    ("Asia/Tokyo", "2026-07-04T01:00+00:00"),
    ("Asia/Tokyo", "2026-07-04T14:20+00:00"),  # shortly before midnight
    ("Europe/London", "2026-10-24T23:40+00:00"),  # before the hour that comes twice
    ("Europe/London", "2026-03-29T00:10+00:00"),  # before the hour that is left out
)


@cache
def worldwide_catalog(folder: Path, *, with_marks: bool = False) -> Catalog:
    """The sample company in every shipped language. ``with_marks``: with the marks of a drill."""
    whole_copy(folder)
    site = folder / "site.toml"
    languages = ", ".join(f'"{path.parent.name}"' for path in sorted(LANGUAGES.glob("*/phrases.toml")))
    site.write_text(
        re.sub(r"^languages = .*$", f"languages = [{languages}]", site.read_text("utf-8"), flags=re.M), "utf-8"
    )
    catalog, errors = read_content(folder, with_marks=with_marks)
    assert catalog is not None, errors
    return catalog


@dataclass
class Life:
    """A life in the making. ``catalog`` words it; what is planted in the program shows in ``steps``."""

    catalog: Catalog
    random: Random
    now: datetime
    steps: list[Step] = field(default_factory=list)
    entries: list[TimelineEntry] = field(default_factory=list)
    worst: dict[str, int] = field(default_factory=dict)
    told_at: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    has_partly: bool = False
    said_anew: frozenset[str] = frozenset()

    @property
    def incident(self) -> Incident:
        return Incident("k7m2p9xa4tq8", self.now, self.now, "form", tuple(self.entries))

    def wait(self, low: int = 5, high: int = 50) -> None:
        self.now += timedelta(minutes=self.random.randint(low, high))

    def publish(self, notice: NoticeKind, facts: Facts, corrected: frozenset[str] = frozenset()) -> None:
        incident, before = self.incident, self.steps[-1].facts if self.steps else None
        missed = _missed(before, self.steps, self.now) if notice in (UPDATE, PARTLY, CORRECTION) else None
        self._remember(notice, facts, before)
        texts = compose(notice, facts, catalog=self.catalog, incident=_context(incident), now=self.now)
        self.steps.append(
            Step(
                notice,
                self.now,
                facts,
                before,
                dict(self.worst),
                dict(self.told_at),
                dict(self.ended),
                None if incident.is_reopened else missed,
                corrected,
                incident.is_reopened,
                self.has_partly,
                self.said_anew,
                texts,
            )
        )
        self.entries.append(TimelineEntry(len(self.entries) + 1, self.now, self.now, Notice(notice, facts, texts)))

    def _remember(self, notice: NoticeKind, facts: Facts, before: Facts | None) -> None:
        present = {item.service: IMPACT_STATES.index(item.state) for item in facts.affected}
        for service, rank in present.items():
            if service not in self.worst and before is not None and not (notice is CORRECTION and len(self.steps) == 1):
                self.told_at[service] = self.now
            self.worst[service] = min(rank, self.worst.get(service, rank))
            if facts.ended_at is None:
                self.ended.pop(service, None)
        for service in {item.service for item in before.affected} - present.keys() if before else ():
            self.ended[service] = self.now
        self.has_partly = notice is PARTLY or (self.has_partly and notice is not RESOLVED)

    def choose(self, facts: Facts, notice: NoticeKind, *more: str) -> Facts:
        """These facts with workarounds, cause, current action or answers that the type has and the form would take."""
        known = self.catalog.incident_types[facts.incident_type]
        for _ in range(8):
            chosen = replace(
                facts,
                workarounds=tuple(dict.fromkeys((*facts.workarounds, *self.random.sample(more, bool(more))))),
                current_action=self.random.choice(known.current_actions) if notice is UPDATE else facts.current_action,
                cause=self.random.choice((None, *known.causes)) if notice is UPDATE else facts.cause,
                answers={**facts.answers, **self._answers(known)},
            )
            found = validate_facts(chosen, notice, self.catalog, now=self.now)
            if not any(problem.code.endswith((".conflict", ".contradiction", ".against")) for problem in found):
                return chosen
        return facts

    def _answers(self, known: IncidentType) -> dict[str, str]:
        return {
            question.id: self.random.choice(question.answers)
            for question in known.questions
            if self.random.random() < 0.5
        }


def _missed(before: Facts | None, steps: list[Step], now: datetime) -> datetime | None:
    """The published estimate that has passed; a *not before* time promised nothing."""
    match getattr(before.estimate, "current", before.estimate) if before else Unknown():
        case Known(at=at) | Range(latest=at) if at <= now:
            return at
        case _:
            return None


def _context(incident: Incident) -> IncidentContext:
    latest = incident.latest
    if latest is None:
        return IncidentContext(incident.id, "https://status.fitline.example")
    return IncidentContext(
        incident.id,
        "https://status.fitline.example",
        titles={language: text.title for language, text in latest.notice.texts.items()},
        previous_facts=incident.public_facts,
        report_count=sum(item.notice.notice in REPORTS for item in incident.notices),
        is_reopened=incident.is_reopened,
        corrected_notice_at=latest.recorded,
        first_notice_at=incident.notices[0].recorded,
        claims=incident.claims,
    )


def live(catalog: Catalog, seed: int) -> tuple[Step, ...]:
    """The life with this number: the same one each time."""
    random = Random(seed)
    zone, beginning = BEGINNINGS[seed % len(BEGINNINGS)]
    life = Life(replace(catalog, site=replace(catalog.site, zone=zone)), random, datetime.fromisoformat(beginning))
    services = random.sample(SERVICES, random.randint(1, 4))
    life.publish(FIRST, _first_facts(life, services[: random.randint(1, len(services))]))
    if random.random() < 0.06:
        life.wait()
        life.publish(WITHDRAWAL, replace(life.steps[-1].facts, next_update=None))
        return tuple(life.steps)
    for _ in range(random.randint(1, 4)):
        life.wait()
        random.choice((_update, _update, _partly, _correct, _watch))(life, services)
    _resolve(life)
    if random.random() < 0.3:
        life.wait()
        life.entries.append(TimelineEntry(len(life.entries) + 1, life.now, life.now, TimelineEvent(EventKind.REOPENED)))
        _update(life, services)
        _resolve(life)
    elif random.random() < 0.3:
        _correct_the_end(life)
    _follow_up(life)
    life.wait()
    life.publish(POSTMORTEM, life.steps[-1].facts)
    return tuple(life.steps)


def _first_facts(life: Life, services: list[str]) -> Facts:
    random, minutes = life.random, life.random.randint(3, 40)
    groups = tuple(random.sample(GROUPS, random.randint(1, 3)))
    not_all = AffectedAudience.SOME if minutes % 2 else AffectedAudience.ALL
    audiences = (Audience(not_all), Audience(), *(Audience(AffectedAudience.GROUPS, groups),) * 2)
    facts = Facts(
        incident_type=random.choice(TYPES),
        affected=tuple(Affected(service, random.choice(IMPACT_STATES)) for service in services),
        audience=random.choice(audiences),
        start=StartTime(random.choice(tuple(Precision)), life.now - timedelta(minutes=minutes)),
        estimate=_estimate(life),
        workarounds=("phone",),
        next_update=life.now + timedelta(minutes=31),
    )
    return life.choose(facts, FIRST, *_during(life, facts))


def _during(life: Life, facts: Facts) -> tuple[str, ...]:
    """What customers of this type can do while it lasts."""
    known = life.catalog.incident_types[facts.incident_type].workarounds
    return () if facts.incident_type == PLAIN_TYPE else tuple(id for id in known if not id.startswith("after-"))


def _estimate(life: Life) -> Unknown | Known | Range | NotBefore:
    soon = life.now + timedelta(minutes=life.random.randint(8, 90))
    return life.random.choice(
        (Unknown(), Known(soon), Known(soon), Range(soon, soon + timedelta(hours=1)), NotBefore(soon))
    )


def _present(life: Life, notice: NoticeKind) -> Facts:
    """The facts that the form starts with; an estimate that has passed is left out."""
    facts = initial_facts(life.incident, notice, life.catalog) or life.steps[-1].facts
    return replace(
        facts, ended_at=None, next_update=life.now + timedelta(minutes=33), estimate=_kept(facts.estimate, life.now)
    )


def _kept(told: Estimate, now: datetime) -> Estimate:
    """The estimate as the form keeps it: none once it has passed, which makes it a missed one."""
    current = getattr(told, "current", told)
    has_passed = getattr(current, "latest", getattr(current, "at", now + timedelta(1))) <= now
    return next_estimate(told, Unknown() if has_passed else current, now)


def _update(life: Life, services: list[str]) -> None:
    facts, random = _present(life, UPDATE), life.random
    more = [service for service in services if service not in {item.service for item in facts.affected}]
    if more and random.random() < 0.6:
        facts = replace(facts, affected=(*facts.affected, Affected(more[0], random.choice(IMPACT_STATES))))
    if random.random() < 0.5:
        estimate = next_estimate(life.steps[-1].facts.estimate, _estimate(life), life.now)
        facts = replace(facts, estimate=estimate)
    if random.random() < 0.4 and facts.start:
        earlier = facts.start.at - timedelta(minutes=random.randint(1, 20))
        facts = replace(facts, start=StartTime(random.choice((Precision.EXACT, Precision.ABOUT)), earlier))
    life.publish(UPDATE, life.choose(replace(facts, current_action="restart"), UPDATE))


def _partly(life: Life, services: list[str]) -> None:
    last = life.steps[-1]
    rest = facts_of_the_rest(life.random, last.facts, _present(life, PARTLY), GROUPS)
    if rest is None or last.notice is WATCHING:
        return _update(life, services)
    facts, life.said_anew = rest
    return life.publish(PARTLY, facts)


def _correct(life: Life, services: list[str]) -> None:
    last = life.steps[-1].facts
    promised = (
        last.next_update if last.next_update and last.next_update > life.now else life.now + timedelta(minutes=33)
    )
    facts = replace(last, next_update=promised, estimate=_kept(last.estimate, life.now))
    if life.random.random() < 0.5 and last.start:
        start = StartTime(Precision.EXACT, last.start.at - timedelta(minutes=life.random.randint(1, 30)))
        life.publish(CORRECTION, replace(facts, start=start), frozenset({"start"}))
    else:
        life.said_anew |= {"audience"}
        others = Audience(AffectedAudience.SOME) if last.audience.extent is AffectedAudience.ALL else None
        life.publish(
            CORRECTION, replace(facts, audience=others or Audience(AffectedAudience.ALL)), frozenset({"audience"})
        )


def _watch(life: Life, services: list[str]) -> None:
    life.publish(WATCHING, replace(_present(life, WATCHING), workarounds=("after-restart-app",)))


def _resolve(life: Life) -> None:
    life.wait()
    facts = replace(_present(life, RESOLVED), next_update=None, workarounds=("after-restart-app",), estimate=Unknown())
    life.publish(RESOLVED, replace(facts, ended_at=life.now - timedelta(minutes=2)))


def _correct_the_end(life: Life) -> None:
    """It worked again at another time than was said."""
    facts = life.incident.public_facts
    assert facts and facts.ended_at and facts.start
    life.wait()
    life.publish(CORRECTION, replace(facts, ended_at=facts.ended_at + timedelta(minutes=1)), frozenset({"end"}))


def _follow_up(life: Life) -> None:
    """An answer that was still open at the end."""
    facts = life.steps[-1].facts
    questions = life.catalog.incident_types[facts.incident_type].questions
    open_ones = [question for question in questions if question.id not in facts.answers]
    if not open_ones:
        return
    life.wait()
    life.publish(
        FOLLOW_UP, replace(facts, answers={**facts.answers, open_ones[0].id: life.random.choice(open_ones[0].answers)})
    )
