"""Reads the files that say nothing in any language: site, services, kinds, channels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar
from zoneinfo import available_timezones

from statuspage.content.loading.table_reader import Table
from statuspage.domain import (
    EFFECTS,
    OF_MAINTENANCE,
    ChannelSpec,
    IncidentType,
    NoticeKind,
    Question,
    Service,
    Site,
    State,
    Withdrawal,
)
from statuspage.integrations.channels import TYPES, Option

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_ID = 40

C = TypeVar("C", bound=str)
D = TypeVar("D", bound=str)


def site(table: Table, kinds: Collection[str]) -> Site:
    """``site.toml``."""
    languages = _languages(table, "languages", None)
    zone = table.text("zone")
    if zone and zone not in available_timezones():
        table.blame(f"“{zone}” is no time zone; write it as in “Asia/Tokyo”.", "zone")
    found = Site(
        languages=languages,
        zone=zone,
        kinds=_among(table, "kinds", kinds, default=None),
        goal=timedelta(minutes=table.number("goal_minutes", 10, least=1)),
        holding=timedelta(minutes=table.number("holding_minutes", 0)),
        address=_checked_address(table, "address"),
        home=_checked_address(table, "home"),
        since=_retired_day(table, "since"),
        desk=_languages(table, "desk", languages),
        numbered=table.flag("numbered"),
        product=table.texts("product", default=()),
        apart=table.flag("apart"),
    )
    table.finish()
    return found


def _languages(table: Table, key: str, default: tuple[str, ...] | None) -> tuple[str, ...]:
    languages = table.texts(key, default=default)
    if table.values.get(key) == []:
        table.blame("Name at least one language.", key)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            table.blame(f"“{language}” is no language's short name; write it as in “ja” or “pt-BR”.", key)
    return tuple(one for one in languages if _LANGUAGE.fullmatch(one))


def _retired_day(table: Table, key: str) -> date | None:
    text = table.text(key, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        table.blame(f"“{text}” is no day; write it as in “2026-04-01”.", key)
        return None


def groups(table: Table) -> tuple[str, ...]:
    """The groups of ``services.toml``, in their order."""
    found: list[str] = []
    for one in table.tables("group"):
        found.append(_new_id(one, found))
        one.finish()
    return tuple(filter(None, found))


def _former(read: Iterable[tuple[Table, Service]], living: Collection[str]) -> None:
    """Notes former ids that are none, that still name a service, or that two have had."""
    whose: dict[str, str] = {}
    for one, service in read:
        for old in service.was:
            check_id(one, old, "was")
            if old in living:
                one.blame(f"“{old}” is the id of a service of today; name here only what is no id any more.", "was")
            elif whose.setdefault(old, service.id) != service.id:
                one.blame(f"“{old}” stands at “{whose[old]}” already; name it at one of them.", "was")


def services(table: Table, known: Collection[str]) -> dict[str, Service]:
    """The services of ``services.toml``, in their order."""
    found: dict[str, Service] = {}
    read: list[tuple[Table, Service]] = []
    for one in table.tables("service"):
        name = _new_id(one, found)
        ended = one.day_or_flag("retired")
        day = ended if isinstance(ended, date) else None
        found[name] = Service(name, one.choice("group", known), bool(ended), day, one.texts("was"))
        read.append((one, found[name]))
        one.finish()
    _former(read, found)
    if not found:
        table.blame("There is no service; add one under [[service]].")
    table.finish()
    return {name: service for name, service in found.items() if name}


def kinds(table: Table, services: Collection[str], lists: Mapping[str, Collection[str]]) -> dict[str, IncidentType]:
    """``kinds.toml``. ``lists`` are the ids of cause, doing and workaround."""
    found = {name: _kind(name, one, services, lists) for name, one in table.each()}
    if not found:
        table.blame("There is no kind of trouble; add one as a table of its own.")
    return found


def _kind(name: str, table: Table, services: Collection[str], lists: Mapping[str, Collection[str]]) -> IncidentType:
    check_id(table, name)
    kind = IncidentType(
        id=name,
        services=table.affected("services", services),
        state=State(table.choice("state", [*EFFECTS], "major")),
        cadence=timedelta(minutes=table.number("cadence_minutes", 30, least=1)),
        questions=_questions(table, lists["workaround"]),
        workarounds=_among(table, "workarounds", lists["workaround"]),
        doings=_among(table, "doings", lists["doing"]),
        causes=_among(table, "causes", lists["cause"]),
        own=table.flag("own"),
        spreads=table.flag("spreads"),
        estimate=table.flag("estimate", default=True),
        approval=table.flag("approval"),
    )
    table.finish()
    return kind


def _questions(kind: Table, workarounds: Collection[str]) -> tuple[Question, ...]:
    found: dict[str, Question] = {}
    for one in kind.tables("question"):
        name = _new_id(one, found)
        answers = one.texts("answers", default=None)
        for answer in answers:
            check_id(one, answer, "answers")
        if "checking" in answers:
            one.blame("“checking” is an answer to every question already; delete it here.", "answers")
        closed = tuple(answer for answer in answers if answer != "checking")
        against = one.table("against", needed=False)
        pairs = [(answer, each) for answer in (*closed, "checking") for each in _among(against, answer, workarounds)]
        against.finish()
        found[name] = Question(name, closed, one.flag("required"), tuple(pairs))
        one.finish()
    return tuple(found.values())


def channels(table: Table, languages: Collection[str], media: Collection[str]) -> dict[str, ChannelSpec]:
    """``channels.toml``."""
    return {name: _channel(name, one, languages, media) for name, one in table.each()}


def _channel(name: str, table: Table, languages: Collection[str], media: Collection[str]) -> ChannelSpec:
    check_id(table, name)
    currency = table.text("currency", "USD")
    if not _CURRENCY.fullmatch(currency):
        table.blame(f"“{currency}” is no currency; write its three letters, as in “USD”.", "currency")
    type = table.choice("type", TYPES)
    channel = ChannelSpec(
        id=name,
        type=type,
        language=table.choice("language", languages),
        medium=table.choice("medium", media),
        account=table.text("account", ""),
        notices=_notices(table),
        link=table.flag("link", default=True),
        price_post=table.number("price_post", 0),
        price_link=table.number("price_link", 0),
        currency=currency,
        on_unsure=_either(table, "on_unsure", _ON_UNSURE, ""),
        withdrawal=_either(table, "withdrawal", _WITHDRAWALS, "follow_up"),
        options=options(table, TYPES[type].options) if type else {},
    )
    if type and channel.withdrawal not in ("follow_up", *TYPES[type].withdrawals):
        table.blame(f"“{type}” cannot do this; write “follow_up”.", "withdrawal")
    for key, sentence in TYPES[type].wrong(channel).items() if type else ():
        table.blame(sentence, key)
    table.finish()
    return channel


NOTICES: Mapping[str, tuple[NoticeKind, ...]] = {
    "all": tuple(NoticeKind),
    "first_and_resolved": (NoticeKind.FIRST, NoticeKind.RESOLVED, NoticeKind.CORRECTION, NoticeKind.WITHDRAWAL),
    "maintenance": OF_MAINTENANCE,
}
"""Names for several kinds of notice at once. Who heard of a mistake hears that it was one."""


def _notices(table: Table) -> tuple[NoticeKind, ...]:
    named = _among(table, "notices", [*NOTICES, *NoticeKind])
    chosen = {kind for name in named for kind in NOTICES.get(name) or (NoticeKind(name),)}
    return tuple(kind for kind in NoticeKind if kind in chosen)


def options(table: Table, known: Mapping[str, Option]) -> dict[str, str]:
    """What only this type of channel knows."""
    return {
        name: table.choice(name, one.choices, one.default) if one.choices else table.text(name, one.default)
        for name, one in known.items()
    }


_ON_UNSURE: tuple[Literal["resend"], Literal["look"]] = ("resend", "look")
_WITHDRAWALS: tuple[Withdrawal, ...] = ("follow_up", "delete", "edit")


def _either(table: Table, key: str, choices: Sequence[C], default: D) -> C | D:
    """One of these words, by its own type."""
    chosen = table.choice(key, [str(one) for one in choices], str(default))
    return next((one for one in choices if one == chosen), default)


def _among(table: Table, key: str, known: Collection[str], default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
    return tuple(one for one in table.texts(key, default) if table.known(one, known, key))


def _new_id(table: Table, taken: Collection[str]) -> str:
    name = table.text("id")
    if name in taken:
        table.blame(f"The id “{name}” is taken already; choose another.", "id")
    elif name:
        check_id(table, name, "id")
    return name


def check_id(table: Table, name: str, *keys: str) -> None:
    """Notes that a name is no id."""
    if not _ID.fullmatch(name) or len(name) > _LONGEST_ID:
        table.blame(f"“{name}” is no id; use small letters a to z, digits and single hyphens, at most 40.", *keys)


def _checked_address(table: Table, key: str) -> str:
    address = table.text(key, "")
    if address and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", address):
        table.blame(f"“{address}” is no address; write it as in “https://status.example.com”.", key)
    return address.rstrip("/") if key == "address" else address
