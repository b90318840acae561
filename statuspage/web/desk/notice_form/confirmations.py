"""The points of a notice that its writer has to confirm: an old time, or an open incident of the same service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from statuspage.domain import ValidationError
from statuspage.usecases.notices import Doubt
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.translations import Translator, short_title, text_for_reader

CONFIRMED = "confirmed"
"""The boxes on the form; each has the key of what it confirms."""

UNCONFIRMED = "unconfirmed"
"""The last part of the code of such a problem."""


@dataclass(frozen=True, slots=True)
class DoubtView:
    """One point to confirm. ``label`` is what the box says; ``incident`` and ``href`` are the open incident's, "" for a
    time."""

    field: str
    key: str
    text: str
    label: str
    is_confirmed: bool
    incident: str = ""
    href: str = ""


def unconfirmed_problems(
    doubts: Iterable[Doubt], fields: Fields, translator: Translator
) -> tuple[ValidationError, ...]:
    """A problem for each point that is not confirmed."""
    confirmed = fields.get(CONFIRMED, ())
    return tuple(
        ValidationError(doubt.field, f"{doubt.field}.{UNCONFIRMED}", _slots(doubt, translator))
        for doubt in doubts
        if doubt.key not in confirmed and not doubt.is_late_alert
    )


def doubt_views(doubts: Iterable[Doubt], fields: Fields, translator: Translator) -> list[DoubtView]:
    """The points to confirm as the form shows them."""
    return [_doubt_view(doubt, fields, translator) for doubt in doubts if not doubt.is_late_alert]


def _doubt_view(doubt: Doubt, fields: Fields, translator: Translator) -> DoubtView:
    slots, id = _slots(doubt, translator), doubt.incident.id if doubt.incident else ""
    return DoubtView(
        doubt.field,
        doubt.key,
        translator.t(f"report.doubt.{doubt.field}", **slots),
        translator.t(f"report.confirm.{doubt.field}", **slots),
        doubt.key in fields.get(CONFIRMED, ()),
        id,
        url_for("incidents.show_incident", incident_id=id) if id else "",
    )


def _slots(doubt: Doubt, translator: Translator) -> dict[str, str]:
    """What the sentences about it name: the time with its day, or the open incident."""
    if doubt.incident is not None and doubt.incident.latest is not None:
        return {"title": short_title(text_for_reader(doubt.incident.latest.notice.texts, translator))}
    now = request_context.now()
    return {"time": translator.times.format_recent(doubt.at, now=now)} if doubt.at else {}
