"""Plays a scenario from its start to its card by the forms of the desk, with everything that the card can show.

Only three things are done without a form, because no person does them: the minutes that the worker plays, a monitor's
own message, and reading the published page back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.domain.drill_scenario import InjectKind, Scenario
from statuspage.storage import incidents
from statuspage.storage.accounts import Account
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, alertmanager, person_in, signed_in
from tests.support.drill_series import read_back

READ_AFTER = timedelta(seconds=12)
"""How long after it is published customers can read a notice."""

Act = Callable[[], object]

NAMES = {
    "ja": {"leader": "中村", "player": "佐藤", "observer": "鈴木", "expert": "渡辺", "engineer": "山田"},
    "en": {"leader": "Nakamura", "player": "Sato", "observer": "Suzuki", "expert": "Watanabe", "engineer": "Yamada"},
}
"""Who plays, as they are called in either language."""


@dataclass
class Played:
    """One scenario, played by a leader and a player whose desks are in this language."""

    env: Environment
    clock: Clock
    script: Scenario
    language: str
    start: datetime
    drill_id: str = ""
    incident: str = ""
    people: dict[str, Browser] = field(default_factory=dict)

    @property
    def alerted(self) -> timedelta:
        """When the first alert comes: by the script, or 150 seconds in, from the monitor of a test server."""
        if self.has_monitor:
            return timedelta(seconds=150)
        return next(one.at for one in self.script.injects if one.kind is InjectKind.ALERT and one.at is not None)

    @property
    def has_monitor(self) -> bool:
        """Whether the script leaves the first alert to the monitor of a test server."""
        return not any(one.kind is InjectKind.ALERT and one.at is not None for one in self.script.injects)

    @property
    def first(self) -> timedelta:
        """From the alert to the first report being published; another length for each script."""
        return timedelta(minutes=4, seconds=len(self.script.injects) * 3)

    @property
    def resolved(self) -> timedelta:
        """From the start to the notice that it works again, which it did five minutes before."""
        return self.script.duration - timedelta(minutes=2)

    def name(self, role: str) -> str:
        """What somebody is called."""
        return NAMES[self.language][role]

    def desk(self, role: str) -> Browser:
        """The desk of somebody who plays."""
        if role not in self.people:
            login = f"{role}-{self.language}"
            rank = {"leader": Role.LEAD, "observer": Role.VIEWER}.get(role, Role.REPORTER)
            account: Account = person_in(self.env, login, self.name(role), self.language, password="", role=rank)
            siblings = {"drill": "https://drill.example"}
            self.people[role] = signed_in(self.env, self.clock, account.login, siblings=siblings)
        return self.people[role]

    def play(self, watch: Act = lambda: None) -> None:
        """From the leader's form to the end of its time; ``watch`` is called after everything that somebody does."""
        self.clock.now = self.start
        if drills.running_drill(self.env.databases.environment) is not None:
            drills.end_drill(self.env, now=self.start)  # What an earlier test that failed has left.
        form: dict[str, object] = {"scenario": self.script.id, "when": "now", "announce": None}
        if not self.script.is_solo:
            form |= {"role-observer": self.name("observer"), "excluded": self.name("expert")}
        self.desk("leader").open("/drills").send(form)
        running = drills.running_drill(self.env.databases.environment)
        assert running is not None, self.desk("leader").words
        self.drill_id = running.id
        for at, act in sorted(self._acts(), key=lambda each: each[0]):
            self.clock.now = self.start + at
            act()
            self._worker()
            watch()
        self.clock.now = self.start + self.script.duration
        assert drills.advance_drill(self.env, now=self.clock()) is not None, "it ends by itself"

    def _acts(self) -> Iterator[tuple[timedelta, Act]]:
        for minute in {inject.at for inject in self.script.injects if inject.at is not None}:
            yield minute, self._worker
        second, alerted = timedelta(seconds=1), self.alerted
        if self.has_monitor:
            yield 60 * second, lambda: self._lead("broken")
            yield alerted, self._monitor
        yield alerted + 60 * second, self._acknowledge
        yield alerted + 100 * second, self._write
        yield alerted + 120 * second, self._ask
        yield alerted + 200 * second, self._answer
        yield alerted + self.first, self._first_report
        yield alerted + self.first + READ_AFTER + 8 * second, self._by_hand
        yield from self._later()

    def _later(self) -> Iterator[tuple[timedelta, Act]]:
        """What follows the first report: corrections of what was wrong, a cause, updates, the end."""
        second, told = timedelta(seconds=1), self.alerted + self.first
        for inject in self.script.injects:
            if inject.kind is InjectKind.CORRECTION:
                wrong = max(inject.at or told, told) + 40 * second
                yield wrong, lambda: self._notice("correction", start="at", start_at=self._minute(3))
        update = told + timedelta(minutes=3, seconds=20)
        while update < self.resolved - timedelta(minutes=1):
            yield update, self._update
            update += timedelta(minutes=14)
        if not self.script.is_solo:
            yield told + 90 * second, self._call
            yield told + 95 * second, lambda: self._lead("note", note=f"{self.name('leader')} {self.script.id}")
        yield self.resolved, lambda: self._notice("resolved", ended="at", ended_at=self._minute(5))

    def _worker(self) -> None:
        drills.advance_drill(self.env, now=self.clock())

    def _lead(self, do: str, **more: object) -> None:
        page = self.desk("leader").open("/drills/console")
        page.send({**more, "do": do}, action="/drills/console")
        assert page.page.status_code == 200, page.words

    def _monitor(self) -> None:
        message = alertmanager(self.clock(), fingerprint=self.drill_id, service="test-server")
        answer = self.desk("player").app.test_client().post("/intake/alertmanager", data=message)
        assert answer.status_code == 200

    def _by_hand(self) -> None:
        """The leader gives what has no minute, and leaves out the alert that its monitor has sent."""
        for one in drills.inject_status(self.env.databases.environment).upcoming:
            if one.inject.at is None and not one.inject.after:
                is_needless = one.inject.kind is InjectKind.ALERT and self.has_monitor
                self._lead(f"{'skip' if is_needless else 'fire'}:{one.number}")

    def _acknowledge(self) -> None:
        found = re.search(r"/alerts/(drill\w+)", self.desk("player").open("/").text)
        assert found, self.desk("player").words
        self.desk("player").open(found[0]).send(do="acknowledge", action=found[0])

    def _write(self) -> None:
        found = re.search(r"/alerts/(drill\w+)", self.desk("player").open("/").text)
        assert found, self.desk("player").words
        self.desk("player").open(found[0]).send(do="write", action=found[0])
        self.incident = self.desk("player").path.split("/")[2]

    def _ask(self) -> None:
        writer = self.desk("player").send(do="ask_engineers")
        self.desk("player").post(
            f"/incidents/{self.incident}/colleagues-told", {"csrf_token": writer.fields()["csrf_token"][0]}
        )

    def _answer(self) -> None:
        link = re.search(r"/facts/[^\s\"<]+", self.desk("player").open(f"/incidents/{self.incident}").text)
        assert link, self.desk("player").words
        phone = Browser(self.desk("player").app).open(link[0])
        phone.send({"start": "at", "start_at": self._minute(9), "name": self.name("engineer"), "text": ""})
        assert phone.page.status_code == 200, phone.words

    def _first_report(self) -> None:
        states = {f"state-{one.service}": str(one.state) for one in self.script.services}
        what = {"incident_type": self.script.incident_type, "service": [one.service for one in self.script.services]}
        form = self.desk("player").resume(f"/incidents/{self.incident}/notices/new/first").send(do="take_facts")
        form.send({**what, **states, "do": "refresh", "has_changes": "1"})
        asked = form.tree.xpath("//*[@id='required-questions']//input[@type='radio']")
        answers = {one.get("name"): one.get("value") for one in reversed(asked) if one.get("value") != "checking"}
        self._publish(form, {**what, **states, **answers, "audience": "all", **self._chosen(form, "workaround")})

    def _update(self) -> None:
        path = f"/incidents/{self.incident}/notices/new/update"
        form = self.desk("player").open(path)
        self._publish(form, self._chosen(form, "cause"))

    def _notice(self, notice: str, **what: object) -> None:
        self._publish(self.desk("player").open(f"/incidents/{self.incident}/notices/new/{notice}"), what)

    def _publish(self, form: Browser, what: dict[str, object]) -> None:
        where = form.path
        if what:
            form.send({**what, "do": "refresh", "has_changes": "1"})
        form.send(do="publish")
        assert re.search(r"/notices/\d+$", form.path), (where, form.words[:2000])
        with self.env.databases.environment.read() as tx:
            told = incidents.load_incident(tx, self.incident)
        assert told is not None and told.latest is not None
        read_back(self.env, self.incident, told.latest.sequence, self.clock() + READ_AFTER)

    def _chosen(self, form: Browser, name: str) -> dict[str, object]:
        """The first choice of this list that the form offers."""
        offered = [value for value in form.tree.xpath(f"//*[@name='{name}']/@value") if value]
        return {name: offered[:1]} if offered else {}

    def _minute(self, ago: int) -> str:
        """So many minutes ago, as somebody at this company types it."""
        return f"{(self.clock() - timedelta(minutes=ago)).astimezone(ZoneInfo(self.env.site.catalog.site.zone)):%H:%M}"

    def _call(self) -> None:
        """Two calls: nobody picks up who is left out, and somebody else is reached."""
        token = self.desk("player").open("/").tree.xpath("//input[@name='csrf_token']/@value")[0]
        for person, do in ((self.name("expert"), "no_answer"), (self.name("engineer"), "reached")):
            self.desk("player").post("/calls", {"csrf_token": token, "person": person, "do": do})

    def judge(self) -> None:
        """After the end, the leader grades what only people can, says of the last injects that they were handled, and
        adds what to change."""
        leader, card = self.desk("leader"), f"/drills/{self.drill_id}"
        token = leader.open(card).tree.xpath("//input[@name='csrf_token']/@value")[0]
        for objective in self.script.objectives:
            if objective.measure == "leader":
                grade = {"objective": objective.id, "grade": "some_challenges", "reason": objective.id}
                self._on_card(token, "grades", grade)
        fired = drills.inject_status(self.env.databases.environment, self.drill_id).fired
        for record in fired[:2]:
            if record.inject.kind is not InjectKind.GUIDE:
                self._on_card(token, "injects", {"number": record.number, "done": "yes", "text": ""})
        self._on_card(token, "actions", {"text": f"{self.script.id}", "owner": self.name("player"), "due": ""})

    def _on_card(self, token: str, what: str, fields: dict[str, Any]) -> None:
        answer = self.desk("leader").post(f"/drills/{self.drill_id}/{what}", {"csrf_token": token, **fields})
        assert answer.status_code == 303, answer.get_data(as_text=True)
