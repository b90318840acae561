"""What to check and to know about a kind of trouble, beside its alert and on its incident."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from statuspage.catalog import Marks
from statuspage.desk import checklists
from statuspage.runbooks import dialled
from statuspage.timeline import Incident, Step
from statuspage.web.voice import Voice
from statuspage.wording.accounts import html
from statuspage.world import World


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to check. ``done`` says who ticked it off and when; "" while nobody did."""

    number: int
    text: Markup
    done: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A runbook as the desk shows it; ``left`` says how many checks are open."""

    checks: list[Check]
    text: Markup
    left: str


def of_incident(world: World, incident: Incident, voice: Voice) -> Shown | None:
    """The runbook of an incident with its ticks; None where there is none for its kind."""
    kind = checklists.kind_of(world, incident)
    book = world.catalog.runbooks.get(kind, {}).get(voice.language)
    if book is None:
        return None
    found = checklists.items(world, incident, kind, voice.language)
    checks = [Check(one.number, _inline(one.text), _done(one, voice)) for one in found]
    left = sum(1 for one in found if one.tick is None)
    return Shown(checks, _html(book.text), voice.t("runbook.left", count=left, all=len(found)) if found else "")


def of_kind(world: World, kind: str, voice: Voice) -> Shown | None:
    """The same before there is an incident: nothing can be ticked off yet."""
    book = world.catalog.runbooks.get(kind, {}).get(voice.language)
    if book is None:
        return None
    return Shown([Check(n, _inline(text), "") for n, text in enumerate(book.items)], _html(book.text), "")


def _done(item: checklists.Item, voice: Voice) -> str:
    if item.tick is None or not isinstance(item.tick.entry, Step):
        return ""
    return voice.t("runbook.done", name=item.tick.entry.by, time=voice.times.clock(item.tick.happened))


def _html(text: str) -> Markup:
    return Markup(html(dialled(text), Marks()))  # noqa: S704 - cleaned by nh3 in wording


def _inline(text: str) -> Markup:
    """One line, without the paragraph around it."""
    return Markup(html(dialled(text), Marks()).removeprefix("<p>").removesuffix("</p>"))  # noqa: S704 - cleaned by nh3
