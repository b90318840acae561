"""The use cases of the desk, on real databases: from an alert to a stored notice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain.alert import AlertState, MonitorAlert
from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE
from statuspage.domain.facts import Known, MissedEstimate, NoticeKind, Unknown
from statuspage.domain.incident import EventKind, Incident, InternalNote, TimelineEvent
from statuspage.domain.notice_input import NoticeInput
from statuspage.storage import alerts, deliveries, incidents
from statuspage.usecases import notices
from statuspage.usecases.alerts.grouping import AlreadySettled, NoSuchAlert
from statuspage.usecases.alerts.handling import acknowledge, confirm, false_alarm, receive_alerts
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused, NoSuchIncident, add_note, close_incident, reopen_incident
from statuspage.usecases.notices.results import NoticeTarget, Published, Refused, Stale, Superseded
from tests.support.desk import environment_in
from tests.support.environments import with_changes
from tests.support.times import at
from tests.support.typed import retyped, typed_input

pytestmark = pytest.mark.usefixtures("database")

NOW = at("12:02")
BOOKING = typed_input(incident_type="booking", start="about:11:55", estimate="13:30")


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """A live environment with the sample company's content and the site as its only channel. It refuses drill marks."""
    env = environment_in(tmp_path, catalog)
    yield with_changes(env, assets=replace(env.site.assets, forbidden_marks=("【訓練】",)))
    env.databases.environment.close()
    env.databases.accounts.close()


def signal(identity: str = "f1", **change: object) -> MonitorAlert:
    """An alert of a monitor."""
    labels = {"alertname": "BookingErrors", "service": "booking-api", "severity": "critical"}
    given = MonitorAlert("alertmanager", identity, "Booking errors", "38 % of requests fail", labels, at("11:54"))
    return replace(given, **change)


ARRIVED = at("11:58")


def arrive(env: Environment, now: datetime = ARRIVED) -> str:
    """Receives one alert; returns its id."""
    (alert,) = receive_alerts(env, [signal()], now=now)
    return alert.id


def publish(
    env: Environment,
    target: NoticeTarget,
    notice_input: NoticeInput = BOOKING,
    notice: NoticeKind = NoticeKind.FIRST,
    now: datetime = NOW,
    to: tuple[str, ...] | None = None,
) -> object:
    """Previews and publishes, as the form does."""
    preview = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=now)
    return notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=now, chosen_channels=to)


def published(env: Environment, target: NoticeTarget, *args: object, **named: object) -> Incident:
    """Publishes, which must succeed; returns the stored incident."""
    result = publish(env, target, *args, **named)
    assert isinstance(result, Published)
    return load(env, result.incident_id)


def load(env: Environment, incident_id: str) -> Incident:
    """The stored incident."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    assert incident is not None
    return incident


def steps(incident: Incident) -> list[str]:
    """The stored events, in order."""
    return [r.entry.event.value for r in incident.entries if isinstance(r.entry, TimelineEvent)]


def test_the_same_alert_twice_is_one(env: Environment) -> None:
    first = arrive(env)
    assert arrive(env, at("11:59")) == first
    with env.databases.environment.read() as tx:
        assert [a.received_at for a in alerts.open_alerts(tx)] == [at("11:58")]


def test_the_companys_rules_propose_type_and_services(env: Environment) -> None:
    arrive(env)
    with env.databases.environment.read() as tx:
        (alert,) = alerts.open_alerts(tx)
    assert alert.proposal.incident_type == "booking"
    assert "booking" in [one.service for one in alert.proposal.services]


def test_the_clock_starts_with_the_alert_not_with_whoever_confirms_it(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    assert (incident.t0, incident.t0_source) == (at("11:54"), "alert")
    assert steps(incident) == ["alerted", "received", "acknowledged", "confirmed"]


def test_confirming_twice_opens_one_incident(env: Environment) -> None:
    alert = arrive(env)
    once = confirm(env, alert, actor="Sato", now=NOW)
    assert confirm(env, alert, actor="Kato", now=NOW) == once


def test_a_false_alarm_opens_nothing_and_cannot_be_confirmed_afterwards(env: Environment) -> None:
    alert = arrive(env)
    assert false_alarm(env, alert, actor="Sato", now=NOW).state is AlertState.FALSE_ALARM
    with pytest.raises(AlreadySettled):
        confirm(env, alert, actor="Sato", now=NOW)
    with env.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()


def test_what_is_not_there_is_said_to_be_not_there(env: Environment) -> None:
    with pytest.raises(NoSuchAlert):
        acknowledge(env, "nothing", actor="Sato", now=NOW)
    with pytest.raises(NoSuchIncident):
        add_note(env, "nothing", "Hello", actor="Sato", now=NOW)
    assert notices.open_notice_form(env.databases.environment, "nothing", actor="Sato", now=NOW) is None


def test_an_alert_publishes_nothing_by_itself(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    assert incident.notices == ()
    with env.databases.environment.read() as tx:
        assert deliveries.deliveries_of_incident(tx, incident.id) == ()


def test_the_monitors_recovery_is_noted_once_and_resolves_nothing(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    for _ in range(2):
        receive_alerts(env, [signal(ended_at=at("12:10"))], now=at("12:11"))
    stored = load(env, incident.id)
    assert steps(stored).count("recovered") == 1
    assert not stored.is_over


def test_the_preview_is_the_message(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    later = NOW + timedelta(minutes=4)
    result = notices.publish_notice(env, BOOKING, preview.token, actor="Sato", now=later)
    assert isinstance(result, Published)
    latest = load(env, result.incident_id).latest
    assert latest is not None
    for language, text in latest.notice.texts.items():
        assert text == replace(preview.notice_texts[language], media=text.media)
        assert text.media.items() <= preview.notice_texts[language].media.items()
        assert set(text.media) == set(env.site.catalog.published_media)
    assert latest.recorded == later
    assert set(preview.notice_texts) == set(env.site.catalog.languages)


def test_a_report_without_an_alert_starts_the_clock_when_the_form_was_opened(env: Environment) -> None:
    incident = published(env, notices.new_incident_target(env, now=at("12:00")))
    assert (incident.t0, incident.t0_source) == (at("12:00"), "form")
    assert steps(incident) == ["form_opened", "confirmed", "words_ready", "approved"]


def test_the_form_of_a_confirmed_alert_is_opened_once(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    for _ in range(2):
        target = notices.open_notice_form(env.databases.environment, incident.id, actor="Sato", now=NOW)
    assert target == NoticeTarget(incident.id, 0, None)
    assert steps(load(env, incident.id)).count("form_opened") == 1


def test_a_notice_owes_the_site_even_when_no_channel_is_chosen(env: Environment) -> None:
    incident = published(env, notices.new_incident_target(env, now=NOW), to=())
    with env.databases.environment.read() as tx:
        assert [d.channel for d in deliveries.deliveries_of_incident(tx, incident.id)] == [SITE]


def test_pressing_twice_is_one_notice(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    once, twice = (notices.publish_notice(env, BOOKING, preview.token, actor="Sato", now=NOW) for _ in range(2))
    assert once == twice
    assert len(load(env, target.incident_id).notices) == 1


def test_pressing_twice_at_the_same_moment_is_one_notice(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    results: list[object] = []
    press = lambda: results.append(notices.publish_notice(env, BOOKING, preview.token, actor="Sato", now=NOW))  # noqa: E731 - one line, for a thread
    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert {type(r) for r in results} == {Published}
    assert len(load(env, target.incident_id).notices) == 1


def test_a_preview_holds_for_ten_minutes_and_not_longer(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    late = NOW + timedelta(minutes=10, seconds=1)
    assert notices.publish_notice(env, BOOKING, preview.token, actor="Sato", now=late) == Stale("preview.expired")


def test_a_preview_ends_when_a_promise_in_it_passes(env: Environment) -> None:
    notice_input = retyped(BOOKING, next_update="12:05")
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    assert notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("12:05")) == Stale(
        "preview.promise_passed"
    )


def test_a_preview_of_other_facts_or_a_forged_one_publishes_nothing(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    other = retyped(BOOKING, estimate="14:00")
    for notice_input, token in ((other, preview.token), (BOOKING, preview.token[:-2] + "xx"), (BOOKING, "")):
        assert notices.publish_notice(env, notice_input, token, actor="Sato", now=NOW) == Stale("preview.missing")
    with env.databases.environment.read() as tx:
        assert incidents.load_incident(tx, target.incident_id) is None


def test_a_preview_of_yesterdays_phrases_publishes_nothing(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    preview = notices.preview_notice(env, BOOKING, notice_kind=NoticeKind.FIRST, target=target, now=NOW)
    mended = with_changes(env, catalog=replace(env.site.catalog, version="new"))
    assert notices.publish_notice(mended, BOOKING, preview.token, actor="Sato", now=NOW) == Stale("preview.content")


def test_a_preview_with_a_problem_still_shows_words_but_cannot_be_published(env: Environment) -> None:
    preview = notices.preview_notice(
        env,
        retyped(BOOKING, estimate="soon"),
        notice_kind=NoticeKind.FIRST,
        target=notices.new_incident_target(env, now=NOW),
        now=NOW,
    )
    assert [p.field for p in preview.problems] == ["estimate"]
    assert preview.notice_texts
    assert preview.token == ""


@pytest.mark.parametrize(
    "notice_input",
    [
        typed_input(),
        typed_input(incident_type="booking"),
        typed_input(start="11:55"),
        typed_input(incident_type="quake", start="1155"),
    ],
)
def test_without_effect_or_start_there_is_nothing_to_show(env: Environment, notice_input: NoticeInput) -> None:
    preview = notices.preview_notice(
        env, notice_input, notice_kind=NoticeKind.FIRST, target=notices.new_incident_target(env, now=NOW), now=NOW
    )
    assert preview.notice_texts == {}
    assert preview.token == ""


def test_two_people_at_once_the_later_one_is_shown_what_the_earlier_wrote(env: Environment) -> None:
    target = notices.new_incident_target(env, now=NOW)
    first = published(env, target)
    seen = NoticeTarget(first.id, first.latest_sequence)
    published(env, seen, retyped(BOOKING, estimate="14:00"), NoticeKind.UPDATE, at("12:10"))
    late = publish(env, seen, retyped(BOOKING, estimate="15:00"), NoticeKind.UPDATE, at("12:11"))
    assert isinstance(late, Superseded)
    assert late.newer.notice.facts.estimate == Known(at("14:00"))
    assert len(load(env, first.id).notices) == 2


def test_a_note_or_a_step_never_makes_a_notice_collide(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    seen = NoticeTarget(first.id, first.latest_sequence)
    add_note(env, first.id, "Engineers are on it.", actor="Kato", now=at("12:05"))
    update = published(env, seen, BOOKING, NoticeKind.UPDATE, at("12:10"))
    assert [type(r.entry) for r in update.entries if isinstance(r.entry, InternalNote)] == [InternalNote]
    assert len(update.notices) == 2


def test_the_title_stays_as_first_told_when_less_is_affected(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    title = first.notices[0].notice.texts["ja"].title
    slower = retyped(BOOKING, services=("booking:degraded",))
    update = published(env, NoticeTarget(first.id, first.latest_sequence), slower, NoticeKind.UPDATE, at("12:10"))
    assert update.notices[-1].notice.texts["ja"].title == title
    corrected = published(
        env,
        NoticeTarget(first.id, update.latest_sequence),
        retyped(slower, services=("booking:partial",)),
        NoticeKind.CORRECTION,
        at("12:20"),
    )
    assert corrected.notices[-1].notice.texts["ja"].title == title


def test_a_correction_of_what_was_told_first_changes_the_title(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    corrected = published(
        env,
        NoticeTarget(first.id, first.latest_sequence),
        retyped(BOOKING, services=("booking:degraded",)),
        NoticeKind.CORRECTION,
        at("12:10"),
    )
    titles = [entry.notice.texts["ja"].title for entry in corrected.notices]
    assert titles[0] != titles[1]


def test_a_passed_estimate_is_owned_up_to_in_the_next_update(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW), retyped(BOOKING, estimate="12:30"))
    update = published(env, NoticeTarget(first.id, first.latest_sequence), BOOKING, NoticeKind.UPDATE, at("12:40"))
    assert update.notices[-1].notice.facts.estimate == MissedEstimate(at("12:30"), Known(at("13:30")))


def test_resolved_then_broken_again_then_resolved(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    done = retyped(BOOKING, ended="12:50", cause="storage", estimate="")
    over = published(env, NoticeTarget(first.id, first.latest_sequence), done, NoticeKind.RESOLVED, at("12:55"))
    assert over.is_over
    assert over.affected == ()
    with pytest.raises(ActionRefused):
        close_incident(env.databases.environment, first.id, actor="Sato", now=at("12:56"))
    reopen_incident(env.databases.environment, first.id, actor="Sato", now=at("13:00"))
    assert not load(env, first.id).is_over
    with pytest.raises(ActionRefused):
        reopen_incident(env.databases.environment, first.id, actor="Sato", now=at("13:00"))
    again = published(env, NoticeTarget(first.id, over.latest_sequence), BOOKING, NoticeKind.UPDATE, at("13:05"))
    assert again.affected
    end = published(
        env,
        NoticeTarget(first.id, again.latest_sequence),
        retyped(done, ended="13:20"),
        NoticeKind.RESOLVED,
        at("13:25"),
    )
    assert end.is_over


def test_an_incident_nobody_was_told_of_can_be_closed_without_a_word(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    close_incident(env.databases.environment, incident.id, actor="Sato", now=at("12:05"))
    stored = load(env, incident.id)
    assert stored.is_over
    assert stored.first_time_of(EventKind.CLOSED) == at("12:05")


def test_what_cannot_be_said_is_refused_even_with_a_token(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    notice_input = retyped(BOOKING, estimate="13:00", next_update="13:30")
    preview = notices.preview_notice(
        env,
        notice_input,
        notice_kind=NoticeKind.UPDATE,
        target=NoticeTarget(first.id, first.latest_sequence),
        now=at("12:10"),
    )
    assert preview.token
    assert not isinstance(
        notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("12:11")), Refused
    )


def test_words_by_hand_stand_in_for_ours_and_other_languages_say_where_to_read(env: Environment) -> None:
    notice_input = retyped(BOOKING, text={"ja": "予約の画面を開かないでください。"}, reason="Phrases broken")
    incident = published(env, notices.new_incident_target(env, now=NOW), notice_input)
    notice = incident.notices[0].notice
    japanese, english = notice.texts["ja"], notice.texts["en"]
    assert notice.reason == "Phrases broken"
    assert [s.text for s in japanese.sentences] == ["予約の画面を開かないでください。"]
    assert "予約の画面を開かないでください。" in japanese.media["x"].body
    assert "The details are in 日本語." in english.media["page"].body
    assert "13:30" in english.media["page"].body
    assert {r.key for r in english.rows} == {"start", "estimate", "next_update", "extra"}


def test_one_language_only_leaves_the_others_with_state_and_times(env: Environment) -> None:
    notice_input = retyped(BOOKING, only=("ja",), reason="English is wrong today")
    words = published(env, notices.new_incident_target(env, now=NOW), notice_input).notices[0].notice.texts
    plain = published(env, notices.new_incident_target(env, now=NOW)).notices[0].notice.texts
    assert words["ja"].sentences == plain["ja"].sentences
    assert "The details are in 日本語." in words["en"].media["x"].body


def test_a_text_too_long_for_a_post_gives_way_there_and_nowhere_else(env: Environment) -> None:
    notice_input = retyped(BOOKING, text={"ja": "予約できません。" * 40}, reason="Long")
    words = published(env, notices.new_incident_target(env, now=NOW), notice_input).notices[0].notice.texts["ja"]
    assert words.media["page"].body.startswith("予約できません。予約できません。")
    assert words.media["x"].length <= 280
    assert words.media["x"].body.startswith(words.headline)


def test_a_service_that_another_incident_affects_is_never_called_working(env: Environment) -> None:
    sure = retyped(BOOKING, services=("booking:major", "login:operational"))
    before = notices.preview_notice(
        env, sure, notice_kind=NoticeKind.FIRST, target=notices.new_incident_target(env, now=NOW), now=NOW
    )
    login = typed_input(incident_type="login", start="11:50")
    published(env, notices.new_incident_target(env, now=NOW), login)
    after = notices.preview_notice(
        env, sure, notice_kind=NoticeKind.FIRST, target=notices.new_incident_target(env, now=NOW), now=NOW
    )
    assert "ログイン" in before.notice_texts["ja"].media["page"].body
    assert "ログイン" not in after.notice_texts["ja"].media["page"].body


@pytest.mark.parametrize("field", ["extra", "text"])
def test_a_drills_mark_cannot_be_typed_into_a_live_notice(env: Environment, field: str) -> None:
    notice_input = retyped(BOOKING, reason="Why not", **{field: {"ja": "これは【訓練】です。"}})
    assert isinstance(publish(env, notices.new_incident_target(env, now=NOW), notice_input), Stale)
    preview = notices.preview_notice(
        env, notice_input, notice_kind=NoticeKind.FIRST, target=notices.new_incident_target(env, now=NOW), now=NOW
    )
    assert [(p.field, p.code) for p in preview.problems] == [(f"{field}.ja", "text.mark")]
    assert preview.token == ""


def codes(
    env: Environment, target: NoticeTarget, notice_input: NoticeInput, notice: NoticeKind, now: datetime
) -> list[str]:
    """What prevents this notice."""
    return [
        p.code for p in notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=now).problems
    ]


def test_what_was_told_to_be_over_is_not_told_to_be_over_again(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    done = retyped(BOOKING, ended="12:50", estimate="")
    over = published(env, NoticeTarget(first.id, first.latest_sequence), done, NoticeKind.RESOLVED, at("12:55"))
    target = NoticeTarget(first.id, over.latest_sequence)
    for notice in (NoticeKind.RESOLVED, NoticeKind.UPDATE, NoticeKind.MONITORING):
        assert codes(env, target, done, notice, at("12:56")) == ["notice.over"]
    reopen_incident(env.databases.environment, first.id, actor="Sato", now=at("13:00"))
    assert codes(env, target, BOOKING, NoticeKind.UPDATE, at("13:01")) == []


def test_a_correction_must_correct_something(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    target = NoticeTarget(first.id, first.latest_sequence)
    assert codes(env, target, BOOKING, NoticeKind.CORRECTION, at("12:05")) == ["notice.same"]
    assert codes(env, target, retyped(BOOKING, start="11:50"), NoticeKind.CORRECTION, at("12:05")) == []


def test_there_is_one_first_report_and_nothing_before_it(env: Environment) -> None:
    incident = confirm(env, arrive(env), actor="Sato", now=NOW)
    assert codes(env, NoticeTarget(incident.id), BOOKING, NoticeKind.UPDATE, NOW) == ["notice.nothing_published"]
    first = published(env, NoticeTarget(incident.id))
    assert codes(env, NoticeTarget(first.id, first.latest_sequence), BOOKING, NoticeKind.FIRST, at("12:05")) == [
        "notice.first"
    ]


def test_who_has_not_seen_the_resolution_is_shown_it_rather_than_refused(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    seen = NoticeTarget(first.id, first.latest_sequence)
    published(env, seen, retyped(BOOKING, ended="12:50", estimate=""), NoticeKind.RESOLVED, at("12:55"))
    assert isinstance(publish(env, seen, BOOKING, NoticeKind.UPDATE, at("12:56")), Superseded)


def test_a_correction_keeps_the_promise_that_stands(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    notice_input = retyped(BOOKING, start="11:50")
    after = published(
        env, NoticeTarget(first.id, first.latest_sequence), notice_input, NoticeKind.CORRECTION, at("12:10")
    )
    assert after.notices[-1].notice.facts.next_update == first.notices[0].notice.facts.next_update


def test_what_was_known_of_the_first_time_does_not_carry_over_when_it_comes_back(env: Environment) -> None:
    first = published(env, notices.new_incident_target(env, now=NOW))
    assert first.current_facts is not None
    assert first.current_facts.estimate == Known(at("13:30"))
    done = retyped(BOOKING, ended="12:50", cause="storage", estimate="")
    over = published(env, NoticeTarget(first.id, first.latest_sequence), done, NoticeKind.RESOLVED, at("12:55"))
    assert over.current_facts is not None
    assert over.current_facts.cause == "storage"
    reopen_incident(env.databases.environment, first.id, actor="Sato", now=at("13:00"))
    again = load(env, first.id).current_facts
    assert again is not None
    assert (again.estimate, again.cause, again.current_action, again.ended_at) == (Unknown(), None, None, None)
    assert again.affected == first.current_facts.affected


def test_an_alert_from_a_clock_that_runs_ahead_started_when_it_arrived(env: Environment) -> None:
    (alert,) = receive_alerts(env, [signal(started_at=at("23:00"))], now=at("11:58"))
    assert alert.monitor_alert.started_at == at("11:58")


def test_a_false_alarm_cannot_be_acknowledged_afterwards(env: Environment) -> None:
    alert = arrive(env)
    false_alarm(env, alert, actor="Sato", now=NOW)
    with pytest.raises(AlreadySettled):
        acknowledge(env, alert, actor="Sato", now=NOW)
