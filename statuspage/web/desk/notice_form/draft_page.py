"""Describes a draft before it fills a form: whose it is, when it was saved, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from flask import make_response, render_template
from werkzeug.wrappers import Response

from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import drafts, form_state, pinned_times
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.notice_form.service_fields import ticked_services
from statuspage.web.desk.translations import Translator

EXCERPT = 160
"""Maximum characters of a draft's own text in its description."""


def show_draft(form_session: FormSession, *, is_placeholder: bool = False) -> Response:
    """The page that asks whether to continue this draft or to discard it."""
    translator = request_context.translator()
    query = "&placeholder=1" if is_placeholder else ""
    page = render_template(
        "draft.html",
        section=form_state.nav_section(form_session),
        title=translator.t(f"report.title.{form_session.notice}"),
        context_lines=form_state.form_context(form_session, translator),
        line=draft_line(form_session, translator),
        facts=list(_facts(form_session.fields, translator)),
        is_older=form_session.incident is not None
        and form_session.target.latest_sequence < form_session.incident.latest_sequence,
        continue_address=f"{form_session.path}?draft={drafts.OPENED}{query}",
        discard_address=f"{form_session.path}?placeholder=1" if is_placeholder else form_session.path,
    )
    return make_response(page)


def draft_line(form_session: FormSession, translator: Translator) -> str:
    """Whose draft it is and when it was last saved."""
    saved_at = drafts.find_saved_at(form_session.owner) or request_context.now()
    return translator.t("draft.saved", name=request_context.actor(), time=translator.times.format_day_time(saved_at))


def _facts(fields: Fields, translator: Translator) -> Iterator[tuple[str, str]]:
    """What the draft says, each with its label; nothing that is still empty."""
    catalog, pack = request_context.env().site.catalog, translator.pack
    incident_type = catalog.incident_types.get(value_of(fields, "incident_type"))
    type_name = pack.phrases.get(f"incident_type.{incident_type.id}.name", "") if incident_type else ""
    services = [ticked.service for ticked in ticked_services(fields, catalog)]
    names = [pack.services[service].name if service in pack.services else service for service in services]
    rows = (
        ("report.incident_types", type_name.replace("|", "")),
        ("report.services", translator.format_list(names) if names else ""),
        ("report.start", pinned_times.chosen_time_text(fields, "start", translator)),
        ("report.ended", pinned_times.chosen_time_text(fields, "ended", translator)),
        ("report.estimate", pinned_times.chosen_time_text(fields, "estimate", translator)),
        ("report.begins", value_of(fields, "begins").replace("T", " ")),
        ("report.extra", _excerpt(fields, catalog.languages)),
    )
    yield from ((translator.t(label), text) for label, text in rows if text)


def _excerpt(fields: Fields, languages: tuple[str, ...]) -> str:
    texts = (value_of(fields, f"{box}-{language}").strip() for box in ("extra", "text") for language in languages)
    text = " ".join(next(filter(None, texts), "").split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
