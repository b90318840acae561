"""Incidents in every language of the site, with handwritten texts as they would be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from statuspage import bundled
from statuspage.domain.catalog import Catalog, EnvironmentMarks
from statuspage.domain.facts import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    ExpiredWording,
    FactRow,
    Facts,
    Known,
    MaintenanceWindow,
    MediumText,
    NoticeKind,
    NoticeText,
    Precision,
    Sentence,
    StartTime,
    State,
    TimeText,
)
from statuspage.domain.incident import Incident, Notice, RecordedNotice, TimelineEntry
from statuspage.domain.services.outages import state_periods
from statuspage.domain.services.uptime import uptime_record
from statuspage.rendering.site.context import SiteAssets, SiteContext
from statuspage.rendering.site.pages.status import FrontPageContent
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.rendering.wording.postmortem import render_html
from tests.support.times import STORY_DAY, at

ADDRESS = "https://status.fitline.example"
BOOKING = (Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED))
LANGUAGES = ("ja", "en", "ja-simple")
DRILL = {
    "ja": EnvironmentMarks(
        "【訓練】", "※これは訓練です。実際の不具合ではありません。", "訓練", "これは訓練です。", "Exercise"
    ),
    "en": EnvironmentMarks("[DRILL] ", " This is a drill. Nothing is wrong.", "DRILL", "This is a drill.", "Exercise"),
    "ja-simple": EnvironmentMarks(
        "【れんしゅう】", "※れんしゅうです。", "れんしゅう", "練習のページです。", "Exercise"
    ),
}

_TEXTS = {
    "ja": {
        "title": "レッスン予約の障害（7月4日）",
        "headline": "会員アプリで、|レッスン予約が|できません。",
        "back": "レッスン予約の障害は、|復旧しました。",
        "gone": "先ほどのお知らせを|取り消します。",
        "status": "対応中",
        "over": "復旧しました",
        "withdrawn": "取り消しました",
        "first": "11:55ごろから、会員アプリでレッスン予約ができません。復旧の見込みを確認しています。",
        "update": "予備の機器への切り替えを進めています。復旧は13:30ごろの見込みです。",
        "resolved": "13:12に復旧しました。ふだんどおりレッスンを予約できます。",
        "monitoring": "予約できるようになりました。様子を見ています。",
        "correction": "発生時刻を11:52に訂正します。",
        "withdrawal": "不具合はありませんでした。先ほどのお知らせは誤りでした。",
        "postmortem": "故障した機器を交換しました。",
        "late": "13:30を過ぎました。見込みを確かめています。",
        "scope": "会員アプリからのレッスンの予約・変更・キャンセル。全国の店舗で起きています。",
        "now": "予約済みのレッスンは有効です。そのままご来館ください。",
        "cause": "予約の情報を保管している機器が1台、故障しました。",
        "next": "に、変化がなくてもお知らせします。",
        "labels": "影響範囲 発生時刻 復旧見込み 今できること 次回のお知らせ 期間 原因",
        "period": "2026年7月4日(土) 11:55ごろ – 13:12（1時間17分）",
    },
    "en": {
        "title": "Class booking problem (4 July)",
        "headline": "Classes can’t be booked in the member app.",
        "back": "Classes can be booked again.",
        "gone": "There was no problem after all.",
        "status": "We are working on it",
        "over": "Resolved",
        "withdrawn": "Withdrawn",
        "first": "Since about 11:55, classes cannot be booked in the member app. We are finding out more.",
        "update": "We are switching to the spare. We expect booking to be back at about 13:30.",
        "resolved": "It was back at 13:12. You can book classes as usual.",
        "monitoring": "Classes can be booked again. We are watching.",
        "correction": "It began at 11:52, not at 11:55.",
        "withdrawal": "Nothing was wrong. Our earlier notice was a mistake.",
        "postmortem": "We have replaced the machine that failed.",
        "late": "13:30 has passed. We are checking.",
        "scope": "Booking, changing or cancelling a class in the member app, at all clubs.",
        "now": "Classes you have already booked are still valid. Please come as planned.",
        "cause": "One of the machines that stores bookings failed.",
        "next": ", even if nothing has changed.",
        "labels": "Affected Started Expected Advice Next When Cause",
        "period": "Sat 4 July 2026, about 11:55 – 13:12 (1 hour 17 minutes)",
    },
    "ja-simple": {
        "title": "レッスンの予約（よやく）ができません（7月4日）",
        "headline": "アプリで|レッスンの|予約（よやく）が|できません。",
        "back": "アプリで|レッスンの|予約（よやく）が|できるように|なりました。",
        "gone": "まちがいの|おしらせでした。",
        "status": "なおしています",
        "over": "なおりました",
        "withdrawn": "まちがいのおしらせ",
        "first": "11:55ごろから、アプリでレッスンの予約（よやく）ができません。いつなおるかは、まだわかりません。",
        "update": "かわりの機械（きかい）にかえています。13:30ごろになおる予定（よてい）です。",
        "resolved": "13:12に、アプリでレッスンの予約（よやく）ができるようになりました。",
        "monitoring": "予約（よやく）ができるようになりました。ようすを見ています。",
        "correction": "はじまった時間は、11:55ではなく、11:52です。",
        "withdrawal": "前のおしらせは、まちがいです。この問題（もんだい）は、ありません。",
        "postmortem": "こわれた機械（きかい）をかえました。",
        "late": "13:30をすぎました。いつなおるか、しらべています。",
        "scope": "アプリで、レッスンの予約（よやく）ができません。どのお店でも同じです。",
        "now": "前にした予約（よやく）は、だいじょうぶです。そのまま来てください。",
        "cause": "予約（よやく）をしまっておく機械（きかい）がこわれました。",
        "next": "に、おしらせします。かわったことがなくても出します。",
        "labels": "どのサービスか はじまった時間 なおる時間 今できること 次のおしらせ つづいた時間 理由",
        "period": "7月4日(土)11:55ごろ – 13:12（1時間17分）",
    },
}
_ESTIMATE = {
    "ja": "復旧は13:30ごろの見込みです。",
    "en": "We expect booking to be back at about 13:30.",
    "ja-simple": "13:30ごろになおる予定（よてい）です。",
}
_CHECKING = {"ja": "確認中", "en": "Checking", "ja-simple": "しらべています"}
_LABELS = {
    "ja": {
        "first": "第一報",
        "update": "続報",
        "resolved": "復旧",
        "correction": "訂正",
        "monitoring": "経過",
        "withdrawal": "取り消し",
        "postmortem": "ご報告",
    },
    "en": {
        "first": "First report",
        "update": "Update",
        "resolved": "Resolved",
        "correction": "Correction",
        "monitoring": "Monitoring",
        "withdrawal": "Withdrawn",
        "postmortem": "Report",
    },
    "ja-simple": {
        "first": "はじめのおしらせ",
        "update": "新しいおしらせ",
        "resolved": "なおりました",
        "correction": "なおしたおしらせ",
        "monitoring": "ようすを見ています",
        "withdrawal": "まちがいのおしらせ",
        "postmortem": "せつめい",
    },
}


def sources(refused: tuple[str, ...] = ()) -> SiteAssets:
    """The shipped templates, style sheet and script."""
    folder, static = bundled.folder("templates") / "site", bundled.folder("static")
    return SiteAssets(
        {path.name: path.read_text("utf-8") for path in folder.glob("*.html")},
        bundled.site_css(),
        (static / "site.js").read_text("utf-8"),
        refused,
    )


def site_context(catalog: Catalog, *, refused: tuple[str, ...] = (), address: str = ADDRESS) -> SiteContext:
    """The site of the sample company."""
    return SiteContext(catalog, sources(refused), address)


def drilled(catalog: Catalog) -> Catalog:
    """The same content with the marks of a drill."""
    return replace(catalog, packs={k: replace(pack, marks=DRILL[k]) for k, pack in catalog.packs.items()})


def booking(*notices: tuple[str, str], id: str = "", marks: Mapping[str, EnvironmentMarks] | None = None) -> Incident:
    """The incident of the mock-ups up to this notice: ``booking(("12:03", "first"), ("12:18", "update"))``."""
    id = id or ("drillp2q7x4a" if marks else "k3m9p2q7x4ab")
    published = notices or (("12:03", "first"), ("12:18", "update"))
    entries = tuple(
        _entry(id, number, clock, notice_kind, marks or {}) for number, (clock, notice_kind) in enumerate(published, 1)
    )
    return Incident(id, at("12:00"), at("11:57"), "alert", entries)


def over(*, id: str = "", marks: Mapping[str, EnvironmentMarks] | None = None) -> Incident:
    """The whole incident of the mock-ups."""
    return booking(("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"), id=id, marks=marks)


def reported(*, id: str = "r3m9p2q7x4ab", marks: Mapping[str, EnvironmentMarks] | None = None) -> Incident:
    """The whole incident of the mock-ups, followed by its postmortem."""
    incident, given = over(id=id, marks=marks), marks or {}
    text = "## Why\n\nA disk failed.\n\n* We replaced it.\n* <script>x</script>"
    last = incident.notices[-1].notice
    words = {
        language: replace(each, label="Report", postmortem=render_html(text, given.get(language, EnvironmentMarks())))
        for language, each in last.texts.items()
    }
    when = at("10:00", "2026-07-10")
    notice = replace(last, notice=NoticeKind.POSTMORTEM, texts=words, key="")
    return replace(incident, entries=(*incident.entries, TimelineEntry(4, when, when, notice)))


def composed(
    catalog: Catalog, *published: tuple[str, str], id: str = "k3m9p2q7x4ab", address: str = ADDRESS
) -> Incident:
    """The incident of the mock-ups with texts from the shipped language packs."""
    incident_type = catalog.incident_types["booking"]
    first = Facts(
        incident_type="booking",
        affected=BOOKING,
        audience=Audience(AffectedAudience.ALL),
        start=StartTime(Precision.ABOUT, at("11:55")),
        workarounds=incident_type.workarounds[:2],
        next_update=at("12:45"),
    )
    facts = {
        "first": first,
        "update": replace(first, estimate=Known(at("13:30")), current_action=incident_type.current_actions[0]),
        "resolved": replace(
            first, workarounds=(), cause=incident_type.causes[0], ended_at=at("13:12"), next_update=None
        ),
        "withdrawal": replace(first, workarounds=(), next_update=None),
    }
    facts["postmortem"] = replace(facts["resolved"], preventions=("watch",))
    entries: list[TimelineEntry] = []
    incident_context = IncidentContext(id, address)
    for number, (clock, name) in enumerate(published, 1):
        words = compose(NoticeKind(name), facts[name], catalog=catalog, incident=incident_context, now=at(clock))
        titles = {language: each.title for language, each in words.items()}
        incident_context = IncidentContext(id, address, titles=titles, previous_facts=facts[name], report_count=number)
        notice = Notice(NoticeKind(name), facts[name], words)
        entries.append(TimelineEntry(number, at(clock), at(clock), notice))
    return Incident(id, at("12:00"), at("11:57"), "alert", tuple(entries))


def maintenance(catalog: Catalog, *published: str, id: str = "upgrade00000", service: str = "booking") -> Incident:
    """Maintenance in the night to 6 July, 2:00 to 4:00, with texts from the shipped language packs."""
    begins, ends = at("02:00", "2026-07-06"), at("04:00", "2026-07-06")
    plan = Facts(
        MAINTENANCE,
        (Affected(service, State.MAJOR),),
        Audience(AffectedAudience.ALL),
        maintenance_window=MaintenanceWindow(begins, ends),
    )
    begun = replace(plan, start=StartTime(Precision.EXACT, begins))
    whens = {"started": begins, "extended": ends - timedelta(minutes=10), "finished": ends + timedelta(hours=1)}
    longer = replace(begun, maintenance_window=MaintenanceWindow(begins, ends + timedelta(hours=2)))
    facts = {"started": begun, "extended": longer, "finished": replace(longer, ended_at=ends + timedelta(hours=1))}
    entries: list[TimelineEntry] = []
    incident_context = IncidentContext(id, ADDRESS)
    for number, name in enumerate(published, 1):
        when, maintenance_facts = whens.get(name, at("10:00") + timedelta(hours=number)), facts.get(name, plan)
        words = compose(NoticeKind(name), maintenance_facts, catalog=catalog, incident=incident_context, now=when)
        titles = {language: each.title for language, each in words.items()}
        incident_context = IncidentContext(
            id, ADDRESS, titles=titles, previous_facts=maintenance_facts, report_count=number
        )
        entries.append(TimelineEntry(number, when, when, Notice(NoticeKind(name), maintenance_facts, words)))
    return Incident(id, at("10:30"), at("10:30"), "form", tuple(entries))


def another(
    id: str, began: datetime, *, minutes: int | None = 20, service: str = "gate", state: State = State.PARTIAL
) -> Incident:
    """A simple incident of another service, over after so many minutes, or still open with None."""
    title = f"Trouble <{id}> & more"
    affected = (Affected(service, state),)
    facts = Facts("entry", affected, start=StartTime(Precision.EXACT, began))
    entries = [_plain(1, began + timedelta(minutes=4), NoticeKind.FIRST, facts, title)]
    if minutes is not None:
        ended = began + timedelta(minutes=minutes)
        entries.append(_plain(2, ended, NoticeKind.RESOLVED, replace(facts, ended_at=ended), title))
    return Incident(id, began, began, "alert", tuple(entries))


def only(incident: Incident, language: str) -> Incident:
    """The same incident in one language only."""
    entries = []
    for r in incident.entries:
        assert isinstance(r.entry, Notice)
        entries.append(replace(r, entry=replace(r.entry, texts={language: r.entry.texts[language]})))
    return replace(incident, entries=tuple(entries))


def present(site_context: SiteContext, *incidents: Incident, now: datetime) -> FrontPageContent:
    """The data of the front page if these are the only incidents."""
    site = site_context.catalog.site
    every = [span for incident in incidents for span in state_periods(incident)]
    records = {
        id: uptime_record([s for s in every if s.service == id], now=now, zone=site.zone, first_day=site.history_start)
        for id in site_context.catalog.services
    }
    return FrontPageContent(incidents, {}, records)


def work(catalog: Catalog, *published: tuple[str, str], id: str = "m3m9p2q7x4ab", address: str = ADDRESS) -> Incident:
    """Maintenance on payments in the night to 8 July, with texts from the shipped language packs."""
    window = MaintenanceWindow(at("02:00", "2026-07-08"), at("04:00", "2026-07-08"))
    facts = Facts(MAINTENANCE, (Affected("fees", State.MAJOR),), maintenance_window=window)
    entries: list[TimelineEntry] = []
    incident_context = IncidentContext(id, address)
    for number, (moment, name) in enumerate(published, 1):
        when = at(moment[-5:], moment[:-6] or STORY_DAY)
        if name == "started":
            facts = replace(facts, start=StartTime(Precision.EXACT, when))
        if name == "finished":
            facts = replace(facts, ended_at=when)
        words = compose(NoticeKind(name), facts, catalog=catalog, incident=incident_context, now=when)
        titles = {language: each.title for language, each in words.items()}
        incident_context = IncidentContext(id, address, titles=titles, previous_facts=facts, report_count=number)
        entries.append(TimelineEntry(number, when, when, Notice(NoticeKind(name), facts, words)))
    return Incident(id, entries[0].recorded, entries[0].recorded, "form", tuple(entries))


def newest(*incidents: Incident) -> list[tuple[Incident, RecordedNotice]]:
    """All notices of these incidents, newest first."""
    pairs = [(incident, notice) for incident in incidents for notice in incident.notices]
    return sorted(pairs, key=lambda each: each[1].recorded, reverse=True)


def _plain(sequence: int, when: datetime, notice_kind: NoticeKind, facts: Facts, title: str) -> TimelineEntry:
    words = {
        language: NoticeText(
            language=language,
            title=title,
            headline=title,
            headline_html=escape(title),
            label=_LABELS[language][notice_kind],
            status=_TEXTS[language]["over" if facts.ended_at else "status"],
            sentences=(Sentence("opening", title),),
            rows=(FactRow("scope", "Scope", (title,)),),
            media={"page": MediumText(title), "feed": MediumText(title, subject=title)},
        )
        for language in LANGUAGES
    }
    return TimelineEntry(sequence, when, when, Notice(notice_kind, facts, words))


def _entry(
    id: str, sequence: int, clock: str, notice_kind: str, marks: Mapping[str, EnvironmentMarks]
) -> TimelineEntry:
    facts = Facts("booking", BOOKING, start=StartTime(Precision.ABOUT, at("11:55")), next_update=at("12:45"))
    if notice_kind == "update":
        facts = replace(facts, estimate=Known(at("13:30")), current_action="spare")
    if notice_kind in ("resolved", "postmortem"):
        facts = replace(facts, ended_at=at("13:12"), next_update=None, cause="storage")
    if notice_kind == "withdrawal":
        facts = replace(facts, affected=(), next_update=None)
    words = {language: _words(language, notice_kind, marks.get(language, EnvironmentMarks())) for language in LANGUAGES}
    return TimelineEntry(
        sequence, at(clock), at(clock), Notice(NoticeKind(notice_kind), facts, words, key=f"{id}-{sequence}-{clock}")
    )


def _words(language: str, notice_kind: str, marks: EnvironmentMarks) -> NoticeText:
    texts = _TEXTS[language]
    headline = texts[{"resolved": "back", "postmortem": "back", "withdrawal": "gone"}.get(notice_kind, "headline")]
    status = texts[{"resolved": "over", "postmortem": "over", "withdrawal": "withdrawn"}.get(notice_kind, "status")]
    label, body = _LABELS[language][notice_kind], f"{marks.start}{texts[notice_kind]}{marks.end}"
    sentences = (Sentence("opening", body),)
    if notice_kind == "update":
        cut = len(body) - len(marks.end) - len(_ESTIMATE[language])
        sentences = (Sentence("current_action", body[:cut].rstrip()), Sentence("estimate", body[cut:]))
    expected = texts["labels"].split()[2]
    return NoticeText(
        language=language,
        title=f"{marks.start}{texts['title']}{marks.end}",
        headline=f"{marks.start}{headline.replace('|', '')}{marks.end}",
        headline_html=f"{marks.start}{escape(headline).replace('|', '<wbr>')}{marks.end}",
        label=label,
        status=status,
        sentences=sentences,
        rows=_rows(language, notice_kind),
        media={
            "page": MediumText(body),
            "feed": MediumText(body, subject=f"{marks.start}{label}: {texts['title']}{marks.end}"),
        },
        expired_wording=ExpiredWording(at("13:30"), FactRow("estimate", expected, (texts["late"],)), texts["late"])
        if notice_kind == "update"
        else None,
    )


def _rows(language: str, notice_kind: str) -> tuple[FactRow, ...]:
    texts = _TEXTS[language]
    scope, started, expected, advice, next_, period, cause = texts["labels"].split()
    about = {"before": "about"} if language == "en" else {"after": "ごろ"}
    if notice_kind == "withdrawal":
        return ()
    first = FactRow("scope", scope, (texts["scope"],))
    if notice_kind == "resolved":
        return (first, FactRow("period", period, (texts["period"],)), FactRow("cause", cause, (texts["cause"],)))
    return (
        first,
        FactRow("start", started, time=TimeText("11:55", **about)),
        FactRow("estimate", expected, time=TimeText("13:30", **about))
        if notice_kind == "update"
        else FactRow("estimate", expected, placeholder=_CHECKING[language]),
        FactRow("workaround", advice, (texts["now"],)),
        FactRow("next_update", next_, (texts["next"],), time=TimeText("12:45", **about)),
    )
