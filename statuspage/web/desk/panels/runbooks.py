"""What to check and to know about a kind of trouble, beside its alert and on its incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.domain import Alert, EnvironmentMarks, Incident, dialled
from statuspage.rendering.wording import html
from statuspage.usecases.alerts import checklists
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator


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

    @property
    def begun(self) -> bool:
        """Whether anything was ticked off."""
        return any(one.done for one in self.checks)


def runbook_of_incident(world: Environment, incident: Incident, voice: Translator) -> Shown | None:
    """The runbook of an incident with its ticks; None where there is none for its kind."""
    kind = checklists.kind_of(world, incident)
    return _shown(world, kind, checklists.items(world, incident, kind, voice.language), voice)


def of_alert(world: Environment, alert: Alert, voice: Translator) -> Shown | None:
    """The same before there is an incident, for the kind that the alert proposes."""
    return _shown(world, alert.proposal.kind, checklists.beside(world, alert, voice.language), voice)


def _shown(world: Environment, kind: str, found: Sequence[checklists.Item], voice: Translator) -> Shown | None:
    book = world.catalog.runbooks.get(kind, {}).get(voice.language)
    if book is None:
        return None
    checks = [Check(one.number, _inline(one.text), _done(one, voice)) for one in found]
    left = sum(1 for one in found if one.tick is None)
    return Shown(checks, _html(book.text), voice.t("runbook.left", count=left, all=len(found)) if found else "")


def _done(item: checklists.Item, voice: Translator) -> str:
    if item.tick is None:
        return ""
    return voice.t("runbook.done", name=item.tick.by, time=voice.times.clock(item.tick.at))


def _html(text: str) -> Markup:
    return Markup(html(dialled(text), EnvironmentMarks()))  # noqa: S704 - cleaned by nh3 in wording


def _inline(text: str) -> Markup:
    """One line, without the paragraph around it."""
    return Markup(html(dialled(text), EnvironmentMarks()).removeprefix("<p>").removesuffix("</p>"))  # noqa: S704 - cleaned by nh3
