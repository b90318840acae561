"""Who is called when something breaks, by which ways and after how many minutes: the shapes of ``duty.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

NOW, NEXT, EVERYBODY = "now", "next", "everybody"
"""Words for people in a step: who is on duty, who is next, all who are known."""

ADDRESS = "STATUSPAGE_ROSTER_{}_URL"
"""The setting that holds a roster's address, by the roster's name in capitals. Whoever knows one reads the roster."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Somebody who can be called. ``mention`` maps a way to the id by which the person is called there; ``also`` are
    other names under which rosters know them. Somebody a roster names and nobody knows has no ``id``."""

    id: str
    name: str
    phone: str = ""
    email: str = ""
    mention_ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """By whom it is: rosters are compared by the people in them."""
        return hash((self.id, self.name))


@dataclass(frozen=True, slots=True)
class RosterSpec:
    """A roster: calendars as their files hold them, by name; an earlier one goes before a later one where both name
    somebody. ``address``: one more, fetched from an address that the environment names. ``names`` are what it is called
    in each language of the desk."""

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
    """One step of the climb: ``after`` so long without anybody, by this way, these people."""

    after: timedelta
    channel: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCallPolicy:
    """All of ``duty.toml`` but the ways themselves, which are channels.

    ``language`` is what colleagues are told in. ``tell`` are the ways by which they hear of an incident. ``otherwise``
    is who is called while the rosters name nobody. ``rest``: after somebody took one alert, the others that waited
    then stay quiet for so long. ``remind``: so long before a promised update is due, colleagues are reminded.
    """

    language: str = ""
    responders: Mapping[str, Responder] = field(default_factory=dict)
    rosters: Mapping[str, RosterSpec] = field(default_factory=dict)
    steps: tuple[EscalationStep, ...] = ()
    incident_channels: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    quiet_period: timedelta = timedelta(minutes=10)
    reminder_lead: timedelta = timedelta(minutes=5)
