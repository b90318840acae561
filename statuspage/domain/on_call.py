"""Who is on call, through which channels and after how many minutes: the types of ``on_call.toml``."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NOW, NEXT, EVERYBODY = "now", "next", "all"
"""Placeholders for people in a step: who is on call, who is next, and everybody."""

ADDRESS = "STATUSPAGE_ROSTER_{}_URL"
"""The setting that holds a roster's address, with the roster's name in capitals. The address is a secret: it gives
access to the roster."""


@dataclass(frozen=True, slots=True)
class Responder:
    """A person who can be notified. ``mention_ids`` maps a channel to the person's id there; ``aliases`` are other
    names used in rosters. A person known only from a roster has no ``id``."""

    id: str
    name: str
    phone: str = ""
    email: str = ""
    mention_ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """By identity: rosters are compared by the people in them."""
        return hash((self.id, self.name))

    def is_one_of(self, names: Collection[str]) -> bool:
        """Whether the list has this person, by any of the names under which rosters know them."""
        return is_named(names, self.known_as)

    @property
    def known_as(self) -> tuple[str, ...]:
        """The names under which rosters and accounts know this person."""
        return tuple(filter(None, (self.id, self.name, self.email, *self.aliases)))


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """Somebody tried to reach ``person``: ``actor`` by phone, or the program ("") through ``channel``."""

    at: datetime
    person: str
    actor: str = ""
    channel: str = ""
    was_reached: bool = False


def is_named(names: Collection[str], known_as: Iterable[str]) -> bool:
    """Whether one of these names of a person is in the list, whatever its spaces, case and width."""
    wanted = {_plain_name(name) for name in names}
    return any(_plain_name(name) in wanted for name in known_as if name)


def _plain_name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True, slots=True)
class RosterSpec:
    """A roster: calendar files by name; an earlier one takes precedence if both name somebody. ``has_address``: another
    calendar is fetched from an address in the environment. ``names`` are the roster's names in each desk language."""

    id: str
    calendars: Mapping[str, str] = field(default_factory=dict)
    has_address: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def address_setting(self) -> str:
        """The setting that holds its address."""
        return ADDRESS.format(self.id.upper().replace("-", "_"))


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of an escalation: if unacknowledged ``after`` this long, notify these people through this channel."""

    after: timedelta
    channel: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCallPolicy:
    """All of ``on_call.toml`` except the channels themselves.

    ``language`` is that of staff notifications. ``incident_channels`` receive news about incidents;
    programs receive the events of action items through ``action_channels``. ``fallback`` is notified while the rosters
    name nobody. ``quiet_period``: after somebody acknowledges one alert, the other waiting alerts stay quiet for this
    long. ``reminder_lead``: staff are reminded this long before a promised update is due.
    """

    language: str = ""
    responders: Mapping[str, Responder] = field(default_factory=dict)
    rosters: Mapping[str, RosterSpec] = field(default_factory=dict)
    steps: tuple[EscalationStep, ...] = ()
    incident_channels: tuple[str, ...] = ()
    action_channels: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    quiet_period: timedelta = timedelta(minutes=10)
    reminder_lead: timedelta = timedelta(minutes=5)
