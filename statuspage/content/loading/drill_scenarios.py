"""Reads the scenarios of drills: ``scenarios/*.toml``, one file for each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from statuspage.content.loading.table_reader import Table
from statuspage.domain import (
    FACTS,
    MEASURES,
    ROLES,
    SCOPES,
    STAGES,
    TIMED,
    Inject,
    InjectKind,
    Objective,
    Scenario,
    Scope,
    Texts,
    find_forbidden_phrase,
)
from statuspage.integrations.monitors import EARLIEST, SOURCES, Monitor, Unreadable

FOLDER = "scenarios"

LONGEST_SCRIPT = 240
"""Minutes after which any drill ends by itself."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ALERTS = (InjectKind.ALERT, InjectKind.REAL_ALERT)


def spoken(tables: Iterable[Table], desk: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of the desk in which any scenario is written; its first where none is."""
    titles = [title for table in tables if isinstance(title := table.values.get("title"), dict)]
    return tuple(one for one in desk if any(one in title for title in titles)) or desk[:1]


@dataclass(frozen=True, slots=True)
class Reader:
    """What scenarios may name. ``marks`` are the first marks of a drill by language, ``never`` what no text says."""

    languages: tuple[str, ...]
    kinds: Collection[str]
    services: Collection[str]
    marks: Mapping[str, str]
    never: tuple[str, ...]
    sources: Mapping[str, Monitor] = field(default_factory=lambda: SOURCES)

    def scenario(self, id: str, table: Table) -> Scenario:
        """One file. A language that its title lacks is told once, not at every text."""
        if not _ID.fullmatch(id) or len(id) > 40:
            table.blame(f"“{id}” is no id; name the file with small letters a to z, digits and single hyphens.")
        minutes = table.number("minutes", least=1)
        if minutes > LONGEST_SCRIPT:
            table.blame(f"A drill ends by itself after {LONGEST_SCRIPT} minutes; write fewer.", "minutes")
        goal = table.number("goal_minutes", 0)
        title = self._texts(table, "title")
        self = replace(self, languages=tuple(one for one in self.languages if one in title))
        found = Scenario(
            id=id,
            scope=self._scope(table),
            title=title,
            story=self._texts(table, "story"),
            secret=self._texts(table, "secret"),
            kind=table.choice("kind", self.kinds),
            length=timedelta(minutes=minutes),
            services=table.affected("services", self.services),
            goal=timedelta(minutes=goal) if goal else None,
            alone=table.flag("alone"),
            roles=_among(table, "roles", ROLES),
            prepare=self._texts(table, "prepare", needed=False),
            keep_out=self._texts(table, "keep_out", needed=False),
            objectives=self._objectives(table),
            injects=self._injects(table, timedelta(minutes=minutes)),
        )
        table.finish()
        return found

    def _scope(self, table: Table) -> Scope:
        named = table.choice("scope", SCOPES)
        return next((scope for scope in SCOPES if scope == named), "support")

    def _texts(self, table: Table, key: str, *, needed: bool = True, marked: bool = False) -> Texts:
        """A text in every language of the desk, or in none where it is not ``needed``."""
        inner = table.table(key, needed=False)
        if not inner.values:
            if needed:
                table.blame(f"“{key}” is missing; add {_all_languages(key, self.languages)}.", key)
            return {}
        found = {one: inner.text(one) for one in self.languages if one in inner.values or key != "title"}
        for language in self.languages:
            if language not in found:
                inner.blame(f"This scenario is not written in “{language}”; add that to each of its texts.")
        found |= {one: inner.text(one) for one in inner.values if _LANGUAGE.fullmatch(one)}
        for language, text in found.items():
            if said := find_forbidden_phrase(text, self.never):
                inner.blame(f"Nobody may say “{said}”, in a drill or outside one.", language)
            mark = self.marks.get(language, "")
            if marked and text.strip() and mark and not text.startswith(mark):
                inner.blame(f"This text has no mark of a drill; begin it with “{mark}”.", language)
        inner.finish()
        return found

    def _objectives(self, table: Table) -> tuple[Objective, ...]:
        found: list[Objective] = []
        for one in table.tables("objective"):
            measure = one.choice("measure", MEASURES)
            minutes = one.number("minutes", None if measure in TIMED else 0, least=1 if measure in TIMED else 0)
            if minutes and measure and measure not in TIMED:
                one.blame(f"“{measure}” is no stage of the clock; leave the minutes out.", "minutes")
            facts = _among(one, "facts", FACTS)
            if measure == "facts" and not facts:
                one.blame(f"Name the facts that the first report must have: {', '.join(FACTS)}.", "facts")
            within = timedelta(minutes=minutes) if minutes else None
            found.append(Objective(_inject_id(one, found), self._texts(one, "text"), measure, within, facts))
            one.finish()
        if not found:
            table.blame("There is no objective; add one under [[objective]].")
        return tuple(found)

    def _injects(self, table: Table, length: timedelta) -> tuple[Inject, ...]:
        found: list[Inject] = []
        latest = timedelta()
        for one in table.tables("inject"):
            inject = self._inject(one, found)
            if inject.at is not None:
                if inject.at < latest:
                    one.blame("This comes before the inject above it; put them in the order of their minutes.", "at")
                if inject.at >= length:
                    one.blame("The drill is over by then; choose an earlier minute, or a longer drill.", "at")
                latest = max(latest, inject.at)
            found.append(inject)
            one.finish()
        return tuple(found)

    def _inject(self, table: Table, before: Collection[Inject]) -> Inject:
        kind = table.choice("kind", [*InjectKind])
        alert = kind in _ALERTS
        minutes = table.number("at", -1) if "at" in table.values else None
        inject = Inject(
            id=_inject_id(table, before),
            kind=InjectKind(kind or "message"),
            sender=self._texts(table, "from"),
            to=table.choice("to", (*ROLES, "all"), "all"),
            subject=self._texts(table, "subject", marked=True),
            text=self._texts(table, "text", marked=True),
            expect=self._texts(table, "expect"),
            at=None if minutes is None else timedelta(minutes=minutes),
            after=table.choice("after", STAGES, ""),
            source=table.choice("source", self.sources, "alertmanager" if alert else ""),
            labels=_labels(table, needed=kind == InjectKind.ALERT and "payload" not in table.values),
            payload=table.text("payload", ""),
            corrects=table.choice("corrects", _wrong(before), None if kind == InjectKind.CORRECTION else ""),
        )
        if inject.after and inject.at is not None:
            table.blame("An inject comes at its minute or after a stage, not both; delete one.", "after")
        if not alert and (inject.labels or inject.payload or inject.source):
            table.blame(f"Only an alert has a source, labels or a payload; “{kind}” is none.", "kind")
        self._payload(table, inject)
        return inject

    def _payload(self, table: Table, inject: Inject) -> None:
        """What a monitor would send can be read as it would be, and says what it is."""
        if not inject.payload or inject.source not in self.sources:
            return
        try:
            signals = self.sources[inject.source].read(inject.payload.encode(), EARLIEST)
        except Unreadable as error:
            table.blame(f"No alert can be read from this payload: {error}", "payload")
            return
        for signal in signals:
            for text in (signal.title, signal.summary):
                if said := find_forbidden_phrase(text, self.never):
                    table.blame(f"Nobody may say “{said}”, in a drill or outside one.", "payload")


def _labels(table: Table, *, needed: bool) -> dict[str, str]:
    inner = table.table("labels", needed=needed)
    found = {label: inner.text(label) for label in inner.values}
    inner.finish()
    return found


def _wrong(before: Iterable[Inject]) -> tuple[str, ...]:
    return tuple(inject.id for inject in before if inject.kind is InjectKind.WRONG)


def _among(table: Table, key: str, known: Collection[str]) -> tuple[str, ...]:
    return tuple(one for one in table.texts(key) if table.known(one, known, key))


def _inject_id(table: Table, taken: Collection[Objective | Inject]) -> str:
    name = table.text("id")
    if name in {one.id for one in taken}:
        table.blame(f"The id “{name}” is taken already; choose another.", "id")
    elif name and not _ID.fullmatch(name):
        table.blame(f"“{name}” is no id; use small letters a to z, digits and single hyphens.", "id")
    return name


def _all_languages(key: str, languages: Iterable[str]) -> str:
    return " and ".join(f"{key}.{language}" for language in languages)
