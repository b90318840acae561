"""The preview: exactly the text that would be published, by language and medium, with its cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    NOTICES_AFTER_END,
    OWN_MEDIA,
    Catalog,
    ChannelSpec,
    Facts,
    Incident,
    MediumText,
    Notice,
    NoticeKind,
    NoticeText,
    RecordedNotice,
    State,
    worst,
)
from statuspage.rendering.site import NoticeNews, notice_news, sentence_mark
from statuspage.rendering.wording import join_plainly
from statuspage.usecases.notices import Preview
from statuspage.web.desk.notice_form.confirmations import UNCONFIRMED
from statuspage.web.desk.panels import fact_lines
from statuspage.web.desk.translations import Translator

STATE_TONES = {
    State.MAJOR: "down",
    State.PARTIAL: "part",
    State.DEGRADED: "part",
    State.CHECKING: "unk",
    State.MAINTENANCE: "maint",
    State.OPERATIONAL: "ok",
}
"""The mark and colour of a state."""


def incident_tone(incident: Incident) -> str:
    """The mark and colour of an open incident: those above its notice, a triangle where only some cannot use it."""
    if not incident.affected:
        return "unk"
    tone, audience = STATE_TONES[incident.state], incident.latest.notice.facts.audience if incident.latest else None
    return sentence_mark(incident.state, audience) if tone == "down" and audience else tone


TABS = {"page": ("page",), "mail": ("mail",), "x": ("x",), "feed": ("feed",), "staff": ("short", "colleagues")}
"""The tabs in their order, each with its media: what staff say on the phone and to each other is one."""


def front_mark(facts: Facts, notice: NoticeKind) -> str:
    """The mark that the page shows above this notice, if this is the only open incident."""
    if notice in _END_KINDS:
        return "ok"
    if notice in MAINTENANCE_NOTICES:
        return "maint"
    state = worst(tuple(affected.state for affected in facts.affected))
    if state is State.OPERATIONAL:
        return "ok"
    watched = notice is NoticeKind.MONITORING
    return "unk" if watched else sentence_mark(state, facts.audience).replace("chk", "unk")


_TONE_LABELS = {
    "down": "state.major",
    "part": "state.partial",
    "unk": "audience.checking",
    "ok": "state.over",
    "maint": "state.maintenance",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One medium; ``counts`` is its length in each language, if length matters."""

    id: str
    label: str
    counts: list[str]


@dataclass(frozen=True, slots=True)
class MediumPreview:
    """The text of one medium in one language, and the tab under which it stands. ``left_out`` names the facts that are
    on the page alone, "" if there are none."""

    id: str
    body: str
    subject: str
    length: int
    limit: int
    left_out: str
    account: str
    note: str
    can_copy: bool
    tab: str


@dataclass(frozen=True, slots=True)
class Pane:
    """The preview. ``token`` approves exactly this text, "" if it cannot be published or nobody asked. ``news`` is in
    each language what the notice changes; ``assumed`` are the facts known so far, each with its label, "" for one that
    is missing, where there are no words yet."""

    languages: list[tuple[str, str]]
    language: int
    tab: str
    tabs: list[Tab]
    words: list[NoticeText]
    media: list[list[MediumPreview]]
    scheduled: list[list[tuple[str, str]]]
    tone: str
    state: str
    problems: list[str]
    token: str
    as_of: str
    news: list[NoticeNews | None]
    news_label: str
    assumed: list[tuple[str, str]]


def build_pane(
    preview: Preview,
    catalog: Catalog,
    translator: Translator,
    notice: NoticeKind,
    *,
    unconnected: Collection[str],
    token: str,
    language: str,
    tab: str,
    earlier: RecordedNotice | None = None,
) -> Pane:
    """The preview for display, opened at this language and medium. ``unconnected`` are channels that are not
    connected, ``earlier`` is the last notice of this incident."""
    notice_texts = list(preview.notice_texts.values())
    tone = front_mark(preview.facts, notice)
    return Pane(
        languages=[(notice_text.language, catalog.packs[notice_text.language].name) for notice_text in notice_texts],
        language=_language_index(language, notice_texts, translator),
        tab=tab if tab in TABS else "page",
        tabs=[_tab(id, notice_texts, translator) for id in TABS if _has_media(id, notice_texts)],
        words=notice_texts,
        media=[
            _medium_previews(notice_text, preview, catalog, translator, unconnected) for notice_text in notice_texts
        ],
        scheduled=[_scheduled_notices(notice_text.language, preview, translator) for notice_text in notice_texts],
        tone=tone,
        state=translator.t(_TONE_LABELS[tone]),
        problems=_problem_texts(preview, translator),
        token=token,
        as_of=translator.t("report.as_of", time=translator.clock_seconds(preview.previewed_at)),
        news=[_news(notice_text, preview, notice, earlier, catalog) for notice_text in notice_texts],
        news_label=translator.t("report.news", time=translator.times.format_time(preview.previewed_at)),
        assumed=[] if notice_texts else _assumed_facts(preview, translator, notice),
    )


def _problem_texts(preview: Preview, translator: Translator) -> list[str]:
    """What is wrong, each once; what is only missing stands at the gate."""
    missing_codes = ("incident_type.missing", "services.missing", "start.missing", "ended.missing", "time.empty")
    wrong = (
        problem
        for problem in preview.problems
        if problem.code not in missing_codes and not problem.code.endswith(f".{UNCONFIRMED}")
    )
    return list(dict.fromkeys(translator.problem_text(problem) for problem in wrong))


def _news(
    notice_text: NoticeText, preview: Preview, notice: NoticeKind, earlier: RecordedNotice | None, catalog: Catalog
) -> NoticeNews | None:
    """What this notice changes, as in the public timeline; None if it is the first."""
    written = Notice(notice, preview.facts, preview.notice_texts)
    return notice_news(catalog.packs[notice_text.language], written, notice_text, earlier.notice) if earlier else None


def _assumed_facts(preview: Preview, translator: Translator, notice: NoticeKind) -> list[tuple[str, str]]:
    """The facts of a notice that has no words yet."""
    facts = preview.facts
    names = ["services"]
    if notice not in MAINTENANCE_NOTICES:
        names += ["ended"] if notice is NoticeKind.RESOLVED else ["start", "estimate"]
    lines = [
        (translator.t(f"report.row.{name}"), fact_lines.fact_line(name, facts, translator, preview.previewed_at))
        for name in names
    ]
    if facts.next_update:
        time = translator.times.format_time(facts.next_update)
        lines.append((translator.t("report.row.next_update"), translator.t("report.row.by", time=time)))
    return lines


_END_KINDS = (
    NoticeKind.RESOLVED,
    *NOTICES_AFTER_END,
    NoticeKind.WITHDRAWAL,
    NoticeKind.FINISHED,
    NoticeKind.CANCELLED,
)


def _scheduled_notices(language: str, preview: Preview, translator: Translator) -> list[tuple[str, str]]:
    """The automatic notices that follow: when, and their text."""
    return [
        (
            translator.t(
                "planned.automatic_notice",
                label=notice.texts[language].label,
                at=translator.times.format_day_time(notice.at),
            ),
            notice.texts[language].media["page"].body,
        )
        for notice in preview.scheduled_notices
        if language in notice.texts
    ]


def _language_index(language: str, notice_texts: list[NoticeText], translator: Translator) -> int:
    if language.isdigit() and int(language) < len(notice_texts):
        return int(language)
    return next((n for n, notice_text in enumerate(notice_texts) if notice_text.language == translator.language), 0)


def _has_media(tab: str, notice_texts: list[NoticeText]) -> bool:
    return tab == "page" or any(medium in text.media for text in notice_texts for medium in TABS[tab])


def _tab(id: str, notice_texts: list[NoticeText], translator: Translator) -> Tab:
    counts = [_count(notice_text, id) for notice_text in notice_texts]
    return Tab(id, translator.t(f"medium.{id}"), counts if any(counts) else [])


def _count(notice_text: NoticeText, medium: str) -> str:
    medium_text = notice_text.media.get(medium)
    return f"{medium_text.length}/{medium_text.limit}" if medium_text and medium_text.limit else ""


def _medium_previews(
    notice_text: NoticeText, preview: Preview, catalog: Catalog, translator: Translator, unconnected: Collection[str]
) -> list[MediumPreview]:
    return [
        _medium_preview(notice_text, medium, tab, preview, catalog, translator, unconnected)
        for tab, media in TABS.items()
        for medium in media
        if tab != "page" and medium in notice_text.media
    ]


def _medium_preview(
    notice_text: NoticeText,
    medium: str,
    tab: str,
    preview: Preview,
    catalog: Catalog,
    translator: Translator,
    unconnected: Collection[str],
) -> MediumPreview:
    medium_text = notice_text.media[medium]
    specs = [
        spec for spec in catalog.channels.values() if spec.medium == medium and spec.language == notice_text.language
    ]
    return MediumPreview(
        id=medium,
        body=medium_text.body,
        subject=medium_text.subject,
        length=medium_text.length,
        limit=medium_text.limit,
        left_out="" if medium in OWN_MEDIA else _name_left_out(medium_text, translator),
        account=", ".join(spec.account for spec in specs if spec.account),
        note="" if medium in OWN_MEDIA else _medium_note(specs, preview.costs, translator, unconnected),
        can_copy=tab == "staff",
        tab=tab,
    )


def _name_left_out(medium_text: MediumText, translator: Translator) -> str:
    """The facts that had no room in this text, by the labels of their rows."""
    labels = [translator.pack.labels[f"row.{row}"] for row in medium_text.left_out]
    return translator.t("report.left_out", facts=join_plainly(labels, translator.pack.locale_rules)) if labels else ""


def _medium_note(
    specs: list[ChannelSpec], costs: Mapping[str, float], translator: Translator, unconnected: Collection[str]
) -> str:
    connected = [spec for spec in specs if spec.id not in unconnected]
    if not connected:
        return translator.t("report.not_connected")
    cost = sum(_post_price(spec, costs) for spec in connected)
    if not cost or translator.pack.marks.word:
        return ""
    return translator.t("report.cost", price=format_price(cost, connected[0].currency))


def _post_price(spec: ChannelSpec, costs: Mapping[str, float]) -> float:
    return costs.get(spec.id, spec.price_per_link if spec.includes_link else spec.price_per_post)


def format_price(amount: float, currency: str) -> str:
    """An amount with its currency: $0.20."""
    return f"${amount:.2f}" if currency == "USD" else f"{amount:.2f} {currency}"
