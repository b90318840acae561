"""Escalation steps and rosters as the desk sets them up; a roster is tried before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.content.editing import AppendTable, Edit, SetValue, Unset
from statuspage.domain import Catalog, RosterSpec
from statuspage.integrations import rosters
from statuspage.integrations.rosters import OnCallPeriod
from statuspage.usecases import new_company
from statuspage.usecases.settings.content_files import ContentStore, FileChange

ON_CALL_FILE = "on_call.toml"


@dataclass(frozen=True, slots=True)
class Step:
    """An escalation step: after how many minutes, through which channel, and to whom (names of the file)."""

    minutes: int
    channel: str
    recipients: tuple[str, ...]

    def values(self) -> dict[str, int | str | tuple[str, ...]]:
        """Its table in the file."""
        return {"after_minutes": self.minutes, "channel": self.channel, "recipients": self.recipients}


def list_steps(store: ContentStore) -> tuple[Step, ...]:
    """The steps of the file, in its order."""
    return tuple(
        Step(
            int(each.get("after_minutes", 0)),
            str(each.get("channel", "")),
            tuple(map(str, each.get("recipients", ("now",)))),
        )
        for each in store.read_values(ON_CALL_FILE).get("steps", [])
    )


def change_steps(store: ContentStore, steps: Sequence[Step], *, seen: str) -> FileChange:
    """Other steps in place of the present ones; a table whose step stays is not touched."""
    before = list_steps(store)
    edits: list[Edit] = []
    for number, (old, new) in enumerate(zip(before, steps, strict=False)):
        changed = {key: value for key, value in new.values().items() if old.values()[key] != value}
        edits += [SetValue(("steps", number, key), value) for key, value in changed.items()]
    edits += [AppendTable("steps", step.values()) for step in steps[len(before) :]]
    edits += [Unset(("steps", number)) for number in reversed(range(len(steps), len(before)))]
    return FileChange(
        *({ON_CALL_FILE: edits}, (ON_CALL_FILE,), seen, "on_call.steps_changed", ""),
        before=[each.values() for each in before],
        after=[each.values() for each in steps],
    )


def try_roster(catalog: Catalog, calendars: Sequence[str], now: datetime) -> OnCallPeriod:
    """Who is on call by these calendars. Raises rosters.Unreadable."""
    responders, zone = catalog.on_call.responders.values(), ZoneInfo(catalog.site.zone)
    return rosters.find_on_call(calendars, responders, zone, now)


def list_rosters(store: ContentStore) -> Mapping[str, Any]:
    """The tables of the rosters in the file."""
    found = store.read_values(ON_CALL_FILE).get("rosters", {})
    return found if isinstance(found, dict) else {}


def calendar_file(store: ContentStore, roster: str) -> str:
    """The file of the calendar that the desk keeps for this roster."""
    calendars = [str(each) for each in list_rosters(store).get(roster, {}).get("calendars", [])]
    return calendars[-1] if calendars else f"on-call-{roster}.ics"


def address_setting(roster: str) -> str:
    """The setting that holds the address of this roster."""
    return RosterSpec(roster).address_setting


def has_address(store: ContentStore, roster: str) -> bool:
    """Whether the file says that a calendar of this roster is fetched from an address."""
    return bool(list_rosters(store).get(roster, {}).get("has_address"))


def new_roster_id(store: ContentStore, name: str) -> str:
    """The id of a new roster of this name."""
    has_letters = any(character.isascii() and character.isalnum() for character in name)
    return new_company.id_for(name if has_letters else "roster", list(list_rosters(store)))


def change_roster(
    store: ContentStore, roster: str, names: Mapping[str, str], calendar: str, *, is_fetched: bool, seen: str
) -> FileChange:
    """Keeps a roster: its names by language, its calendar as a file ("": as it is), and whether one is fetched from an
    address, which is a secret and stands in no file."""
    table = list_rosters(store).get(roster, {})
    old_names = table.get("name", {})
    path = ("rosters", roster)
    edits: list[Edit] = []
    file = calendar_file(store, roster)
    if is_fetched and not table.get("has_address"):
        edits.append(SetValue((*path, "has_address"), True))
    if not is_fetched and table.get("has_address"):
        edits.append(Unset((*path, "has_address")))
    if calendar and file not in table.get("calendars", []):
        edits.append(SetValue((*path, "calendars"), (*table.get("calendars", []), file)))
    edits += [
        SetValue((*path, "name", language), text)
        for language, text in names.items()
        if text and text != old_names.get(language)
    ]
    contents = {file: calendar.encode()} if calendar else {}
    return FileChange(
        *(
            {ON_CALL_FILE: edits},
            watched_files(store, roster),
            seen,
            "on_call.roster_changed",
            names_of(names) or roster,
        ),
        before=_described(old_names, is_fetched=bool(table.get("has_address"))) if table else None,
        after=_described({**old_names, **names}, is_fetched=is_fetched),
        contents=contents,
    )


def _described(names: Mapping[str, str], *, is_fetched: bool) -> Mapping[str, object]:
    return {"name": names_of(names), "address": is_fetched}


def names_of(names: Mapping[str, str]) -> str:
    """The names of a roster in one line."""
    return " / ".join(dict.fromkeys(filter(None, names.values())))


def watched_files(store: ContentStore, roster: str = "") -> tuple[str, ...]:
    """The files that the form of a roster shows."""
    return (ON_CALL_FILE, calendar_file(store, roster)) if roster else (ON_CALL_FILE,)


def read_calendar(store: ContentStore, roster: str) -> str:
    """The calendar that the desk keeps for this roster; "" if there is none."""
    return (store.read(calendar_file(store, roster)) or b"").decode("utf-8", "replace")
