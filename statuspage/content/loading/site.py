"""Reads the files that are not specific to a language: site, services, incident types, channels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar
from zoneinfo import available_timezones

from statuspage.content.loading.contradictions import check_choice
from statuspage.content.loading.follow_up import read_issues, read_targets
from statuspage.content.loading.table_reader import ServiceIds, Table
from statuspage.domain import (
    IMPACT_STATES,
    MAINTENANCE_NOTICES,
    AffectedAudience,
    ChannelSpec,
    Contact,
    IncidentType,
    NoticeKind,
    Question,
    Readers,
    Service,
    Site,
    State,
    Withdrawal,
)
from statuspage.integrations.channels import TYPES, Option

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MAX_ID_LENGTH = 40

C = TypeVar("C", bound=str)
D = TypeVar("D", bound=str)
_Channels = dict[str, ChannelSpec]


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
        incident_types=_get_known_texts(table, "incident_types", incident_types, default=tuple(incident_types)),
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
        id = _read_new_id(entry, names)
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
        name = _read_new_id(entry, by_id)
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


def read_incident_types(
    table: Table, services: ServiceIds, lists: Mapping[str, Collection[str]]
) -> dict[str, IncidentType]:
    """``incident_types.toml``. ``lists`` are the ids of cause, current_action and workaround."""
    incident_types = {name: _read_incident_type(name, entry, services, lists) for name, entry in table.iter_tables()}
    if not incident_types:
        table.add_error("There is no incident type; add a table for one.")
    return incident_types


def _read_incident_type(
    name: str, table: Table, services: ServiceIds, lists: Mapping[str, Collection[str]]
) -> IncidentType:
    check_id(table, name)
    incident_type = IncidentType(
        id=name,
        services=table.get_affected("services", services),
        state=State(table.get_choice("state", [*IMPACT_STATES], "major")),
        cadence=timedelta(minutes=table.get_number("cadence_minutes", 30, minimum=1)),
        questions=_read_questions(table, lists),
        workarounds=_get_known_texts(table, "workarounds", lists["workaround"]),
        current_actions=_get_known_texts(table, "current_actions", lists["current_action"]),
        causes=_get_known_texts(table, "causes", lists["cause"]),
        has_own_sentences=table.get_flag("own_sentences"),
        affects_group=table.get_flag("affects_group"),
        gives_estimate=table.get_flag("gives_estimate", default=True),
        names_services=table.get_flag("names_services", default=True),
        needs_approval=table.get_flag("needs_approval"),
    )
    table.reject_unknown_keys()
    return incident_type


def _read_questions(type_table: Table, lists: Mapping[str, Collection[str]]) -> tuple[Question, ...]:
    questions: dict[str, Question] = {}
    for entry in type_table.get_tables("question"):
        name = _read_new_id(entry, questions)
        answers = entry.get_texts("answers", default=None)
        for answer in answers:
            check_id(entry, answer, "answers")
        if "checking" in answers:
            entry.add_error("Every question already has the answer “checking”; delete it here.", "answers")
        own_answers = tuple(answer for answer in answers if answer != "checking")
        conflicts = entry.get_table("conflicts", required=False)
        pairs = [
            (answer, choice)
            for answer in (*own_answers, "checking")
            for choice in _read_conflicting(conflicts, answer, lists)
        ]
        conflicts.reject_unknown_keys()
        against = _read_against(type_table, entry, name, own_answers)
        questions[name] = Question(name, own_answers, entry.get_flag("required"), tuple(pairs), against)
        entry.reject_unknown_keys()
    return tuple(questions.values())


def _read_against(
    type_table: Table, entry: Table, question: str, answers: Collection[str]
) -> tuple[tuple[str, str, str], ...]:
    """``against``: an answer, and the ``QUESTION.ANSWER`` of the same type that contradict it."""
    known = [
        f"{other.values.get('id')}.{answer}"
        for other in type_table.get_tables("question")
        if other.values.get("id") != question
        for answer in other.values.get("answers", ())
    ]
    table = entry.get_table("against", required=False)
    chosen = [(answer, text.partition(".")) for answer in answers for text in _get_known_texts(table, answer, known)]
    table.reject_unknown_keys()
    return tuple((answer, other, other_answer) for answer, (other, _, other_answer) in chosen)


def _read_conflicting(table: Table, answer: str, lists: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The choices that an answer rules out: a workaround by its id, others with their kind (``cause.bank``)."""
    kinds = {**lists, "audience": (AffectedAudience.ALL,)}
    for name in table.get_texts(answer):
        choice = name if "." in name else f"workaround.{name}"
        if check_choice(table, choice, kinds, answer):
            yield choice


def read_channels(table: Table, languages: Collection[str], media: Collection[str]) -> tuple[_Channels, _Channels]:
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
    names = _get_known_texts(table, "notices", [*NOTICE_SETS, *NoticeKind])
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


def _get_known_texts(
    table: Table, key: str, choices: Collection[str], default: tuple[str, ...] | None = ()
) -> tuple[str, ...]:
    return tuple(text for text in table.get_texts(key, default) if table.check_known(text, choices, key))


def _read_new_id(table: Table, existing: Collection[str]) -> str:
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
