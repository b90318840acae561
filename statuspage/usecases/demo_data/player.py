"""Does what people and monitors do, at times in the past, with the use cases that they use."""

from __future__ import annotations

import random
import string
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain import (
    SITE,
    Affected,
    Alert,
    DeliveryStatus,
    EventKind,
    Facts,
    Incident,
    IncidentType,
    MonitorAlert,
    NoticeInput,
    NoticeKind,
    Outcome,
    Receipt,
    State,
    TimelineEvent,
    ValidationError,
)
from statuspage.storage import deliveries, incidents
from statuspage.usecases import alerts, notices
from statuspage.usecases.environment import Environment, Senders
from statuspage.usecases.notices import NoticeTarget, Published

OWNER = "demo-data"
READ_BACK = timedelta(seconds=4)
"""From publishing to the page that customers could read."""


class UnplayableStory(Exception):
    """A notice of a story was refused; a fault of ours."""

    def __init__(self, problems: tuple[ValidationError, ...]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))


def quiet(env: Environment, rng: random.Random, prefix: str = "") -> Environment:
    """The same environment without anything that sends, and with ids that follow from the random numbers."""

    def new_id() -> str:
        letters = string.ascii_lowercase + string.digits
        return prefix + "".join(rng.choice(letters) for _ in range(12 - len(prefix)))

    return replace(env, content=replace(env.content, senders=Senders({})), new_id=new_id)


class Player:
    """One environment and the person who is on duty in it."""

    def __init__(self, env: Environment, rng: random.Random, people: tuple[str, ...]) -> None:
        self.env, self.rng, self._people = env, rng, people

    @property
    def person(self) -> str:
        """Somebody of the team."""
        return self.rng.choice(self._people)

    def raise_alert(
        self, affected: Affected, at: datetime, *, ended_at: datetime | None = None, name: str = ""
    ) -> Alert:
        """What a monitor sends about this service, as the team's language names it."""
        catalog = self.env.site.catalog
        pack = catalog.packs[catalog.desk_languages[0]]
        words = pack.services[affected.service]
        title = f"{pack.marks.start}{words.impact_clauses[affected.state].now.replace('|', '')}"
        labels = {"service": affected.service, "severity": "critical" if affected.state is State.MAJOR else "warning"}
        signal = MonitorAlert("alertmanager", name or self.env.new_id(), title, words.name, labels, at, ended_at)
        return alerts.receive_alerts(self.env, [signal], now=ended_at or at)[0]

    def load(self, incident_id: str) -> Incident:
        """The incident as it is now."""
        with self.env.databases.environment.read() as tx:
            incident = incidents.load_incident(tx, incident_id)
        if incident is None:
            raise KeyError(incident_id)
        return incident

    def facts_of(self, incident_id: str) -> Facts:
        """Its published facts."""
        facts = self.load(incident_id).current_facts
        if facts is None:
            raise KeyError(incident_id)
        return facts

    def target(self, incident_id: str, actor: str, now: datetime) -> NoticeTarget:
        """The form of an incident that is stored."""
        target = notices.open_notice_form(self.env.databases.environment, incident_id, actor=actor, now=now)
        if target is None:
            raise KeyError(incident_id)
        return target

    def publish(
        self, notice_input: NoticeInput, kind: NoticeKind, target: NoticeTarget, actor: str, now: datetime
    ) -> str:
        """Publishes a notice; returns its incident. A proposed workaround that does not fit the answers is left out."""
        seen = notices.preview_notice(self.env, notice_input, notice_kind=kind, target=target, now=now)
        if not seen.token and notice_input.workarounds:
            return self.publish(replace(notice_input, workarounds=()), kind, target, actor, now)
        if not seen.token:
            raise UnplayableStory(seen.problems)
        published = notices.publish_notice(self.env, notice_input, seen.token, actor=actor, now=now)
        if not isinstance(published, Published):
            raise UnplayableStory(())
        self.settle_site(now)
        return published.incident_id

    def settle_site(self, now: datetime) -> None:
        """Records that the page was written and read back, as the worker would have: the page itself is built at the
        end."""
        read_at = now + READ_BACK
        read = dict.fromkeys((f"page.{language}" for language in self.env.site.catalog.languages), read_at)
        receipt = Receipt(checked_at={"written": now + timedelta(seconds=1), **read})
        with self.env.databases.environment.begin() as tx:
            while (delivery := deliveries.claim_delivery(tx, OWNER, now, channel=SITE)) is not None:
                outcome = Outcome(DeliveryStatus.DELIVERED, receipt=receipt)
                deliveries.QUEUE.settle(tx, delivery, outcome, at=read_at)
                event = TimelineEvent(EventKind.READABLE, text=str(delivery.sequence))
                incidents.append_entry(tx, delivery.incident, event, happened=read_at, recorded=read_at)


def required_answers(incident_type: IncidentType) -> dict[str, str]:
    """The first answer of each question that must be answered."""
    return {question.id: question.answers[0] for question in incident_type.questions if question.is_required}


def all_answers(incident_type: IncidentType) -> dict[str, str]:
    """The first answer of each question that contradicts no earlier one."""
    pairs = {
        frozenset({(question.id, answer), (other, other_answer)})
        for question in incident_type.questions
        for answer, other, other_answer in question.against
    }
    given: dict[str, str] = {}
    for question in incident_type.questions:
        for answer in question.answers:
            if not any(frozenset({(question.id, answer), earlier}) in pairs for earlier in given.items()):
                given[question.id] = answer
                break
    return given
