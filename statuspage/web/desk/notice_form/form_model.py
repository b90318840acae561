"""The data of the form's page: from what it is built to what its template uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from statuspage.domain import Catalog, Facts, IncidentType, NoticeKind
from statuspage.usecases.notices import Preview
from statuspage.web.desk.notice_form import questions as asking
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fields import Choice
from statuspage.web.desk.notice_form.plain_language import TextFinding
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class FormSource:
    """What a form is built from. ``open_questions`` are the ids of those that a follow-up may answer,
    ``told_workarounds`` of those that it need not repeat. ``opening`` are the fields with which a notice on a published
    incident opens, ``standing_facts`` what that incident is known as."""

    catalog: Catalog
    translator: Translator
    notice: NoticeKind
    fields: Fields
    preview: Preview
    over: bool = False
    open_questions: tuple[str, ...] = ()
    told_workarounds: tuple[str, ...] = ()
    opening: Fields | None = None
    standing_facts: Facts | None = None

    @property
    def incident_type(self) -> IncidentType | None:
        """The chosen incident type."""
        return self.catalog.incident_types.get(value_of(self.fields, "incident_type"))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of this form."""
        return asking.form_parts(self.notice, over=self.over)


@dataclass(frozen=True, slots=True)
class IncidentTypeTile:
    """An incident type to choose. ``services`` and ``cadence`` are what it proposes, ``state`` is that of other
    services."""

    id: str
    label: str
    icon: str
    key: str
    checked: bool
    services: str
    state: str
    cadence: str


@dataclass(frozen=True, slots=True)
class ServiceChip:
    """A service to tick, and how badly it is affected. ``is_likely``: it is shown though it is not ticked."""

    id: str
    name: str
    checked: bool
    state: str
    is_likely: bool = False


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as it stands in the form. ``before`` is what the form opened with, "" if that is the same.
    ``fields`` are its fields as problems name them."""

    name: str
    label: str
    value: str
    before: str
    is_changed: bool
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One of the incident type's own questions."""

    id: str
    text: str
    answers: list[Choice]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """A closed list: entries that fit the incident type first, the rest collapsed."""

    field: str
    type: str
    choices: list[Choice]
    more: list[Choice]


@dataclass(frozen=True, slots=True)
class ChoiceWithBoxes:
    """A choice with text boxes: the pressed button, and the text of each box."""

    radio: str
    boxes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TextBox:
    """Free text in one language. ``not_checked`` says that there is no word list for it, "" if there is one."""

    language: str
    name: str
    text: str
    findings: list[TextFinding] = field(default_factory=list)
    not_checked: str = ""


@dataclass(frozen=True, slots=True)
class FormTimes:
    """What the form asks about times, with the choices: start, end, estimate, next update, and planned work."""

    start_choices: list[Choice]
    start: ChoiceWithBoxes
    precisions: list[Choice]
    end_choices: list[Choice]
    ended: ChoiceWithBoxes
    estimate_choices: list[Choice]
    estimate: ChoiceWithBoxes
    next_update_choices: list[Choice]
    next_update: ChoiceWithBoxes
    begins: str
    ends: ChoiceWithBoxes
    lengths: list[Choice]
    reminders: list[Choice]


@dataclass(frozen=True, slots=True)
class FormView:
    """Everything that the form's page shows beside the preview."""

    title: str
    button: str
    action: str
    hidden: list[tuple[str, str]]
    incident_type: str
    incident_types: list[IncidentTypeTile]
    more_incident_types: list[IncidentTypeTile]
    service_groups: list[tuple[str, list[ServiceChip]]]
    states: list[tuple[str, str]]
    audiences: list[Choice]
    groups: list[Choice]
    times: FormTimes
    questions: list[QuestionView]
    lists: list[ChoiceList]
    extras: list[TextBox]
    hints: Mapping[str, str]
    missing: list[str]
    notice: str
    parts: tuple[str, ...]
    by_hand: list[TextBox]
    only: list[Choice]
    reason: str
    report_by: str
    rows: Mapping[str, FactRow]
    jump: str

    @property
    def has_rows(self) -> bool:
        """Whether the facts are rows to change; else they are questions to answer."""
        return self.notice in ("update", "partly_restored", "monitoring", "resolved", "correction", "postmortem")

    @property
    def open_row(self) -> str:
        """The row that is open at first: what this kind of notice is about."""
        return {"resolved": "ended", "partly_restored": "services", "postmortem": "prevention"}.get(self.notice, "")

    @property
    def own_words(self) -> str:
        """The field of the free text: a postmortem's is the report."""
        return "postmortem" if self.notice == "postmortem" else "extra"

    @property
    def change_count(self) -> int:
        """How many rows differ from what customers know."""
        return sum(row.is_changed for row in self.rows.values())

    @property
    def asked_questions(self) -> list[QuestionView]:
        """The incident type's own questions that stand among the others: without an answer nothing can be published,
        or they are what the notice is about."""
        if self.has_rows:
            return []
        return [question for question in self.questions if question.is_required or self.notice == "follow_up"]

    @property
    def more_rows(self) -> list[FactRow]:
        """The rows of a form with questions: what may be added."""
        names = {*(group.field for group in self.lists), "next_update", "extra"}
        if len(self.questions) > len(self.asked_questions):
            names.add("questions")
        return [row for name, row in self.rows.items() if name in names]

    @property
    def more_names(self) -> list[str]:
        """What may be added, with the promise that is made anyway."""
        return [f"{row.label} {row.value}" if row.name == "next_update" else row.label for row in self.more_rows]

    @property
    def more_fields(self) -> list[str]:
        """The fields of what may be added, as problems name them."""
        return [field for row in self.more_rows for field in row.fields]

    @property
    def chosen_type(self) -> IncidentTypeTile | None:
        """The chosen incident type."""
        return next((tile for tile in (*self.incident_types, *self.more_incident_types) if tile.checked), None)

    @property
    def is_by_hand_open(self) -> bool:
        """Whether the text is written by hand."""
        has_error = any(finding.tone == "down" for extra in self.extras for finding in extra.findings)
        return bool(
            has_error
            or self.reason
            or any(item.text for item in self.by_hand)
            or any(item.checked for item in self.only)
        )

    @property
    def is_more_open(self) -> bool:
        """Whether an incident type behind *more* is chosen."""
        return any(tile.checked for tile in self.more_incident_types)
