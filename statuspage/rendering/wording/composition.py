"""Composes a notice from its facts, in every language of the site, for every medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from markupsafe import escape

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    Catalog,
    EnvironmentMarks,
    ExpiredWording,
    Facts,
    Medium,
    MediumText,
    NoticeKind,
    NoticeText,
    Sentence,
    estimate_expires_at,
)
from statuspage.rendering.wording import email_text, maintenance, postmortem, scope, service_lists, staff_text, titles
from statuspage.rendering.wording.context import IncidentContext, WordingContext
from statuspage.rendering.wording.fact_rows import expired_row, rows
from statuspage.rendering.wording.length_fitting import SentencesByName, fit_sentences, group_by_name, select_sentences
from statuspage.rendering.wording.sentences import sentences
from statuspage.rendering.wording.times import estimates

PAGE = "page"
"""The medium whose sentences make up the notice itself."""

EXPIRING = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
"""Kinds of notice whose estimate may pass while they are on the page."""


def compose(
    notice: NoticeKind, facts: Facts, *, catalog: Catalog, incident: IncidentContext, now: datetime
) -> dict[str, NoticeText]:
    """The notice in every language of the site. Raises BadPhrase or DoesNotFit; `check` finds both in advance."""
    contexts = (
        WordingContext(notice, facts, catalog, incident, now, catalog.packs[language]) for language in catalog.languages
    )
    return {context.pack.language: _compose_words(context) for context in contexts}


def _compose_words(context: WordingContext) -> NoticeText:
    marks, fact_rows = context.pack.marks, rows(context)
    sentence_names = {
        name for medium in context.catalog.media.values() for name in medium.sentences.get(context.notice, ())
    }
    all_sentences = sentences(context, sentence_names)
    page_sentences = select_sentences(context.catalog.media[PAGE], context.notice, group_by_name(all_sentences))
    page_text = "\n".join(sentence.text for sentence in page_sentences)
    sentences_by_name = group_by_name(
        (
            *all_sentences,
            *email_text.sentences(context, fact_rows),
            *staff_text.sentences(context, fact_rows, page_text),
        )
    )
    title, headline = titles.incident_title(context), scope.headline(context)
    return NoticeText(
        language=context.pack.language,
        title=_marked(title, marks),
        headline=_marked(service_lists.without_breaks(headline), marks),
        headline_html=_escape_breaks(_marked(headline, marks)),
        label=context.label,
        status=_status(context),
        sentences=_mark_both_ends(page_sentences, marks),
        rows=fact_rows,
        media={
            medium.id: _compose_text(context, medium, sentences_by_name) for medium in context.catalog.media.values()
        },
        expired_wording=_expired_wording(context, page_sentences),
        postmortem=postmortem.render_html(context.facts.postmortem.get(context.pack.language, ""), marks),
    )


def _compose_text(context: WordingContext, medium: Medium, sentences_by_name: SentencesByName) -> MediumText:
    """The text for one medium. If no sentence has to be dropped, the drill marks are already in the first and last
    lines; otherwise length fitting adds them."""
    marks, joiner = context.pack.marks, context.joiner
    selected = select_sentences(medium, context.notice, sentences_by_name)
    if medium.limit:
        start, end = marks.start.strip(), marks.end.strip()
        return fit_sentences(selected, medium, context.notice, start=start, end=end, joiner=joiner)
    end_line = marks.end.strip() if selected and "://" in selected[-1].text else ""
    inner_marks = (
        replace(marks, end="") if end_line else marks
    )  # a mark directly after a URL would be taken for a part of it
    text = fit_sentences(_mark_both_ends(selected, inner_marks), medium, context.notice, end=end_line, joiner=joiner)
    if not medium.subject:
        return text
    return replace(text, subject=_marked(titles.subject(context, medium.subject), marks))


def _status(context: WordingContext) -> str:
    """The state of the incident in one phrase."""
    status_by_notice = {
        NoticeKind.PARTLY_RESTORED: "partly_restored",
        NoticeKind.MONITORING: "monitoring",
        NoticeKind.RESOLVED: "resolved",
        NoticeKind.POSTMORTEM: "resolved",
        NoticeKind.FOLLOW_UP: "resolved",
        NoticeKind.WITHDRAWAL: "withdrawal",
    }
    if context.notice in MAINTENANCE_NOTICES:
        return context.phrases.format_label(f"status.{context.notice}")
    default_name = "fixing" if context.facts.current_action or context.facts.cause else "looking"
    name = "resolved" if context.is_over else status_by_notice.get(context.notice, default_name)
    return context.phrases.format_label(f"status.{name}")


def _expired_wording(context: WordingContext, page_sentences: Sequence[Sentence]) -> ExpiredWording | None:
    names = [sentence.name for sentence in page_sentences]
    estimate_name = next((name for name in ("estimate_new", "estimate") if name in names), "")
    if context.facts.maintenance_window and "planned_end" in names:
        text = maintenance.expired_end_sentence(context)
        return ExpiredWording(
            context.facts.maintenance_window.end,
            maintenance.expired_end_row(context, text),
            _mark_in_place(context, "planned_end", names, text),
        )
    expires_at = estimate_expires_at(estimates.worded_estimate(context))
    if expires_at is None or context.notice not in EXPIRING or not estimate_name:
        return None
    sentence = estimates.expired_sentence(context)
    return ExpiredWording(
        expires_at, expired_row(context, sentence), _mark_in_place(context, estimate_name, names, sentence)
    )


def _mark_in_place(context: WordingContext, name: str, names: Sequence[str], sentence: str) -> str:
    """A sentence with the marks that it needs at this position."""
    marks = context.pack.marks
    start = marks.start if names[0] == name else ""
    end = marks.end if names[-1] == name else ""
    return f"{start}{sentence}{end}"


def _mark_both_ends(page_sentences: Sequence[Sentence], marks: EnvironmentMarks) -> tuple[Sentence, ...]:
    if not page_sentences or not (marks.start or marks.end):
        return tuple(page_sentences)
    marked = list(page_sentences)
    marked[0] = Sentence(marked[0].name, f"{marks.start}{marked[0].text}")
    marked[-1] = Sentence(marked[-1].name, f"{marked[-1].text}{marks.end}")
    return tuple(marked)


def _marked(text: str, marks: EnvironmentMarks) -> str:
    return f"{marks.start}{text}{marks.end}"


def _escape_breaks(text: str) -> str:
    """Escaped, with the places where the line may break."""
    return "<wbr>".join(str(escape(part)) for part in text.split("|"))
