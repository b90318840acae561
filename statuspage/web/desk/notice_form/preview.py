"""The preview as its pane shows it: exactly the words that would go out, by language and medium, with what it costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from statuspage.domain import OF_MAINTENANCE, Catalog, ChannelSpec, Facts, NoticeKind, NoticeText, State
from statuspage.rendering.site import overall
from statuspage.usecases.notices import Preview
from statuspage.web.desk.translations import Translator

LOOKS = {
    State.MAJOR: "down",
    State.PARTIAL: "part",
    State.DEGRADED: "part",
    State.CHECKING: "unk",
    State.MAINTENANCE: "maint",
    State.OPERATIONAL: "ok",
}
"""The mark and colour of a state."""

TABS = ("page", "x", "feed", "short", "colleagues")
"""Media that have a tab of their own, in this order."""


def front_mark(facts: Facts, notice: NoticeKind, catalog: Catalog) -> str:
    """The mark customers get on the front page when this is all that is open."""
    if notice in OF_MAINTENANCE:
        return "ok" if notice in _OVER else "maint"
    states = {id: State.OPERATIONAL for id, service in catalog.services.items() if not service.retired}
    if notice not in _OVER:
        watched = notice is NoticeKind.WATCHING
        states |= {a.service: State.CHECKING if watched else a.state for a in facts.affected if a.service in states}
    mark = overall(states, ())
    return "unk" if mark == "ok" and State.CHECKING in states.values() else mark


_MARK_WORDS = {
    "down": "state.major",
    "part": "state.partial",
    "unk": "reach.checking",
    "ok": "state.over",
    "maint": "state.maintenance",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One medium to look at; ``counts`` its length in each language, where length matters."""

    id: str
    label: str
    counts: list[str]


@dataclass(frozen=True, slots=True)
class Carried:
    """What one medium carries in one language."""

    id: str
    body: str
    subject: str
    length: int
    limit: int
    account: str
    note: str
    copy: bool


@dataclass(frozen=True, slots=True)
class Pane:
    """The preview's pane. ``token`` approves exactly this, "" where nothing can be published or nobody asked."""

    languages: list[tuple[str, str]]
    language: int
    tab: str
    tabs: list[Tab]
    words: list[NoticeText]
    media: list[list[Carried]]
    later: list[list[tuple[str, str]]]
    look: str
    state: str
    odd: list[str]
    token: str
    as_of: str


def pane(
    preview: Preview,
    catalog: Catalog,
    voice: Translator,
    notice: NoticeKind,
    *,
    away: Collection[str],
    token: str,
    language: str,
    tab: str,
) -> Pane:
    """The pane of this preview, opened at this language and medium. ``away`` are the channels not connected."""
    words = list(preview.words.values())
    look = front_mark(preview.facts, notice, catalog)
    missing = ("kind.missing", "services.missing", "since.missing", "ended.missing", "time.empty")
    return Pane(
        languages=[(each.language, catalog.books[each.language].name) for each in words],
        language=_place(language, words, voice),
        tab=tab if tab in TABS else "page",
        tabs=[_tab(medium, words, voice) for medium in TABS if _is_there(medium, words)],
        words=words,
        media=[_previews(each, preview, catalog, voice, away) for each in words],
        later=[_later(each.language, preview, voice) for each in words],
        look=look,
        state=voice.t(_MARK_WORDS[look]),
        odd=[voice.problem(p) for p in preview.problems if p.code not in missing],
        token=token,
        as_of=voice.t("report.as_of", time=voice.seconds(preview.now)),
    )


_OVER = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)


def _later(language: str, preview: Preview, voice: Translator) -> list[tuple[str, str]]:
    """What goes out by itself afterwards: when, and in which words."""
    return [
        (
            voice.t("planned.by_itself", label=one.words[language].label, at=voice.times.day_clock(one.at)),
            one.words[language].media["page"].body,
        )
        for one in preview.scheduled
        if language in one.words
    ]


def _place(language: str, words: list[NoticeText], voice: Translator) -> int:
    if language.isdigit() and int(language) < len(words):
        return int(language)
    return next((n for n, each in enumerate(words) if each.language == voice.language), 0)


def _is_there(medium: str, words: list[NoticeText]) -> bool:
    return medium == "page" or any(medium in each.media for each in words)


def _tab(medium: str, words: list[NoticeText], voice: Translator) -> Tab:
    counts = [_count(each, medium) for each in words]
    return Tab(medium, voice.t(f"medium.{medium}"), counts if any(counts) else [])


def _count(words: NoticeText, medium: str) -> str:
    text = words.media.get(medium)
    return f"{text.length}/{text.limit}" if text and text.limit else ""


def _previews(
    words: NoticeText, preview: Preview, catalog: Catalog, voice: Translator, away: Collection[str]
) -> list[Carried]:
    return [
        _medium_preview(words, medium, preview, catalog, voice, away) for medium in TABS[1:] if medium in words.media
    ]


def _medium_preview(
    words: NoticeText, medium: str, preview: Preview, catalog: Catalog, voice: Translator, away: Collection[str]
) -> Carried:
    text = words.media[medium]
    specs = [spec for spec in catalog.channels.values() if spec.medium == medium and spec.language == words.language]
    return Carried(
        id=medium,
        body=text.body,
        subject=text.subject,
        length=text.length,
        limit=text.limit,
        account=", ".join(spec.account for spec in specs if spec.account),
        note=_note(specs, preview.costs, voice, away),
        copy=medium in ("short", "colleagues"),
    )


def _note(specs: list[ChannelSpec], costs: Mapping[str, float], voice: Translator, away: Collection[str]) -> str:
    there = [spec for spec in specs if spec.id not in away]
    if specs and not there:
        return voice.t("report.not_connected")
    cost = sum(_price(spec, costs) for spec in there)
    if not cost or voice.book.marks.word:
        return ""
    return voice.t("report.cost", price=price(cost, there[0].currency))


def _price(spec: ChannelSpec, costs: Mapping[str, float]) -> float:
    return costs.get(spec.id, spec.price_link if spec.link else spec.price_post)


def price(amount: float, currency: str) -> str:
    """An amount with its currency: $0.20."""
    return f"${amount:.2f}" if currency == "USD" else f"{amount:.2f} {currency}"
