"""Checks every text over the whole space of facts: nothing missing or doubled, whole sentences, fits its medium."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage.domain.catalog import Catalog, LanguagePack, LocaleRules
from statuspage.domain.facts import (
    IMPACT_STATES,
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Known,
    MaintenanceWindow,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    NoticeText,
    Precision,
    Range,
    StartTime,
    Unknown,
    notice_kinds_of,
)
from statuspage.domain.services.service_words import ImpactClauses
from statuspage.rendering.wording import length_fitting
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.rendering.wording.locale_format import Clock
from tests.support.content import demo_catalog, drill_catalog

FREE = ("link", "extra")
DAYS = {
    "ja": r"\d+月\d+日\([日月火水木金土]\)",
    "en": r"[A-Z][a-z]+day \d+ [A-Z][a-z]+|[A-Z][a-z]{2} \d+ [A-Z][a-z]+",
}
"""The format of a day, by the language whose rules apply."""
LONG = {
    "ja": (
        "とても長い名前のサービス（مرحبا）",
        "が使えません",
        "は、まだ使えません",
        "が使えるようになりました",
        "が使えませんでした",
    ),
    "en": ("Very long service name (مرحبا)", " fails", " still fails", " works again", " failed"),
    "ja-simple": (
        "とても長い名前のサービス（مرحبا）",
        "がつかえません",
        "が、まだつかえません",
        "がつかえるようになりました",
        "がつかえませんでした",
    ),
}
DOUBLED = re.compile(
    "[。、,.;:!?！？：][。、,.;!?！？]|[（(][）)]|ごろごろ|からから|までまで|がが|はは|[（(][^）)]*日本時間[^）)]*日本時間"
    r"|\b(\w+) \1\b|\ba [aeiou]|\ban [^aeiouhAEIOUHMX]|\b1 (people|hours|minutes|days)\b"
    r"|\b(?!1)\d+ (person|hour|minute|day)\b"
)
"""Repeated marks, particles, words and zones; the wrong article; a number and noun that do not agree."""
ODD = {
    "ja": ("予約😀🏋️‍♀️", "が使えません", "は、まだ使えません", "が使えるようになりました", "が使えませんでした"),
    "en": ("Bóoking 😀🏋️‍♀️", " fails", " still fails", " works again", " failed"),
    "ja-simple": (
        "よやく😀🏋️‍♀️",
        "がつかえません",
        "が、まだつかえません",
        "がつかえるようになりました",
        "がつかえませんでした",
    ),
}
"""Names with emoji and letters of several code points."""


def _named(catalog: Catalog, names: Mapping[str, tuple[str, ...]], length: int = 0) -> Catalog:
    """Services with these names, padded to ``length``, in an impact of their own."""
    packs = {}
    for language, pack in catalog.packs.items():
        beginning, *tails = names[language]
        name = beginning.ljust(length, "x")
        effect = ImpactClauses(*(f"{name}{tail}" for tail in tails))
        services = {
            key: replace(
                words, name=name, noun=name, noun_capitalized=name, impact_clauses=dict.fromkeys(IMPACT_STATES, effect)
            )
            for key, words in pack.services.items()
        }
        packs[language] = replace(pack, services=services)
    return replace(catalog, packs=packs)


LIVE, DRILL = demo_catalog(), drill_catalog()


def _many(catalog: Catalog, count: int = 30) -> Catalog:
    """The same with this many services, all like the first."""
    first, *_ = catalog.services.values()
    more = [replace(first, id=f"more-{n}") for n in range(count - len(catalog.services))]
    packs = {
        language: replace(pack, services={**pack.services, **{one.id: pack.services[first.id] for one in more}})
        for language, pack in catalog.packs.items()
    }
    return replace(catalog, services={**catalog.services, **{one.id: one for one in more}}, packs=packs)


ENVIRONMENTS = {
    "live": LIVE,
    "drill": DRILL,
    "long": _many(_named(DRILL, LONG, 60)),
    "odd": _many(_named(LIVE, ODD)),
    "saving": replace(LIVE, site=replace(LIVE.site, zone="Europe/London", numbers_notices=True)),
}
"""Content as customers read it; as a drill; a drill with 30 services with the longest names; with emoji in 30 names;
and in a zone with summer time and numbered reports."""

INCIDENT_TYPES, LISTS = list(LIVE.incident_types.values()), LIVE.leading_pack.lists

moments = st.datetimes(datetime(2026, 3, 20), datetime(2027, 4, 2), timezones=st.just(UTC)) | st.sampled_from(  # noqa: DTZ001 - hypothesis adds the zone
    [
        datetime(2026, 7, 4, 14, 59, tzinfo=UTC),  # just before midnight in Tokyo
        datetime(2026, 12, 31, 14, 59, tzinfo=UTC),  # and before the year ends
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),  # just before clocks go forward in London
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # in the hour that comes twice
    ]
)
lengths = st.integers(1, 60 * 30).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def estimates(draw: st.DrawFn, now: datetime):
    first, more = now + draw(lengths), draw(lengths)
    present = draw(st.sampled_from((Unknown(), Known(first), Range(first, first + more), NotBefore(first))))
    return MissedEstimate(now - draw(lengths), present) if draw(st.booleans()) else present


@st.composite
def facts(draw: st.DrawFn, now: datetime, incident_type, notice: NoticeKind, env: str):
    every = list(ENVIRONMENTS[env].services)
    services = draw(st.lists(st.sampled_from(every), max_size=len(every), unique=True))
    working = draw(st.lists(st.sampled_from(every), max_size=3, unique=True))
    reach = draw(st.sampled_from(AffectedAudience))
    audience = draw(
        st.lists(st.sampled_from(list(LIVE.leading_pack.audience_groups)), min_size=1, max_size=3, unique=True)
    )
    began = now - draw(lengths)
    over = notice in (NoticeKind.RESOLVED, NoticeKind.POSTMORTEM) or (
        notice is NoticeKind.CORRECTION and draw(st.booleans())
    )
    return Facts(
        incident_type=incident_type.id,
        affected=tuple(Affected(s, draw(st.sampled_from(IMPACT_STATES))) for s in services),
        audience=Audience(reach, tuple(audience) if reach is AffectedAudience.GROUPS else ()),
        start=StartTime(draw(st.sampled_from(Precision)), began),
        estimate=draw(estimates(now)),
        workarounds=tuple(draw(st.lists(st.sampled_from(list(LISTS["workaround"])), max_size=3, unique=True))),
        current_action=draw(st.none() | st.sampled_from(list(LISTS["current_action"]))),
        cause=draw(st.none() | st.sampled_from(list(LISTS["cause"]))),
        next_update=draw(st.none() | lengths.map(lambda length: now + length)),
        ended_at=began + (now - began) * draw(st.floats(0, 1)) if over else None,
        answers={q.id: draw(st.sampled_from((*q.answers, "checking"))) for q in incident_type.questions},
        extra={"ja": "くわしくは受付でおたずねください。"} if draw(st.booleans()) else {},
        confirmed_working=tuple(s for s in working if s not in services),
    )


@st.composite
def plans(draw: st.DrawFn, now: datetime, incident_type, notice: NoticeKind, env: str):
    every = list(ENVIRONMENTS[env].services)
    services = draw(st.lists(st.sampled_from(every), min_size=1, max_size=len(every), unique=True))
    start = now + draw(lengths) if notice in (NoticeKind.ANNOUNCED, NoticeKind.REMINDER) else now - draw(lengths)
    begun = draw(st.none() | st.just(StartTime(Precision.EXACT, start)))
    return Facts(
        incident_type=incident_type.id,
        affected=tuple(Affected(s, draw(st.sampled_from(IMPACT_STATES))) for s in services),
        start=StartTime(Precision.EXACT, start) if notice is NoticeKind.STARTED else begun,
        workarounds=tuple(draw(st.lists(st.sampled_from(list(LISTS["workaround"])), max_size=2, unique=True))),
        maintenance_window=MaintenanceWindow(start, start + draw(lengths)),
        ended_at=now if notice is NoticeKind.FINISHED else None,
        extra={"ja": "くわしくは受付でおたずねください。"} if draw(st.booleans()) else {},
    )


@st.composite
def notices(draw: st.DrawFn):
    env = draw(st.sampled_from(sorted(ENVIRONMENTS)))
    incident_type, now = draw(st.sampled_from(INCIDENT_TYPES)), draw(moments)
    notice, made = (
        draw(st.sampled_from(notice_kinds_of(incident_type.id))),
        plans if incident_type.id == MAINTENANCE else facts,
    )
    notice_input = draw(made(now, incident_type, notice, env))
    before = draw(
        st.none()
        | st.just(notice_input)
        | made(now - timedelta(minutes=30), incident_type, notice_kinds_of(incident_type.id)[1], env)
    )
    earlier = now - draw(lengths)
    incident_context = IncidentContext(
        incident_id="k7m2p9xa4tq8",
        site_address=draw(st.sampled_from(("", "https://status.fitline.example"))),
        previous_facts=before,
        is_reopened=draw(st.booleans()),
        corrected_notice_at=draw(st.sampled_from((None, earlier))),
        first_notice_at=draw(st.sampled_from((None, earlier))),
    )
    return env, notice, notice_input, incident_context, now


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(notices())
def test_any_facts_make_whole_sentences_that_fit_in_every_language(one):
    env, notice, notice_input, incident_context, now = one
    catalog = ENVIRONMENTS[env]
    for language, words in compose(notice, notice_input, catalog=catalog, incident=incident_context, now=now).items():
        for where, text in _texts(words):
            _has_no_holes(where, text, catalog.packs[language].locale_rules)
        _sentences_are_whole(words, catalog.packs[language], long=env in ("long", "odd"))
        _says_day_zone_and_sorry_once(words, catalog.packs[language])
        _fits(words, catalog)
        _is_marked(words, catalog)


def _texts(words: NoticeText) -> Iterator[tuple[str, str]]:
    yield from (("title", words.title), ("headline", words.headline), ("label", words.label), ("status", words.status))
    yield from ((f"media.{name}", text.body) for name, text in words.media.items())
    yield from ((f"subject.{name}", text.subject) for name, text in words.media.items() if text.subject)
    if words.expired_wording:
        yield "expired", words.expired_wording.sentence
    for row in words.rows:
        yield from ((f"row.{row.key}", line) for line in (row.label, *row.lines))
        if row.time:
            yield f"row.{row.key}", row.time.value


def _has_no_holes(where: str, text: str, writing: LocaleRules) -> None:
    assert text.strip(), where
    assert not re.search(r"[{}|]", text), (where, text)
    inside = where.startswith(("media.colleagues", "media.mail"))
    lines = [line.strip() if inside else line for line in text.split("\n")]
    assert all(lines) or inside, (where, text)
    assert not any("  " in line or line != line.strip() for line in lines), (where, text)
    assert not DOUBLED.search(text), (where, DOUBLED.search(text), text)
    relative = "|".join(map(re.escape, writing.relative_words))
    assert not re.search(rf"\b({relative})\b" if writing.uses_spaces else relative, text, re.IGNORECASE), (where, text)


READING = re.compile(r"（[ぁ-んー]+）")
"""The reading in brackets after a word, which does not count towards the length of a sentence."""

QUOTED = re.compile(r"“[^”]*”")
"""The title of a notice that another one names; its length is its own."""


def _sentences_are_whole(words: NoticeText, pack: LanguagePack, *, long: bool) -> None:
    writing, start = pack.locale_rules, pack.marks.start
    for sentence in words.sentences:
        if sentence.name in FREE:
            continue
        text = sentence.text
        assert text.rstrip().endswith(writing.full_stop), sentence
        rest = QUOTED.sub("“…”", READING.sub("", text.removeprefix(start)))
        parts = [p for p in re.split(r"(?<=。)|(?<=\.)\s*(?![\d)])", rest) if p]
        measure = len if writing.length_unit == "characters" else (lambda p: len(p.split()))
        assert long or all(measure(p) <= writing.max_sentence_length for p in parts), sentence


def _says_day_zone_and_sorry_once(words: NoticeText, pack: LanguagePack) -> None:
    for name, text in words.media.items():
        if name.startswith(("colleagues", "mail")):
            continue
        days = re.findall(DAYS[pack.locale_rules.locale[:2]], text.body)
        again = name == "short" or _clocks_change_in(text.body, pack) or _corrects(words)
        assert again or not _is_said_again(days), (name, text.body)
        assert text.body.count(Clock(pack.locale_rules, "Asia/Tokyo").zone_name()) <= 1, (name, text.body)
        assert text.body.count(pack.locale_rules.apology) <= 1, (name, text.body)
    for sentence in words.sentences:
        for part in sentence.text.split(pack.locale_rules.full_stop) if sentence.name == "changed" else [sentence.text]:
            days = re.findall(DAYS[pack.locale_rules.locale[:2]], part)
            assert len(days) == len(set(days)), sentence


def _corrects(words: NoticeText) -> bool:
    """Whether the notice corrects times: each old and each new one names its own day."""
    return any(sentence.name == "changed" for sentence in words.sentences)


def _is_said_again(days: Sequence[str]) -> bool:
    """Whether the first day comes again, other than before the second day of a range over midnight."""
    return any(day == days[0] and days[n + 1 : n + 2] in ([], [day]) for n, day in enumerate(days) if n)


def _clocks_change_in(text: str, pack: LanguagePack) -> bool:
    """Whether the text has times before and after a clock change in London: the later one must repeat day and zone."""
    clock = Clock(pack.locale_rules, "Europe/London")
    winter, summer = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
    zone_names = [{clock.zone_name_at(at), clock.short_zone_name_at(at)} for at in (winter, summer)]
    return all(any(name in text for name in names) for names in zone_names)


def _fits(words: NoticeText, catalog: Catalog) -> None:
    for name, text in words.media.items():
        medium = catalog.media[name]
        assert text.length == length_fitting.measured_length(text.body, medium.length_unit)
        assert not medium.limit or text.length <= medium.limit, (name, text)
        assert not medium.byte_limit or len(text.body.encode()) <= medium.byte_limit, (name, text)


def _is_marked(words: NoticeText, catalog: Catalog) -> None:
    marks = catalog.packs[words.language].marks
    start, end = marks.start.strip(), marks.end.strip()
    texts = [text for medium in words.media.values() for text in (medium.body, medium.subject) if text]
    for text in (words.title, words.headline, *texts):
        assert text.startswith(start) and text.endswith(end), text
        assert not start or (text.count(start), text.count(end)) == (1, 1), text
    assert words.sentences[0].text.startswith(start) and words.sentences[-1].text.endswith(end)
