"""The public pages: their content, their size, and that they need nothing else."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urljoin

import pytest
from markupsafe import escape

from statuspage.domain.catalog import Catalog, Service
from statuspage.domain.facts import AffectedAudience, Audience, NoticeKind, State
from statuspage.domain.incident import Incident, Notice
from statuspage.domain.site_config import Contact
from statuspage.rendering.site import drill_marks
from statuspage.rendering.site.compression import gzip_bytes, with_gzip_copies
from statuspage.rendering.site.feeds.notices import build_feeds
from statuspage.rendering.site.pages import archive, guides, month_paging, status, uptime_bars
from statuspage.rendering.site.pages import service as service_page
from statuspage.rendering.site.pages.archive import YearSummary
from statuspage.rendering.site.pages.current_status import current_states, ongoing_incidents, page_mark
from statuspage.rendering.site.pages.incident_view import incident_mark
from statuspage.rendering.site.pages.month_paging import ArchivePage
from statuspage.rendering.site.pages.service import ServiceHistory
from tests.support.content import drill_catalog
from tests.support.lives import worldwide_catalog
from tests.support.public_stories import booking_life, late_messages, login_trouble
from tests.support.site import (
    DRILL,
    LANGUAGES,
    another,
    booking,
    composed,
    drilled,
    newest,
    only,
    over,
    reported,
    site_context,
    work,
)
from tests.support.site_pages import NOON, PAST, every_page, front, html, life
from tests.support.times import at


def test_the_front_says_what_cannot_be_used_and_calls_no_other_service_working(catalog: Catalog):
    page = html(front(site_context(catalog), booking(), *PAST))
    assert "<h1>会員アプリで、<wbr>レッスン予約が<wbr>できません。</h1>" in page
    assert "<p>ほかのサービスでは、障害は確認されていません。</p>" in page
    assert '<header class="top down">' in page


def test_only_what_somebody_made_sure_of_is_called_working(catalog: Catalog):
    stored = booking()
    (*before, last) = stored.entries
    assert isinstance(last.entry, Notice)
    affected = {one.service for one in stored.affected}
    for working in (("fees", "checkin"), tuple(id for id in catalog.services if id not in affected)):
        sure = replace(last.entry, facts=replace(last.entry.facts, confirmed_working=working))
        incident = replace(stored, entries=(*before, replace(last, entry=sure)))
        page = html(front(site_context(catalog), incident), "en/index.html")
        named = re.search("<p>Working as usual: (.*?)\\.", page)
        assert named
        assert all(catalog.packs["en"].services[id].noun.lower() in named[1].lower() for id in working)
        assert ("We know of no problems with our other services." in page) == (len(working) == 2)


def test_every_page_leads_to_the_calendar_of_maintenance(catalog: Catalog):
    context = site_context(catalog)
    for name, page in {
        **front(context),
        **status.incident_pages(context, over(), now=NOON),
        **guides.guide_pages(context),
    }.items():
        if not name.endswith("/index.html"):
            continue
        (to,) = re.findall(r'<li><a href="([^"]+/calendar\.ics)">', page.decode())
        assert (
            urljoin(f"https://status.example/{name}", to)
            == f"https://status.example/{name.partition('/')[0]}/calendar.ics"
        )


def test_facts_come_before_the_story_and_the_newest_notice_first(catalog: Catalog):
    page = html(front(site_context(catalog), booking(), *PAST))
    positions = [page.index(word) for word in ("影響範囲", "発生時刻", "復旧見込み", "今できること", "次回のお知らせ")]
    notices = [page.index(mark) for mark in ('class="next"', "12:18</time>続報", "12:03</time>第一報")]
    assert positions == sorted(positions)
    assert notices == sorted(notices)
    assert positions[-1] < notices[0]


def test_a_well_company_has_a_calm_page(catalog: Catalog):
    page = html(front(site_context(catalog), over(), *PAST, now=at("09:00", "2026-07-07")))
    assert "すべての<wbr>サービスが、<wbr>通常どおり<wbr>使えます。" in page
    assert 'class="card' not in page
    assert "1時間17分" in page


def test_the_worst_incident_speaks_first_and_every_open_one_has_a_row(catalog: Catalog):
    open_gate = another("gates", at("12:10"), minutes=None)
    page = html(front(site_context(catalog), open_gate, booking()))
    assert re.findall(r'<details class="(down|part)"( open|)><summary', page) == [("down", " open"), ("part", "")]
    assert "<h1>会員アプリで" in page
    assert "ほかに1件の障害に対応しています。" in page
    assert "ほかのサービスでは、障害は確認されていません。" not in page


def test_what_everyone_cannot_use_leads_before_what_some_cannot_and_before_what_is_slow(catalog: Catalog):
    slow = late_messages(catalog)
    some, everyone = login_trouble(catalog), booking_life(catalog, 1)
    assert ongoing_incidents((slow, some, everyone)) == (everyone, some, slow)
    assert [incident_mark(each) for each in (everyone, some, slow)] == ["down", "part", "part"]


def test_a_service_that_some_cannot_use_has_one_mark_in_the_sentence_and_in_the_list(catalog: Catalog):
    everyone = another("some", at("12:10"), minutes=None, state=State.MAJOR)
    told = everyone.entries[-1].entry
    assert isinstance(told, Notice)
    facts = replace(told.facts, audience=Audience(AffectedAudience.SOME))
    entries = (*everyone.entries[:-1], replace(everyone.entries[-1], entry=replace(told, facts=facts)))
    some = replace(everyone, entries=entries)
    for incident, mark in ((everyone, "down"), (some, "part")):
        page = html(front(site_context(catalog), incident))
        assert f'<header class="top {mark}">' in page
        lines = [page.count(f'<li class="{each}">') for each in ("down", "part")]
        assert lines == ([2, 1] if mark == "down" else [1, 2]), "besides the legend, which has one of each"


def test_where_nobody_can_use_two_things_the_headline_counts_every_problem(catalog: Catalog):
    second = booking_life(catalog, 1, id="second000000")
    page = html(front(site_context(catalog), booking_life(catalog, 1), second, late_messages(catalog)), "en/index.html")
    assert "<h1>3 problems right now.</h1>" in page
    assert "<title>3 problems right now. | " in page
    assert "also working on" not in page


def test_a_cross_stands_for_everything_down_and_nothing_less(catalog: Catalog):
    every = [another(s, at("12:00"), minutes=None, service=s, state=State.MAJOR) for s in catalog.services]
    assert page_mark(current_states(catalog, ongoing_incidents(every)), ongoing_incidents(every)) == "down"
    assert page_mark(current_states(catalog, ongoing_incidents(every[1:])), ongoing_incidents(every[1:])) == "part"
    assert page_mark(current_states(catalog, ()), ()) == "ok"


def test_what_works_again_while_we_watch_it_is_checked_and_not_down(catalog: Catalog):
    page = html(front(site_context(catalog), booking(("12:03", "first"), ("12:40", "monitoring"))))
    assert '<header class="top chk">' in page
    assert page.count('<li class="chk">') == 3
    assert '<li class="down">' not in page.split('<div class="svc">')[1]


def test_without_a_notice_nothing_is_public(catalog: Catalog):
    silent = Incident("silent", at("12:00"), at("12:00"), "alert")
    assert front(site_context(catalog), silent) == front(site_context(catalog))


def test_a_reopened_incident_is_open_again_with_its_next_notice(catalog: Catalog):
    back = booking(("12:03", "first"), ("13:15", "resolved"), ("14:02", "update"))
    page = html(front(site_context(catalog), back, now=at("14:05")))
    assert '<article class="card"' in page
    assert page.index("14:02</time>") < page.index("13:15</time>") < page.index("12:03</time>")


def test_a_correction_stands_above_what_it_corrects(catalog: Catalog):
    page = html(front(site_context(catalog), booking(("12:03", "first"), ("12:08", "correction"))))
    assert page.index("発生時刻を11:52に訂正します。") < page.index(
        "11:55ごろから、会員アプリでレッスン予約ができません。"
    )


def test_a_withdrawn_incident_leaves_the_front_and_its_page_says_so(catalog: Catalog):
    gone = booking(("12:03", "first"), ("12:08", "withdrawal"))
    context = site_context(catalog)
    page = html(front(context, gone))
    own = html(status.incident_pages(context, gone, now=NOON), "ja/incidents/k3m9p2q7x4ab/index.html")
    assert "すべての<wbr>サービスが、" in page
    assert "取り消しました" in page
    assert "先ほどのお知らせを<wbr>取り消します。" in own
    assert 'class="story"' not in own


def test_a_sentence_whose_time_has_passed_gives_way(catalog: Catalog):
    context = site_context(catalog)
    for page in (
        html(front(context, booking(), now=at("13:31"))),
        html(status.incident_pages(context, booking(), now=at("13:31")), "ja/incidents/k3m9p2q7x4ab/index.html"),
    ):
        assert "13:30を過ぎました。見込みを確かめています。" in page
        assert "復旧は13:30ごろの見込みです。" not in page


def test_a_promise_that_was_not_kept_no_longer_reads_as_one(catalog: Catalog):
    kept, broken = (html(front(site_context(catalog), booking(), now=at(t))) for t in ("12:44", "12:46"))
    assert "までに次回のお知らせ" in kept
    assert "までに次回のお知らせ" not in broken
    assert "に、変化がなくてもお知らせします。" not in broken
    assert "12:45までに予定していたお知らせが遅れています" in broken


def test_an_incident_that_is_over_shows_its_story_from_cross_to_ring(catalog: Catalog):
    page = html(status.incident_pages(site_context(catalog), over(), now=NOON), "en/incidents/k3m9p2q7x4ab/index.html")
    story = page[page.index('class="story') : page.index("<h1>")]
    assert re.findall(r'href="#(\w+)"', story) == ["down", "ok"]
    assert "1 hour" in story
    assert page.index("What was affected") < page.index("One of the machines") < page.index('id="n-3"')


def test_a_notice_in_one_language_never_reads_as_all_is_well_in_another(catalog: Catalog):
    context = site_context(catalog)
    incident = only(booking(), "ja")
    page = html(front(context, incident), "en/index.html")
    assert "There is a problem with some of our services." in page
    assert "日本語" in page
    assert "Class booking: Unavailable" in page
    assert "会員アプリで" not in page


def test_text_of_people_is_escaped(catalog: Catalog):
    page = html(front(site_context(catalog), another("x", at("12:00"), minutes=None)))
    assert "Trouble <x>" not in page
    assert "Trouble &lt;x&gt; &amp; more" in page


def test_quiet_days_are_merged_and_busy_ones_link_to_their_incidents(catalog: Catalog):
    page = html(front(site_context(catalog), *PAST))
    rows = re.findall(r'<span class="day">.*?</li>', page)
    assert len(rows) == 5
    assert sum("障害はありませんでした" in row for row in rows) == 3
    assert 'href="../ja/incidents/mail/"' in rows[1]


def test_a_month_lists_its_incidents_and_links_to_its_neighbours(catalog: Catalog):
    context = site_context(catalog)
    files = archive.month_pages(
        context, ArchivePage((2026, 7), 0, 0, has_earlier=True, has_later=False), [PAST[0], over()], now=NOON
    )
    page = html(files, "ja/history/2026-07/index.html")
    assert page.index("k3m9p2q7x4ab") < page.index("incidents/mail")
    assert '<a rel="prev" href="../../../ja/history/2026-06/">' in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize("count", [0, 1, 59, 60, 61, 89, 90, 1000])
def test_a_month_of_any_size_is_cut_into_parts_that_hold_every_incident_once(count: int):
    numbers = [*range(1, month_paging.count_closed_pages(count) + 1), month_paging.NEWEST_PAGE]
    reaches = [month_paging.page_slice(number, count) for number in numbers]
    positions = [place for skip, take in reaches for place in range(skip, skip + take)]
    assert positions == list(range(count))
    assert all(take <= 2 * month_paging.SIZE for _, take in reaches)
    for place in positions:
        assert any(
            skip <= place < skip + take
            for skip, take in (month_paging.page_slice(n, count) for n in month_paging.pages_to_rebuild(place, count))
        )


def test_a_year_counts_the_incidents_of_its_months(catalog: Catalog):
    context = site_context(catalog)
    files = archive.year_pages(context, YearSummary(2026, ((6, 1), (7, 3), (8, 0)), has_earlier=True, has_later=False))
    page = html(files, "en/history/2026/index.html")
    assert re.findall(r"2026</\w+><p[^>]*>([^<]+)", page) == ["No incidents", "3 incidents", "1 incident"]
    assert '<a rel="prev" href="../../../en/history/2025/">← 2025</a>' in page
    assert ">← 2025年</a>" in html(files, "ja/history/2026/index.html")


def test_ninety_days_are_said_in_words_as_well_as_drawn(catalog: Catalog):
    page = html(
        front(site_context(catalog), another("gates", at("07:02", "2026-06-28"), state=State.MAJOR)), "en/index.html"
    )
    folded = page.count('<details class="ok">')
    assert page.count('class="hist"') == len(catalog.services) + folded
    assert "Past 90 days: problems on 1 day. 28 June unavailable for a time" in page
    assert '<path class="d" d="M83 11h1"/>' in page
    assert ">99.98%<" in page


def test_successive_days_with_the_same_problem_are_one_bar_line_and_one_link(catalog: Catalog):
    context = site_context(catalog)
    record = life(context).record
    states = {3: State.MAJOR, 4: State.MAJOR, 5: State.PARTIAL, 60: State.MAJOR, 62: State.MAJOR}
    days = tuple(states.get(number, State.OPERATIONAL) for number in range(len(record.days)))
    history = ServiceHistory("booking", State.OPERATIONAL, replace(record, days=days), ())
    page = html(service_page.service_pages(context, history, now=NOON), "en/services/booking/index.html")
    assert '<path class="d" d="M3 11h2M60 11h1M62 11h1"/>' in page
    assert '<path class="p" d="M5 15h1"/>' in page
    links = re.search('(?s)class="axis".*?<ul class="links">(.*?)</ul>', page)
    assert links and re.findall(r"history/([^/]+)/\">([^<]+)<", links[1]) == [
        ("2026-06", "7 June unavailable for a time"),
        ("2026-06", "5 June unavailable for a time"),
        ("2026-04", "11 April partly"),
        ("2026-04", "9–10 April unavailable for a time each day"),
    ]


EACH_DAY = {
    "de": "9.–10. April täglich zeitweise nicht nutzbar",
    "en": "9–10 April unavailable for a time each day",
    "es": "9–10 de abril no disponible durante un tiempo cada día",
    "fr": "9–10 avril indisponible un moment chaque jour",
    "ja": "4月9日–10日 どの日も使えない時間あり",
    "ja-simple": "4月9日–10日 どの 日も つかえない 時間 あり",
    "ko": "4월 9일–10일 매일 이용 불가 시간 있음",
    "pt-BR": "9–10 de abril indisponível por um tempo todos os dias",
    "vi": "9–10/4 ngày nào cũng có lúc không dùng được",
    "zh-Hans": "4月9日–10日 每天都有一段时间无法使用",
}


@pytest.mark.slow
def test_a_range_of_days_says_in_every_language_that_each_day_had_the_problem(tmp_path: Path):
    catalog = worldwide_catalog(tmp_path / "content")
    context = site_context(catalog)
    spans = {
        language: uptime_bars.days_text(context, language, date(2026, 4, 9), date(2026, 4, 10), State.MAJOR)
        for language in catalog.packs
    }
    assert spans == EACH_DAY
    for language, text in spans.items():
        for state in (State.PARTIAL, State.DEGRADED):
            other = uptime_bars.days_text(context, language, date(2026, 4, 9), date(2026, 4, 10), state)
            assert other != text and other.split(" ")[0] == text.split(" ")[0]


def test_days_before_the_records_are_left_out_and_the_page_says_so(catalog: Catalog):
    context = site_context(replace(catalog, site=replace(catalog.site, history_start=date(2026, 6, 25))))
    page = html(front(context), "en/index.html")
    assert "Records begin on 25 June." in page
    assert "Past 10 days: no days with problems" in page
    assert '<path d="M80 19h10"/>' in page


@pytest.mark.parametrize("language", ["en", "ja", "ja-simple"])
def test_on_its_first_day_a_page_says_nothing_of_days_before(catalog: Catalog, language: str):
    context = site_context(replace(catalog, site=replace(catalog.site, history_start=date(2026, 7, 4))))
    page = html(front(context), f"{language}/index.html")
    assert '<path d="M89 19h1"/>' in page
    assert "90" not in re.findall(r'aria-label="([^"]*)"', page[page.index('class="hist"') :])[0]
    past = page[page.index('id="past"') :]
    assert 'class="day"' not in past and "7" in re.sub("<[^>]*>", "", past)
    july = archive.month_pages(context, ArchivePage((2026, 7), 0, 0, has_earlier=False, has_later=False), [], now=NOON)
    june = archive.month_pages(context, ArchivePage((2026, 6), 0, 0, has_earlier=False, has_later=True), [], now=NOON)
    (since,) = re.findall(r"<p>([^<]*)</p>", past[: past.index("</section>")])
    assert "pager" not in past[: past.index("</section>")]
    assert f"<p>{since}</p>" in html(july, f"{language}/history/2026-07/index.html")
    assert f"<p>{since}</p>" not in html(june, f"{language}/history/2026-06/index.html")


def test_a_single_day_on_record_is_counted_as_one(catalog: Catalog):
    context = site_context(replace(catalog, site=replace(catalog.site, history_start=date(2026, 7, 4))))
    page = html(front(context, another("gates", at("09:02"), state=State.MAJOR)), "en/index.html")
    assert "One day on record: no problems" in page
    assert "One day on record: problems. 4 July unavailable for a time" in page
    assert "1 days" not in page


def test_work_that_is_planned_is_announced_and_troubles_no_service(catalog: Catalog):
    page = html(front(site_context(catalog), work(catalog, ("12:00", "announced"))), "en/index.html")
    assert '<header class="top ok">' in page
    assert re.search(r'Wed 8 July, <span><time datetime="[^"]*">02:00</time> –</span> <span>04:00<', page)
    assert '<li class="maint"><svg class="m" aria-hidden="true"><use href="#maint"/></svg><a' not in page


def test_work_under_way_stands_under_a_square_and_its_services_too(catalog: Catalog):
    going = work(catalog, ("12:00", "announced"), ("2026-07-08 02:00", "started"))
    made, now = site_context(catalog), at("02:10", "2026-07-08")
    page = html(front(made, going, now=now), "en/index.html")
    own = html(status.incident_pages(made, going, now=now), f"en/incidents/{going.id}/index.html")
    assert '<header class="top maint">' in page and '<header class="top maint">' in own
    assert page.count('<li class="maint">') == 2
    assert "Planned maintenance</h2>" not in page


def test_work_that_runs_over_its_time_no_longer_says_when_it_ends(catalog: Catalog):
    going = work(catalog, ("12:00", "announced"), ("2026-07-08 02:00", "started"))
    context = site_context(catalog)
    for now, expected in ((at("03:59", "2026-07-08"), False), (at("04:00", "2026-07-08"), True)):
        for files in (front(context, going, now=now), status.incident_pages(context, going, now=now)):
            (page,) = (data.decode() for name, data in files.items() if name.startswith("en/"))
            assert ("It is past 04:00" in page) is expected


def test_a_report_stands_on_the_page_of_its_incident_in_clean_html(catalog: Catalog):
    files = status.incident_pages(site_context(catalog), reported(), now=NOON)
    assert set(files) == {f"{language}/incidents/r3m9p2q7x4ab/index.html" for language in catalog.languages}
    page = html(files, "en/incidents/r3m9p2q7x4ab/index.html")
    assert re.search(r"<h[23]>Why</h[23]>", page)
    assert "<script>x" not in page
    assert page.index("What was affected") < page.index("A disk failed.") < page.index('id="n-4"')


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_many_services_and_three_incidents_the_first_facts_are_still_in_the_first_round_trip(
    catalog: Catalog, language: str
):
    many = {f"more{n}": Service(f"more{n}", "desk") for n in range(20 - len(catalog.services))}
    packs = {
        name: replace(pack, services={**pack.services, **dict.fromkeys(many, pack.services["desk-booking"])})
        for name, pack in catalog.packs.items()
    }
    context = site_context(replace(catalog, services={**catalog.services, **many}, packs=packs))
    incidents = [composed(catalog, ("12:03", "first"), ("12:18", "update"), id=f"k3m9p2q7x4a{n}") for n in range(3)]
    small = gzip_bytes(front(context, *incidents, *PAST)[f"{language}/index.html"])
    assert len(small) <= 14_000
    arrived = zlib.decompressobj(31).decompress(small[:8_000]).decode("utf-8", "ignore")
    assert "</h1>" in arrived
    assert arrived.count('class="facts"') >= 1
    assert "</dl>" in arrived


def test_the_parts_of_a_month_form_a_chain(catalog: Catalog):
    context = site_context(catalog)
    links = {}
    for number in (1, 2, 0):
        files = archive.month_pages(
            context, ArchivePage((2026, 7), number, 2, has_earlier=True, has_later=True), [PAST[0]], now=NOON
        )
        (page,) = (data.decode() for name, data in files.items() if name.startswith("ja/"))
        links[number] = re.findall(r'rel="(prev|next)" href="[./]*(?:ja/history/)([^"]*)"', page)
    assert links == {
        1: [("prev", "2026-06/"), ("next", "2026-07/2/")],
        2: [("prev", "2026-07/1/"), ("next", "2026-07/")],
        0: [("prev", "2026-07/2/"), ("next", "2026-08/")],
    }


def test_the_language_switch_keeps_the_place(catalog: Catalog):
    page = html(status.incident_pages(site_context(catalog), over(), now=NOON), "ja/incidents/k3m9p2q7x4ab/index.html")
    assert '<a href="../../../en/incidents/k3m9p2q7x4ab/" lang="en" hreflang="en">English</a>' in page
    assert 'hreflang="en" href="https://status.fitline.example/en/incidents/k3m9p2q7x4ab/"' in page


def test_pages_are_the_same_bytes_each_time(catalog: Catalog):
    files = [with_gzip_copies(front(site_context(catalog), booking(), *PAST)) for _ in range(2)]
    assert files[0] == files[1]
    assert gzip.decompress(files[0]["ja/index.html.gz"]) == files[0]["ja/index.html"]


def test_no_file_carries_style_attributes_or_a_script_besides_the_one_that_reads_its_times(catalog: Catalog):
    scripts: dict[str, int] = {}
    for name, data in every_page(site_context(catalog)).items():
        page = data.decode()
        assert not re.search(r"<[^>]+\sstyle=", page), name
        scripts[name] = page.count("<script")
        assert scripts[name] == page.count("; script-src 'sha256-") == ("<time" in page), name
    assert set(scripts.values()) == {0, 1}
    assert len(site_context(catalog).assets.script) < 1000


def test_a_page_has_the_shapes_that_it_draws_and_no_others(catalog: Catalog):
    pages = {name: data.decode() for name, data in every_page(site_context(catalog)).items()}
    for name, page in pages.items():
        used = set(re.findall(r'href="#([a-z0-9]+)"', page)) - {"main"}
        assert set(re.findall(r'<symbol id="([^"]+)"', page)) >= used & {"ok", "part", "down", "maint", "chk", "d90"}
        assert set(re.findall(r'<symbol id="([^"]+)"', page)) <= used, name
    assert any("<symbol" in page for page in pages.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_fits_the_first_round_trip(catalog: Catalog, language: str):
    made, name = site_context(catalog), f"{language}/index.html"
    open_now = composed(catalog, ("12:03", "first"), ("12:18", "update"))
    over_now = composed(catalog, ("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))
    assert len(gzip_bytes(front(made, open_now, *PAST)[name])) <= 8_000
    assert len(gzip_bytes(front(made, over_now, *PAST, now=at("09:00", "2026-07-07"))[name])) <= 6_000


def test_the_front_says_what_is_new_and_its_own_page_the_whole_notice_too(catalog: Catalog):
    incident = composed(catalog, ("12:03", "first"))
    context = site_context(catalog)
    words = incident.notices[0].notice.texts["en"]
    sentences = {s.name: str(escape(s.text)) for s in words.sentences}
    beside = html(front(context, incident), "en/index.html")
    own = html(status.incident_pages(context, incident, now=NOON), "en/incidents/k3m9p2q7x4ab/index.html")
    assert sentences["next_update"] not in beside
    assert f"<b>{sentences['opening'].split('. ')[0]}.</b>" in beside
    whole = own[own.index('<details class="whole">') :]
    assert all(sentences[name] in whole for name in ("opening", "audience", "apology", "next_update"))


@pytest.mark.slow
def test_composed_drills_are_marked_once_at_each_place(catalog: Catalog):
    marked = drill_catalog()
    context = site_context(marked)
    incident = composed(marked, ("12:03", "first"), ("12:18", "update"), id="drill2q7x4ab")
    files = {
        **front(context, incident),
        **status.incident_pages(context, incident, now=NOON),
        **build_feeds(context, newest(incident)),
    }
    assert drill_marks.find_mark_faults(context, files) == ()
    page = html(files)
    marks = marked.packs["ja"].marks
    assert f'<h1><span class="dtag">{marks.word}</span> 会員アプリで' in page
    assert f"{marks.start}{marks.start}" not in page
    assert f"{marks.end}{marks.end}" not in page


def test_every_file_of_a_drill_carries_every_mark(catalog: Catalog):
    context = site_context(drilled(catalog))
    files = every_page(context, booking(marks=DRILL))
    assert drill_marks.find_mark_faults(context, files) == ()
    bare = every_page(site_context(catalog))
    assert len({fault.split()[0] for fault in drill_marks.find_mark_faults(context, bare)}) == len(bare)


def test_a_live_file_with_the_exact_mark_of_a_drill_is_refused(catalog: Catalog):
    context = site_context(catalog, refused=("【訓練】", "※これは訓練です。実際の不具合ではありません。"))
    assert drill_marks.find_mark_faults(context, every_page(context)) == ()
    assert drill_marks.find_mark_faults(context, every_page(context, booking(marks=DRILL)))


def test_the_word_drill_alone_is_not_refused(catalog: Catalog):
    context = site_context(catalog, refused=("【訓練】",))
    spoken = another("x", at("12:00"), minutes=None)
    entry = spoken.entries[0].entry
    assert isinstance(entry, Notice)
    words = replace(entry.texts["ja"], headline_html="切り替えの訓練を毎月行います")
    notice = replace(entry, notice=NoticeKind.FIRST, texts={**entry.texts, "ja": words})
    files = front(context, replace(spoken, entries=(replace(spoken.entries[0], entry=notice),)))
    assert "切り替えの訓練" in html(files)
    assert drill_marks.find_mark_faults(context, files) == ()


def test_search_engines_may_read_everything_and_nothing_of_a_drill(catalog: Catalog):
    assert guides.guide_pages(site_context(catalog))["robots.txt"] == b"User-agent: *\nDisallow:\n"
    assert guides.guide_pages(site_context(drilled(catalog)))["robots.txt"] == b"User-agent: *\nDisallow: /\n"


def test_every_page_ends_with_how_to_reach_the_company(catalog: Catalog):
    contact = Contact(
        "+81 3-0000-0000", "https://fitline.example/help", {"en": "9:00 to 18:00", "": "9時から18時"}, "119"
    )
    reachable = replace(catalog, site=replace(catalog.site, contact=contact))
    packs = {id: replace(pack, contact=contact.details(id)) for id, pack in reachable.packs.items()}
    pages = every_page(site_context(replace(reachable, packs=packs)))
    page = html(pages, "en/index.html")
    assert 'Contact: <a href="tel:+81300000000">+81 3-0000-0000</a> · 9:00 to 18:00 · <a href="https://fitline' in page
    assert "お問い合わせ：<a" in html(pages)
    assert all(b"tel:+81300000000" in page for name, page in pages.items() if name.endswith("/index.html"))


def test_a_company_that_gives_no_contact_says_none(catalog: Catalog):
    assert "Contact:" not in html(front(site_context(catalog), booking()), "en/index.html")
