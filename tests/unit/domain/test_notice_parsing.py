"""Input becomes facts, or a problem beside its field."""

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import statuspage
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Precision,
    Range,
    StartTime,
    State,
    Unknown,
)
from statuspage.domain.notice_input import (
    AudienceInput,
    EstimateInput,
    EstimateShape,
    NoticeInput,
    ServiceInput,
    StartInput,
    TypedTime,
)
from statuspage.domain.notice_parsing import parse_notice
from statuspage.domain.validation import EXTRA_LIMIT

NOW = datetime(2026, 7, 4, 3, 2, tzinfo=UTC)  # 12:02 in Tokyo

ENOUGH = NoticeInput(incident_type="booking", start=StartInput(Precision.ABOUT, TypedTime("11:55")))


def exactly(text: str) -> StartInput:
    """An exact start time, as typed."""
    return StartInput(Precision.EXACT, TypedTime(text))


def known(text: str) -> EstimateInput:
    """An estimate of one typed time."""
    return EstimateInput(EstimateShape.KNOWN, TypedTime(text))


def between(earliest: str, latest: str) -> EstimateInput:
    """An estimate of two typed times."""
    return EstimateInput(EstimateShape.RANGE, TypedTime(earliest), TypedTime(latest))


def services(*names: str) -> tuple[ServiceInput, ...]:
    """Services without a state."""
    return tuple(ServiceInput(name) for name in names)


def tokyo(clock: str) -> datetime:
    """A time of that day in Tokyo, in UTC."""
    return datetime.fromisoformat(f"2026-07-04T{clock}:00+09:00").astimezone(UTC)


def facts(
    catalog: Catalog, notice_input: NoticeInput, notice: NoticeKind = NoticeKind.FIRST, previous: Facts | None = None
) -> Facts:
    """The facts of valid input."""
    found, problems = parse_notice(notice_input, catalog=catalog, notice=notice, now=NOW, previous=previous)
    assert problems == ()
    return found


def faults(catalog: Catalog, notice_input: NoticeInput, notice: NoticeKind = NoticeKind.FIRST) -> list[tuple[str, str]]:
    """Field and code of every problem."""
    _, problems = parse_notice(notice_input, catalog=catalog, notice=notice, now=NOW)
    return [(p.field, p.code) for p in problems]


def test_effect_and_since_when_are_enough(catalog: Catalog) -> None:
    found = facts(catalog, ENOUGH)
    assert found.affected == catalog.incident_types["booking"].services
    assert found.start == StartTime(Precision.ABOUT, tokyo("11:55"))
    assert (found.audience, found.estimate) == (Audience(AffectedAudience.CHECKING), Unknown())
    assert found.next_update == NOW.replace(second=0) + catalog.incident_types["booking"].cadence


def test_nothing_typed_names_both_missing_facts_and_nothing_else(catalog: Catalog) -> None:
    assert faults(catalog, NoticeInput()) == [
        ("incident_type", "incident_type.missing"),
        ("services", "services.missing"),
        ("start", "start.missing"),
    ]


def test_a_service_without_a_state_takes_that_of_the_incident_type(catalog: Catalog) -> None:
    found = facts(catalog, replace(ENOUGH, services=(ServiceInput("login"), ServiceInput("fees", "degraded"))))
    assert found.affected == (Affected("login", State.MAJOR), Affected("fees", State.DEGRADED))


@pytest.mark.parametrize("extent", [AffectedAudience.ALL, AffectedAudience.SOME, AffectedAudience.CHECKING])
def test_the_audience_is_taken_as_it_is_chosen(catalog: Catalog, extent: AffectedAudience) -> None:
    assert facts(catalog, replace(ENOUGH, audience=AudienceInput(extent))).audience == Audience(extent)


def test_groups_are_an_audience_whatever_else_is_checked(catalog: Catalog) -> None:
    groups = ("shibuya", "shinjuku")
    found = facts(catalog, replace(ENOUGH, audience=AudienceInput(groups=groups)))
    assert found.audience == Audience(AffectedAudience.GROUPS, groups)


def test_a_typed_start_time_is_parsed_and_its_precision_kept(catalog: Catalog) -> None:
    start = StartInput(Precision.NOTICED, TypedTime("11:55"))
    assert facts(catalog, replace(ENOUGH, start=start)).start == StartTime(Precision.NOTICED, tokyo("11:55"))


def test_a_known_moment_is_told_to_the_minute(catalog: Catalog) -> None:
    start = StartInput(Precision.ABOUT, tokyo("11:55") + timedelta(seconds=27))
    assert facts(catalog, replace(ENOUGH, start=start)).start == StartTime(Precision.ABOUT, tokyo("11:55"))


@pytest.mark.parametrize(
    ("given", "estimate"),
    [
        (None, Unknown()),
        (EstimateInput(), Unknown()),
        (known("13:30"), Known(tokyo("13:30"))),
        (known("30m"), Known(tokyo("12:32"))),
        (EstimateInput(EstimateShape.KNOWN, tokyo("13:30")), Known(tokyo("13:30"))),
        (between("12:30", "13:30"), Range(tokyo("12:30"), tokyo("13:30"))),
        (EstimateInput(EstimateShape.NOT_BEFORE, TypedTime("13:30")), NotBefore(tokyo("13:30"))),
    ],
)
def test_the_estimate_is_read(catalog: Catalog, given: EstimateInput | None, estimate: object) -> None:
    assert facts(catalog, replace(ENOUGH, estimate=given)).estimate == estimate


def test_a_passed_estimate_makes_the_next_one_a_missed_one(catalog: Catalog) -> None:
    before = replace(facts(catalog, ENOUGH), estimate=Known(NOW - timedelta(minutes=10)))
    after = facts(catalog, replace(ENOUGH, estimate=known("13:30")), NoticeKind.UPDATE, before)
    assert after.estimate == MissedEstimate(NOW - timedelta(minutes=10), Known(tokyo("13:30")))


@pytest.mark.parametrize("again", [False, True])
def test_the_end_of_a_range_that_has_passed_was_never_called_about(catalog: Catalog, again: bool) -> None:
    estimate = Range(NOW - timedelta(hours=1), NOW - timedelta(minutes=10))
    before = replace(
        facts(catalog, ENOUGH), estimate=MissedEstimate(NOW - timedelta(hours=2), estimate) if again else estimate
    )
    after = facts(catalog, ENOUGH, NoticeKind.UPDATE, before)
    assert after.estimate == MissedEstimate(NOW - timedelta(minutes=10), is_approximate=False)


def test_once_said_the_missed_estimate_is_not_said_again(catalog: Catalog) -> None:
    before = replace(facts(catalog, ENOUGH), estimate=MissedEstimate(NOW - timedelta(hours=1), Unknown()))
    assert facts(catalog, ENOUGH, NoticeKind.UPDATE, before).estimate == Unknown()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"incident_type": "earthquake", "services": services("login")}, ("incident_type", "incident_type.unknown")),
        ({"services": ()}, ("services", "services.missing")),
        ({"services": services("pool")}, ("services", "services.unknown")),
        ({"services": (ServiceInput("login", "sad"),)}, ("services", "services.state")),
        ({"services": (ServiceInput("login", "maintenance"),)}, ("services", "services.state")),
        ({"services": (ServiceInput("login", "operational"),)}, ("services", "services.missing")),
        ({"services": (ServiceInput("login"), ServiceInput("pool", "operational"))}, ("services", "services.unknown")),
        (
            {"incident_type": "security", "services": services("login"), "estimate": known("13:30")},
            ("estimate", "estimate.not_given"),
        ),
        ({"audience": AudienceInput(groups=("atlantis",))}, ("audience", "audience.unknown")),
        ({"audience": AudienceInput(AffectedAudience.GROUPS)}, ("audience", "audience.missing")),
        ({"audience": AudienceInput(AffectedAudience.ALL, ("shibuya",))}, ("audience", "audience.unknown")),
        ({"start": exactly("soon")}, ("start", "start.unreadable")),
        ({"start": exactly("0001-01-01 00:00")}, ("start", "start.unreadable")),
        ({"start": exactly("0001-01-01T00:00+23:00")}, ("start", "start.unreadable")),
        ({"start": exactly("")}, ("start", "time.empty")),
        ({"estimate": known("")}, ("estimate", "time.empty")),
        ({"next_update": TypedTime("")}, ("next_update", "time.empty")),
        ({"start": exactly("12:30")}, ("start", "start.future")),
        ({"estimate": known("soon")}, ("estimate", "estimate.unreadable")),
        ({"estimate": known("11:50")}, ("estimate", "estimate.before_start")),
        ({"estimate": known("11:58")}, ("estimate", "estimate.past")),
        ({"estimate": between("13:30", "12:30")}, ("estimate", "estimate.order")),
        ({"estimate": between("", "13:30")}, ("estimate", "time.empty")),
        ({"estimate": between("12:30", "later")}, ("estimate", "estimate.unreadable")),
        ({"next_update": TypedTime("soon")}, ("next_update", "next_update.unreadable")),
        ({"next_update": TypedTime("11:00")}, ("next_update", "next_update.past")),
        ({"next_update": TypedTime("2026-08-04 12:00")}, ("next_update", "next_update.far")),
        ({"workarounds": ("pray",)}, ("workaround", "workaround.unknown")),
        ({"workarounds": ("wait",), "answers": {"retry": "wait"}}, ("workaround", "workaround.conflict")),
        ({"current_action": "nothing"}, ("current_action", "current_action.unknown")),
        ({"cause": "storage"}, ("cause", "cause.first")),
        ({"answers": {"retry": "maybe"}}, ("answer.retry", "answer.unknown")),
        ({"extra": {"ja": "あ" * (EXTRA_LIMIT + 1)}}, ("extra.ja", "text.long")),
        ({"extra": {"ja": "あ" * 50_000}}, ("extra.ja", "text.long")),
        ({"extra": {"ja": "ベル\a"}}, ("extra.ja", "text.characters")),
        ({"extra": {"ja": "裏\u202eがえし"}}, ("extra.ja", "text.characters")),
        ({"extra": {"tlh": "nuqneH"}}, ("extra.tlh", "language.unknown")),
        ({"answers": {"mood": "good"}}, ("answer.mood", "answer.unasked")),
        ({"text": {"ja": "手で書いた文"}}, ("reason", "reason.missing")),
        ({"text": {"ja": "ベル\a"}, "reason": "x"}, ("text.ja", "text.characters")),
        ({"text": {"ja": "あ" * (EXTRA_LIMIT + 1)}, "reason": "x"}, ("text.ja", "text.long")),
    ],
)
def test_each_fault_stands_beside_its_field(
    catalog: Catalog, change: dict[str, object], fault: tuple[str, str]
) -> None:
    assert faults(catalog, replace(ENOUGH, **change)) == [fault]


def test_all_faults_are_shown_at_once(catalog: Catalog) -> None:
    wrong = NoticeInput(
        incident_type="booking",
        services=(),
        start=exactly("soon"),
        estimate=known("later"),
        next_update=TypedTime("11:00"),
    )
    assert {field for field, _ in faults(catalog, wrong)} == {"services", "start", "estimate", "next_update"}


def test_whether_people_inside_can_get_out_must_be_answered(catalog: Catalog) -> None:
    locked = NoticeInput(incident_type="entry", start=exactly("11:55"))
    assert faults(catalog, locked) == [("answer.exit", "answer.required")]
    assert faults(catalog, replace(locked, answers={"exit": "free"})) == []


def test_a_resolution_needs_an_end_after_the_start_and_not_ahead(catalog: Catalog) -> None:
    resolved = NoticeKind.RESOLVED
    assert faults(catalog, ENOUGH, resolved) == [("ended", "ended.missing")]
    assert faults(catalog, replace(ENOUGH, ended=TypedTime("11:00")), resolved) == [("ended", "ended.before_start")]
    assert faults(catalog, replace(ENOUGH, ended=TypedTime("12:30")), resolved) == [("ended", "ended.future")]
    assert faults(catalog, replace(ENOUGH, ended=TypedTime("12:01")), resolved) == []


def test_every_problem_has_a_sentence_in_every_language(catalog: Catalog) -> None:
    folder = Path(statuspage.__file__).parent
    codes = {
        node.args[1].value
        for name in ("domain/validation.py", "domain/notice_parsing.py")
        for node in ast.walk(ast.parse((folder / name).read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValidationError"
        if isinstance(node.args[1], ast.Constant)
    }
    assert len(codes) > 25
    for language in catalog.site.desk_languages:
        labels = catalog.packs[language].labels
        assert [code for code in sorted(codes) if f"problem.{code}" not in labels] == []
