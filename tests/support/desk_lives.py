"""Generated lives of one incident on the desk: two people write in turn, and alerts join late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from statuspage.domain.alert import MonitorAlert
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases import alerts
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, signed_in

PEOPLE = {"sato": "佐藤", "kim": "Kim"}
KINDS = ("update", "update", "monitoring", "correction")
FACTS = ("extra", "estimate", "workaround", "current_action", "audience", "start")
WORKAROUNDS = ("phone", "front-desk", "paper")
ACTIONS = ("restart", "restore", "spare")


@dataclass
class Draft:
    """What one person has typed on a form, and how many notices were public when it was opened or last refused."""

    kind: str
    seen: int
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One press of *Publish*: what the writer had typed and seen, and what the desk answered."""

    person: str
    kind: str
    typed: dict[str, str]
    seen: int
    before: Incident
    after: Incident
    status: int
    page: str
    kept: dict[str, list[str]]
    others: dict[str, tuple[dict[str, str], dict[str, list[str]]]]


@dataclass(frozen=True)
class Joined:
    """One alert that joined the incident: the incident before and after, and the form of the next notice."""

    fired: datetime
    received: datetime
    before: Incident
    after: Incident
    form: str


@dataclass
class DeskLife:
    """A life in the making."""

    env: Environment
    clock: Clock
    random: Random
    browsers: dict[str, Browser] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    count: int = 0

    def incident(self) -> Incident:
        with self.env.databases.environment.read() as tx:
            ((incident, _),) = incidents.latest_notices(tx, 1)
        return incident

    def path(self, kind: str) -> str:
        return f"/incidents/{self.incident().id}/notices/new/{kind}"

    def write(self, person: str) -> None:
        """Opens a form, or goes on with the one that is open, and types one more fact."""
        browser, draft = self.browsers[person], self.drafts.get(person)
        if draft is None:
            draft = Draft(self.random.choice(KINDS), len(self.incident().notices))
            self.drafts[person] = draft
            browser.open(self.path(draft.kind))
        else:
            browser.resume(self.path(draft.kind))
        name, value = self._fact(draft.kind)
        draft.typed[name] = value
        browser.send({**form_fields(name, value, browser), "do": "preview"})

    def _fact(self, kind: str) -> tuple[str, str]:
        self.count += 1
        fact = "extra" if kind == "monitoring" else self.random.choice(FACTS)
        if fact == "extra":
            return "extra", f"Room {self.count} is open."
        if fact == "estimate":
            return fact, f"{self.clock.now + timedelta(minutes=60 + self.count, hours=9):%H:%M}"
        if fact == "start":
            return fact, f"{self.clock.now + timedelta(minutes=-20 - self.count, hours=9):%H:%M}"
        choices = {"workaround": WORKAROUNDS, "current_action": ACTIONS, "audience": ("all", "some")}[fact]
        return fact, self.random.choice(choices)

    def publish(self, person: str, *, twice: bool = False) -> None:
        """Presses *Publish* on what was typed, perhaps twice."""
        draft, browser = self.drafts.get(person), self.browsers[person]
        if draft is None or not draft.typed:
            return
        browser.resume(self.path(draft.kind))
        before, fields = self.incident(), {**browser.fields(), "do": "publish"}
        for _ in range(1 + twice):
            browser.page = browser.client.post(self.path(draft.kind), data=fields, follow_redirects=False)
        after, status = self.incident(), browser.page.status_code
        kept = browser.fields() if status != 303 else {}
        typed, others = dict(draft.typed), self._others(person)
        self.attempts.append(
            Attempt(person, draft.kind, typed, draft.seen, before, after, status, browser.text, kept, others)
        )
        if status == 303:
            del self.drafts[person]
        elif 'class="newer"' in browser.text:
            draft.seen = len(after.notices)

    def _others(self, person: str) -> dict[str, tuple[dict[str, str], dict[str, list[str]]]]:
        """What the other person has typed, and the fields of that draft as the desk keeps them."""
        kept = {}
        for other, draft in self.drafts.items():
            if other != person and draft.typed:
                browser = Browser(self.browsers[other].app)
                browser.client = self.browsers[other].client
                kept[other] = (dict(draft.typed), browser.resume(self.path(draft.kind)).fields())
        return kept

    def discard(self, person: str) -> None:
        if draft := self.drafts.pop(person, None):
            self.browsers[person].resume(self.path(draft.kind)).send({"do": "discard"})

    def join_alert(self) -> None:
        """An alert arrives that fired before or after the start that customers know, and joins the incident."""
        self.count += 1
        before = self.incident()
        start = before.latest.notice.facts.start if before.latest else None
        fired = (start.at if start else self.clock.now) + timedelta(minutes=self.random.choice((-9, -4, -2, 0, 3)))
        name = f"Alert {self.count}"
        signal = MonitorAlert("alertmanager", name, name, "", {"number": str(self.count)}, fired)
        (alert,) = alerts.receive_alerts(self.env, [signal], now=self.clock.now)
        alerts.group(self.env, alert.id, before.id, actor="佐藤", now=self.clock.now)
        form = self.browsers["sato"].open(self.path("partly_restored")).text
        self.joined.append(Joined(fired, self.clock.now, before, self.incident(), form))


def form_fields(name: str, value: str, browser: Browser) -> dict[str, object]:
    """One fact as a person types it on the form."""
    match name:
        case "extra":
            return {"extra-ja": value, "extra-en": value}
        case "estimate":
            return {"estimate": "at", "estimate_at": value}
        case "start":
            return {"start": "at", "start_at": value, "precision": "exact"}
        case "workaround":
            return {"workaround": list(dict.fromkeys((*browser.fields().get("workaround", []), value)))}
        case "audience":
            return {"audience": value, "group": None}
        case _:
            return {name: value}


def live_on_desk(env: Environment, clock: Clock, seed: int) -> DeskLife:
    """The life with this number: the same one each time."""
    life = DeskLife(env, clock, Random(f"desk {seed}"))
    for login, name in PEOPLE.items():
        life.browsers[login] = signed_in(env, clock, login, name, "en")
    life.browsers["sato"].open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    for _ in range(14):
        clock.later(minutes=1)
        person = life.random.choice(tuple(PEOPLE))
        match life.random.choice(("write",) * 5 + ("publish",) * 3 + ("twice", "discard", "alert")):
            case "write":
                life.write(person)
            case "publish":
                life.publish(person)
            case "twice":
                life.publish(person, twice=True)
            case "discard" if life.random.random() < 0.4:
                life.discard(person)
            case _:
                life.join_alert()
    for person in PEOPLE:
        life.publish(person)
        life.publish(person)
    return life
