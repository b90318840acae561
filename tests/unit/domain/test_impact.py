"""What an incident has affected since its first report, and what the resolved notice says about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    IMPACT_STATES,
    WORST_FIRST,
    Affected,
    Facts,
    NoticeKind,
    NoticeText,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.services.impact import Claim, impacts
from statuspage.domain.starting_facts import facts_for_remaining
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.rendering.wording.scope import without_breaks
from tests.support.content import LANGUAGES as PACKS
from tests.support.content import whole_copy
from tests.support.times import at

MAJOR, PARTIAL, SLOW = State.MAJOR, State.PARTIAL, State.DEGRADED
FIRST, UPDATE, PARTLY = NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED
RESOLVED, CORRECTION, WITHDRAWAL = NoticeKind.RESOLVED, NoticeKind.CORRECTION, NoticeKind.WITHDRAWAL
ACCOUNT, WATCHING = NoticeKind.POSTMORTEM, NoticeKind.MONITORING
BEGUN = StartTime(Precision.EXACT, at("10:02"))
LANGUAGES = sorted(path.parent.name for path in PACKS.glob("*/phrases.toml"))


@pytest.fixture(scope="module")
def worldwide(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The sample company in every shipped language."""
    folder = whole_copy(tmp_path_factory.mktemp("worldwide") / "content")
    site = folder / "site.toml"
    spoken = ", ".join(f'"{language}"' for language in LANGUAGES)
    text = re.sub(r"^languages = .*$", f"languages = [{spoken}]", site.read_text("utf-8"), flags=re.MULTILINE)
    site.write_text(text, "utf-8")
    catalog, faults = loading.read_content(folder)
    assert catalog is not None, faults
    return catalog


def claim(clock: str, notice: NoticeKind, *, ended: str = "", **hit: State) -> Claim:
    affected = tuple(Affected(name.replace("_", "-"), state) for name, state in hit.items())
    facts = Facts("booking", affected, start=BEGUN, ended_at=at(ended) if ended else None)
    return Claim(notice, at(clock), facts)


def seen(*claims: Claim) -> dict[str, tuple[State, str]]:
    """Service → its worst state, and since when it works again ("": affected to the end), in Tokyo time."""
    return {
        one.service: (one.state, f"{one.ended + timedelta(hours=9):%H:%M}" if one.ended else "")
        for one in impacts(claims)
    }


def test_what_came_back_earlier_keeps_its_worst_and_its_own_time():
    claims = (
        claim("10:09", FIRST, booking=MAJOR, desk_booking=SLOW),
        claim("10:36", UPDATE, booking=PARTIAL, desk_booking=PARTIAL),
        claim("11:04", PARTLY, desk_booking=SLOW),
        claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:22"),
    )
    assert seen(*claims) == {"booking": (MAJOR, "11:04"), "desk-booking": (PARTIAL, "")}


def test_a_service_that_failed_again_lasted_to_the_end():
    claims = (
        claim("10:09", FIRST, booking=MAJOR, desk_booking=SLOW),
        claim("11:04", PARTLY, desk_booking=SLOW),
        claim("11:10", UPDATE, booking=SLOW, desk_booking=SLOW),
    )
    assert seen(*claims) == {"booking": (MAJOR, ""), "desk-booking": (SLOW, "")}


def test_what_a_correction_takes_back_never_was():
    first = claim("10:09", FIRST, booking=MAJOR, login=MAJOR)
    same = claim("10:30", UPDATE, booking=MAJOR, login=MAJOR)
    right = claim("10:40", CORRECTION, booking=PARTIAL)
    assert seen(first, right) == {"booking": (PARTIAL, "")}
    assert seen(first, same, right) == {"booking": (PARTIAL, "")}


def test_a_correction_of_what_works_again_does_not_undo_that_it_had_failed():
    first = claim("10:09", FIRST, booking=MAJOR, login=MAJOR, gate=SLOW)
    partly = claim("11:00", PARTLY, login=MAJOR, gate=SLOW)
    assert seen(first, partly, claim("11:05", CORRECTION, gate=SLOW)) == {
        "booking": (MAJOR, "11:00"), "login": (MAJOR, "11:00"), "gate": (SLOW, ""),
    }  # fmt: skip
    back_down = claim("11:05", CORRECTION, booking=SLOW, login=MAJOR, gate=SLOW)
    assert seen(first, partly, back_down)["booking"] == (MAJOR, "")


def test_a_correction_of_what_is_over_says_anew_what_was_affected():
    claims = (
        claim("10:09", FIRST, booking=MAJOR, desk_booking=SLOW, login=MAJOR),
        claim("11:04", PARTLY, desk_booking=SLOW),
        claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:22"),
        claim("11:40", CORRECTION, booking=PARTIAL, desk_booking=SLOW, ended="11:20"),
    )
    assert seen(*claims) == {"booking": (PARTIAL, "11:04"), "desk-booking": (SLOW, "")}


def test_what_came_back_after_the_end_goes_on_and_the_rest_ended_then():
    claims = (
        claim("10:09", FIRST, booking=MAJOR, desk_booking=SLOW),
        claim("11:31", RESOLVED, booking=MAJOR, desk_booking=SLOW, ended="11:22"),
        claim("12:00", UPDATE, desk_booking=SLOW),
        claim("12:30", RESOLVED, desk_booking=SLOW, ended="12:20"),
    )
    assert seen(*claims) == {"booking": (MAJOR, "11:22"), "desk-booking": (SLOW, "")}


def test_what_was_withdrawn_never_was():
    claims = (claim("10:09", FIRST, booking=MAJOR), claim("10:20", WITHDRAWAL, booking=MAJOR))
    assert seen(*claims) == {}
    assert seen(*claims, claim("11:00", UPDATE, login=SLOW)) == {"login": (SLOW, "")}


REVIEW = (
    claim("10:09", FIRST, booking=MAJOR, desk_booking=SLOW),
    claim("10:36", UPDATE, booking=MAJOR, desk_booking=SLOW),
    claim("11:04", PARTLY, desk_booking=SLOW),
)
"""Class booking and the club's lists; booking recovered first."""


def over(catalog: Catalog, claims: tuple[Claim, ...], last: Claim) -> dict[str, NoticeText]:
    incident_context = IncidentContext(
        "k7m2p9xa4tq8", "https://status.fitline.example", previous_facts=claims[-1].facts, claims=claims
    )
    return compose(last.notice, last.facts, catalog=catalog, incident=incident_context, now=last.at)


def scope(words: NoticeText) -> tuple[str, ...]:
    return next(row.lines for row in words.rows if row.key == "scope")


def test_the_resolved_notice_of_a_booking_that_came_back_first_speaks_of_the_booking(catalog: Catalog):
    words = over(catalog, REVIEW, claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:22"))
    assert words["en"].headline == "You can book classes in the member app again; also fixed: Managing bookings."
    assert words["en"].media["page"].body.splitlines()[:4] == [
        "You can book classes in the member app again. Everything was fixed at 11:22 on Saturday 4 July (Japan Time).",
        "Booking lists in club admin are opening as usual again.",
        "By 11:04, you could use class booking as usual again.",
        "The problem lasted 1 hour 20 minutes, from 10:02.",
    ]
    assert words["ja"].headline == "会員アプリでレッスンを予約できるようになりました。予約の管理も復旧しました。"
    assert words["ja"].media["page"].body.splitlines()[:3] == [
        "会員アプリでレッスンを予約できるようになりました。すべて復旧したのは、7月4日(土)11:22です。",
        "お店の管理画面で予約の一覧がいつもどおり開くようになりました。",
        "レッスン予約は、11:04の時点で、いつもどおり使えるようになっていました。",
    ]
    label = next(row.label for row in words["en"].rows if row.key == "scope")
    assert (label, *scope(words["en"])) == (
        "What was affected",
        "Class booking: 10:02 – 11:04 (1 hour 2 minutes)",
        "Managing bookings: 10:02 – 11:22 (1 hour 20 minutes)",
    )


def test_a_post_on_x_names_both_and_never_gives_the_later_end_to_what_came_back_first(worldwide: Catalog):
    words = over(worldwide, REVIEW, claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:22"))
    for language in LANGUAGES:
        services, post = worldwide.packs[language].services, words[language].media["x"]
        assert post.length <= post.limit == 280
        assert without_breaks(services["booking"].impact_clauses[MAJOR].again) in post.body
        assert without_breaks(services["desk-booking"].impact_clauses[SLOW].again) in post.body, language
    assert "(everything fixed at 11:22, Sat 4 July, Japan Time)" in words["en"].media["x"].body


def test_the_report_afterwards_is_on_the_worst_of_it_and_names_the_rest(catalog: Catalog):
    claims = (*REVIEW, claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:22"))
    words = over(catalog, claims, claim("18:00", ACCOUNT, desk_booking=SLOW, ended="11:22"))
    assert words["en"].media["page"].body.splitlines()[:3] == [
        "Here is our report on the problem of Saturday 4 July. You could not book classes in the member app.",
        "It also affected club booking pages.",
        "By 11:04, you could use class booking as usual again.",
    ]
    assert scope(words["ja"])[:2] == (
        "レッスン予約：10:02 – 11:04（1時間2分）",
        "予約の管理：10:02 – 11:22（1時間20分）",
    )


def test_what_was_back_only_within_the_same_minute_was_not_back_earlier(catalog: Catalog):
    words = over(catalog, REVIEW, claim("11:31", RESOLVED, desk_booking=SLOW, ended="11:04"))
    assert "This was fixed at 11:04" in words["en"].media["page"].body
    assert "you could use class booking" not in words["en"].media["page"].body


def test_while_some_of_it_works_nobody_is_said_to_be_looking_into_whom_it_hits(catalog: Catalog):
    incident_type = catalog.incident_types["booking"]
    first = replace(REVIEW[0].facts, workarounds=("front-desk",), answers={"made": "valid"})
    left = replace(facts_for_remaining(first, incident_type), affected=REVIEW[-1].facts.affected)
    claims = (Claim(FIRST, at("10:09"), first),)
    words = over(catalog, claims, Claim(PARTLY, at("11:04"), left))
    later = over(catalog, (*claims, Claim(PARTLY, at("11:04"), left)), Claim(UPDATE, at("11:20"), left))
    for one in (words["en"], later["en"]):
        body = one.media["page"].body
        assert "affected" not in body and "front desk" not in body and "booked" not in body.partition("\n")[2]
    assert (
        "We are checking who is affected."
        in over(catalog, claims, Claim(UPDATE, at("10:30"), left))["en"].media["page"].body
    )


SERVICES = ("login", "booking", "notices", "checkout", "gate")
SCOPES = st.dictionaries(st.sampled_from(SERVICES), st.sampled_from(IMPACT_STATES), min_size=1, max_size=4)
STEPS = st.lists(st.tuples(st.sampled_from((UPDATE, PARTLY, WATCHING, CORRECTION, RESOLVED)), SCOPES), max_size=6)


@st.composite
def claims_over_time(draw: st.DrawFn) -> tuple[tuple[Claim, ...], dict[str, State]]:
    """An incident up to its end, and what was affected by the simplest reading: what was in a notice that nobody
    corrected. Corrections directly follow a first report, remove or add services, and change their state."""
    first = draw(SCOPES)
    claims = [claim("10:00", FIRST, **first)]
    if draw(st.booleans()):
        first = draw(SCOPES)
        claims.append(claim("10:01", CORRECTION, **first))
    was: dict[str, list[State]] = {service: [state] for service, state in first.items()}
    withdrawn = draw(st.booleans())
    if withdrawn:
        claims.append(claim("10:02", WITHDRAWAL, **first))
        was = {}
    present = first
    for minute, (notice, hit) in enumerate(draw(STEPS), 3):
        clock = f"10:{minute:02}"
        if notice is CORRECTION:
            continue
        claims.append(claim(clock, notice, ended=clock if notice is RESOLVED else "", **hit))
        for service, state in hit.items():
            was.setdefault(service, []).append(state)
        present = hit
    last = draw(SCOPES) if not was else present
    for service, state in last.items():
        was.setdefault(service, []).append(state)
    claims.append(claim("10:30", RESOLVED, ended="10:29", **last))
    return tuple(claims), {service: min(states, key=WORST_FIRST.index) for service, states in was.items()}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(claims_over_time())
def test_every_resolved_notice_names_exactly_what_was_affected_the_worst_first(
    worldwide: Catalog, claims_and_states: tuple[tuple[Claim, ...], dict[str, State]]
):
    (*before, last), was = claims_and_states
    words = over(worldwide, tuple(before), last)
    order = list(worldwide.services)
    expected = sorted(was, key=lambda one: (WORST_FIRST.index(was[one]), order.index(one)))
    for language in LANGUAGES:
        services, text = worldwide.packs[language].services, words[language]
        again = {one: without_breaks(services[one].impact_clauses[was[one]].again) for one in expected}
        names = [services[one].name for one in expected]
        separator = worldwide.packs[language].labels["row.service"].partition("{name}")[2].partition("{state}")[0]
        differ = any(one.started or (one.ended and one.ended < at("10:29")) for one in impacts((*before, last)))
        shown = [line.partition(separator) for line in scope(text)]
        assert [name for name, _, _ in shown] == names
        assert all(bool(own_period) == differ for _, _, own_period in shown)
        assert again[expected[0]] in text.headline.replace("|", "")
        for medium in ("page", "feed"):
            _names_exactly(text.media[medium].body, services, expected, again)
        _, _, email = text.media["mail"].body.partition("\n")  # below the headline
        assert [email.find(name) for name in names] == sorted(email.find(name) for name in names)
        assert all(name in email for name in names)
        assert not any(f"{services[one].name}\n" in email for one in SERVICES if one not in was)


def _names_exactly(body: str, services, expected: list[str], again: dict[str, str]) -> None:
    """One service after the worst has its own clause, more of them are listed by name; nobody else is named."""
    assert body.find(again[expected[0]]) >= 0
    lines = body.splitlines()[:2]
    rest = expected[1:]
    if len(rest) == 1:
        assert again[rest[0]] in lines[1]
    elif rest:
        positions = [lines[1].casefold().find(without_breaks(services[one].noun).casefold()) for one in rest]
        assert -1 not in positions and positions == sorted(positions)
    by_name = {
        one
        for one in SERVICES
        if len(rest) > 1 and without_breaks(services[one].noun).casefold() in lines[1].casefold()
    }
    assert by_name <= set(expected)
