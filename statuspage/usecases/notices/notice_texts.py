"""The texts of a notice and of the notices that follow it automatically, composed from facts or typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from statuspage.domain import (
    Catalog,
    Facts,
    Incident,
    NoticeInput,
    NoticeKind,
    NoticeText,
    ScheduledNotice,
    strip_invisible,
)
from statuspage.rendering.wording import REPORTS, IncidentContext, WordingContext, compose, replace_words
from statuspage.storage import incidents
from statuspage.storage.engine import Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices import scheduled
from statuspage.usecases.notices.results import NoticeTarget


def compose_notice(
    env: Environment,
    notice_input: NoticeInput,
    notice_kind: NoticeKind,
    facts: Facts,
    target: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> Mapping[str, NoticeText]:
    """The texts by language, with typed texts in place of composed ones."""
    catalog, incident_context = env.site.catalog, _incident_context(env, target.incident_id, incident)
    notice_texts = compose(notice_kind, facts, catalog=catalog, incident=incident_context, now=now)
    if not (notice_input.text or notice_input.only):
        return notice_texts
    context = WordingContext(notice_kind, facts, catalog, incident_context, now, catalog.leading_pack)
    return replace_words(
        notice_texts,
        {language: strip_invisible(text) for language, text in notice_input.text.items()},
        notice_input.only,
        context,
    )


def published_texts(catalog: Catalog, notice_texts: Mapping[str, NoticeText]) -> Mapping[str, NoticeText]:
    """The texts for only those media in which something is published."""
    published_media = catalog.published_media
    return {
        language: replace(
            notice_text, media={name: text for name, text in notice_text.media.items() if name in published_media}
        )
        for language, notice_text in notice_texts.items()
    }


def schedule_notices(
    env: Environment,
    notice_kind: NoticeKind,
    facts: Facts,
    target: NoticeTarget,
    incident: Incident | None,
    notice_texts: Mapping[str, NoticeText],
    now: datetime,
    chosen_channels: tuple[str, ...] | None = None,
) -> tuple[ScheduledNotice, ...]:
    """The notices that follow it automatically, with the titles of ``notice_texts``."""
    titles = {language: notice_text.title for language, notice_text in notice_texts.items()}
    context = replace(_incident_context(env, target.incident_id, incident), titles=titles)
    return scheduled.schedule_follow_ups(env, notice_kind, facts, context, now=now, chosen_channels=chosen_channels)


def _incident_context(env: Environment, incident_id: str, incident: Incident | None) -> IncidentContext:
    context = IncidentContext(
        incident_id=incident_id,
        site_address=env.site.address,
        affected_elsewhere=_affected_elsewhere(env.databases.environment, incident_id),
    )
    if incident is None or incident.latest is None:
        return context
    latest = incident.latest
    return replace(
        context,
        titles={language: notice_text.title for language, notice_text in latest.notice.texts.items()},
        previous_facts=incident.public_facts,
        claims=incident.claims,
        report_count=sum(recorded.notice.notice in REPORTS for recorded in incident.notices),
        is_reopened=incident.is_reopened,
        corrected_notice_at=latest.recorded,
        first_notice_at=incident.notices[0].recorded,
    )


def _affected_elsewhere(database: Database, incident_id: str) -> tuple[str, ...]:
    """Services affected by other open incidents, which this one must not call operational."""
    with database.read() as tx:
        found = incidents.affected_by_open_incidents(tx)
    return tuple(dict.fromkeys(service for id, services in found.items() if id != incident_id for service in services))
