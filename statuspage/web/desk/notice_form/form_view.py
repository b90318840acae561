"""The notice form as its page shows it: every group of choices with what is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.domain import (
    EFFECTS,
    OF_MAINTENANCE,
    AffectedAudience,
    Catalog,
    FactRow,
    IncidentType,
    NoticeKind,
    Precision,
    State,
)
from statuspage.rendering.wording import in_line
from statuspage.usecases.notices import Preview
from statuspage.web.desk.notice_form import pinned_times
from statuspage.web.desk.notice_form import questions as asking
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fields import (
    BOXES,
    CADENCES,
    cadence,
    chosen,
    fits,
    next_of,
    one,
    preset,
    services_of,
    ticked_choices,
)
from statuspage.web.desk.notice_form.form_model import Asked, Boxed, Extra, FormView, Listed, ServiceChip, Tile
from statuspage.web.desk.notice_form.plain_language import found
from statuspage.web.desk.translations import Translator

ICONS = {
    "unreachable": "net",
    "login": "login",
    "slow": "slow",
    "payment": "pay",
    "booking": "cal",
    "messages": "mail",
    "data": "data",
    "entry": "key",
    "provider": "ext",
    "app": "app",
    "security": "lock",
}
"""A drawing for each kind; any other shows three dots."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form is shown from."""

    catalog: Catalog
    voice: Translator
    notice: NoticeKind
    fields: Fields
    preview: Preview
    over: bool = False

    @property
    def asks(self) -> tuple[str, ...]:
        """The parts of this form."""
        return asking.asked(self.notice, over=self.over)


_BREAK = re.compile(r"(?<=[ァ-ヶー])(?=[ぁ-ん]{3})")
"""Where a narrow tile may break a Japanese name: ログイン / できない."""


def view(shown: Shown, *, action: str, place: str, context: Sequence[tuple[str, str]] = ()) -> FormView:
    """The form's page. ``place`` is the signed place the notice belongs to."""
    catalog, voice, fields = shown.catalog, shown.voice, shown.fields
    kind, first = catalog.kinds.get(one(fields, "kind")), catalog.site.kinds
    return FormView(
        title=voice.t(f"report.title.{shown.notice}"),
        button=_button(shown),
        action=action,
        hidden=[*_hidden(fields, place), *pinned_times.hidden(fields), *asking.carried(fields, shown.asks)],
        kind=kind.id if kind else "",
        kinds=[_tile(shown, catalog.kinds[id], "1234567890"[n : n + 1]) for n, id in enumerate(first)],
        more_kinds=[_tile(shown, each, "") for id, each in catalog.troubles.items() if id not in first],
        services=_service_chips(shown),
        states=[(str(state), voice.t(f"state.{state}")) for state in _states(shown.notice)],
        reaches=ticked_choices(((r, voice.t(f"reach.{r}")) for r in _REACHES), [one(fields, "who")]),
        groups=ticked_choices(((id, c.label) for id, c in voice.book.people.items()), fields.get("group", ())),
        sinces=ticked_choices(pinned_times.spans(fields, "since", voice), [chosen(fields, "since")]),
        endeds=ticked_choices(pinned_times.spans(fields, "ended", voice), [chosen(fields, "ended")]),
        since=_boxed(fields, "since"),
        precisions=ticked_choices(((p, voice.t(f"precision.{p}")) for p in _PRECISIONS), [one(fields, "precision")]),
        ended=_boxed(fields, "ended"),
        estimate=_boxed(fields, "estimate"),
        nexts=ticked_choices(((v, voice.t(f"next.{v}")) for v in CADENCES), [next_of(fields, catalog)]),
        next=_boxed(fields, "next"),
        questions=_questions(shown, kind),
        lists=_lists(shown, kind),
        extras=[_extra_view(shown, language, "extra") for language in catalog.languages],
        hints=_hints(shown, kind),
        lacking=[voice.problem(problem) for problem in shown.preview.problems],
        notice=str(shown.notice),
        asks=shown.asks,
        numbers=asking.numbers(shown.asks, shown.notice),
        begins=one(fields, "begins"),
        ends=_boxed(fields, "ends"),
        lengths=ticked_choices(((v, voice.t(f"length.{v}")) for v in _LENGTHS), [chosen(fields, "ends")]),
        reminders=ticked_choices(((v, voice.t(f"remind.{v or 'usual'}")) for v in _REMINDERS), [one(fields, "remind")]),
        by_hand=[_extra_view(shown, language, "text") for language in catalog.languages],
        only=ticked_choices(((id, catalog.books[id].name) for id in catalog.languages), fields.get("only", ())),
        reason=one(fields, "reason"),
        context=list(context),
    )


def _states(notice: NoticeKind) -> tuple[State, ...]:
    """How badly a service may be hit; of trouble also that somebody made sure it works."""
    return EFFECTS if notice in OF_MAINTENANCE else (*EFFECTS, State.OPERATIONAL)


def _button(shown: Shown) -> str:
    """What the button does; in a marked world it says the mark."""
    word = shown.voice.book.marks.word
    return (
        shown.voice.t("report.publish_marked", word=word) if word else shown.voice.t(f"report.publish.{shown.notice}")
    )


_REACHES = (AffectedAudience.CHECKING, AffectedAudience.ALL, AffectedAudience.SOME)
_LENGTHS = ("1h", "2h", "4h")
_REMINDERS = ("", "3h", "1h", "none")
_PRECISIONS = (Precision.ABOUT, Precision.EXACT, Precision.NOTICED)


def _hidden(fields: Fields, place: str) -> list[tuple[str, str]]:
    boxes = {box for group in BOXES.values() for names in group.values() for box in names}
    was = [(f"was-{box}", one(fields, box)) for box in sorted(boxes)]
    return [("place", place), ("shown_kind", one(fields, "kind")), ("next_touched", one(fields, "next_touched")), *was]


def _tile(shown: Shown, kind: IncidentType, key: str) -> Tile:
    label = _BREAK.sub("\u200b", shown.voice.book.phrases.get(f"kind.{kind.id}.name", kind.id))
    checked = one(shown.fields, "kind") == kind.id
    return Tile(kind.id, label, ICONS.get(kind.id, "etc"), key, checked, " ".join(preset(kind)), cadence(kind))


def _service_chips(shown: Shown) -> list[ServiceChip]:
    ticked = dict(text.partition(":")[::2] for text in services_of(shown.fields, shown.catalog))
    names = shown.voice.book.services
    return [
        ServiceChip(id, names[id].name, id in ticked, ticked.get(id) or one(shown.fields, f"state-{id}") or "major")
        for id, service in shown.catalog.services.items()
        if not service.retired or id in ticked
    ]


def _boxed(fields: Fields, name: str) -> Boxed:
    boxes = {box: one(fields, box) for names in BOXES[name].values() for box in names}
    return Boxed(chosen(fields, name), boxes)


def _questions(shown: Shown, kind: IncidentType | None) -> list[Asked]:
    if kind is None or "questions" not in shown.asks:
        return []
    return [_question_view(shown, kind.id, q.id, q.answers, q.required) for q in kind.questions]


def _question_view(shown: Shown, kind: str, question: str, answers: Sequence[str], required: bool) -> Asked:
    phrases, head = shown.voice.book.phrases, f"kind.{kind}.question.{question}"
    options = [(answer, phrases.get(f"{head}.answer.{answer}.label", answer)) for answer in answers]
    if not required:
        options.append(("checking", shown.voice.t("reach.checking")))
    picked = one(shown.fields, f"answer-{question}") or ("" if required else "checking")
    return Asked(question, phrases.get(f"{head}.ask", question), ticked_choices(options, [picked]))


def _lists(shown: Shown, kind: IncidentType | None) -> list[Listed]:
    mine = {
        "workaround": kind.workarounds if kind else (),
        "doing": kind.doings if kind else (),
        "cause": kind.causes if kind else (),
    }
    return [_listed(shown, name, mine[name]) for name in shown.asks if name in mine]


def _listed(shown: Shown, name: str, mine: Sequence[str]) -> Listed:
    every, past = shown.voice.book.lists[name], asking.past(shown.notice, over=shown.over)
    entries = {id: c for id, c in every.items() if name != "workaround" or fits(id, past)}
    picked = [id for id in shown.fields.get(name, []) if id in entries]
    front = [*(id for id in mine if id in entries), *(id for id in picked if id not in mine)] or list(entries)
    none = f"report.{name}_none{'_over' if name == 'cause' and shown.notice is NoticeKind.RESOLVED else ''}"
    options = [("", shown.voice.t(none))] if name != "workaround" else []
    options += [(id, entries[id].label) for id in front]
    rest = [(id, choice.label) for id, choice in entries.items() if id not in front]
    kind = "checkbox" if name == "workaround" else "radio"
    label, ask = shown.voice.t(f"report.{name}"), shown.voice.t(f"report.{name}_ask")
    return Listed(name, kind, label, ask, ticked_choices(options, picked or [""]), ticked_choices(rest, picked))


def _extra_view(shown: Shown, language: str, field: str) -> Extra:
    box = f"{field}-{language}"
    former = shown.preview.former.get(f"{field}.{language}", "")
    said = found(shown.fields, box, catalog=shown.catalog, voice=shown.voice, notice=shown.notice, former=former)
    return Extra(language, shown.catalog.books[language].name, one(shown.fields, box), said)


def _hints(shown: Shown, kind: IncidentType | None) -> dict[str, str]:
    voice = shown.voice
    said = {row.key: row for row in _words_here(shown)}
    hints = {"services": _services_hint(shown, kind), "since": "", "estimate": "", "next": "", "missed": ""}
    hints["minutes"] = pinned_times.minutes(shown.fields, voice)
    hints["nochange"] = voice.t("report.nochange") if _nothing_new(shown) else ""
    if (row := said.get("started")) and row.time:
        hints["since"] = voice.t("report.since_shown", text=in_line(row.time, voice.book.writing))
    if row := said.get("estimate"):
        time = in_line(row.time, voice.book.writing) if row.time else row.soft
        hints["estimate"] = voice.t("report.estimate_shown", text=time or " ".join(row.lines))
        hints["missed"] = voice.t("report.missed", text=" ".join(row.lines)) if row.lines else ""
    if at := shown.preview.facts.next_update:
        hints["next"] = voice.t("report.next_shown", time=voice.times.clock(at))
    return hints


def _words_here(shown: Shown) -> tuple[FactRow, ...]:
    words = shown.preview.words.get(shown.voice.language)
    return words.rows if words else ()


def _nothing_new(shown: Shown) -> bool:
    """Whether the notice, as it stands, says that nothing has changed."""
    words = shown.preview.words.get(shown.voice.language)
    return words is not None and any(one.name == "nochange" for one in words.sentences)


def _services_hint(shown: Shown, kind: IncidentType | None) -> str:
    if kind is None or set(services_of(shown.fields, shown.catalog)) != set(preset(kind)) or not preset(kind):
        return ""
    name = shown.voice.book.phrases.get(f"kind.{kind.id}.name", kind.id).replace("|", "")
    return shown.voice.tn("report.services_preset", len(preset(kind)), kind=name)
