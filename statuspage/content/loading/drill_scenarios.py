"""Reads drill scenarios: ``scenarios/*.toml``, one file for each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePosixPath

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.scenario_slots import SLOTS, find_unknown_slots
from statuspage.content.loading.table_reader import ServiceIds, Table, suggest
from statuspage.domain import (
    FACTS,
    MEASURES,
    NEEDS,
    ROLES,
    SCOPES,
    STAGES,
    TIMED,
    Inject,
    InjectKind,
    Objective,
    OnCallPolicy,
    Scenario,
    Scope,
    Texts,
    find_forbidden_phrase,
)
from statuspage.integrations.monitors import EARLIEST, SOURCES, Monitor, Unreadable

FOLDER = "scenarios"

MAX_DRILL_MINUTES = 240
"""The minutes after which any drill ends automatically."""

_SCENARIO_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ALERT_KINDS = (InjectKind.ALERT, InjectKind.REAL_ALERT)


def scenario_languages(tables: Iterable[Table], desk_languages: tuple[str, ...]) -> tuple[str, ...]:
    """The desk languages in which any scenario is written; the first desk language if there are none."""
    titles = [title for table in tables if isinstance(title := table.values.get("title"), dict)]
    return (
        tuple(language for language in desk_languages if any(language in title for title in titles))
        or desk_languages[:1]
    )


@dataclass(frozen=True, slots=True)
class ScenarioReader:
    """The ids that scenarios may refer to. ``marks`` are the opening drill marks by language, ``forbidden_phrases``
    must not be in any text."""

    languages: tuple[str, ...]
    incident_types: Collection[str]
    services: ServiceIds
    marks: Mapping[str, str]
    forbidden_phrases: tuple[str, ...]
    monitors: Mapping[str, Monitor] = field(default_factory=lambda: SOURCES)

    def read_scenario(self, id: str, table: Table) -> Scenario:
        """Reads one file. A language missing from its title is reported once, not for every text."""
        if not _SCENARIO_ID.fullmatch(id) or len(id) > 40:
            table.add_error(f"“{id}” is not an ID; name the file with lowercase letters, digits and single hyphens.")
        minutes = table.get_number("duration_minutes", minimum=1)
        if minutes > MAX_DRILL_MINUTES:
            table.add_error(
                f"A drill ends automatically after {MAX_DRILL_MINUTES} minutes; write fewer.", "duration_minutes"
            )
        goal = table.get_number("notice_goal_minutes", 0)
        title = self._read_texts(table, "title")
        self = replace(self, languages=tuple(language for language in self.languages if language in title))
        scenario = Scenario(
            id=id,
            scope=self._read_scope(table),
            title=title,
            briefing=self._read_texts(table, "briefing"),
            leader_notes=self._read_texts(table, "leader_notes"),
            incident_type=table.get_choice("incident_type", self.incident_types),
            duration=timedelta(minutes=minutes),
            services=table.get_affected("services", self.services),
            notice_goal=timedelta(minutes=goal) if goal else None,
            is_solo=table.get_flag("solo"),
            roles=_get_known_texts(table, "roles", ROLES),
            preparation=self._read_texts(table, "preparation", required=False),
            excluded_people=self._read_texts(table, "excluded_people", required=False),
            objectives=self._read_objectives(table),
            injects=self._read_injects(table, timedelta(minutes=minutes)),
            needs=_get_known_texts(table, "needs", NEEDS),
        )
        table.reject_unknown_keys()
        return scenario

    def _read_scope(self, table: Table) -> Scope:
        name = table.get_choice("scope", SCOPES)
        return next((scope for scope in SCOPES if scope == name), "support")

    def _read_texts(self, table: Table, key: str, *, required: bool = True, needs_mark: bool = False) -> Texts:
        """A text in every desk language; if not ``required``, it may be missing in all of them."""
        inner = table.get_table(key, required=False)
        if not inner.values:
            if required:
                table.add_error(f"“{key}” is missing; add {_list_language_keys(key, self.languages)}.", key)
            return {}
        texts = {lang: inner.get_text(lang) for lang in self.languages if lang in inner.values or key != "title"}
        for language in self.languages:
            if language not in texts:
                inner.add_error(f"This scenario is not written in “{language}”; add that to each of its texts.")
        texts |= {lang: inner.get_text(lang) for lang in inner.values if _LANGUAGE.fullmatch(lang)}
        for language, text in texts.items():
            if phrase := find_forbidden_phrase(text, self.forbidden_phrases):
                inner.add_error(f"“{phrase}” is not allowed, live or in a drill.", language)
            for slot in find_unknown_slots(text):
                inner.add_error(f"The slot {{{slot}}} is not known; {suggest(slot, SLOTS)}", language)
            mark = self.marks.get(language, "")
            if needs_mark and text.strip() and mark and not text.startswith(mark):
                inner.add_error(f"This text has no drill mark; begin it with “{mark}”.", language)
        inner.reject_unknown_keys()
        return texts

    def _read_objectives(self, table: Table) -> tuple[Objective, ...]:
        objectives: list[Objective] = []
        for entry in table.get_tables("objective"):
            measure = entry.get_choice("measure", MEASURES)
            minutes = entry.get_number(
                "within_minutes", None if measure in TIMED else 0, minimum=1 if measure in TIMED else 0
            )
            if minutes and measure and measure not in TIMED:
                entry.add_error(f"“{measure}” is not a stage of the clock; leave out the minutes.", "within_minutes")
            facts = _get_known_texts(entry, "facts", FACTS)
            if measure == "facts" and not facts:
                entry.add_error(f"Name the facts that the first report must have: {', '.join(FACTS)}.", "facts")
            time_limit = timedelta(minutes=minutes) if minutes else None
            objectives.append(
                Objective(
                    _read_inject_id(entry, objectives), self._read_texts(entry, "text"), measure, time_limit, facts
                )
            )
            entry.reject_unknown_keys()
        if not objectives:
            table.add_error("There is no objective; add one under [[objective]].")
        return tuple(objectives)

    def _read_injects(self, table: Table, length: timedelta) -> tuple[Inject, ...]:
        injects: list[Inject] = []
        latest = timedelta()
        for entry in table.get_tables("inject"):
            inject = self._read_inject(entry, injects)
            if inject.at is not None:
                if inject.at < latest:
                    entry.add_error("This inject comes before the one above it; sort them by minute.", "at_minute")
                if inject.at >= length:
                    entry.add_error(
                        "The drill is over by then; choose an earlier minute, or a longer drill.", "at_minute"
                    )
                latest = max(latest, inject.at)
            injects.append(inject)
            entry.reject_unknown_keys()
        return tuple(injects)

    def _read_inject(self, table: Table, earlier: Collection[Inject]) -> Inject:
        kind = table.get_choice("kind", [*InjectKind])
        is_alert = kind in _ALERT_KINDS
        minutes = table.get_number("at_minute", -1) if "at_minute" in table.values else None
        inject = Inject(
            id=_read_inject_id(table, earlier),
            kind=InjectKind(kind or "message"),
            sender=self._read_texts(table, "sender"),
            recipient_role=table.get_choice("recipient_role", (*ROLES, "all"), "all"),
            subject=self._read_texts(table, "subject", needs_mark=True),
            text=self._read_texts(table, "text", needs_mark=True),
            expected_action=self._read_texts(table, "expected_action"),
            at=None if minutes is None else timedelta(minutes=minutes),
            after=table.get_choice("after_stage", STAGES, ""),
            source=table.get_choice("source", self.monitors, "alertmanager" if is_alert else ""),
            labels=_read_labels(table, required=kind == InjectKind.ALERT and "payload" not in table.values),
            payload=table.get_text("payload", ""),
            corrects=table.get_choice(
                "corrects", _wrong_inject_ids(earlier), None if kind == InjectKind.CORRECTION else ""
            ),
        )
        if inject.after and inject.at is not None:
            table.add_error("An inject has either a minute or a stage, not both; delete one.", "after_stage")
        if not is_alert and (inject.labels or inject.payload or inject.source):
            table.add_error(f"Only an alert has a source, labels or a payload; “{kind}” is not an alert.", "kind")
        self._check_payload(table, inject)
        return inject

    def _check_payload(self, table: Table, inject: Inject) -> None:
        """Checks that the payload can be parsed in its monitor's format and identifies its alert."""
        if not inject.payload or inject.source not in self.monitors:
            return
        try:
            alerts = self.monitors[inject.source].parse(inject.payload.encode(), EARLIEST)
        except Unreadable as error:
            table.add_error(f"This payload cannot be read as an alert: {error}", "payload")
            return
        for alert in alerts:
            for text in (alert.title, alert.summary):
                if phrase := find_forbidden_phrase(text, self.forbidden_phrases):
                    table.add_error(f"“{phrase}” is not allowed, live or in a drill.", "payload")


def find_gaps(
    scenarios: Iterable[Scenario], folder: ContentFolder, on_call: OnCallPolicy
) -> dict[str, tuple[str, ...]]:
    """By scenario, what it needs and the company has not prepared in its own folder."""
    own_runbooks = {PurePosixPath(name).name.partition(".")[0] for name in folder.own_files("runbooks/*")}
    gaps = {
        scenario.id: tuple(
            need
            for need in scenario.needs
            if (need == "on_call" and not on_call.responders)
            or (need == "runbook" and scenario.incident_type not in own_runbooks)
        )
        for scenario in scenarios
    }
    return {id: lacking for id, lacking in gaps.items() if lacking}


def _read_labels(table: Table, *, required: bool) -> dict[str, str]:
    inner = table.get_table("labels", required=required)
    labels = {label: inner.get_text(label) for label in inner.values}
    inner.reject_unknown_keys()
    return labels


def _wrong_inject_ids(injects: Iterable[Inject]) -> tuple[str, ...]:
    return tuple(inject.id for inject in injects if inject.kind is InjectKind.WRONG_FACT)


def _get_known_texts(table: Table, key: str, choices: Collection[str]) -> tuple[str, ...]:
    return tuple(text for text in table.get_texts(key) if table.check_known(text, choices, key))


def _read_inject_id(table: Table, existing: Collection[Objective | Inject]) -> str:
    name = table.get_text("id")
    if name in {item.id for item in existing}:
        table.add_error(f"The ID “{name}” is already taken; choose another.", "id")
    elif name and not _SCENARIO_ID.fullmatch(name):
        table.add_error(f"“{name}” is not an ID; use lowercase letters, digits and single hyphens.", "id")
    return name


def _list_language_keys(key: str, languages: Iterable[str]) -> str:
    return " and ".join(f"{key}.{language}" for language in languages)
