"""Reads the files that are not specific to a language: site, services, channels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar
from zoneinfo import available_timezones

from statuspage.content.loading.follow_up import read_issues, read_retention, read_targets
from statuspage.content.loading.table_reader import Table
from statuspage.domain import (
    MAINTENANCE_NOTICES,
    ChannelSpec,
    Contact,
    NoticeKind,
    Readers,
    Service,
    Site,
    Withdrawal,
)
from statuspage.integrations.channels import TYPES, Option

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_SECURITY_CONTACT = re.compile(r"mailto:[!-~]{1,200}@[!-~]{1,200}|https://[!-~]{1,300}")
_MAX_ID_LENGTH = 40

C = TypeVar("C", bound=str)
D = TypeVar("D", bound=str)
Channels = dict[str, ChannelSpec]


def read_site(table: Table, incident_types: Collection[str], starters: Collection[str]) -> Site:
    """``site.toml``. The starter, one of ``starters``, is a layer of its own; here only its name is checked."""
    table.get_choice("starter", starters, "")
    languages = _read_languages(table, "languages", None)
    zone = table.get_text("time_zone")
    if zone and zone not in available_timezones():
        table.add_error(f"“{zone}” is not a time zone; write it like “Asia/Tokyo”.", "time_zone")
    site = Site(
        languages=languages,
        zone=zone,
        incident_types=get_known_texts(table, "incident_types", incident_types, default=tuple(incident_types)),
        notice_goal=timedelta(minutes=table.get_number("notice_goal_minutes", 10, minimum=1)),
        placeholder_after=timedelta(minutes=table.get_number("placeholder_after_minutes", 0)),
        address=_read_address(table, "address"),
        homepage=_read_address(table, "homepage"),
        history_start=_read_day(table, "history_start"),
        desk_languages=_read_languages(table, "desk_languages", languages),
        numbers_notices=table.get_flag("numbered_notices"),
        names_people_in_drills=table.get_flag("names_in_drill_reports"),
        product_hosts=table.get_texts("product_hosts", default=()),
        is_hosted_separately=table.get_flag("hosted_separately"),
        company=table.get_text("company", ""),
        readers=Readers(table.get_choice("audience", [*Readers], Readers.EVERYONE)),
        allowed_words=table.get_texts("allow"),
        contact=_read_contact(table.get_table("contact", required=False)),
        is_demo=table.get_flag("demo"),
        targets=read_targets(table.get_table("targets", required=False)),
        issues=read_issues(table.get_table("issues", required=False)),
        retention=read_retention(table.get_table("retention", required=False)),
        security_contact=_read_security_contact(table),
    )
    table.reject_unknown_keys()
    return site


def _read_contact(table: Table) -> Contact:
    """``[contact]``; ``hours`` is a text, or a table of one for each language."""
    if isinstance(table.values.get("hours"), dict):
        hours_table = table.get_table("hours")
        hours = {language: hours_table.get_text(language) for language in hours_table.values}
    else:
        hours = {"": table.get_text("hours", "")}
    emergency = table.get_text("emergency", "")
    if len(emergency) > _MAX_ID_LENGTH:
        table.add_error(f"Write only the number, like “119”; at most {_MAX_ID_LENGTH} characters.", "emergency")
    contact = Contact(table.get_text("phone", ""), _read_address(table, "url"), hours, emergency)
    table.reject_unknown_keys()
    return contact


def _read_security_contact(table: Table) -> str:
    """Where vulnerabilities are reported: ``mailto:`` or ``https:`` (RFC 9116, section 2.5.3)."""
    contact = table.get_text("security_contact", "")
    if contact and not _SECURITY_CONTACT.fullmatch(contact):
        table.add_error(
            "Write it like “mailto:security@example.com” or “https://example.com/report”.", "security_contact"
        )
        return ""
    return contact


def _read_languages(table: Table, key: str, default: tuple[str, ...] | None) -> tuple[str, ...]:
    languages = table.get_texts(key, default=default)
    if table.values.get(key) == []:
        table.add_error("Name at least one language.", key)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            table.add_error(f"“{language}” is not a language code; write it like “ja” or “pt-BR”.", key)
    return tuple(lang for lang in languages if _LANGUAGE.fullmatch(lang))


def _read_day(table: Table, key: str) -> date | None:
    text = table.get_text(key, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        table.add_error(f"“{text}” is not a date; write it like “2026-04-01”.", key)
        return None


def read_groups(table: Table) -> dict[str, str]:
    """The groups of ``services.toml``, in their order, with the name that counts if a language has no other."""
    names: dict[str, str] = {}
    for entry in table.get_tables("group"):
        id = read_new_id(entry, names)
        names[id] = entry.get_text("name", "")
        entry.reject_unknown_keys()
    return {id: name for id, name in names.items() if id}


def _check_former_ids(entries: Iterable[tuple[Table, Service]], current_ids: Collection[str]) -> None:
    """Reports former ids that are not valid ids, are still in use, or belong to two services."""
    owners: dict[str, str] = {}
    for entry, service in entries:
        for former_id in service.former_ids:
            check_id(entry, former_id, "former_ids")
            if former_id in current_ids:
                entry.add_error(
                    f"“{former_id}” is the ID of a current service; list only former IDs here.",
                    "former_ids",
                )
            elif owners.setdefault(former_id, service.id) != service.id:
                entry.add_error(
                    f"“{former_id}” is already listed at “{owners[former_id]}”; list it only once.",
                    "former_ids",
                )


def read_services(table: Table, group_ids: Collection[str]) -> dict[str, Service]:
    """The services of ``services.toml``, in order."""
    by_id: dict[str, Service] = {}
    entries: list[tuple[Table, Service]] = []
    for entry in table.get_tables("service"):
        name = read_new_id(entry, by_id)
        retired = entry.get_day_or_flag("retired")
        day = retired if isinstance(retired, date) else None
        by_id[name] = Service(
            name,
            entry.get_choice("group", group_ids, ""),
            bool(retired),
            day,
            entry.get_texts("former_ids"),
            entry.get_text("role", ""),
            entry.get_text("name", ""),
            entry.get_day("offered_since"),
        )
        entries.append((entry, by_id[name]))
        entry.reject_unknown_keys()
    _check_former_ids(entries, by_id)
    if not by_id:
        table.add_error("There is no service; add one under [[service]].")
    table.reject_unknown_keys()
    return {name: service for name, service in by_id.items() if name}


def ids_by_name(services: Iterable[Service]) -> dict[str, tuple[str, ...]]:
    """The ids of the services that a name stands for: a service's id, or the role of several."""
    names: dict[str, tuple[str, ...]] = {}
    for service in services:
        for name in dict.fromkeys(filter(None, (service.id, service.role))):
            names[name] = (*names.get(name, ()), service.id)
    return names


def read_channels(table: Table, languages: Collection[str], media: Collection[str]) -> tuple[Channels, Channels]:
    """``channels.toml``: the channels in use, and those that are switched off."""
    channels = {name: _read_channel(name, entry, languages, media) for name, entry in table.iter_tables()}
    used = {name: channel for name, channel in channels.items() if channel.is_enabled}
    return used, {name: channel for name, channel in channels.items() if not channel.is_enabled}


def _read_channel(name: str, table: Table, languages: Collection[str], media: Collection[str]) -> ChannelSpec:
    check_id(table, name)
    currency = table.get_text("currency", "USD")
    if not _CURRENCY.fullmatch(currency):
        table.add_error(f"“{currency}” is not a currency; write its three-letter code, like “USD”.", "currency")
    type = table.get_choice("type", TYPES)
    channel = ChannelSpec(
        id=name,
        type=type,
        language=table.get_choice("language", languages),
        medium=table.get_choice("medium", media),
        account=table.get_text("account", ""),
        notice_kinds=_read_notices(table),
        includes_link=table.get_flag("include_link", default=True),
        price_per_post=table.get_number("price_per_post", 0),
        price_per_link=table.get_number("price_per_link", 0),
        currency=currency,
        on_unknown_delivery=_get_literal(table, "on_unknown_delivery", _ON_UNKNOWN_DELIVERY, ""),
        withdrawal=_get_literal(table, "withdrawal", _WITHDRAWALS, "follow_up"),
        options=read_options(table, TYPES[type].options) if type else {},
        is_enabled=table.get_flag("enabled", default=True),
    )
    if type and channel.withdrawal not in ("follow_up", *TYPES[type].withdrawals):
        table.add_error(f"A channel of type “{type}” cannot do this; write “follow_up”.", "withdrawal")
    for key, sentence in TYPES[type].check_options(channel).items() if type else ():
        table.add_error(sentence, key)
    table.reject_unknown_keys()
    return channel


NOTICE_SETS: Mapping[str, tuple[NoticeKind, ...]] = {
    "all": tuple(NoticeKind),
    "first_and_resolved": (
        NoticeKind.FIRST,
        NoticeKind.RESOLVED,
        NoticeKind.CORRECTION,
        NoticeKind.WITHDRAWAL,
        NoticeKind.FOLLOW_UP,
    ),
    "maintenance": MAINTENANCE_NOTICES,
}
"""Names for several kinds of notice. Who gets a notice also gets its correction, withdrawal and follow-up."""


def _read_notices(table: Table) -> tuple[NoticeKind, ...]:
    names = get_known_texts(table, "notices", [*NOTICE_SETS, *NoticeKind])
    chosen = {kind for name in names for kind in NOTICE_SETS.get(name) or (NoticeKind(name),)}
    return tuple(kind for kind in NoticeKind if kind in chosen)


def read_options(table: Table, known_options: Mapping[str, Option]) -> dict[str, str]:
    """The options of a channel, as its type defines them."""
    return {
        name: table.get_choice(name, option.choices, option.default)
        if option.choices
        else table.get_text(name, option.default)
        for name, option in known_options.items()
    }


_ON_UNKNOWN_DELIVERY: tuple[Literal["resend"], Literal["review"]] = ("resend", "review")
_WITHDRAWALS: tuple[Withdrawal, ...] = ("follow_up", "delete", "edit")


def _get_literal(table: Table, key: str, choices: Sequence[C], default: D) -> C | D:
    """One of these choices, with its literal type."""
    chosen = table.get_choice(key, [str(choice) for choice in choices], str(default))
    return next((choice for choice in choices if choice == chosen), default)


def get_known_texts(
    table: Table, key: str, choices: Collection[str], default: tuple[str, ...] | None = ()
) -> tuple[str, ...]:
    """The texts of a list that are among ``choices``; reports the others."""
    return tuple(text for text in table.get_texts(key, default) if table.check_known(text, choices, key))


def read_new_id(table: Table, existing: Collection[str]) -> str:
    """The id of a table in a list of tables; reports one that is taken or not valid."""
    name = table.get_text("id")
    if name in existing:
        table.add_error(f"The ID “{name}” is already taken; choose another.", "id")
    elif name:
        check_id(table, name, "id")
    return name


def check_id(table: Table, name: str, *keys: str) -> None:
    """Reports a name that is not a valid id."""
    if not _ID.fullmatch(name) or len(name) > _MAX_ID_LENGTH:
        table.add_error(f"“{name}” is not an ID; use lowercase letters, digits and single hyphens, at most 40.", *keys)


def _read_address(table: Table, key: str) -> str:
    address = table.get_text(key, "")
    if address and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", address):
        table.add_error(f"“{address}” is not a web address; write it like “https://status.example.com”.", key)
    return address.rstrip("/") if key == "address" else address
