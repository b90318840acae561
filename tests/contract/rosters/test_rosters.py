"""Rosters in other programs' calendar formats: who is on call, until when, and who is next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from statuspage.domain.on_call import Responder
from statuspage.integrations import rosters
from statuspage.integrations.rosters import fetch, recurrence
from statuspage.integrations.rosters.lookup import OnCallPeriod
from tests.support.times import TOKYO, at

SATO = Responder("sato", "佐藤 美咲", email="sato@example.com", aliases=("Misaki Sato",))
KEN = Responder("ken", "渡辺 健", email="ken@example.com")
RESPONDERS = (SATO, KEN)


def calendar(*events: str) -> str:
    """A calendar with these events; each consists of its lines, separated by |."""
    made = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}"]
        made += ["BEGIN:VEVENT", *uid, "DTSTAMP:20260101T000000Z", *event.split("|"), "END:VEVENT"]
    return "\r\n".join([*made, "END:VCALENDAR", ""])


def on(text: str, now: datetime, *more: str) -> OnCallPeriod:
    return rosters.find_on_call([text, *more], RESPONDERS, ZoneInfo("Asia/Tokyo"), now)


def names(period: OnCallPeriod) -> tuple[list[str], list[str]]:
    return [one.name for one in period.on_call], [one.name for one in period.next_on_call]


def test_a_week_from_monday_to_monday_that_comes_again_every_second_week():
    text = calendar(
        "DTSTART;TZID=Asia/Tokyo:20260105T090000|DTEND;TZID=Asia/Tokyo:20260112T090000|RRULE:FREQ=WEEKLY;INTERVAL=2"
        "|SUMMARY:佐藤 美咲",
        "DTSTART;TZID=Asia/Tokyo:20260112T090000|DTEND;TZID=Asia/Tokyo:20260119T090000|RRULE:FREQ=WEEKLY;INTERVAL=2"
        "|SUMMARY:渡辺 健",
    )
    period = on(text, at("12:00"))
    assert names(period) == (["渡辺 健"], ["佐藤 美咲"])
    assert period.on_call_until == period.next_starts_at == at("09:00", "2026-07-06")


def test_shifts_of_the_same_person_one_after_the_other_are_one():
    daily = "DTSTART;TZID=Asia/Tokyo:20260701T000000|DURATION:P1D|RRULE:FREQ=DAILY;UNTIL=20260709T150000Z|SUMMARY:ken"
    period = on(calendar(daily), at("12:00"))
    assert (names(period), period.on_call_until, period.next_starts_at) == (
        (["渡辺 健"], []),
        at("00:00", "2026-07-11"),
        None,
    )


@pytest.mark.parametrize(
    ("event", "who"),
    [
        ("SUMMARY:On Call - Misaki Sato - Support", "佐藤 美咲"),  # PagerDuty
        ("SUMMARY:Support|ATTENDEE;CN=Misaki:mailto:SATO@example.com", "佐藤 美咲"),  # PagerDuty, Google
        ("SUMMARY:ken@example.com", "渡辺 健"),  # Opsgenie
        ("SUMMARY:[L1] ken", "渡辺 健"),  # Grafana OnCall
        ("SUMMARY:Kenji", "Kenji"),  # a name we do not know: as in the calendar
    ],
)
def test_people_are_known_by_the_names_others_export(event: str, who: str):
    period = on(calendar(f"DTSTART:20260704T000000Z|DTEND:20260704T120000Z|{event}"), at("12:00"))
    assert [one.name for one in period.on_call] == [who]


def test_what_was_moved_or_left_out_of_a_series_counts_as_it_was_changed():
    series = "UID:a|DTSTART;TZID=Asia/Tokyo:20260701T090000|DTEND;TZID=Asia/Tokyo:20260701T180000|RRULE:FREQ=DAILY"
    text = calendar(
        f"{series}|EXDATE;TZID=Asia/Tokyo:20260703T090000|SUMMARY:ken",
        "UID:a|RECURRENCE-ID;TZID=Asia/Tokyo:20260704T090000|DTSTART;TZID=Asia/Tokyo:20260704T130000"
        "|DTEND;TZID=Asia/Tokyo:20260704T180000|SUMMARY:sato",
        "UID:a|RECURRENCE-ID;TZID=Asia/Tokyo:20260705T090000|DTSTART;TZID=Asia/Tokyo:20260705T090000"
        "|DTEND;TZID=Asia/Tokyo:20260705T180000|STATUS:CANCELLED|SUMMARY:ken",
    )
    assert names(on(text, at("12:00", "2026-07-02")))[0] == ["渡辺 健"]
    assert names(on(text, at("12:00", "2026-07-03")))[0] == []
    assert names(on(text, at("12:00"))) == ([], ["佐藤 美咲"])
    assert names(on(text, at("14:00"))) == (["佐藤 美咲"], ["渡辺 健"])
    assert names(on(text, at("12:00", "2026-07-05")))[0] == []


def test_a_change_of_this_and_all_that_follow_counts_for_all_of_them():
    text = calendar(
        "UID:a|DTSTART;TZID=Asia/Tokyo:20260701T090000|DTEND;TZID=Asia/Tokyo:20260701T180000|RRULE:FREQ=DAILY|SUMMARY:ken",
        "UID:a|RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Tokyo:20260704T090000"
        "|DTSTART;TZID=Asia/Tokyo:20260704T100000|DTEND;TZID=Asia/Tokyo:20260704T200000|SUMMARY:sato",
        "UID:a|RECURRENCE-ID;RANGE=THISANDFUTURE:20260710T000000Z"
        "|DTSTART;TZID=Asia/Tokyo:20260710T090000|STATUS:CANCELLED|SUMMARY:sato",
    )
    assert names(on(text, at("09:00", "2026-07-03")))[0] == ["渡辺 健"]
    for day in ("2026-07-04", "2026-07-05", "2026-07-09"):
        assert names(on(text, at("09:59", day)))[0] == []
        assert names(on(text, at("10:00", day)))[0] == ["佐藤 美咲"]
        assert on(text, at("19:59", day)).on_call_until == at("20:00", day)
    assert names(on(text, at("12:00", "2026-07-10"))) == ([], [])


def test_whole_days_of_a_series_change_with_all_that_follow_too():
    text = calendar(
        "UID:a|DTSTART;VALUE=DATE:20260701|RRULE:FREQ=DAILY;UNTIL=20260708|SUMMARY:ken",
        "UID:a|RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260705|DTSTART;VALUE=DATE:20260705|SUMMARY:sato",
    )
    period = on(text, at("00:00", "2026-07-03"))
    assert (names(period), period.on_call_until) == ((["渡辺 健"], ["佐藤 美咲"]), at("00:00", "2026-07-05"))
    assert on(text, at("00:00", "2026-07-05")).on_call_until == at("00:00", "2026-07-09")


def test_events_that_share_a_name_are_all_counted():
    nights = [f"UID:same|DTSTART:2026070{day}T000000Z|DURATION:PT6H|SUMMARY:sato" for day in (4, 5)]
    assert [
        one.starts_at
        for one in recurrence.read_shifts(calendar(*nights), TOKYO, at("00:00"), at("00:00", "2026-07-08"))
    ] == [
        at("09:00", "2026-07-04"),
        at("09:00", "2026-07-05"),
    ]


def test_whole_days_begin_at_midnight_here_and_times_without_a_zone_are_ours():
    text = calendar("DTSTART;VALUE=DATE:20260704|SUMMARY:sato", "DTSTART:20260705T080000|DURATION:PT2H|SUMMARY:ken")
    assert names(on(text, at("00:00"))) == (["佐藤 美咲"], ["渡辺 健"])
    assert on(text, at("00:00")).next_starts_at == at("08:00", "2026-07-05")
    assert names(on(text, at("23:59:59", "2026-07-03")))[0] == []


def test_a_night_shift_keeps_to_the_clock_when_summer_time_ends():
    new_york = ZoneInfo("America/New_York")
    text = calendar(
        "DTSTART;TZID=America/New_York:20261001T220000|DTEND;TZID=America/New_York:20261002T060000|RRULE:FREQ=DAILY|SUMMARY:ken"
    )
    for day in (1, 2):  # summer time ends on 1 November 2026
        before, after = (datetime(2026, 11, day, hour, minute, tzinfo=new_york) for hour, minute in ((5, 59), (6, 0)))
        assert names(on(text, before.astimezone(UTC)))[0] == ["渡辺 健"]
        assert names(on(text, after.astimezone(UTC)))[0] == []


def test_a_calendar_of_swaps_goes_before_the_usual_one():
    usual = calendar("DTSTART:20260701T000000Z|DTEND:20260710T000000Z|SUMMARY:ken")
    swap = calendar("DTSTART:20260704T000000Z|DTEND:20260704T060000Z|SUMMARY:sato")
    period = on(swap, at("12:00"), usual)
    assert (names(period), period.on_call_until) == ((["佐藤 美咲"], ["渡辺 健"]), at("15:00"))


@pytest.mark.parametrize("text", ["", "<html>", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "x" * 2_000_001])
def test_what_is_no_calendar_is_said_so(text: str):
    with pytest.raises(rosters.Unreadable):
        on(text, at("12:00"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:no time",
        "DTSTART:20260704T000000Z|RRULE:FREQ=SECONDLY|SUMMARY:ken",
        "DTSTART:nonsense|SUMMARY:ken",
        "DTSTART:20260704T000000Z|DTEND:20260703T000000Z|SUMMARY:ken",
        "DTSTART:20260704T000000Z|RRULE:FREQ=DAILY;COUNT=99999999|SUMMARY:ken",
        "DTSTART:20260704T000000Z|RRULE:FREQ=DAILY;INTERVAL=0;UNTIL=20260710T000000Z|SUMMARY:ken",
        "DTSTART:20260704T000000Z|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30|SUMMARY:ken",
        "DTSTART:00010101T000000Z|RRULE:FREQ=HOURLY;UNTIL=99991231T235959Z|SUMMARY:ken",
        "DTSTART:20260704T000000Z|RRULE:FREQ=DAILY;BYSECOND="
        + ",".join(map(str, range(60)))
        + ";BYMINUTE=1,2|SUMMARY:ken",
        "DTSTART:20260704T000000Z|RRULE:FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 90_000) + "|SUMMARY:ken",
        "UID:a|UID:b|SEQUENCE:x|DTSTART:20260704T000000Z|RDATE:x|SUMMARY:ken",
    ],
)
def test_an_event_that_makes_no_sense_leaves_the_others(event: str):
    good = "DTSTART:20260704T000000Z|DTEND:20260704T120000Z|SUMMARY:sato"
    assert "佐藤 美咲" in names(on(calendar(event, good), at("12:00")))[0]


# fetched from an address


class Host(ThreadingHTTPServer):
    """A server that responds as told: status, headers, body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.says: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Answers(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        status, headers, body = self.server.says.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@contextmanager
def host() -> Iterator[Host]:
    server = Host()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_calendar_has_an_end(monkeypatch: pytest.MonkeyPatch):
    zone, night = ZoneInfo("UTC"), "DTSTART:20260704T000000Z|DTEND:20260704T120000Z|SUMMARY:sato"
    with pytest.raises(recurrence.Unreadable, match="too large"):
        recurrence.read_shifts("x" * (recurrence.MAX_CALENDAR + 1), zone, at("12:00"), at("12:00"))
    monkeypatch.setattr(recurrence, "MAX_EVENTS", 3)
    assert len(recurrence.read_shifts(calendar(night, night, night), zone, at("12:00"), at("12:00"))) == 3
    with pytest.raises(recurrence.Unreadable, match="too many"):
        recurrence.read_shifts(calendar(night, night, night, night), zone, at("12:00"), at("12:00"))
    every = "DTSTART:20260704T000000Z|DTEND:20260704T010000Z|RRULE:FREQ=DAILY|SUMMARY:sato"
    days = at("12:00") - timedelta(days=9), at("12:00") + timedelta(days=9)
    assert len(recurrence.read_shifts(calendar(every), zone, *days)) == 3, (
        "no more is looked at, whatever the rule says"
    )


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=0;BYMONTH=2",
        "FREQ=YEARLY;BYDAY=SU;BYSETPOS=300,301,302",
        "FREQ=HOURLY;BYSETPOS=2",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4,5,6;BYHOUR=" + ",".join(map(str, range(24))),
    ],
)
def test_a_calendar_that_seeks_to_hang_us_is_given_up(monkeypatch: pytest.MonkeyPatch, rule: str):
    monkeypatch.setattr(recurrence, "MAX_EVENTS", 200)
    event = f"DTSTART:20260704T000000Z|DTEND:20260704T010000Z|RRULE:{rule}|SUMMARY:ken"
    with pytest.raises(recurrence.Unreadable, match="too often"):
        on(calendar(*[event] * 150), at("12:00"))


def test_a_calendar_of_changes_that_all_reach_to_the_end_is_given_up():
    series = "UID:a|DTSTART:20260701T000000Z|DTEND:20260701T010000Z|RRULE:FREQ=HOURLY|SUMMARY:ken"
    change = "UID:a|RECURRENCE-ID;RANGE=THISANDFUTURE:20260704T000000Z|DTSTART:20260704T000000Z|SUMMARY:sato"
    with pytest.raises(recurrence.Unreadable, match="too many changes"):
        on(calendar(series, *[change] * 501), at("12:00"))


def test_a_calendar_that_names_too_many_shifts_is_given_up_when_it_is_fetched(tmp_path: Path):
    moments = ",".join(f"{at('12:00', '2026-08-01') + timedelta(seconds=n):%Y%m%dT%H%M%SZ}" for n in range(5_001))
    with host() as one:
        one.says["/duty.ics"] = (200, {}, calendar(f"DTSTART:20260801T000000Z|DURATION:PT1H|RDATE:{moments}").encode())
        fetch.refresh_rosters(tmp_path, {"support": one.at("/duty.ics")}, now=at("12:00"))
    assert fetch.read_copy(tmp_path, "support") == fetch.RosterCopy(problem="unreadable")


GOOD = calendar("DTSTART:20260704T000000Z|DTEND:20260704T120000Z|SUMMARY:sato").encode()


def test_a_roster_is_fetched_and_the_last_good_copy_outlives_what_goes_wrong(tmp_path: Path):
    with host() as one, host() as other:
        one.says["/moved.ics"] = (302, {"Location": "/duty.ics"}, b"")
        one.says["/duty.ics"] = (200, {}, GOOD)
        fetch.refresh_rosters(tmp_path, {"support": one.at("/moved.ics")}, now=at("12:00"))
        good = fetch.read_copy(tmp_path, "support")
        assert (good.text.encode(), good.fetched_at, good.problem) == (GOOD, at("12:00"), "")
        other.says["/duty.ics"] = (200, {}, GOOD)
        wrong = {
            "gone": (403, {}, b""),
            "unreachable": (503, {}, b""),
            "unreadable": (200, {}, b"<html>"),
            "large": (200, {}, b"x" * 2_100_000),
            "moved": (302, {"Location": other.at("/duty.ics")}, b""),
        }
        for fault, message in wrong.items():
            one.says["/duty.ics"] = message
            fetch.refresh_rosters(tmp_path, {"support": one.at("/duty.ics")}, now=at("12:10"))
            assert fetch.read_copy(tmp_path, "support") == fetch.RosterCopy(good.text, at("12:00"), fault)
    fetch.refresh_rosters(tmp_path, {"support": one.at("/duty.ics"), "odd": "file:///etc/passwd"}, now=at("12:20"))
    assert fetch.read_copy(tmp_path, "support").problem == "unreachable"
    assert fetch.read_copy(tmp_path, "odd") == fetch.RosterCopy(problem="address")
    assert (tmp_path / "support.json").stat().st_mode & 0o077 == 0


def test_the_sample_rosters_name_somebody_at_any_time(catalog):
    for spec in catalog.on_call.rosters.values():
        for day in ("2026-07-04", "2027-01-01", "2029-12-31"):
            calendars, responders = list(spec.calendars.values()), catalog.on_call.responders.values()
            found = rosters.find_on_call(calendars, responders, TOKYO, at("03:00", day))
            assert [one.id for one in (*found.on_call, *found.next_on_call)], (spec.id, day)
            assert all(one.id for one in (*found.on_call, *found.next_on_call))
