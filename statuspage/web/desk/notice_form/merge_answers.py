"""Merges engineers' answers into the form: untouched fields are filled in, other answers are offered beside the
fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from statuspage.domain import (
    Answer,
    Catalog,
    Incident,
    NoticeInput,
    NoticeKind,
    answers,
    newest_answers,
    open_questions,
)
from statuspage.web.desk.notice_form import fields, opening_fields, pinned_times, questions, service_fields
from statuspage.web.desk.notice_form.drafts import Fields, value_of

TAKE_ALL, TAKE_ONE = "take_facts", "take_fact"
"""The buttons' actions: ``take_facts`` fills in all facts whose fields were not edited, ``take_fact start`` this fact
in any case."""


ELSEWHERE = "elsewhere"
"""The state of an offered fact that the form does not ask for."""


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """One fact that an engineer gave. ``state``: *same* as in the form, *fillable*, *conflicting* with it, or
    *elsewhere*: it belongs in another notice."""

    name: str
    answer: Answer
    state: str


@dataclass(frozen=True, slots=True)
class AnswerMerger:
    """The fields into which answers are merged, as the form was opened, and now."""

    catalog: Catalog
    notice: NoticeKind
    incident: Incident
    initial_fields: Fields
    now: datetime

    def list_offers(self, form_fields: Fields) -> list[AnswerOffer]:
        """The newest answer to each question of this form, compared with the form."""
        newest = newest_answers(self.incident)
        return [
            AnswerOffer(name, answer, self._compare(form_fields, name, answer) if self._is_asked(name) else ELSEWHERE)
            for name, answer in newest.items()
            if self._is_asked(name) or self._belongs_elsewhere(name)
        ]

    def newest_text_answer(self) -> Answer | None:
        """The newest answer with a line of text."""
        return next((answer for answer in reversed(answers(self.incident)) if answer.text), None)

    def merge(self, form_fields: Fields, action: str) -> Fields:
        """The fields with the answers merged. A line of text is appended only on request."""
        wanted_name = action.partition(" ")[2]
        if wanted_name == "text":
            return self._with_text(form_fields)
        for offer in self.list_offers(form_fields):
            if (offer.name == wanted_name and offer.state != ELSEWHERE) or (
                not wanted_name and offer.state == "fillable"
            ):
                form_fields = self._with_answer(form_fields, offer.name, offer.answer)
        return form_fields

    def _is_asked(self, name: str) -> bool:
        standing = self.incident.current_facts
        parts = questions.form_parts(self.notice, over=standing is not None and standing.ended_at is not None)
        if self.notice is NoticeKind.FOLLOW_UP:
            return name in {f"answer.{question.id}" for question in open_questions(self.incident, self.catalog)}
        return ("questions" if name.startswith("answer.") else name) in parts

    def _belongs_elsewhere(self, name: str) -> bool:
        """Whether it says that an incident works again that customers are told is open."""
        return name == "ended" and self.incident.latest is not None and not self.incident.is_over

    def _compare(self, form_fields: Fields, name: str, answer: Answer) -> str:
        own_value = self._input_value(form_fields, name)
        offered_value = self._input_value(self._with_answer(form_fields, name, answer), name)
        if own_value == offered_value:
            return "same"
        earlier_values = [
            self._input_value(self._with_answer(form_fields, name, earlier), name)
            for earlier in self._earlier_answers(name)
        ]
        incident_type = self.catalog.incident_types.get(value_of(form_fields, "incident_type"))
        untouched = [self._input_value(self.initial_fields, name), *earlier_values]
        untouched += [tuple(service_fields.preset_services(incident_type))] if name == "services" else []
        return "fillable" if own_value in untouched else "conflicting"

    def _earlier_answers(self, name: str) -> list[Answer]:
        return [answer for answer in answers(self.incident) if name in answer.engineer_answer.fields]

    def _input_value(self, form_fields: Fields, name: str) -> object:
        notice_input: NoticeInput = fields.parse_notice_input(pinned_times.pin_times(form_fields), self.catalog)
        if name.startswith("answer."):
            return notice_input.answers.get(name.removeprefix("answer."), "") or "checking"
        return getattr(notice_input, name)

    def _with_answer(self, form_fields: Fields, name: str, answer: Answer) -> Fields:
        zone = ZoneInfo(self.catalog.site.zone)
        type_id = value_of(form_fields, "incident_type") or answer.engineer_answer.facts.incident_type
        facts = replace(answer.engineer_answer.facts, incident_type=type_id)
        offered_fields: Mapping[str, list[str]] = opening_fields.follow_up_fields(
            self.catalog, facts, self.notice, zone, self.now
        )
        names = [f"answer-{name.removeprefix('answer.')}"] if name.startswith("answer.") else _FACT_FIELDS[name]
        other_fields = {field: value for field, value in form_fields.items() if not _matches_any(field, names)}
        return other_fields | {
            field: list(value) for field, value in offered_fields.items() if _matches_any(field, names)
        }

    def _with_text(self, form_fields: Fields) -> Fields:
        answer = self.newest_text_answer()
        if answer is None or answer.engineer_answer.language not in self.catalog.languages:
            return form_fields
        box = f"extra-{answer.engineer_answer.language}"
        existing = value_of(form_fields, box).strip()
        return {**form_fields, box: ["\n".join(filter(None, (existing, answer.text)))]}


_FACT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "services": (*questions.FORM_PARTS["services"], *questions.FORM_PARTS["how_badly"], *service_fields.MARKS),
    "start": (*questions.FORM_PARTS["start"], "was-start_at", "pin-start"),
    "estimate": (*questions.FORM_PARTS["estimate"], "was-estimate_*", "pin-estimate"),
    "ended": (*questions.FORM_PARTS["ended"], "was-ended_at", "pin-ended"),
}


def _matches_any(field: str, names: tuple[str, ...] | list[str]) -> bool:
    return any(fnmatchcase(field, name) for name in names)
