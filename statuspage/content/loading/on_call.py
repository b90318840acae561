"""Reads ``on_call.toml`` (optional): who is notified if nobody acknowledges an alert."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.site import check_id, read_options
from statuspage.content.loading.table_reader import Table
from statuspage.domain import EVERYBODY, NEXT, NOW, ChannelSpec, EscalationStep, OnCallPolicy, Responder, RosterSpec
from statuspage.integrations.channels import TYPES

ON_CALL_FILE = "on_call.toml"

CHANNEL_ID_PREFIX = "on-call-"
"""Prefix of a notification channel's name where it is listed together with other channels."""

_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_CALENDAR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.ics")


def read_on_call(folder: ContentFolder, languages: tuple[str, ...]) -> tuple[OnCallPolicy, dict[str, ChannelSpec]]:
    """The policy and the notification channels by name; empty if there is no such file.

    ``languages`` are the desk languages.
    """
    table = folder.read_table(ON_CALL_FILE, required=False)
    if not table.values:
        return OnCallPolicy(), {}
    language = table.get_choice("language", languages, languages[0] if languages else "")
    channels = {
        name: _read_channel(name, entry, language)
        for name, entry in table.get_table("channels", required=False).iter_tables()
    }
    roster_tables = table.get_table("rosters", required=False).iter_tables()
    responders = {
        name: _read_responder(name, entry, channels)
        for name, entry in table.get_table("responders", required=False).iter_tables()
    }
    policy = OnCallPolicy(
        language=language,
        responders=responders,
        rosters={name: _read_roster(name, entry, folder) for name, entry in roster_tables},
        steps=tuple(_read_step(step, channels, responders) for step in table.get_tables("steps")),
        incident_channels=_get_known_texts(table, "incident_channels", channels),
        event_channels=_read_event_channels(table, channels),
        fallback=_get_known_texts(table, "fallback", responders),
        quiet_period=timedelta(minutes=table.get_number("quiet_minutes", 10)),
        reminder_lead=timedelta(minutes=table.get_number("reminder_minutes", 5)),
    )
    table.reject_unknown_keys()
    return policy, channels


def _read_event_channels(table: Table, channels: Mapping[str, ChannelSpec]) -> tuple[str, ...]:
    """The channels that carry events for programs."""
    names = _get_known_texts(table, "event_channels", channels)
    for name in names:
        if channels[name].type not in TYPES or not TYPES[channels[name].type].event_payload:
            table.add_error(
                f"“{name}” is read by people; events need a channel of the type “webhook”.", "event_channels"
            )
    return names


def _read_channel(name: str, table: Table, language: str) -> ChannelSpec:
    check_id(table, name)
    channel_types = [type for type, channel_type in TYPES.items() if channel_type.staff_payload]
    type = table.get_choice("type", channel_types)
    channel = ChannelSpec(
        id=f"{CHANNEL_ID_PREFIX}{name}",
        type=type,
        language=language,
        medium="",
        account=table.get_text("account", ""),
        on_unknown_delivery="review"
        if table.get_choice("on_unknown_delivery", ("resend", "review"), "resend") == "review"
        else "",
        options=read_options(table, TYPES[type].options) if type else {},
    )
    for key, sentence in TYPES[type].check_options(channel).items() if type else ():
        if key != "account" or channel.account:  # An email goes to the people who are notified.
            table.add_error(sentence, key)
    table.reject_unknown_keys()
    return channel


def _read_responder(name: str, table: Table, channels: Collection[str]) -> Responder:
    check_id(table, name)
    phone, email = table.get_text("phone", ""), table.get_text("email", "")
    if phone and not _PHONE.fullmatch(phone):
        table.add_error(f"“{phone}” is not a phone number; write it like “+81 3 0000 0000”.", "phone")
    if email and not _EMAIL.fullmatch(email):
        table.add_error(f"“{email}” is not an email address; write it like “sato@example.com”.", "email")
    mentions = table.get_table("mention_ids", required=False)
    for channel in mentions.values:
        mentions.check_known(channel, channels, channel)
    responder = Responder(
        id=name,
        name=table.get_text("name"),
        phone=phone,
        email=email,
        mention_ids={channel_name: mentions.get_text(channel_name) for channel_name in mentions.values},
        aliases=table.get_texts("aliases"),
    )
    table.reject_unknown_keys()
    return responder


def _read_roster(name: str, table: Table, folder: ContentFolder) -> RosterSpec:
    check_id(table, name)
    name_table = table.get_table("name", required=False)
    names = {language: name_table.get_text(language) for language in name_table.values}
    spec = RosterSpec(name, _read_calendars(table, folder), table.get_flag("has_address"), names)
    if not spec.calendars and not spec.has_address and not table.values.get("calendars"):
        table.add_error("This roster has no calendar; name a file, or write “has_address = true”.")
    table.reject_unknown_keys()
    return spec


def _read_calendars(table: Table, folder: ContentFolder) -> Mapping[str, str]:
    calendars = {}
    for file in table.get_texts("calendars"):
        if not _CALENDAR.fullmatch(file):
            table.add_error(
                f"“{file}” is not a calendar file beside this file; write it like “on-call.ics”.", "calendars"
            )
            continue
        content = folder.read_text(file)
        if content is None:
            table.add_error(f"“{file}” cannot be read; put it beside this file.", "calendars")
        elif error := _calendar_error(content):
            table.add_error(f"“{file}” cannot be used: {error}.", "calendars")
        else:
            calendars[file] = content
    return calendars


def _calendar_error(calendar: str) -> str:
    """The first error in a calendar; independent of the current time."""
    from statuspage.integrations import rosters  # Calendars are seldom files, and long to import.

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        rosters.read_shifts(calendar, ZoneInfo("UTC"), moment, moment)
    except rosters.Unreadable as error:
        return str(error)
    return ""


def _read_step(table: Table, channels: Collection[str], responders: Collection[str]) -> EscalationStep:
    delay = timedelta(minutes=table.get_number("after_minutes", 0))
    step = EscalationStep(
        delay,
        table.get_choice("channel", channels),
        _get_known_texts(table, "recipients", [NOW, NEXT, EVERYBODY, *responders], (NOW,)),
    )
    table.reject_unknown_keys()
    return step


def _get_known_texts(
    table: Table, key: str, choices: Collection[str], default: tuple[str, ...] = ()
) -> tuple[str, ...]:
    return tuple(text for text in table.get_texts(key, default) if table.check_known(text, choices, key))
