"""The text displayed on the page now: approved with the newest notice, its replacement once expired, or a fixed
label."""

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
    MediumText,
    NoticeKind,
    NoticeText,
    RecordedNotice,
    Sentence,
    TimeText,
    impacts,
)
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import Clock, join_list

_BESIDE = frozenset({"audience", "answers", "workaround", "working", "next_update"})
_TYPED = frozenset({"extra", "by_hand"})
_OVER = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
_SENTENCE_END = re.compile(
    r"([。！？.!?])(?:(?<=[。！？])(?![」』）])|(?<=[.!?])(?<!\s\d\.)(?<!\s\d\d\.) (?=[¿¡«„“]?[^\W\d_a-zà-öø-ÿ]))"
)
"""Where one of our sentences ends and the next begins, in languages with and without spaces; not in „am 4. Juli“."""


def site_clock(site: SiteContext, language: str) -> Clock:
    """The clock for the site's zone in one language."""
    return _clock_for(site.language_pack(language).locale_rules, site.catalog.site.zone)


@lru_cache(maxsize=32)
def _clock_for(locale_rules: LocaleRules, zone: str) -> Clock:
    return Clock(locale_rules, zone)


def notice_text_of(site: SiteContext, language: str, incident: Incident, recorded_notice: RecordedNotice) -> NoticeText:
    """The text of this notice in a language. If it was not written in that language: state, times and where the details
    are."""
    notice_text = recorded_notice.notice.texts.get(language)
    return notice_text or _other_language_text(site, language, incident, recorded_notice)


def current_notice_text(site: SiteContext, language: str, incident: Incident, now: datetime) -> NoticeText:
    """The text of the newest notice at this moment; sentences whose time has passed are replaced."""
    latest = incident.latest
    if latest is None:
        raise ValueError(f"{incident.id} has no notice yet")
    return replace_expired(notice_text_of(site, language, incident, latest), now)


def strip_marks(pack: LanguagePack, text: str) -> str:
    """The text without its drill marks, for places where the page adds the mark itself."""
    return text.removeprefix(pack.marks.start).removesuffix(pack.marks.end)


def full_lines(pack: LanguagePack, notice_text: NoticeText) -> tuple[str, ...]:
    """The whole notice, one sentence per line. Text typed by hand keeps its own lines. The closing mark has its own
    line, which never breaks."""
    sentences = notice_text.sentences
    texts = [strip_marks(pack, sentence.text) for sentence in sentences] or [
        strip_marks(pack, notice_text.media["page"].body)
    ]
    is_typed = [sentence.name in _TYPED for sentence in sentences] or [True]
    lines: list[str] = []
    for text, keeps_lines in zip(texts, is_typed, strict=True):
        lines += [line for line in (text.splitlines() if keeps_lines else split_sentences(text)) if line.strip()]
    end_line = (pack.marks.end.strip(),) if pack.marks.end else ()
    return (f"{pack.marks.start}{lines[0]}", *lines[1:], *end_line) if lines else ()


def paragraphs(pack: LanguagePack, notice_text: NoticeText) -> tuple[str, ...]:
    """The whole notice: its sentences as one paragraph, then each line that was typed by hand. Without the closing
    mark."""
    sentences = notice_text.sentences or (Sentence("by_hand", notice_text.media["page"].body),)
    composed = [strip_marks(pack, sentence.text) for sentence in sentences if sentence.name not in _TYPED]
    typed = [line for sentence in sentences if sentence.name in _TYPED for line in typed_lines(pack, sentence.text)]
    first, *others = [*filter(None, [joined_text(pack, composed)]), *typed] or [notice_text.headline]
    return (f"{pack.marks.start}{first}", *others)


def joined_text(pack: LanguagePack, sentences: Sequence[str]) -> str:
    """Sentences as one paragraph."""
    return pack.locale_rules.gap.join(sentences)


def typed_lines(pack: LanguagePack, text: str) -> list[str]:
    """The lines of a text typed by hand, without its marks."""
    return [line for line in strip_marks(pack, text).splitlines() if line.strip()]


def split_sentences(text: str) -> list[str]:
    """The text split into sentences."""
    return _SENTENCE_END.sub("\\1\0", text).split("\0")


def _short_sentences(notice_text: NoticeText) -> Sequence[Sentence]:
    return [sentence for sentence in notice_text.sentences if sentence.name not in _BESIDE] or notice_text.sentences


def short_text(pack: LanguagePack, notice_text: NoticeText) -> str:
    """The notice without the sentences whose facts are in rows beside it; whole sentences, with their marks."""
    sentences = _short_sentences(notice_text)
    text = pack.locale_rules.gap.join(sentence.text for sentence in sentences) or notice_text.media["page"].body
    return f"{pack.marks.start}{strip_marks(pack, text)}{pack.marks.end}"


def without_date(title: str) -> str:
    """A title without the date in brackets at its end, for places that give the day themselves."""
    return _DATE_IN_BRACKETS.sub("", title)


_DATE_IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*\d[^()（）]*[)）]$")
"""What every language writes after a title: (4 July), （7月4日）."""


def with_line_breaks(text: str) -> Markup:
    """Escaped, with the places where the line may break."""
    return Markup("<wbr>").join(text.split("|"))


def replace_expired(notice_text: NoticeText, now: datetime) -> NoticeText:
    """The text with every sentence replaced whose time has passed at ``now``."""
    expired = notice_text.expired_wording
    if expired is None or now < expired.at:
        return notice_text
    rows = tuple(expired.row if row.key == expired.row.key else row for row in notice_text.rows)
    sentences = tuple(
        replace(sentence, text=expired.sentence) if _is_expired(sentence, expired.row.key) else sentence
        for sentence in notice_text.sentences
    )
    return replace(notice_text, rows=rows, sentences=sentences)


def _is_expired(sentence: Sentence, key: str) -> bool:
    return sentence.name.split("_")[0] == key


def _other_language_text(
    site: SiteContext, language: str, incident: Incident, recorded_notice: RecordedNotice
) -> NoticeText:
    pack, facts = site.language_pack(language), recorded_notice.notice.facts
    is_over = recorded_notice.notice.notice in _OVER
    headline = site_label(pack, "other_language.over" if is_over else "other_language.headline")
    plain_headline = headline.replace("|", "")
    text = _marked(pack, f"{plain_headline}{pack.locale_rules.gap}{_details(site, pack, recorded_notice)}")
    return NoticeText(
        language=language,
        title=_incident_title(site, language, incident),
        headline=plain_headline,
        headline_html=str(with_line_breaks(headline)),
        label=pack.labels[f"notice.{recorded_notice.notice.notice}"],
        status=site_label(pack, "other_language.status_over" if is_over else "other_language.status"),
        sentences=(Sentence("elsewhere", text),),
        rows=_rows(
            site,
            pack,
            _cumulative_facts(incident, recorded_notice) if is_over else facts,
            _details(site, pack, recorded_notice),
        ),
        media={"page": MediumText(text), "feed": MediumText(text, subject=_marked(pack, plain_headline))},
    )


def _cumulative_facts(incident: Incident, recorded_notice: RecordedNotice) -> Facts:
    """The facts of a final notice, with everything that had been affected until then."""
    facts, last_sequence = recorded_notice.notice.facts, recorded_notice.sequence
    all_impacts = impacts(
        claim
        for claim, notice in zip(incident.claims, incident.notices, strict=True)
        if notice.sequence <= last_sequence
    )
    return (
        replace(facts, affected=tuple(Affected(impact.service, impact.state) for impact in all_impacts))
        if all_impacts
        else facts
    )


def _incident_title(site: SiteContext, language: str, incident: Incident) -> str:
    """The frozen title if an earlier notice has this language, else a generic one with the day."""
    for recorded_notice in reversed(incident.notices):
        if language in recorded_notice.notice.texts:
            return recorded_notice.notice.texts[language].title
    day = site_clock(site, language).format_day(incident.notices[0].recorded)
    return site_label(site.language_pack(language), "other_language.title", day=day)


def _details(site: SiteContext, pack: LanguagePack, recorded_notice: RecordedNotice) -> str:
    names = [site.language_pack(language).name for language in recorded_notice.notice.texts]
    return site_label(pack, "other_language.details", languages=join_list(names, pack.locale_rules))


def _rows(site: SiteContext, pack: LanguagePack, facts: Facts, details: str) -> tuple[FactRow, ...]:
    scope = tuple(
        site_label(
            pack,
            "other_language.service",
            name=pack.services[affected.service].name,
            state=site_label(pack, f"state.{affected.state}"),
        )
        for affected in facts.affected
    )
    rows = [FactRow("scope", site_label(pack, "other_language.scope"), scope)] if scope else []
    if facts.start:
        time = site_clock(site, pack.language).format_day_time(facts.start.at)
        rows.append(FactRow("start", site_label(pack, "other_language.start"), time=TimeText(time)))
    return (*rows, FactRow("extra", site_label(pack, "other_language.more"), (details,)))


def _marked(pack: LanguagePack, text: str) -> str:
    return f"{pack.marks.start}{text}{pack.marks.end}"
