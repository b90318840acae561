"""Words from facts: what a notice says, in every language of the site, on every medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from markupsafe import escape

from statuspage.domain import (
    OF_MAINTENANCE,
    Catalog,
    EnvironmentMarks,
    ExpiredWording,
    Facts,
    Medium,
    NoticeKind,
    NoticeText,
    Sentence,
    Text,
    estimate_expires_at,
)
from statuspage.rendering.wording import email_text, estimates, maintenance, postmortem, scope, staff_text
from statuspage.rendering.wording.context import IncidentContext, WordingContext
from statuspage.rendering.wording.fact_rows import aged_row, rows
from statuspage.rendering.wording.length_fitting import Named, by_name, fitted, said_by
from statuspage.rendering.wording.phrases import BadPhrase
from statuspage.rendering.wording.sentences import sentences

__all__ = ["BadPhrase", "IncidentContext", "compose"]

PAGE = "page"
"""The medium whose sentences are the notice itself."""

AGING = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
"""Notices whose estimate may pass while they stand on the page."""


def compose(
    notice: NoticeKind, facts: Facts, *, catalog: Catalog, story: IncidentContext, now: datetime
) -> dict[str, NoticeText]:
    """The notice in every language of the site. Raises BadPhrase or DoesNotFit; `check` finds both beforehand."""
    cases = (
        WordingContext(notice, facts, catalog, story, now, catalog.books[language]) for language in catalog.languages
    )
    return {case.book.language: _compose_words(case) for case in cases}


def _compose_words(case: WordingContext) -> NoticeText:
    marks, facts = case.book.marks, rows(case)
    asked = {name for medium in case.catalog.media.values() for name in medium.sentences.get(case.notice, ())}
    named = sentences(case, asked)
    on_page = said_by(case.catalog.media[PAGE], case.notice, by_name(named))
    told = "\n".join(s.text for s in on_page)
    there = by_name((*named, *email_text.sentences(case, facts), *staff_text.sentences(case, facts, told)))
    title, headline = _frozen_title(case), scope.headline(case)
    return NoticeText(
        language=case.book.language,
        title=_marked(title, marks),
        headline=_marked(scope.without_breaks(headline), marks),
        headline_html=_breaks(_marked(headline, marks)),
        label=case.label,
        status=_status(case),
        sentences=_at_both_ends(on_page, marks),
        rows=facts,
        media={medium.id: _compose_text(case, medium, there, title) for medium in case.catalog.media.values()},
        aged=_aged(case, on_page),
        account=postmortem.html(case.facts.account.get(case.book.language, ""), marks),
    )


def _compose_text(case: WordingContext, medium: Medium, there: Named, title: str) -> Text:
    """Where nothing has to be given up, the marks stand in the first and last lines; else the fitting places them."""
    marks, gap = case.book.marks, case.joiner
    said = said_by(medium, case.notice, there)
    if medium.limit:
        start, end = marks.start.strip(), marks.end.strip()
        return fitted(said, medium, case.notice, start=start, end=end, joiner=gap)
    apart = marks.end.strip() if said and "://" in said[-1].text else ""
    around = (
        replace(marks, end="") if apart else marks
    )  # what follows an address directly would be taken for a part of it
    text = fitted(_at_both_ends(said, around), medium, case.notice, end=apart, joiner=gap)
    if not medium.subject:
        return text
    subject = case.phrases.say(f"subject.{medium.subject}", label=case.label, title=title)
    return replace(text, subject=_marked(subject, marks))


def _frozen_title(case: WordingContext) -> str:
    """Frozen at effect and date; only a correction changes it, or another plan."""
    frozen = case.story.titles.get(case.book.language)
    if frozen and case.notice not in (NoticeKind.CORRECTION, NoticeKind.ANNOUNCED):
        return frozen.removeprefix(case.book.marks.start).removesuffix(case.book.marks.end)
    if case.notice in OF_MAINTENANCE:
        day = case.clock.date(case.facts.planned.start if case.facts.planned else case.now)
        return case.phrases.say("title.maintenance", services=scope.nouns(case, case.ordered), date=day)
    at = case.facts.started.at if case.facts.started else case.now
    now = scope.without_breaks(scope.head(case).now)
    return case.phrases.say("title.text", now=now, date=case.clock.date(at))


def _status(case: WordingContext) -> str:
    """How it stands, in one phrase."""
    named = {
        NoticeKind.PARTLY_RESTORED: "partly_restored",
        NoticeKind.WATCHING: "watching",
        NoticeKind.RESOLVED: "resolved",
        NoticeKind.ACCOUNT: "resolved",
        NoticeKind.WITHDRAWAL: "withdrawal",
    }
    if case.notice in OF_MAINTENANCE:
        return case.phrases.label(f"status.{case.notice}")
    found = "fixing" if case.facts.doing or case.facts.cause else "looking"
    name = "resolved" if case.over else named.get(case.notice, found)
    return case.phrases.label(f"status.{name}")


def _aged(case: WordingContext, on_page: Sequence[Sentence]) -> ExpiredWording | None:
    names = [s.name for s in on_page]
    if case.facts.planned and "planned" in names:
        text = maintenance.past_end(case)
        return ExpiredWording(
            case.facts.planned.end, maintenance.past_end_row(case, text), _in_place(case, "planned", names, text)
        )
    at = estimate_expires_at(estimates.worded_estimate(case))
    if at is None or case.notice not in AGING or "estimate" not in names:
        return None
    sentence = estimates.aged_sentence(case)
    return ExpiredWording(at, aged_row(case, sentence), _in_place(case, "estimate", names, sentence))


def _in_place(case: WordingContext, name: str, names: Sequence[str], sentence: str) -> str:
    """A sentence with the marks it carries where this name stands among the others."""
    marks = case.book.marks
    start = marks.start if names[0] == name else ""
    end = marks.end if names[-1] == name else ""
    return f"{start}{sentence}{end}"


def _at_both_ends(said: Sequence[Sentence], marks: EnvironmentMarks) -> tuple[Sentence, ...]:
    if not said or not (marks.start or marks.end):
        return tuple(said)
    marked = list(said)
    marked[0] = Sentence(marked[0].name, f"{marks.start}{marked[0].text}")
    marked[-1] = Sentence(marked[-1].name, f"{marked[-1].text}{marks.end}")
    return tuple(marked)


def _marked(text: str, marks: EnvironmentMarks) -> str:
    return f"{marks.start}{text}{marks.end}"


def _breaks(text: str) -> str:
    """Escaped, with places where the line may break."""
    return "<wbr>".join(str(escape(part)) for part in text.split("|"))
