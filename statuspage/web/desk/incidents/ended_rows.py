"""An incident that is over as a row of a list: when, how bad, how long, and how soon customers were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import Incident, RetrospectiveState, last_period, past_impacts, time_to_notice, worst
from statuspage.rendering.site import past_title
from statuspage.storage.incident_records import IncidentRecord
from statuspage.usecases import drills
from statuspage.usecases.incident_list import packs_for, title_in
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form.preview import STATE_TONES
from statuspage.web.desk.translations import Translator, short_title, text_for_reader


@dataclass(frozen=True, slots=True)
class EndedRow:
    """``told_after`` is the time to the first report, "" if it is not known; ``length`` is "" if the times of the
    incident are not known. ``promises`` says how many updates came in time, "" if none was promised."""

    id: str
    title: str
    day: str
    tone: str
    state: str
    length: str
    told_after: str
    is_over_goal: bool
    has_report: bool
    promises: str = ""
    corrections: int = 0
    retrospective: str = ""
    is_retrospective_due: bool = False


def ended_row(incident: Incident, translator: Translator) -> EndedRow:
    """The row of an incident, or of maintenance, that customers were told is over."""
    took = None if incident.is_maintenance else _took(incident.id, incident.opened, time_to_notice(incident))
    length = outage_length(incident)
    state = worst(tuple(impact.state for impact in incident.impacts))
    return EndedRow(
        id=incident.id,
        title=ended_title(incident, translator),
        day=translator.times.format_day(_begins(incident)),
        tone="maint" if incident.is_maintenance else STATE_TONES.get(state, "unk"),
        state=translator.t("state.maintenance" if incident.is_maintenance else f"state.{state}"),
        length=translator.span(length) if length is not None else "",
        told_after=translator.stopwatch(took) if took is not None else "",
        is_over_goal=took is not None and took > request_context.env().site.catalog.site.notice_goal,
        has_report=incident.has_postmortem,
    )


def ended_title(incident: Incident, translator: Translator) -> str:
    """What was affected and how, without a verb; else what customers read last."""
    title = past_title(translator.pack, past_impacts(incident))
    notice_text = text_for_reader(incident.notices[-1].notice.texts, translator)
    return f"{translator.pack.marks.start}{title}" if title else short_title(notice_text)


def record_row(record: IncidentRecord, translator: Translator) -> EndedRow:
    """The row of an incident that is over, from its record."""
    figures, env = record.figures, request_context.env()
    took, made = _took(record.id, record.opened_at, figures.time_to_notice), figures.promises_made
    title = title_in(figures, packs_for(env.site.catalog, translator.language))
    return EndedRow(
        id=record.id,
        title=title.rstrip("。.") or translator.t("home.unnamed"),
        day=translator.times.format_day(record.first_notice_at or record.opened_at),
        tone=STATE_TONES.get(figures.state, "unk") if figures.headlines else "unk",
        state=translator.t(f"state.{figures.state}") if figures.headlines else translator.t("incident.not_public"),
        length=translator.span(figures.duration) if figures.duration is not None else "",
        told_after=translator.stopwatch(took) if took is not None else "",
        is_over_goal=took is not None and took > env.site.catalog.site.notice_goal,
        has_report=figures.has_postmortem,
        promises=translator.t("incidents.promises", kept=figures.promises_kept, made=made) if made else "",
        corrections=figures.corrections,
        retrospective=_retrospective_text(record, translator),
        is_retrospective_due=record.retrospective is not RetrospectiveState.DONE,
    )


def _took(id: str, opened: datetime, took: timedelta | None) -> timedelta | None:
    """The time to the first report; in a drill without its pauses."""
    if took is None:
        return None
    database, now = request_context.env().databases.environment, request_context.now()
    return drills.time_to_notice_of(database, id, opened, now=now) or took


def _retrospective_text(record: IncidentRecord, translator: Translator) -> str:
    """How far its retrospective is; "" in a drill, and if nothing was published."""
    if translator.pack.marks.word or record.first_notice_at is None:
        return ""
    return translator.t(f"retro.row.{record.retrospective or 'none'}")


def outage_length(incident: Incident) -> timedelta | None:
    """From the published start to the published end; None if one of them is not known."""
    facts = last_period(incident)
    return facts.ended_at - facts.start.at if facts and facts.start and facts.ended_at else None


def _begins(incident: Incident) -> datetime:
    plan = incident.maintenance_window if incident.is_maintenance else None
    return plan.start if plan else incident.notices[0].recorded
