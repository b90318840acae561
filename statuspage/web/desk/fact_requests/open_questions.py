"""Questions still open although customers were told that it works again, for the home page."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.domain import Incident, Question, newest_answers
from statuspage.rendering.site import strip_marks
from statuspage.usecases import notices
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator, text_for_reader


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One question of one incident. ``known`` says what an engineer has answered, "" if nobody has."""

    incident: str
    title: str
    question: str
    known: str


def open_question_rows(env: Environment, translator: Translator) -> list[OpenQuestion]:
    """Every open question; those of the incident that ended first come first."""
    return [_row(incident, question, translator) for incident, question in notices.all_open_questions(env)]


def _row(incident: Incident, question: Question, translator: Translator) -> OpenQuestion:
    phrases, prefix = translator.pack.phrases, f"incident_type.{incident.incident_type}.question.{question.id}"
    answer = newest_answers(incident).get(f"answer.{question.id}")
    answer_id = answer.engineer_answer.facts.answers.get(question.id, "") if answer else ""
    label = phrases.get(f"{prefix}.answer.{answer_id}.label", answer_id) if answer_id else ""
    title = text_for_reader(incident.latest.notice.texts, translator).title if incident.latest else incident.id
    return OpenQuestion(
        incident.id,
        strip_marks(translator.pack, title),
        phrases.get(f"{prefix}.prompt", question.id),
        translator.t("open_questions.known", text=label) if label else "",
    )
