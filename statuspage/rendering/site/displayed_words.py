"""Which words stand on the page now: those approved with the newest notice, its aged sentences, or a fixed label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from statuspage.domain import (
    Affected,
    FactRow,
    Facts,
    Incident,
    LanguagePack,
    LocaleRules,
    NoticeKind,
    NoticeText,
    RecordedNotice,
    Sentence,
    Text,
    TimeText,
    impacts,
)
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import Clock, listed

_BESIDE = frozenset({"who", "answers", "workaround", "working", "next"})
_TYPED = frozenset({"extra", "by_hand"})
_OVER = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
_SENTENCE_END = re.compile(
    r"([。！？.!?])(?:(?<=[。！？])(?![」』）])|(?<=[.!?])(?<!\s\d\.)(?<!\s\d\d\.) (?=[¿¡«„“]?[^\W\d_a-zà-öø-ÿ]))"
)
"""Where one sentence of ours ends and the next begins, in languages with and without spaces; not in „am 4. Juli“."""


def site_clock(edition: SiteContext, language: str) -> Clock:
    """The site's clock in one language."""
    return _clock_for(edition.book(language).writing, edition.catalog.site.zone)


@lru_cache(maxsize=32)
def _clock_for(writing: LocaleRules, zone: str) -> Clock:
    return Clock(writing, zone)


def words_of(edition: SiteContext, language: str, incident: Incident, said: RecordedNotice) -> NoticeText:
    """What this notice says in a language. One it was not written in shows state, times and where the details are."""
    written = said.notice.words.get(language)
    return written or _elsewhere(edition, language, incident, said)


def words_now(edition: SiteContext, language: str, incident: Incident, now: datetime) -> NoticeText:
    """What the newest notice says at this moment: a sentence whose time has passed gives way to its approved other."""
    latest = incident.latest
    if latest is None:
        raise ValueError(f"{incident.id} has no notice yet")
    return aged(words_of(edition, language, incident, latest), now)


def bare(book: LanguagePack, text: str) -> str:
    """The text without the marks around it, for places where the page sets the mark itself."""
    return text.removeprefix(book.marks.start).removesuffix(book.marks.end)


def in_full(book: LanguagePack, words: NoticeText) -> tuple[str, ...]:
    """All that the notice says, a sentence in a line."""
    return _displayed_lines(book, words, words.sentences)


def beside_rows(book: LanguagePack, words: NoticeText) -> tuple[str, ...]:
    """The same as ``in_short``, a sentence in a line."""
    return _displayed_lines(book, words, _beside(words))


def _displayed_lines(book: LanguagePack, words: NoticeText, said: Sequence[Sentence]) -> tuple[str, ...]:
    """What was typed keeps its own lines. What marks the end has a line of its own, which never breaks within it."""
    texts = [bare(book, s.text) for s in said] or [bare(book, words.media["page"].body)]
    typed = [s.name in _TYPED for s in said] or [True]
    found: list[str] = []
    for text, own in zip(texts, typed, strict=True):
        found += [line for line in (text.splitlines() if own else _apart(text)) if line.strip()]
    end = (book.marks.end.strip(),) if book.marks.end else ()
    return (f"{book.marks.start}{found[0]}", *found[1:], *end) if found else ()


def _apart(text: str) -> list[str]:
    """A sentence in each."""
    return _SENTENCE_END.sub("\\1\0", text).split("\0")


def _beside(words: NoticeText) -> Sequence[Sentence]:
    return [s for s in words.sentences if s.name not in _BESIDE] or words.sentences


def in_short(book: LanguagePack, words: NoticeText) -> str:
    """The notice without the sentences whose facts stand in rows beside it; whole sentences, with their marks."""
    said = _beside(words)
    text = book.writing.gap.join(s.text for s in said) or words.media["page"].body
    return f"{book.marks.start}{bare(book, text)}{book.marks.end}"


def broken(text: str) -> Markup:
    """Escaped, with places where the line may break."""
    return Markup("<wbr>").join(text.split("|"))


def aged(words: NoticeText, now: datetime) -> NoticeText:
    """These words once ``now`` is at or past the moment they were to be replaced."""
    old = words.aged
    if old is None or now < old.at:
        return words
    rows = tuple(old.row if row.key == old.row.key else row for row in words.rows)
    sentences = tuple(replace(s, text=old.sentence) if _ages(s, old.row.key) else s for s in words.sentences)
    return replace(words, rows=rows, sentences=sentences)


def _ages(sentence: Sentence, key: str) -> bool:
    return sentence.name.split("_")[0] == key


def _elsewhere(edition: SiteContext, language: str, incident: Incident, said: RecordedNotice) -> NoticeText:
    book, facts = edition.book(language), said.notice.facts
    over = said.notice.notice in _OVER
    headline = site_label(book, "elsewhere.over" if over else "elsewhere.headline")
    plain = headline.replace("|", "")
    text = _marked(book, f"{plain}{book.writing.gap}{_details(edition, book, said)}")
    return NoticeText(
        language=language,
        title=_incident_title(edition, language, incident),
        headline=plain,
        headline_html=str(broken(headline)),
        label=book.labels[f"notice.{said.notice.notice}"],
        status=site_label(book, "elsewhere.status_over" if over else "elsewhere.status"),
        sentences=(Sentence("elsewhere", text),),
        rows=_rows(edition, book, _whole(incident, said) if over else facts, _details(edition, book, said)),
        media={"page": Text(text), "feed": Text(text, subject=_marked(book, plain))},
    )


def _whole(incident: Incident, said: RecordedNotice) -> Facts:
    """The facts of a notice that it is over, with everything that was affected until then."""
    facts, last = said.notice.facts, said.sequence
    told = impacts(claim for claim, one in zip(incident.told, incident.notices, strict=True) if one.sequence <= last)
    return replace(facts, affected=tuple(Affected(one.service, one.state) for one in told)) if told else facts


def _incident_title(edition: SiteContext, language: str, incident: Incident) -> str:
    """The frozen title when an earlier notice spoke this language, else a fixed one with the day."""
    for said in reversed(incident.notices):
        if language in said.notice.words:
            return said.notice.words[language].title
    day = site_clock(edition, language).day(incident.notices[0].recorded)
    return site_label(edition.book(language), "elsewhere.title", day=day)


def _details(edition: SiteContext, book: LanguagePack, said: RecordedNotice) -> str:
    names = [edition.book(language).name for language in said.notice.words]
    return site_label(book, "elsewhere.details", languages=listed(names, book.writing))


def _rows(edition: SiteContext, book: LanguagePack, facts: Facts, details: str) -> tuple[FactRow, ...]:
    scope = tuple(
        site_label(
            book, "elsewhere.service", name=book.services[a.service].name, state=site_label(book, f"state.{a.state}")
        )
        for a in facts.affected
    )
    rows = [FactRow("scope", site_label(book, "elsewhere.scope"), scope)] if scope else []
    if facts.started:
        time = site_clock(edition, book.language).day_clock(facts.started.at)
        rows.append(FactRow("started", site_label(book, "elsewhere.started"), time=TimeText(time)))
    return (*rows, FactRow("extra", site_label(book, "elsewhere.more"), (details,)))


def _marked(book: LanguagePack, text: str) -> str:
    return f"{book.marks.start}{text}{book.marks.end}"
