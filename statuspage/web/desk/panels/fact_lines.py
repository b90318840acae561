"""Facts as lines on a page, from an engineer or the form, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Facts, IncidentType
from statuspage.usecases.on_call import FactFormatter, fact_name, fact_text
from statuspage.web.desk.translations import Translator


def fact_label(name: str, incident_type: IncidentType | None, translator: Translator) -> str:
    """The name of a fact; for one of the incident type's own questions, the question."""
    formatter = FactFormatter(translator.label, translator.pack, translator.times.format_day_time)
    return fact_name(name, incident_type.id if incident_type else "", formatter)


def fact_line(name: str, facts: Facts, translator: Translator, now: datetime) -> str:
    """The text of this fact; "" if there is none."""

    def time_text(at: datetime) -> str:
        return translator.times.format_recent(at, now=now)

    return fact_text(name, facts, FactFormatter(translator.label, translator.pack, time_text))
