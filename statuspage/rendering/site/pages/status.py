"""The front, and the pages of incidents and of planned work, each as a named file in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from markupsafe import Markup

from statuspage.domain import Incident, NoticeKind, Record, RecordedNotice, State
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import bare, broken, in_full, in_short, site_clock, words_of
from statuspage.rendering.site.pages.current_status import ahead, current_states, groups, overall, running, still
from statuspage.rendering.site.pages.history_days import last_days
from statuspage.rendering.site.pages.incident_view import ending, shape, view_incident
from statuspage.rendering.site.templating import PageLayout, page, site_label


@dataclass(frozen=True, slots=True)
class Present:
    """What the front is made from: the open incidents and the newest of each of the last days, how many each day had
    in all, and the record of each service."""

    incidents: Sequence[Incident]
    counts: Mapping[date, int]
    records: Mapping[str, Record]


def fronts(edition: SiteContext, present: Present, *, now: datetime) -> dict[str, bytes]:
    """The front in every language, then the root in the leading one, which leads browsers to their own."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        sheet, view = _front(edition, language, present, now)
        files[f"{language}/index.html"] = page(edition, sheet, "front.html", view)
        if language == edition.catalog.languages[0]:
            root = page(edition, replace(sheet, path="", chooses=True), "front.html", view)
    return {**files, "index.html": root}


def incidents(edition: SiteContext, incident: Incident, *, now: datetime) -> dict[str, bytes]:
    """The page of one incident in every language, with the report of it once there is one."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        files[f"{urls.incident_folder(language, incident.id)}index.html"] = _incident(edition, language, incident, now)
    if _reported(incident):
        for language in edition.catalog.languages:
            files[f"{urls.account(language, incident.id)}index.html"] = _account(edition, language, incident)
    return files


def _front(
    edition: SiteContext, language: str, present: Present, now: datetime
) -> tuple[PageLayout, Mapping[str, object]]:
    book, time = edition.book(language), site_clock(edition, language)
    open_now = running(present.incidents)
    states = current_states(edition.catalog, open_now)
    cards = [view_incident(edition, language, incident, now=now, beside=True) for incident in open_now]
    plans = [_plan(edition, language, incident, now) for incident in ahead(present.incidents)]
    well = site_label(book, "well.title")
    sheet = PageLayout(
        language=language,
        path=f"{language}/",
        tail="",
        state=overall(states, open_now),
        title=cards[0].plain if cards else well,
        description=cards[0].description if cards else site_label(book, "well.description", site=book.site),
        sections=("services", *(("plan",) if plans else ()), "lists", *(("incident",) if cards else ())),
    )
    view = {
        "cards": cards,
        "well": broken(site_label(book, "well.headline")),
        "more": len(cards) - 1,
        "still": still(edition, language, states, open_now),
        "groups": groups(edition, language, states, present.records),
        "key": [mark for mark in _KEY if mark != "chk" or State.CHECKING in states.values()],
        "since": _since(edition, language, present.records),
        "plans": plans,
        "days": last_days(edition, language, present.incidents, present.counts, now),
        "month": urls.month(language, *urls.month_of(now, edition.catalog.site.zone)),
        "as_of": (time.iso(now), time.day_clock(now), time.zone_at(now)),
    }
    return sheet, view


_KEY = ("ok", "part", "down", "maint", "chk")


def _since(edition: SiteContext, language: str, records: Mapping[str, Record]) -> str:
    """The first day of the records, where that is within the days the bars show."""
    first = edition.catalog.site.since
    began = first and any(first > record.first for record in records.values())
    return site_clock(edition, language).short(first) if first and began else ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Planned work to come: its day and time, for machines too, and what is said of it."""

    day: str
    start: str
    iso: str
    end: str
    said: str
    href: str


def _plan(edition: SiteContext, language: str, incident: Incident, now: datetime) -> _Plan:
    book, time, planned = edition.book(language), site_clock(edition, language), incident.planned
    if planned is None:
        raise ValueError(f"{incident.id} has no window")
    same = time.on(planned.start) == time.on(planned.end)
    return _Plan(
        day=f"{time.day(planned.start)}{book.writing.day_gap}".rstrip(),
        start=time.clock(planned.start),
        iso=time.iso(planned.start),
        end=time.clock(planned.end) if same else time.day_clock(planned.end),
        said=view_incident(edition, language, incident, now=now, beside=True).plain,
        href=urls.incident_folder(language, incident.id),
    )


def _incident(edition: SiteContext, language: str, incident: Incident, now: datetime) -> bytes:
    shown = view_incident(edition, language, incident, now=now, beside=False)
    over = ending(edition, language, incident)
    path = urls.incident_folder(language, incident.id)
    sheet = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=shown.state,
        title=shown.title,
        description=shown.description,
        sections=("incident", "own", "story") if incident.told_over else ("incident", "own"),
    )
    template = "over.html" if incident.told_over else "incident.html"
    account = urls.account(language, incident.id) if _reported(incident) else ""
    summary = [fact for fact in shown.facts if fact.row.key != "cause"]
    view = {
        "incident": shown,
        "ending": over,
        "account": account,
        "summary": summary if any(fact.row.key == "scope" for fact in summary) else (),
        "cause": next((fact.row for fact in shown.facts if fact.row.key == "cause"), None),
    }
    return page(edition, sheet, template, view)


def _reported(incident: Incident) -> RecordedNotice | None:
    """The newest report of it."""
    return next((n for n in reversed(incident.notices) if n.notice.notice is NoticeKind.ACCOUNT), None)


def _account(edition: SiteContext, language: str, incident: Incident) -> bytes:
    said = _reported(incident)
    if said is None:
        raise ValueError(f"{incident.id} has no report")
    book, words = edition.book(language), words_of(edition, language, incident, said)
    path, time = urls.account(language, incident.id), site_clock(edition, language)
    sheet = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state=shape(incident),
        title=site_label(book, "account.title", title=bare(book, words.title)),
        description=in_short(book, words),
        sections=("guide",),
    )
    view = {
        "text": Markup(words.account),  # noqa: S704 - cleaned by wording, stored as approved
        "lines": () if words.account else in_full(book, words),
        "written": (time.iso(said.recorded), time.day_clock(said.recorded)),
        "href": urls.incident_folder(language, incident.id),
    }
    return page(edition, sheet, "account.html", view)
