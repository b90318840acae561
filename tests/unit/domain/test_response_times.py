"""The clock from the alert to the moment customers could read it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.incident import Entry, EventKind, Incident, InternalNote, Notice, TimelineEntry, TimelineEvent
from statuspage.domain.response_times import intervals, slowest, stamps, time_to_notice


def at(clock: str) -> datetime:
    """A time of one day in UTC."""
    hour, minute = clock.split(":")
    return datetime(2026, 7, 4, int(hour), int(minute), tzinfo=UTC)


def entry(word: str) -> Entry:
    """The entry for a word of the story."""
    facts = Facts(incident_type="booking")
    return {
        "acknowledged": TimelineEvent(EventKind.ACKNOWLEDGED, "Sato"),
        "confirmed": TimelineEvent(EventKind.CONFIRMED, "Sato"),
        "told": InternalNote("Booking fails.", "Sato"),
        "first": Notice(NoticeKind.FIRST, facts, {}, "Sato"),
        "update": Notice(NoticeKind.UPDATE, facts, {}, "Sato"),
        "resolved": Notice(NoticeKind.RESOLVED, facts, {}, "Kato"),
        "reopened": TimelineEvent(EventKind.REOPENED, "Kato"),
    }[word]


def incident_of(*lines: str, source: str = "alert") -> Incident:
    """An incident written in lines like ``10:03 confirmed``; ``10:11 readable 3`` says that entry 3 can be read."""
    t0, entries = at(lines[0].split()[0]), list[TimelineEntry]()
    for number, line in enumerate(lines[1:], start=1):
        clock, word, *rest = line.split()
        what = TimelineEvent(EventKind.READABLE, text=rest[0]) if word == "readable" else entry(word)
        entries.append(TimelineEntry(number, at(clock), at(clock), what))
    return Incident("a1b2c3d4e5f6", t0, t0, source, tuple(entries))


def names(incident: Incident) -> Sequence[str]:
    """The stages reached, in order of time."""
    return [stamp.stage for stamp in stamps(incident)]


SMOOTH = ("09:58 alert", "10:00 acknowledged", "10:03 confirmed", "10:04 told", "10:09 first", "10:11 readable 4")


def test_time_runs_from_the_alert_not_from_the_confirmation() -> None:
    assert time_to_notice(incident_of(*SMOOTH)) == timedelta(minutes=13)


def test_the_clock_runs_on_while_customers_cannot_read_it() -> None:
    assert time_to_notice(incident_of(*SMOOTH[:-1])) is None
    assert slowest(incident_of(*SMOOTH[:-1])) is None


def test_an_update_that_can_be_read_does_not_stop_the_clock_of_the_first_notice() -> None:
    incident = incident_of("09:58 alert", "10:09 first", "10:20 update", "10:21 readable 2")
    assert time_to_notice(incident) is None


def test_the_stretches_cover_the_whole_time_without_a_gap() -> None:
    measured = intervals(incident_of(*SMOOTH, "10:40 resolved", "10:42 readable 6"))
    assert [i.stage for i in measured] == [
        "acknowledged", "confirmed", "colleagues_told", "published", "readable", "resolved",
    ]  # fmt: skip
    assert sum((i.duration for i in measured), timedelta()) == timedelta(minutes=44)


def test_the_longest_stretch_before_the_notice_is_named() -> None:
    found = slowest(incident_of(*SMOOTH, "11:40 resolved"))
    assert found is not None
    assert (found.stage, found.duration, found.actor) == ("published", timedelta(minutes=5), "Sato")


def test_colleagues_told_after_customers_stand_where_they_happened() -> None:
    incident = incident_of(
        "09:58 alert", "10:00 acknowledged", "10:01 confirmed", "10:02 first", "10:03 readable 3", "10:05 told"
    )
    assert names(incident)[-1] == "colleagues_told"
    assert time_to_notice(incident) == timedelta(minutes=5)


def test_an_incident_that_broke_again_is_not_resolved() -> None:
    lines = (*SMOOTH, "10:40 resolved", "10:41 readable 6")
    assert "resolved" in names(incident_of(*lines))
    assert "resolved" not in names(incident_of(*lines, "10:50 reopened"))
