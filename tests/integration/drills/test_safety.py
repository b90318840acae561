"""Accidents that drills have caused elsewhere, as listed in docs/reference/drill-safety.md. Each is prevented here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import settings
from statuspage.domain.delivery import SITE
from statuspage.domain.facts import NoticeKind
from statuspage.domain.notice_input import NoticeInput
from statuspage.integrations import channels
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.rendering.wording.drill_marks import missing_marks
from statuspage.storage import alerts, deliveries, incidents
from statuspage.usecases import delivery, drills, notices
from statuspage.usecases.bootstrap import drill_environment, drill_id, live_environment, live_id
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused, add_note
from statuspage.web.desk.app import create_app
from tests.support.command_inputs import NEEDS_NONE
from tests.support.desk import Clock, signed_in
from tests.support.documents import missing_tests, named_tests
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import Cli, cli, home, publish_report, with_every_channel
from tests.support.paths import ROOT
from tests.support.playing import Player, clean_environ
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "home"]

DENIALS = [
    "これは訓練ではありません。",
    "これは、訓練 では ありません！",
    "This is not a drill.",
    "THIS IS **NOT** A DRILL",
    "This isn't a drill",
]
SLOW = typed_input(incident_type="slow", start="about:09:50")


@pytest.fixture
def x() -> Iterator[Server]:
    """Where live posts would go."""
    with x_server(Account(), SECOND) as server:
        yield server


@pytest.fixture
def live(home: Path, x: Server) -> Environment:
    """The live environment, with every credential and a reachable page."""
    environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
    here = settings.read_settings({**environ, "STATUSPAGE_ADDRESS": "http://127.0.0.1:1"}, home=str(home))
    return live_environment(here, now=at("09:55"))


@pytest.fixture
def drill(home: Path, live: Environment) -> Environment:
    """The drill environment of the same instance, with nothing live going on."""
    shared_status.write_status(live, now=at("09:55"))
    return drill_environment(home, home / "content", now=at("09:55"))


@pytest.fixture(params=["live", "drill"])
def either(request: pytest.FixtureRequest) -> Environment:
    """Each environment in turn."""
    env: Environment = request.getfixturevalue(request.param)
    return env


def publish(env: Environment, notice_input: NoticeInput = SLOW) -> notices.Published:
    """Publishes a first report."""
    target = notices.new_incident_target(env, now=at("10:00"))
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("10:00"))
    published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("10:00"))
    assert isinstance(published, notices.Published), preview.problems
    return published


def begin(env: Environment, title: str = "Booking is down") -> drills.Begun:
    """Starts a drill."""
    return drills.start_drill(env, title=title, leader="Nakamura", goal=timedelta(minutes=10), now=at("10:00"))


@pytest.mark.slow
@pytest.mark.parametrize("text", DENIALS)
@pytest.mark.parametrize("field", ["text", "extra"])
def test_a1_that_this_is_not_a_drill_is_published_in_neither_environment(
    either: Environment, text: str, field: str
) -> None:
    notice_input = typed_input(incident_type="slow", start="about:09:50", reason="x", **{field: {"ja": text}})
    target = notices.new_incident_target(either, now=at("10:00"))
    preview = notices.preview_notice(either, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("10:00"))
    assert (preview.problems[0].code, preview.token) == ("text.denies", "")
    assert preview.problems[0].field == f"{field}.ja"


@pytest.mark.slow
@pytest.mark.parametrize("text", DENIALS)
def test_a1_colleagues_are_not_told_either_that_this_is_not_a_drill(either: Environment, text: str) -> None:
    incident = publish(either).incident_id
    with pytest.raises(ActionRefused, match="denies"):
        add_note(either, incident, text, actor="Sato", now=at("10:01"))


@pytest.mark.slow
@pytest.mark.parametrize("text", DENIALS)
def test_a1_no_script_of_a_drill_says_that_it_is_none(drill: Environment, text: str) -> None:
    with pytest.raises(drills.ForbiddenPhraseError):
        begin(drill, text)
    body = (drill.home.parent / "content" / "sample_alert.json").read_text("utf-8")
    denying = body.replace('"summary": "', f'"summary": "{text} ')
    assert denying != body
    with pytest.raises(drills.ForbiddenPhraseError):
        drills.start_drill(
            drill, title="Booking", leader="N", goal=timedelta(minutes=10), now=at("10:00"),
            signals=SOURCES["alertmanager"].parse(denying.encode(), at("10:00")),
        )  # fmt: skip
    assert drills.all_drills(drill.databases.environment) == ()


@pytest.mark.slow
@pytest.mark.parametrize("text", DENIALS)
def test_a1_no_monitor_tells_a_drill_that_it_is_none_and_a_real_one_is_always_heard(
    home: Path, either: Environment, text: str
) -> None:
    monitor = create_app(either, clock=lambda: at("10:00")).test_client()
    body = json.loads((home / "content" / "sample_alert.json").read_text("utf-8"))
    for place in ("labels", "annotations"):
        result = json.loads(json.dumps(body))
        result["alerts"][0][place] |= {"summary": f"Booking: {text}"}
        answer = monitor.post("/intake/alertmanager", json=result)
        assert answer.status_code == (422 if either.name == "drill" else 200)
        assert ("may say" in answer.text) is (either.name == "drill")
    with either.databases.environment.read() as tx:
        assert len(alerts.latest_alerts(tx, 9)) == (0 if either.name == "drill" else 1)


@pytest.mark.system
@pytest.mark.parametrize("folder", ["site", "site/current/en", "drill", "drill/site", ".", ".."])
def test_a13_no_page_is_built_into_around_or_over_those_of_either_environment(
    home: Path, cli: Cli, folder: str
) -> None:
    before = {path: path.read_bytes() for path in (home / "site").rglob("*") if path.is_file()}
    result = cli("build", "--out", str(home / folder))
    assert (result.code, "Choose another folder for --out" in result.err) == (1, True)
    if folder in ("site", "drill", ".."):
        result = Player(home, clean_environ()).run("build", "--drill", "--out", str(home / folder))
        assert (result.code, "Choose another folder for --out" in result.err) == (1, True)
    assert {path: path.read_bytes() for path in (home / "site").rglob("*") if path.is_file()} == before


@pytest.mark.system
def test_a13_pages_of_a_drill_are_not_built_over_live_ones_elsewhere_nor_live_ones_over_those(
    home: Path, cli: Cli, tmp_path: Path
) -> None:
    drill = Player(home, clean_environ())
    assert cli("build", "--out", str(tmp_path / "live")).code == 0
    assert drill.run("build", "--drill", "--out", str(tmp_path / "drill")).code == 0
    over = drill.run("build", "--drill", "--out", str(tmp_path / "live"))
    assert (over.code, "contains pages of the other environment" in over.err) == (1, True)
    over_drill = cli("build", "--out", str(tmp_path / "drill"))
    assert (over_drill.code, "contains pages of the other environment" in over_drill.err) == (1, True)
    assert cli("build", "--out", str(tmp_path / "live")).code == 0


@pytest.mark.slow
def test_the_live_desk_shows_that_a_drill_runs_until_it_ends(live: Environment, drill: Environment) -> None:
    def shown(minute: str) -> bool:
        clock.now = at(minute)
        return "訓練中（10:00から）" in desk_page.open("/").text

    clock = Clock(at("09:58"))
    desk_page = signed_in(live, clock)
    assert not shown("09:59")
    begin(drill)
    assert shown("10:01")
    assert not shown("14:01"), "one that everybody forgot"
    drills.end_drill(drill, now=at("10:30"))
    assert not shown("10:31")


@pytest.mark.slow
def test_a1_the_two_environments_ask_in_different_words(drill: Environment) -> None:
    for language in ("ja", "en"):
        labels = drill.site.catalog.packs[language].labels
        assert labels["cli.publish_live"] != labels["cli.publish_drill"]


@pytest.mark.slow
def test_a2_what_was_approved_in_one_environment_cannot_be_published_in_the_other(
    live: Environment, drill: Environment
) -> None:
    for here, there in ((live, drill), (drill, live)):
        target = notices.new_incident_target(here, now=at("10:00"))
        preview = notices.preview_notice(here, SLOW, notice_kind=NoticeKind.FIRST, target=target, now=at("10:00"))
        assert preview.token
        assert isinstance(
            notices.publish_notice(there, SLOW, preview.token, actor="Sato", now=at("10:00")), notices.Stale
        )


def test_a4_only_what_was_shown_is_published(live: Environment, x: Server) -> None:
    target = notices.new_incident_target(live, now=at("10:00"))
    preview = notices.preview_notice(live, SLOW, notice_kind=NoticeKind.FIRST, target=target, now=at("10:00"))
    other = typed_input(incident_type="payment", start="about:09:50")
    assert isinstance(notices.publish_notice(live, other, preview.token, actor="Sato", now=at("10:00")), notices.Stale)
    delivery.drain(live, clock=lambda: at("10:01"))
    assert x.posts == []


@pytest.mark.system
def test_a5_a12_trying_out_everything_sends_nothing(home: Path, x: Server) -> None:
    environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
    player = Player(home, clean_environ(**environ, STATUSPAGE_ADDRESS="http://127.0.0.1:1"))
    for args in (
        ("check",),
        ("preview", "--incident-type", "slow", "--start", "10m"),
        ("build", "--out", str(home.parent / "out")),
    ):
        assert player.run(*args).code == 0, args
    assert x.state.requests == []


@pytest.mark.slow
def test_a7_a14_every_type_of_channel_writes_to_a_file_in_a_drill(home: Path, x: Server) -> None:
    with_every_channel(home / "content")
    drill = drill_environment(home, home / "content", now=at("09:55"))
    assert {channel.spec.type for channel in drill.senders.channels.values()} == set(channels.TYPES)
    assert all(
        isinstance(channel, Sandbox)
        for channel in (*drill.senders.channels.values(), *drill.senders.staff_channels.values())
    )
    incident = publish(drill).incident_id
    delivery.drain(drill, clock=lambda: at("10:02"))
    with drill.databases.environment.read() as tx:
        ends = {d.channel: d.status.value for d in deliveries.deliveries_of_incident(tx, incident) if d.channel != SITE}
    assert ends == dict.fromkeys(drill.senders.channels, "delivered")
    assert {file.parent.name for file in (drill.home / "outbox").glob("*/*.json")} == set(drill.senders.channels)
    assert x.state.requests == []


@pytest.mark.slow
def test_a8_an_incident_of_one_environment_is_not_found_in_the_other(live: Environment, drill: Environment) -> None:
    real, rehearsed = publish(live).incident_id, publish(drill).incident_id
    assert rehearsed.startswith("drill") and not real.startswith("drill")
    assert notices.open_notice_form(live.databases.environment, rehearsed, actor="Sato", now=at("10:01")) is None
    assert notices.open_notice_form(drill.databases.environment, real, actor="Sato", now=at("10:01")) is None


def test_a8_ids_tell_the_environments_apart_however_many_are_made() -> None:
    assert all(re.fullmatch(r"drill[a-z0-9]{7}", drill_id()) for _ in range(500))
    assert all(re.fullmatch(r"(?!drill)[a-z0-9]{12}", live_id()) for _ in range(500))


@pytest.mark.slow
def test_a9_a_drill_that_was_meant_to_be_talked_through_leaves_the_building_nowhere(
    drill: Environment, x: Server
) -> None:
    incident = publish(drill).incident_id
    delivery.drain(drill, clock=lambda: at("10:02"))
    with drill.databases.environment.read() as tx:
        ends = {d.status.value for d in deliveries.deliveries_of_incident(tx, incident) if d.channel != SITE}
    assert ends == {"delivered"}
    assert x.state.requests == []


@pytest.mark.slow
def test_a6_a10_words_typed_by_hand_in_a_drill_are_marked_at_every_place(drill: Environment) -> None:
    notice_input = typed_input(
        incident_type="slow", start="about:09:50", text={"ja": "弾道ミサイルが発射されました。"}, reason="x"
    )
    incident = publish(drill, notice_input).incident_id
    with drill.databases.environment.read() as tx:
        stored = incidents.load_incident(tx, incident)
        payloads = [text for d in deliveries.deliveries_of_incident(tx, incident) for text in d.payload.values()]
    assert stored is not None and stored.latest is not None
    for language, words in stored.latest.notice.texts.items():
        assert missing_marks(words, drill.site.catalog.packs[language].marks) == ()
    assert payloads
    assert all(text.startswith(("【訓練】", "[DRILL]")) for text in payloads)


@pytest.mark.slow
def test_a11_nothing_of_a_drill_is_left_for_the_next_one(drill: Environment) -> None:
    body = (drill.home.parent / "content" / "sample_alert.json").read_bytes()
    drills.start_drill(
        drill, title="Booking", leader="N", goal=timedelta(minutes=10), now=at("10:00"),
        signals=SOURCES["alertmanager"].parse(body, at("10:00")),
    )  # fmt: skip
    incident = publish(drill).incident_id
    ended = drills.end_drill(drill, now=at("10:30"))
    assert incident in ended.incident_ids
    assert ended.alert_ids
    with drill.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()
        assert alerts.open_alerts(tx) == ()


@pytest.mark.slow
def test_a11_a_drill_ends_by_itself(drill: Environment) -> None:
    begin(drill)
    assert timedelta(hours=4) == drills.LONGEST_DRILL, "as drill-safety.md says"
    assert drills.end_overdue(drill, now=at("10:00") + drills.LONGEST_DRILL - timedelta(seconds=1)) is None
    assert drills.end_overdue(drill, now=at("10:00") + drills.LONGEST_DRILL) is not None
    assert drills.end_overdue(drill, now=at("10:00") + drills.LONGEST_DRILL) is None


@pytest.mark.parametrize("mark", ["【訓練】予約", "Drill? [DRILL] booking", "see /ja/incidents/drillabcdefg/"])
def test_a13_a_text_of_a_drill_is_refused_on_the_live_form(live: Environment, mark: str) -> None:
    notice_input = typed_input(incident_type="slow", start="about:09:50", extra={"ja": mark})
    target = notices.new_incident_target(live, now=at("10:00"))
    preview = notices.preview_notice(live, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("10:00"))
    assert "text.mark" in [p.code for p in preview.problems]
    assert preview.token == ""


@pytest.mark.slow
def test_no_drill_begins_while_something_real_is_open_and_one_that_runs_is_broken_off(
    live: Environment, drill: Environment
) -> None:
    begun = begin(drill)
    assert drills.live_status(drill.live_status_path, now=at("10:00")).open_items == ()
    real = publish(live).incident_id
    shared_status.write_status(live, now=at("10:01"))
    assert [one.id for one in drills.live_status(drill.live_status_path, now=at("10:01")).incidents] == [real]
    ended = drills.suspend_drill(drill, now=at("10:02"))
    assert ended.drill.id == begun.drill.id
    (kept,) = drills.all_drills(drill.databases.environment)
    assert (kept.is_suspended, kept.ended) == (True, at("10:02"))
    with pytest.raises(drills.LiveIncident):
        begin(drill)
    with pytest.raises(drills.NoSuchDrill):
        drills.suspend_drill(drill, now=at("10:03"))


@pytest.mark.system
def test_the_terminal_of_a_drill_says_that_something_real_is_open_and_one_verb_breaks_it_off(home: Path) -> None:
    player = Player(home)
    player.ask("drill", "start", "--no-alert")
    real = player.ask("report", "--incident-type", "slow", "--start", "10m", "--yes")["incident"]
    result = player.run("drill", "list")
    assert "A real incident has been open" in result.err
    assert real not in player.run("show", "--drill", "--json").out
    assert player.ask("drill", "suspend")["suspended"] is True
    assert player.run("drill", "start", "--no-alert").code == 1


@pytest.mark.slow
def test_a_withdrawal_tells_every_channel_that_carried_the_mistake_in_every_language(
    live: Environment, x: Server
) -> None:
    wrong = publish(live)
    delivery.drain(live, clock=lambda: at("10:01"))
    assert len(x.posts) == 2
    target = notices.NoticeTarget(wrong.incident_id, wrong.sequence)
    notice_input = typed_input(incident_type="slow", start="about:09:50")
    preview = notices.preview_notice(
        live, notice_input, notice_kind=NoticeKind.WITHDRAWAL, target=target, now=at("10:04")
    )
    assert preview.problems == ()
    published = notices.publish_notice(
        live, notice_input, preview.token, actor="Sato", now=at("10:04"), chosen_channels=()
    )
    assert isinstance(published, notices.Published)
    delivery.drain(live, clock=lambda: at("10:05"))
    assert len(x.posts) == 4, "also where a person left the channels out"
    first = {post.username: post.id for post in x.posts[:2]}
    assert {post.in_reply_to for post in x.posts[2:]} == set(first.values())
    assert {post.username for post in x.posts[2:]} == set(first)
    with live.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, wrong.incident_id)
    assert incident is not None and incident.latest is not None
    assert set(incident.latest.notice.texts) == set(live.site.catalog.languages)
    feed = (live.site_folder.current / "ja" / "feed.atom").read_text("utf-8")
    assert feed.count(f":{wrong.incident_id}/{wrong.sequence}/ja") == 1, "the item of the mistake keeps its id"
    assert f":{wrong.incident_id}/{published.sequence}/ja" in feed


@pytest.mark.slow
def test_a_verb_withdraws_it_too(cli: Cli) -> None:
    wrong = publish_report(cli)["incident"]
    result = cli("withdraw", wrong, "--yes", "--json")
    assert result.code == 0, result.err


@pytest.mark.system
def test_the_words_for_all_on_call_are_marked_and_go_nowhere(home: Path, x: Server) -> None:
    player = Player(home, clean_environ(**Account().environ("x-ja"), STATUSPAGE_X_API=x.address))
    word = player.ask("drill", "start", "tutorial", "--announce")["announcement"]
    assert word.startswith("[DRILL] ") and word.endswith(" This is a drill. There is no real problem.")
    (kept,) = (home / "drill" / "announcements").iterdir()
    assert json.loads(kept.read_text("utf-8"))["message"]["text"] == word
    assert x.state.requests == []


@pytest.mark.slow
def test_a_drill_reads_the_rosters_that_live_has_and_fetches_none(home: Path, live: Environment) -> None:
    on_call = home / "content" / "on_call.toml"
    on_call.write_text(
        on_call.read_text("utf-8").replace("[rosters.support]", "[rosters.support]\nhas_address = true"), "utf-8"
    )
    drill_settings = settings.read_settings(
        {"STATUSPAGE_ROSTER_SUPPORT_URL": "https://rota.example/a.ics"}, home=str(home)
    )
    assert live_environment(drill_settings, now=at("09:56")).content.roster_urls == {
        "support": "https://rota.example/a.ics"
    }
    again = drill_environment(home, home / "content", now=at("09:56"))
    assert (again.rosters_folder, again.content.roster_urls) == (live.rosters_folder, {})


def test_the_page_names_every_verb_that_is_not_played() -> None:
    page = (ROOT / "docs" / "reference" / "drill-safety.md").read_text("utf-8")
    (sentence,) = re.findall(r"Not run are (.*?); `tests/support/command_inputs.py`", page, re.DOTALL)
    assert set(re.findall(r"`([\w -]+)`", sentence)) == set(NEEDS_NONE)


def test_every_accident_and_safeguard_is_in_the_table_with_a_test_that_exists() -> None:
    table = (ROOT / "docs" / "reference" / "drill-safety.md").read_text("utf-8")
    for number in range(1, 15):
        assert re.search(rf"^\| A{number} ", table, re.MULTILINE), number
    for number in range(1, 13):
        assert re.search(rf"^\| S{number} ", table, re.MULTILINE), number
    assert len(named_tests("reference/drill-safety.md")) > 30
    assert missing_tests("reference/drill-safety.md") == []


@pytest.mark.slow
def test_prepared_content_that_denies_a_drill_is_a_fault(home: Path, cli: Cli) -> None:
    lists = home / "content" / "en" / "lists.toml"
    denial = re.sub(r'^text = ".*"$', 'text = "This is not a drill."', lists.read_text("utf-8"), count=1, flags=re.M)
    lists.write_text(denial, "utf-8")
    result = cli("check")
    assert result.code == 1
    assert "is not allowed, live or in a drill" in result.err
