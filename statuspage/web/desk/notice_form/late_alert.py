"""*An alert was earlier*: beside the facts of a notice, the time of an alert that joined late and fired before its
start."""

from __future__ import annotations

from statuspage.usecases import alerts
from statuspage.usecases.notices import Preview
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.translations import Translator


def late_alert(form_session: FormSession, preview: Preview, translator: Translator) -> str | None:
    """The sentence about such an alert, "" once the form states a start that is not after it; None if there is none."""
    incident, start = form_session.incident, preview.facts.start
    if incident is None or start is None:
        return None
    with request_context.env().databases.environment.read() as tx:
        fired_at = alerts.find_earlier_start(tx, incident, form_session.notice)
    if fired_at is None or fired_at >= start.at:
        return None if fired_at is None else ""
    now, times = request_context.now(), translator.times
    return translator.t(
        "report.late_alert",
        alert=times.format_recent(fired_at, now=now),
        start=times.format_recent(start.at, now=now),
    )
