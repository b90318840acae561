"""What the form shows, as its template takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from statuspage.web.desk.notice_form.fields import Choice
from statuspage.web.desk.notice_form.plain_language import TextFinding


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind of trouble to pick. ``services`` and ``cadence`` are what picking it proposes."""

    id: str
    label: str
    icon: str
    key: str
    checked: bool
    services: str
    cadence: str


@dataclass(frozen=True, slots=True)
class ServiceChip:
    """A service to tick, and how badly it is affected."""

    id: str
    name: str
    checked: bool
    state: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the kind's own questions."""

    id: str
    ask: str
    answers: list[Choice]


@dataclass(frozen=True, slots=True)
class Listed:
    """A closed list: what fits the kind in front, the rest behind one click."""

    field: str
    type: str
    label: str
    ask: str
    choices: list[Choice]
    more: list[Choice]


@dataclass(frozen=True, slots=True)
class Boxed:
    """A choice with text boxes: which button is down, and what stands in each box."""

    radio: str
    boxes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Extra:
    """Free text in one language."""

    language: str
    name: str
    text: str
    found: list[TextFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FormView:
    """Everything the form's page shows beside the preview."""

    title: str
    button: str
    action: str
    hidden: list[tuple[str, str]]
    kind: str
    kinds: list[Tile]
    more_kinds: list[Tile]
    services: list[ServiceChip]
    states: list[tuple[str, str]]
    reaches: list[Choice]
    groups: list[Choice]
    sinces: list[Choice]
    endeds: list[Choice]
    since: Boxed
    precisions: list[Choice]
    ended: Boxed
    estimate: Boxed
    nexts: list[Choice]
    next: Boxed
    questions: list[Asked]
    lists: list[Listed]
    extras: list[Extra]
    hints: Mapping[str, str]
    lacking: list[str]
    notice: str
    asks: tuple[str, ...]
    numbers: Mapping[str, int]
    begins: str
    ends: Boxed
    lengths: list[Choice]
    reminders: list[Choice]
    by_hand: list[Extra]
    only: list[Choice]
    reason: str
    context: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hand_open(self) -> bool:
        """Whether somebody writes by hand."""
        grave = any(each.look == "down" for one in self.extras for each in one.found)
        return bool(
            grave or self.reason or any(one.text for one in self.by_hand) or any(one.checked for one in self.only)
        )

    @property
    def more_open(self) -> bool:
        """Whether a kind behind *more* is picked."""
        return any(tile.checked for tile in self.more_kinds)
