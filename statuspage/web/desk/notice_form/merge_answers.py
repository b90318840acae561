"""Engineers' answers flow into the form: what nobody typed is filled in, the rest stands beside it to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from statuspage.domain import Answer, Catalog, Incident, NoticeInput, NoticeKind, answers, newest_answers
from statuspage.web.desk.notice_form import fields, pinned_times, questions
from statuspage.web.desk.notice_form.drafts import Fields

ALL, ONE = "facts", "fact"
"""What the buttons do: ``facts`` takes all that nobody typed, ``fact since`` this one in any case."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One fact that an engineer gave. ``state``: *same* as in the form, *free* to be taken, or *typed* otherwise."""

    name: str
    answer: Answer
    state: str


@dataclass(frozen=True, slots=True)
class Taking:
    """What answers are taken into: the form's fields, as it was opened, and now."""

    catalog: Catalog
    notice: NoticeKind
    incident: Incident
    opened: Fields
    now: datetime

    def offers(self, typed: Fields) -> list[Offer]:
        """The newest answer to each question that this form asks, with how the form stands to it."""
        found = newest_answers(self.incident)
        return [Offer(name, one, self._state(typed, name, one)) for name, one in found.items() if self._asks(name)]

    def text(self) -> Answer | None:
        """The newest answer with a line of text."""
        return next((one for one in reversed(answers(self.incident)) if one.text), None)

    def taken(self, typed: Fields, do: str) -> Fields:
        """The fields with the answers in them. A line of text is put below what is there, and only when asked for."""
        wanted = do.partition(" ")[2]
        if wanted == "text":
            return self._with_text(typed)
        for offer in self.offers(typed):
            if offer.name == wanted or (not wanted and offer.state == "free"):
                typed = self._put(typed, offer.name, offer.answer)
        return typed

    def _asks(self, name: str) -> bool:
        parts = questions.asked(self.notice, over=False)
        return ("questions" if name.startswith("answer.") else name) in parts

    def _state(self, typed: Fields, name: str, answer: Answer) -> str:
        mine, theirs = self._value(typed, name), self._value(self._put(typed, name, answer), name)
        if mine == theirs:
            return "same"
        before = [self._value(self._put(typed, name, one), name) for one in self._earlier(name)]
        kind = self.catalog.kinds.get(fields.one(typed, "kind"))
        untouched = [self._value(self.opened, name), *before]
        untouched += [tuple(fields.preset(kind))] if name == "services" else []
        return "free" if mine in untouched else "typed"

    def _earlier(self, name: str) -> list[Answer]:
        return [one for one in answers(self.incident) if name in one.said.fields]

    def _value(self, typed: Fields, name: str) -> object:
        said: NoticeInput = fields.typed_of(pinned_times.pinned(typed), self.catalog)
        if name.startswith("answer."):
            return said.answers.get(name.removeprefix("answer."), "") or "checking"
        return getattr(said, name)

    def _put(self, typed: Fields, name: str, answer: Answer) -> Fields:
        zone = ZoneInfo(self.catalog.site.zone)
        kind = fields.one(typed, "kind") or answer.said.facts.kind
        facts = replace(answer.said.facts, kind=kind)
        offered: Mapping[str, list[str]] = fields.following(self.catalog, facts, self.notice, zone, self.now)
        names = [f"answer-{name.removeprefix('answer.')}"] if name.startswith("answer.") else _NAMES[name]
        kept = {field: value for field, value in typed.items() if not _among(field, names)}
        return kept | {field: list(value) for field, value in offered.items() if _among(field, names)}

    def _with_text(self, typed: Fields) -> Fields:
        answer = self.text()
        if answer is None or answer.said.language not in self.catalog.languages:
            return typed
        box = f"extra-{answer.said.language}"
        before = fields.one(typed, box).strip()
        return {**typed, box: ["\n".join(filter(None, (before, answer.text)))]}


_NAMES: Mapping[str, tuple[str, ...]] = {
    "services": (*questions.PARTS["services"], *questions.PARTS["how_badly"]),
    "since": (*questions.PARTS["since"], "was-since_at", "pin-since"),
    "estimate": (*questions.PARTS["estimate"], "was-estimate_*", "pin-estimate"),
    "ended": (*questions.PARTS["ended"], "was-ended_at", "pin-ended"),
}


def _among(field: str, names: tuple[str, ...] | list[str]) -> bool:
    return any(fnmatchcase(field, name) for name in names)
