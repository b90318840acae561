"""The runbook of an incident type, shown with its alert and its incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.domain import Alert, Catalog, EnvironmentMarks, Incident, link_phone_numbers
from statuspage.rendering.wording import render_html
from statuspage.usecases.alerts import checklists
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class RunbookCheck:
    """One item to check. ``done_by`` says who ticked it and when; "" if nobody has."""

    number: int
    text: Markup
    done_by: str


@dataclass(frozen=True, slots=True)
class RunbookView:
    """A runbook as shown on the desk; ``open_text`` says how many items are open."""

    checks: list[RunbookCheck]
    text: Markup
    open_text: str

    @property
    def is_started(self) -> bool:
        """Whether anything was ticked."""
        return any(check.done_by for check in self.checks)


def runbook_of_incident(env: Environment, incident: Incident, translator: Translator) -> RunbookView | None:
    """The runbook of an incident with its ticks; None if its incident type has none."""
    type_id = checklists.incident_type_of(env.databases.environment, incident)
    return _runbook_view(
        env.site.catalog,
        type_id,
        checklists.incident_checklist(env.site.catalog, incident, type_id, translator.language),
        translator,
    )


def runbook_of_alert(env: Environment, alert: Alert, translator: Translator) -> RunbookView | None:
    """The runbook before there is an incident, for the incident type proposed by the alert."""
    return _runbook_view(
        env.site.catalog,
        alert.proposal.incident_type,
        checklists.alert_checklist(env, alert, translator.language),
        translator,
    )


def _runbook_view(
    catalog: Catalog, type_id: str, items: Sequence[checklists.ChecklistItem], translator: Translator
) -> RunbookView | None:
    runbook = catalog.runbooks.get(type_id, {}).get(translator.language)
    if runbook is None:
        return None
    checks = [RunbookCheck(item.number, _inline_html(item.text), _done_text(item, translator)) for item in items]
    open_count = sum(1 for item in items if item.tick is None)
    return RunbookView(
        checks, _html(runbook.text), translator.t("runbook.left", count=open_count, all=len(items)) if items else ""
    )


def _done_text(item: checklists.ChecklistItem, translator: Translator) -> str:
    if item.tick is None:
        return ""
    return translator.t("runbook.done", name=item.tick.actor, time=translator.times.format_time(item.tick.at))


def _html(text: str) -> Markup:
    return Markup(render_html(link_phone_numbers(text), EnvironmentMarks()))  # noqa: S704 - cleaned by nh3 in wording


def _inline_html(text: str) -> Markup:
    """One line, without the paragraph around it."""
    return Markup(render_html(link_phone_numbers(text), EnvironmentMarks()).removeprefix("<p>").removesuffix("</p>"))  # noqa: S704 - cleaned by nh3
