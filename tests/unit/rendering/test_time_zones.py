"""Time zones are named as in CLDR, for the site's zone, the moment and the language, in every place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import html as markup

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    MAINTENANCE,
    Affected,
    Facts,
    Known,
    MaintenanceWindow,
    NoticeKind,
    NoticeText,
    Precision,
    Range,
    StartTime,
    State,
)
from statuspage.domain.incident import Incident, Notice, TimelineEntry
from statuspage.rendering.site.feeds.notices import build_feeds
from statuspage.rendering.site.pages import status
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.rendering.wording.locale_format import Clock, parse_locale
from statuspage.rendering.wording.times.time_zones import name_always, name_at
from tests.support.content import whole_copy
from tests.support.site import ADDRESS, newest, present, site_context

LANGUAGES = ("ja", "en", "ja-simple", "de", "es", "fr", "ko", "pt-BR", "vi", "zh-Hans")
WINTER, SUMMER = "2026-01-09", "2026-07-10"


@dataclass(frozen=True)
class Named:
    """A zone on a day: its name, the shorter one in a post, and the one for all times of a page."""

    zone: str
    day: str
    name: str
    post: str
    page: str


NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ja": (
        ("アメリカ東部時間", "", "アメリカ東部夏時間", "", "アメリカ東部時間（ニューヨーク）"),
        ("中央ヨーロッパ時間", "", "中央ヨーロッパ夏時間", "", "ベルリン時間"),
        ("日本時間", "", "日本時間", "", "日本時間（UTC+9）"),
    ),
    "en": (
        ("Eastern Time", "", "Eastern Daylight Time", "", "Eastern Time (New York)"),
        ("Central European Time", "", "Central European Summer Time", "CEST", "Berlin Time"),
        ("Japan Time", "", "Japan Time", "", "Japan Time (UTC+9)"),
    ),
    "de": (
        (
            *("Nordamerikanische Ostküstenzeit", "GMT−5", "Nordamerikanische Ostküsten-Sommerzeit", "GMT−4"),
            "Nordamerikanische Ostküstenzeit (New York)",
        ),
        ("Mitteleuropäische Zeit", "MEZ", "Mitteleuropäische Sommerzeit", "MESZ", "Ortszeit Berlin"),
        ("Japanische Zeit", "", "Japanische Zeit", "", "Japanische Zeit (UTC+9)"),
    ),
    "es": (
        ("hora oriental", "", "hora de verano oriental", "GMT−4", "hora oriental (Nueva York)"),
        (
            *("hora de Europa central", "CET", "hora de verano de Europa central", "CEST"),
            "hora de Berlín",
        ),
        ("hora de Japón", "", "hora de Japón", "", "hora de Japón (UTC+9)"),
    ),
    "fr": (
        (
            *("heure de l’Est nord-américain", "HE", "heure d’été de l’Est nord-américain", "HEE"),
            "heure de l’Est nord-américain (New York)",
        ),
        (
            *("heure d’Europe centrale", "UTC+1", "heure d’été d’Europe centrale", "UTC+2"),
            "heure de Berlin",
        ),
        ("heure du Japon", "", "heure du Japon", "", "heure du Japon (UTC+9)"),
    ),
    "ko": (
        ("미 동부 시간", "", "미 동부 하계 표준시", "", "미 동부 시간(뉴욕)"),
        ("중부유럽 시간", "", "중부유럽 하계 표준시", "", "베를린 시간"),
        ("일본 시간", "", "일본 시간", "", "일본 시간(UTC+9)"),
    ),
    "pt-BR": (
        ("horário do Leste", "", "horário de verão do Leste", "GMT−4", "horário do Leste (Nova York)"),
        (
            *("horário da Europa Central", "GMT+1", "horário de verão da Europa Central", "GMT+2"),
            "horário de Berlim",
        ),
        ("horário do Japão", "", "horário do Japão", "", "horário do Japão (UTC+9)"),
    ),
    "vi": (
        ("giờ miền Đông", "", "giờ mùa hè miền Đông", "", "giờ miền Đông (New York)"),
        ("giờ Trung Âu", "", "giờ mùa hè Trung Âu", "", "giờ Berlin"),
        ("giờ Nhật Bản", "", "giờ Nhật Bản", "", "giờ Nhật Bản (UTC+9)"),
    ),
    "zh-Hans": (
        ("北美东部时间", "", "北美东部夏令时间", "", "北美东部时间（纽约）"),
        ("中欧时间", "", "中欧夏令时间", "", "柏林时间"),
        ("日本时间", "", "日本时间", "", "日本时间（UTC+9）"),
    ),
}
"""For New York, Berlin and Tokyo: the name in January, in a post, in July, in a post, and for all times of a page."""

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo")
CASES = [pytest.param(zone, day, id=f"{zone}-{day[:7]}") for zone in ZONES for day in (WINTER, SUMMER)]


def named(language: str, zone: str, day: str) -> Named:
    january, in_january, july, in_july, page = NAMES["ja" if language == "ja-simple" else language][ZONES.index(zone)]
    name, post = (january, in_january) if day == WINTER else (july, in_july)
    return Named(zone, day, name, post or name, page)


@pytest.fixture(scope="module")
def worldwide(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The sample company in every language."""
    folder = whole_copy(tmp_path_factory.mktemp("worldwide") / "content")
    site = folder / "site.toml"
    spoken = ", ".join(f'"{language}"' for language in LANGUAGES)
    site.write_text(re.sub(r"(?m)^languages = .*$", f"languages = [{spoken}]", site.read_text("utf-8")), "utf-8")
    catalog, faults = loading.read_content(folder)
    assert faults == ()
    assert catalog is not None
    return catalog


def of(catalog: Catalog, zone: str) -> Catalog:
    return replace(catalog, site=replace(catalog.site, zone=zone))


def there(zone: str, clock: str, day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))


def first_report(catalog: Catalog, started: datetime, estimate: timedelta = timedelta(hours=1)) -> Incident:
    """A first report, ten minutes after it started."""
    now = started + timedelta(minutes=10)
    known, start = Known(started + estimate), StartTime(Precision.ABOUT, started)
    facts = Facts("login", (Affected("login", State.MAJOR),), start=start, estimate=known)
    words = compose(
        NoticeKind.FIRST, facts, catalog=catalog, incident=IncidentContext("k3m9p2q7x4ab", ADDRESS), now=now
    )
    return Incident(
        "k3m9p2q7x4ab", now, now, "form", (TimelineEntry(1, now, now, Notice(NoticeKind.FIRST, facts, words)),)
    )


def words_of(incident: Incident) -> Mapping[str, NoticeText]:
    return incident.notices[0].notice.texts


@pytest.mark.parametrize(("zone", "day"), CASES)
def test_page_feed_post_and_mail_name_the_zone_truly_in_ten_languages(worldwide: Catalog, zone: str, day: str) -> None:
    catalog = of(worldwide, zone)
    incident = first_report(catalog, there(zone, "11:50", day))
    made, now = site_context(catalog), there(zone, "12:00", day)
    files = status.front_pages(made, present(made, incident, now=now), now=now) | status.incident_pages(
        made, incident, now=now
    )
    files |= build_feeds(made, newest(incident))
    for language in LANGUAGES:
        want, media = named(language, zone, day), words_of(incident)[language].media
        front = markup.fromstring(files[f"{language}/index.html"].decode())
        assert want.name in front.xpath("string(//p[@class='asof'])"), language
        for page in (f"{language}/index.html", f"{language}/incidents/{incident.id}/index.html"):
            foot = markup.fromstring(files[page].decode()).xpath("string(//footer)")
            assert want.page in foot, page
        assert want.name in media["mail"].body, language
        at_home = language in ("ja", "ja-simple") and zone == "Asia/Tokyo"
        assert (want.name in media["page"].body) is not at_home, media["page"].body
        assert (want.post in media["x"].body) is not at_home, media["x"].body
        assert want.name in files[f"{language}/feed.atom"].decode(), language
        others = {
            word
            for one in ZONES
            if one != zone
            for word in NAMES["ja" if language == "ja-simple" else language][ZONES.index(one)][:1]
        }
        everything = "".join(text.body for text in media.values()) + files[f"{language}/index.html"].decode()
        assert not [word for word in others if word in everything], language


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "UTC", "Asia/Kolkata", "Etc/GMT-3"])
def test_no_pack_states_a_place_for_a_company_elsewhere(worldwide: Catalog, zone: str) -> None:
    catalog = of(worldwide, zone)
    for language, words in words_of(first_report(catalog, there(zone, "11:50", SUMMER))).items():
        text = "".join(one.body for one in words.media.values())
        assert not re.search("[Jj]apan|日本|Jap[óã]o|Japon|일본|Nhật Bản", text), language


def test_where_clocks_change_within_a_text_each_time_has_its_own_name(worldwide: Catalog) -> None:
    catalog = of(worldwide, "Europe/Berlin")
    incident = first_report(catalog, there("Europe/Berlin", "01:30", "2026-10-25"), timedelta(hours=4))
    body = words_of(incident)["en"].media["page"].body
    assert "1:30 on Sunday 25 October (Central European Summer Time)" in body
    assert "5:30 on Sunday 25 October (Central European Time)" in body
    assert "(中央ヨーロッパ時間)" not in words_of(incident)["ja"].media["page"].body
    assert "5:30（中央ヨーロッパ時間）" in words_of(incident)["ja"].media["page"].body


def announced(catalog: Catalog, start: datetime, end: datetime, now: datetime) -> Mapping[str, NoticeText]:
    facts = Facts(MAINTENANCE, (Affected("login", State.MAJOR),), maintenance_window=MaintenanceWindow(start, end))
    incident_context = IncidentContext("k3m9p2q7x4ab", ADDRESS)
    return compose(NoticeKind.ANNOUNCED, facts, catalog=catalog, incident=incident_context, now=now)


def test_work_in_july_announced_in_november_is_summer_time_of_its_year_in_every_text(worldwide: Catalog) -> None:
    zone = "Europe/Berlin"
    start, now = there(zone, "02:00", "2027-07-10"), there(zone, "10:00", "2026-11-27")
    texts = announced(of(worldwide, zone), start, start + timedelta(hours=2), now)
    for language in LANGUAGES:
        summer = named(language, zone, SUMMER)
        winter = named(language, zone, WINTER)
        for medium, text in texts[language].media.items():
            assert "2027" in text.body, (language, medium, text.body)
            assert not re.search(rf"{winter.name}|\b{winter.post}\b", text.body), (language, medium, text.body)
        assert summer.name in texts[language].media["mail"].body, language
        assert summer.post in texts[language].media["x"].body, language
        assert "2027" in texts[language].title, language


def test_the_year_of_a_short_day_is_written_as_the_language_writes_it(worldwide: Catalog) -> None:
    at, now = there("Europe/Berlin", "02:00", "2027-07-10"), there("Europe/Berlin", "10:00", "2026-11-27")
    clocks = {one: Clock(worldwide.packs[one].locale_rules, "Europe/Berlin") for one in LANGUAGES}
    assert {one: clock.format_day(at, now=now) for one, clock in clocks.items()} == {
        "ja": "2027年7月10日(土)",
        "en": "Sat 10 July 2027",
        "ja-simple": "2027年7月10日(土)",
        "de": "Sa., 10. Juli 2027",
        "es": "sáb 10 de julio de 2027",
        "fr": "sam. 10 juillet 2027",
        "ko": "2027년 7월 10일(토)",
        "pt-BR": "sáb., 10 de julho de 2027",
        "vi": "Thứ Bảy, 10/7/2027",
        "zh-Hans": "2027年7月10日（周六）",
    }
    assert [clocks[one].format_date(at, now=now) for one in ("ja", "en", "de", "vi", "zh-Hans")] == [
        *("2027年7月10日", "10 July 2027", "10. Juli 2027", "10/7/2027", "2027年7月10日")
    ]


@pytest.mark.parametrize(
    ("zone", "french"),
    [("Europe/Athens", "heure d’Athènes"), ("Africa/Cairo", "heure du Caire"), ("Europe/Paris", "heure de Paris")],
)
def test_the_time_of_a_city_reads_as_part_of_a_sentence(zone: str, french: str) -> None:
    assert name_always(zone, parse_locale("fr")) == french


def test_mail_and_rows_over_the_change_of_clocks_say_which_time_is_which(worldwide: Catalog) -> None:
    zone = "Europe/Berlin"
    start, end = there(zone, "23:00", "2027-03-27"), there(zone, "05:00", "2027-03-28")
    body = announced(of(worldwide, zone), start, end, start - timedelta(days=9))["de"].media["mail"].body
    assert "Sa., 27. März, 23:00 Uhr (MEZ)–So., 28. März, 5:00 Uhr (MESZ)" in body
    assert "Alle Zeiten: Ortszeit Berlin." in body
    incident = first_report(of(worldwide, zone), there(zone, "01:30", "2026-10-25"), timedelta(hours=4))
    mail = words_of(incident)["en"].media["mail"].body
    assert "All times are Berlin Time." in mail
    assert "05:30 (Central European Time)" in mail


def test_a_range_after_the_change_of_clocks_names_day_and_zone_once(worldwide: Catalog) -> None:
    catalog, start = of(worldwide, "Europe/London"), datetime(2026, 3, 29, 0, 58, tzinfo=UTC)
    facts = Facts(
        "unreachable",
        start=StartTime(Precision.EXACT, start),
        estimate=Range(start + timedelta(minutes=2), start + timedelta(minutes=3)),
    )
    incident_context, now = IncidentContext("k3m9p2q7x4ab", ADDRESS), start + timedelta(minutes=1)
    texts = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=incident_context, now=now)
    estimate = next(sentence.text for sentence in texts["ja"].sentences if sentence.name == "estimate")
    assert "3月29日(日)2:00（英国夏時間）から2:01までの間" in estimate


def test_work_over_the_change_of_clocks_names_both_zones(worldwide: Catalog) -> None:
    catalog = of(worldwide, "America/New_York")
    start, end = there("America/New_York", "00:30", "2026-11-01"), there("America/New_York", "05:00", "2026-11-01")
    facts = Facts(MAINTENANCE, (Affected("login", State.MAJOR),), maintenance_window=MaintenanceWindow(start, end))
    incident_context, now = IncidentContext("k3m9p2q7x4ab", ADDRESS), start - timedelta(days=2)
    body = (
        compose(NoticeKind.ANNOUNCED, facts, catalog=catalog, incident=incident_context, now=now)["en"]
        .media["page"]
        .body
    )
    assert "0:30 on Sunday 1 November (Eastern Daylight Time)" in body
    assert "5:00 on Sunday 1 November (Eastern Time)" in body


def over_after_an_hour(catalog: Catalog, started: datetime) -> Mapping[str, NoticeText]:
    """The resolved notice of an incident of one hour."""
    over = started + timedelta(hours=1)
    told = Facts("login", (Affected("login", State.MAJOR),), start=StartTime(Precision.ABOUT, started))
    incident_context = IncidentContext("k3m9p2q7x4ab", ADDRESS, previous_facts=told)
    facts, now = replace(told, ended_at=over), over + timedelta(minutes=2)
    return compose(NoticeKind.RESOLVED, facts, catalog=catalog, incident=incident_context, now=now)


CHANGES = {
    "New York, forward": ("America/New_York", "2026-03-08T06:30Z", "01:30", "03:30"),
    "New York, back": ("America/New_York", "2026-11-01T05:30Z", "01:30", "01:30"),
    "Berlin, forward": ("Europe/Berlin", "2026-03-29T00:30Z", "01:30", "03:30"),
    "Berlin, back": ("Europe/Berlin", "2026-10-25T00:30Z", "02:30", "02:30"),
}
HOUR = {"en": "1 hour", "ja": "1時間", "de": "1 Stunde"}


@pytest.mark.parametrize(("zone", "started", "first", "last"), CHANGES.values(), ids=CHANGES)
def test_an_incident_over_the_change_of_clocks_has_its_true_length_and_says_which_time_is_which(
    worldwide: Catalog, zone: str, started: str, first: str, last: str
) -> None:
    start = datetime.fromisoformat(started)
    texts = over_after_an_hour(of(worldwide, zone), start)
    for language in LANGUAGES:
        locale_rules = worldwide.packs[language].locale_rules
        zones = [Clock(locale_rules, zone).short_zone_name_at(start + timedelta(hours=n)) for n in range(2)]
        assert zones[0] != zones[1]
        (line,) = next(row.lines for row in texts[language].rows if row.key == "period")
        assert all(len(re.findall(rf"{re.escape(name)}[)）]", line)) == 1 for name in zones), line
    for language, length in HOUR.items():
        body = texts[language].media["page"].body
        assert length in body and all(time.lstrip("0") in body for time in (first, last)), body


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("America/New_York", {"en": "Eastern Daylight Time", "de": "Nordamerikanische Ostküsten-Sommerzeit"}),
        ("Europe/Berlin", {"en": "Central European Summer Time", "de": "Mitteleuropäische Sommerzeit"}),
    ],
)
def test_an_incident_in_july_is_told_in_summer_time_named_once(
    worldwide: Catalog, zone: str, names: Mapping[str, str]
) -> None:
    texts = over_after_an_hour(of(worldwide, zone), there(zone, "11:00", "2026-07-04").astimezone(UTC))
    for language, name in names.items():
        body = texts[language].media["page"].body
        assert body.count(name) == 1 and "12:00" in body and "11:00" in body, body


def test_the_hour_that_clocks_show_twice_is_told_apart() -> None:
    first = datetime.fromisoformat("2026-11-01T05:30:00+00:00")
    names = [name_at("America/New_York", first + timedelta(hours=n), parse_locale("en-GB")) for n in range(3)]
    assert names == ["Eastern Daylight Time", "Eastern Standard Time", "Eastern Time"]


@pytest.mark.parametrize(
    ("zone", "january", "july", "always"),
    [
        ("Europe/Vienna", "Central European Time", "Central European Summer Time", "Vienna Time"),
        ("Europe/London", "Greenwich Mean Time", "British Summer Time", "London Time"),
        ("Europe/Dublin", "Greenwich Mean Time", "Irish Standard Time", "Dublin Time"),
        (
            "Australia/Sydney",
            "Australian Eastern Daylight Time",
            "Australian Eastern Time",
            "Australian Eastern Time (Sydney)",
        ),
        ("Asia/Kolkata", "India Standard Time", "India Standard Time", "India Standard Time (UTC+5:30)"),
        ("Asia/Calcutta", "India Standard Time", "India Standard Time", "India Standard Time (UTC+5:30)"),
        ("Europe/Istanbul", "GMT+3", "GMT+3", "Istanbul Time"),
        ("Etc/GMT+3", "GMT−3", "GMT−3", "GMT−3"),
        ("UTC", "Coordinated Universal Time", "Coordinated Universal Time", "Coordinated Universal Time (UTC)"),
    ],
)
def test_a_zone_is_named_as_cldr_has_it_or_by_its_offset(zone: str, january: str, july: str, always: str) -> None:
    english = parse_locale("en-GB")
    assert [name_at(zone, there(zone, "12:00", day), english) for day in (WINTER, SUMMER)] == [january, july]
    assert name_always(zone, english, offset=True) == always


def test_a_time_in_brackets_is_set_as_the_language_sets_it(worldwide: Catalog) -> None:
    at = there("Europe/Berlin", "10:40", WINTER)
    expected = {
        one: Clock(worldwide.packs[one].locale_rules, "Europe/Berlin").format_with_zone(at)
        for one in ("ja", "en", "ko")
    }
    assert expected == {
        "ja": "1月9日(金) 10:40（中央ヨーロッパ時間）",
        "en": "Fri 9 January, 10:40 (Central European Time)",
        "ko": "1월 9일(금) 10:40(중부유럽 시간)",
    }


Changed = Callable[[str, str, str], list[str]]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """Changes a line in a file of every language; returns the resulting content errors."""

    def change(file: str, before: str, after: str) -> list[str]:
        folder = whole_copy(tmp_path / "content")
        for language in ("ja", "en", "ja-simple"):
            path = folder / language / file
            text = path.read_text("utf-8")
            assert re.search(before, text), language
            path.write_text(re.sub(before, after, text, count=1), "utf-8")
        return [f"{fault.file} {fault.key}" for fault in loading.read_content(folder)[1]]

    return change


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "before", "after", "key"),
    [
        ("phrases.toml", r"(?m)^\[time\]$", '[time]\nzone = "Japan time"', "time.zone"),
        ("labels.toml", r'(?m)^zone = ".*"$', 'zone = "All times are Japan time (UTC+9)."', "site.footer.zone"),
        ("labels.toml", r'(\[site.as_of\]\nbefore = ".*"\nafter = )".*"', r'\1", Japan time"', "site.as_of.after"),
    ],
)
def test_check_refuses_a_pack_that_states_a_zone(
    changed: Changed, file: str, before: str, after: str, key: str
) -> None:
    assert set(changed(file, before, after)) == {f"{language}/{file} {key}" for language in ("ja", "en", "ja-simple")}


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Phoenix", "Mountain Standard Time"),
        ("America/Regina", "Central Standard Time"),
        ("Africa/Algiers", "Central European Standard Time"),
        ("Australia/Brisbane", "Australian Eastern Standard Time"),
        ("America/Mexico_City", "Central Standard Time"),
        ("Asia/Tokyo", "Japan Time"),
        ("Asia/Seoul", "Korean Time"),
        ("Asia/Shanghai", "China Time"),
    ],
)
def test_a_place_without_summer_time_is_not_called_by_a_name_that_elsewhere_means_another_hour(zone: str, name: str):
    english = parse_locale("en")
    for day in (WINTER, SUMMER):
        assert name_at(zone, datetime.fromisoformat(f"{day}T12:00+00:00"), english) == name
    assert name_always(zone, english).startswith(name.removesuffix(" Standard Time"))
