"""Who is on call, through which channels and after how many minutes: the types of ``on_call.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

NOW, NEXT, EVERYBODY = "now", "next", "all"
"""Placeholders for people in a step: who is on call, who is next, all who are known."""

ADDRESS = "STATUSPAGE_ROSTER_{}_URL"
"""The setting that holds a roster's address, by the roster's name in capitals. Whoever knows the address can read the
roster."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Somebody who can be called. ``mention_ids`` maps a channel to the person's id there; ``aliases`` are other names
    in rosters. A person whom only a roster names has no ``id``."""

    id: str
    name: str
    phone: str = ""
    email: str = ""
    mention_ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """By identity: rosters are compared by the people in them."""
        return hash((self.id, self.name))


@dataclass(frozen=True, slots=True)
class RosterSpec:
    """A roster: calendars as their files hold them, by name; an earlier one takes precedence over a later one if both
    name somebody. ``has_address``: one more is fetched from an address in the environment. ``names`` are its names in
    each language of the desk."""

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
    """One step of an escalation: ``after`` this long unacknowledged, these people through this channel."""

    after: timedelta
    channel: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCallPolicy:
    """All of ``on_call.toml`` except the channels themselves.

    ``language`` is that of staff notifications. ``incident_channels`` carry the news of an incident. ``fallback`` is
    called while the rosters name nobody. ``quiet_period``: after somebody acknowledged one alert, the others that
    waited then stay quiet for so long. ``reminder_lead``: so long before a promised update is due, staff are reminded.
    """

    language: str = ""
    responders: Mapping[str, Responder] = field(default_factory=dict)
    rosters: Mapping[str, RosterSpec] = field(default_factory=dict)
    steps: tuple[EscalationStep, ...] = ()
    incident_channels: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    quiet_period: timedelta = timedelta(minutes=10)
    reminder_lead: timedelta = timedelta(minutes=5)
