"""Reads ``duty.toml``: who is called when nobody takes an alert. A file that many go without."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.content.loading.folder import Folder
from statuspage.content.loading.site import check_id, options
from statuspage.content.loading.table_reader import Table
from statuspage.domain import EVERYBODY, NEXT, NOW, ChannelSpec, EscalationStep, OnCallPolicy, Responder, RosterSpec
from statuspage.integrations import rosters as roster
from statuspage.integrations.channels import TYPES

FILE = "duty.toml"

OWN = "duty-"
"""What the name of a way begins with wherever it stands beside the channels."""

_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_CALENDAR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.ics")


def duty(folder: Folder, languages: tuple[str, ...]) -> tuple[OnCallPolicy, dict[str, ChannelSpec]]:
    """Who is called, and the ways to them by their own names; nobody where there is no such file.

    ``languages`` are those of the desk.
    """
    table = folder.table(FILE, needed=False)
    if not table.values:
        return OnCallPolicy(), {}
    language = table.choice("language", languages, languages[0] if languages else "")
    ways = {name: _way(name, one, language) for name, one in table.table("ways", needed=False).each()}
    rosters = table.table("rosters", needed=False).each()
    people = {name: _colleague(name, one, ways) for name, one in table.table("people", needed=False).each()}
    found = OnCallPolicy(
        language=language,
        people=people,
        rosters={name: _roster(name, one, folder) for name, one in rosters},
        rungs=tuple(_rung(one, ways, people) for one in table.tables("steps")),
        tell=_among(table, "tell", ways),
        otherwise=_among(table, "otherwise", people),
        rest=timedelta(minutes=table.number("rest", 10)),
        remind=timedelta(minutes=table.number("remind", 5)),
    )
    table.finish()
    return found, ways


def _way(name: str, table: Table, language: str) -> ChannelSpec:
    check_id(table, name)
    known = [type for type, way in TYPES.items() if way.inside]
    type = table.choice("type", known)
    way = ChannelSpec(
        id=f"{OWN}{name}",
        type=type,
        language=language,
        medium="",
        account=table.text("account", ""),
        on_unsure="look" if table.choice("on_unsure", ("resend", "look"), "resend") == "look" else "",
        options=options(table, TYPES[type].options) if type else {},
    )
    for key, sentence in TYPES[type].wrong(way).items() if type else ():
        if key != "account" or way.account:  # A letter goes to those who are called.
            table.blame(sentence, key)
    table.finish()
    return way


def _colleague(name: str, table: Table, ways: Collection[str]) -> Responder:
    check_id(table, name)
    phone, mail = table.text("phone", ""), table.text("mail", "")
    if phone and not _PHONE.fullmatch(phone):
        table.blame(f"“{phone}” is no phone number; write it as in “+81 3 0000 0000”.", "phone")
    if mail and not _MAIL.fullmatch(mail):
        table.blame(f"“{mail}” is no mail address; write it as in “sato@example.com”.", "mail")
    mention = table.table("mention", needed=False)
    for way in mention.values:
        mention.known(way, ways, way)
    found = Responder(
        id=name,
        name=table.text("name"),
        phone=phone,
        mail=mail,
        mention={way: mention.text(way) for way in mention.values},
        also=table.texts("also"),
    )
    table.finish()
    return found


def _roster(name: str, table: Table, folder: Folder) -> RosterSpec:
    check_id(table, name)
    named = table.table("name", needed=False)
    names = {language: named.text(language) for language in named.values}
    found = RosterSpec(name, _calendars(table, folder), table.flag("address"), names)
    if not found.calendars and not found.address and not table.values.get("calendars"):
        table.blame("This roster has no calendar; name a file, or write “address = true”.")
    table.finish()
    return found


def _calendars(table: Table, folder: Folder) -> Mapping[str, str]:
    found = {}
    for file in table.texts("calendars"):
        if not _CALENDAR.fullmatch(file):
            table.blame(f"“{file}” is no name of a calendar beside this file; write it as in “duty.ics”.", "calendars")
            continue
        text = folder.text(file)
        if text is None:
            table.blame(f"“{file}” cannot be read; put it beside this file.", "calendars")
        elif wrong := _wrong(text):
            table.blame(f"“{file}” cannot be used: {wrong}.", "calendars")
        else:
            found[file] = text
    return found


def _wrong(calendar: str) -> str:
    """What is not right in it; read as at any moment."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        roster.shifts(calendar, ZoneInfo("UTC"), moment, moment)
    except roster.Unreadable as error:
        return str(error)
    return ""


def _rung(table: Table, ways: Collection[str], people: Collection[str]) -> EscalationStep:
    after = timedelta(minutes=table.number("after", 0))
    found = EscalationStep(
        after, table.choice("way", ways), _among(table, "who", [NOW, NEXT, EVERYBODY, *people], (NOW,))
    )
    table.finish()
    return found


def _among(table: Table, key: str, known: Collection[str], default: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(one for one in table.texts(key, default) if table.known(one, known, key))
