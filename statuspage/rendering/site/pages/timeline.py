"""The timeline of one incident: its notices, newest first, each with its news, and the next update that is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import Incident, RecordedNotice
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of, replace_expired, site_clock
from statuspage.rendering.site.pages.news import NoticeNews, notice_news
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import word_before


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One notice of the timeline. ``as_of`` says when its text was true, if that differs from when it was published."""

    anchor: str
    time: str
    iso: str
    label: str
    news: NoticeNews
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class NextUpdateView:
    """The next update: when it is due, with the words before that time, and whether it has passed."""

    before: str
    time: str
    iso: str
    is_overdue: bool


def timeline(
    site: SiteContext, language: str, incident: Incident, *, now: datetime, compact: bool
) -> tuple[TimelineItem, ...]:
    """The notices, newest first. ``compact``: no date on those of today."""
    clock = site_clock(site, language)
    shown_day = clock.format_day(now) if compact else ""
    items: list[TimelineItem] = []
    before = (None, *incident.notices[:-1])
    for recorded, previous in reversed([*zip(incident.notices, before, strict=True)]):
        day = clock.format_day(recorded.recorded)
        items.append(_item(site, language, incident, (recorded, previous), now=now, with_day=day != shown_day))
        shown_day = day
    return tuple(items)


def _item(
    site: SiteContext,
    language: str,
    incident: Incident,
    pair: tuple[RecordedNotice, RecordedNotice | None],
    *,
    now: datetime,
    with_day: bool,
) -> TimelineItem:
    """``pair`` is a notice and the one before it."""
    (recorded, previous), pack, clock = pair, site.language_pack(language), site_clock(site, language)
    text = notice_text_of(site, language, incident, recorded)
    if incident.latest and recorded.sequence == incident.latest.sequence:
        text = replace_expired(text, now)
    differs = abs(recorded.recorded - recorded.happened) >= timedelta(minutes=1)
    return TimelineItem(
        anchor=urls.anchor(recorded.sequence),
        time=(clock.format_day_time if with_day else clock.format_time)(recorded.recorded),
        iso=clock.format_iso(recorded.recorded),
        label=text.label,
        news=notice_news(pack, recorded.notice, text, previous.notice if previous else None),
        as_of=site_label(pack, "timeline.as_of", time=clock.format_time(recorded.happened)) if differs else "",
    )


def find_next_update(site: SiteContext, language: str, incident: Incident, now: datetime) -> NextUpdateView | None:
    """The next update that is due; None once it is over."""
    latest = incident.latest
    if latest is None or incident.is_announced_over or latest.notice.facts.next_update is None:
        return None
    due_at = latest.notice.facts.next_update
    clock = site_clock(site, language)
    is_same_day = clock.format_day(due_at) == clock.format_day(latest.recorded)
    time = clock.format_time(due_at) if is_same_day else clock.format_day_time(due_at)
    pack = site.language_pack(language)
    return NextUpdateView(
        word_before(site_label(pack, "timeline.next_before"), time, pack.locale_rules),
        time,
        clock.format_iso(due_at),
        due_at <= now,
    )
