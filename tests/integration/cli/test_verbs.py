"""Every command, with no server running."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.cli.context import CommandContext
from statuspage.storage.engine.database import Database
from statuspage.usecases import accounts
from tests.support.instance import (
    Cli,
    alerted,
    cli,
    fresh_alert,
    home,
    publish_report,
    settings_of,
    with_own_name,
)

__all__ = ["cli", "home"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.slow
def test_services_are_listed_with_how_they_stand(cli: Cli) -> None:
    rows = cli("service", "list", "--json").json
    assert [row["id"] for row in rows][:3] == ["login", "booking", "checkin"]
    assert {row["state"] for row in rows} == {"operational"}
    publish_report(cli)
    assert {r["id"]: r["state"] for r in cli("service", "list", "--json").json}["booking"] == "major"


def test_types_are_listed_with_their_questions(cli: Cli) -> None:
    rows = {row["id"]: row for row in cli("incident-type", "list", "--json").json}
    assert len(rows) == 13
    assert {"id": "retry", "answers": ["safe", "wait"], "required": False} in rows["payment"]["questions"]


@pytest.mark.slow
def test_an_alert_is_taken_once_however_often_it_comes(cli: Cli, home: Path) -> None:
    first, again = alerted(cli, home), alerted(cli, home)
    assert first == again
    waiting = cli("alert", "list", "--json").json
    assert [alert["id"] for alert in waiting] == [first]
    assert waiting[0]["proposal"]["incident_type"] == "booking"


@pytest.mark.slow
def test_an_alert_is_acknowledged_then_confirmed_into_an_incident(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    assert cli("alert", "acknowledge", alert, "--by", "Sato", "--json").json == {"alert": alert, "incident": None}
    answer = cli("alert", "confirm", alert, "--by", "Sato", "--json").json
    assert answer["alert"] == alert
    assert re.fullmatch(r"[a-z0-9]{12}", answer["incident"])
    assert cli("alert", "list", "--json").json == []
    shown = cli("show", answer["incident"], "--json").json
    assert [e["entry"]["event"] for e in shown["entries"]] == ["alerted", "received", "acknowledged", "confirmed"]
    assert shown["deliveries"] == []


@pytest.mark.slow
def test_a_false_alarm_leaves_no_incident(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    assert cli("alert", "dismiss", alert, "--json").json == {"alert": alert, "incident": None}
    assert cli("show", "--json").json == []
    refused = cli("alert", "confirm", alert)
    assert (refused.code, refused.out) == (1, "")
    assert "already been confirmed or closed" in refused.err


@pytest.mark.slow
def test_confirming_alone_makes_nothing_public(cli: Cli, home: Path) -> None:
    incident = cli("alert", "confirm", alerted(cli, home), "--json").json["incident"]
    assert not list((home / "site" / "current").glob(f"*/incidents/{incident}"))


@pytest.mark.slow
def test_a_first_report_says_its_words_its_deliveries_and_when_it_was_readable(cli: Cli, home: Path) -> None:
    answer = publish_report(cli, "--audience", "shibuya", "--estimate", "40m", "--workaround", "front-desk")
    assert set(answer) == {"incident", "sequence", "texts", "deliveries", "not_connected", "readable_at", "hosts"}
    assert answer["not_connected"] == {"x-ja": "credentials", "x-en": "credentials"}
    assert "You cannot book classes" in answer["texts"]["en"]["page"]
    assert "予約できません" in answer["texts"]["ja"]["x"]
    assert [(d["channel"], d["status"]) for d in answer["deliveries"]] == [("site", "delivered")]
    assert answer["readable_at"] is None, "nobody serves it, so nobody can have read it"
    page = home / "site" / "current" / "en" / "incidents" / answer["incident"] / "index.html"
    assert "You cannot book classes" in re.sub(r"<wbr>", "", page.read_text("utf-8"))


@pytest.mark.slow
def test_a_report_on_an_alert_takes_its_proposal_and_its_clock(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    result = cli("report", "--alert", alert, "--estimate", "30m", "--yes", "--json")
    assert result.code == 0, result.err
    shown = cli("show", result.json["incident"], "--json").json
    assert shown["t0_source"] != "form"
    facts = next(e["entry"]["facts"] for e in shown["entries"] if e["entry"]["type"] == "notice")
    assert facts["incident_type"] == "booking"
    began = datetime.fromisoformat(json.loads(fresh_alert(home).read_text("utf-8"))["alerts"][0]["startsAt"])
    assert datetime.fromisoformat(facts["start"]["at"]) == began.replace(second=0)


@pytest.mark.slow
def test_of_an_alert_of_months_ago_no_start_is_proposed(cli: Cli, home: Path) -> None:
    sample = str(home / "content" / "sample_alert.json")
    alert = cli("alert", "receive", "alertmanager", sample, "--json").json[0]["alert"]
    refused = cli("report", "--alert", alert, "--yes")
    assert (refused.code, refused.err.startswith("--start: ")) == (1, True), refused.err
    assert cli("report", "--alert", alert, "--start", "5m", "--yes").code == 0


@pytest.mark.slow
def test_a_start_of_more_than_a_day_ago_is_published_only_with_a_confirmation(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    flags = ("report", "--incident-type", "booking", "--start", old)
    refused = cli(*flags, "--yes", "--json")
    assert (refused.code, refused.json["doubts"][0]["field"]) == (1, "start")
    assert "more than a day ago" in refused.err and "--anyway" in refused.err
    assert cli("show", "--json").json == []
    assert cli(*flags, "--yes", "--anyway").code == 0


def test_at_a_terminal_what_is_doubtful_stands_above_the_question(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    old = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    answer = cli("report", "--incident-type", "booking", "--start", old)
    assert (answer.code, "--start: This was more than a day ago" in answer.err) == (0, True), answer.err


@pytest.mark.slow
def test_an_alert_that_joined_late_and_fired_before_the_start_is_asked_about(cli: Cli, home: Path) -> None:
    incident = publish_report(cli, "--start", "1m")["incident"]
    assert cli("alert", "group", alerted(cli, home), incident).code == 0
    refused = cli("update", incident, "--yes", "--json")
    assert (refused.code, refused.json["doubts"]) == (1, [{"field": "start", "incident": None}])
    assert "--start: An alert that joined after the latest notice fired at " in refused.err
    assert cli("update", incident, "--yes", "--anyway").code == 0
    assert cli("update", incident, "--yes").code == 0, "it was asked once"


@pytest.mark.slow
def test_a_second_report_of_a_service_names_the_open_incident_and_how_to_add_to_it(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    again = ("report", "--incident-type", "login", "--service", "booking", "--start", "1m", "--yes")
    refused = cli(*again)
    assert (refused.code, f"statuspage update {incident} …" in refused.err) == (1, True)
    assert [row["id"] for row in cli("show", "--json").json] == [incident]
    assert cli(*again, "--anyway").code == 0
    assert len(cli("show", "--json").json) == 2
    other = cli("report", "--incident-type", "login", "--service", "checkin", "--start", "1m", "--yes")
    assert other.code == 0, other.err


@pytest.mark.slow
def test_a_slip_in_a_flag_confirms_no_alert(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    assert cli("report", "--alert", alert, "--estimate", "soon", "--yes").code == 1
    assert [a["state"] for a in cli("alert", "list", "--json").json] == ["waiting"]


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_without_a_terminal_nothing_goes_out_unless_somebody_said_yes_beforehand(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    incident = publish_report(cli)["incident"]
    alert = alerted(cli, home)
    before = cli("show", incident, "--json").json["entries"]
    monkeypatch.setattr("sys.stdin", _Line("n\n"))
    for args in (
        ("report", "--incident-type", "booking", "--start", "10m"),
        ("update", incident, "--current-action", "spare"),
        ("correct", incident, "--service", "login:partial"),
        ("resolve", incident, "--ended", "now"),
    ):
        result = cli(*args, *more)
        assert (
            result.code,
            "There is no terminal to ask for confirmation. Add --yes to continue without it." in result.err,
        ) == (
            2,
            True,
        )
    assert cli("show", incident, "--json").json["entries"] == before
    assert [a["state"] for a in cli("alert", "list", "--json").json if a["id"] == alert] == ["waiting"]
    assert len(cli("show", "--json").json) == 1


@pytest.mark.slow
def test_a_report_joins_the_only_open_alert_and_says_so(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    result = cli("report", "--start", "10m", "--yes")
    assert result.code == 0, result.err
    assert f"This is about alert {alert}" in result.out
    (brief,) = cli("show", "--json").json
    shown = cli("show", brief["id"], "--json").json
    assert shown["t0_source"] != "form"
    steps = [e["entry"]["event"] for e in shown["entries"] if e["entry"]["type"] == "step"]
    assert steps[:7] == ["alerted", "received", "acknowledged", "confirmed", "form_opened", "words_ready", "approved"]
    assert cli("alert", "list", "--json").json == []


@pytest.mark.slow
def test_with_alert_none_a_report_leaves_the_alert_alone(cli: Cli, home: Path) -> None:
    alert = alerted(cli, home)
    answer = publish_report(cli, "--alert", "none")
    assert cli("show", answer["incident"], "--json").json["t0_source"] == "form"
    assert [a["id"] for a in cli("alert", "list", "--json").json] == [alert]


@pytest.mark.slow
def test_with_several_open_alerts_a_report_asks_which(cli: Cli, home: Path, tmp_path: Path) -> None:
    first = alerted(cli, home)
    other = (home / "content" / "sample_alert.json").read_text("utf-8").replace("ookin", "ayin")
    plain = json.loads(other)
    for one in plain["alerts"]:
        one["fingerprint"] = "another"
    (tmp_path / "other.json").write_text(json.dumps(plain), "utf-8")
    second = cli("alert", "receive", "alertmanager", str(tmp_path / "other.json"), "--json").json[0]["alert"]
    result = cli("report", "--start", "10m", "--incident-type", "booking", "--yes")
    assert (result.code, first in result.err, second in result.err, "--alert none" in result.err) == (
        2,
        True,
        True,
        True,
    )
    assert cli("show", "--json").json == []


@pytest.mark.slow
def test_the_type_given_by_flag_brings_its_own_services_not_the_alerts(cli: Cli, home: Path) -> None:
    alerted(cli, home)
    answer = publish_report(cli, "--incident-type", "login")
    shown = cli("show", answer["incident"], "--json").json
    facts = next(e["entry"]["facts"] for e in shown["entries"] if e["entry"]["type"] == "notice")
    assert (shown["t0_source"] != "form", [a["service"] for a in facts["affected"]]) == (True, ["login"])


@pytest.mark.slow
def test_after_publishing_the_address_of_every_language_is_printed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_ADDRESS", "http://127.0.0.1:9")
    result = cli("report", "--incident-type", "booking", "--start", "10m", "--yes")
    (brief,) = cli("show", "--json").json
    for language in ("ja", "en", "ja-simple"):
        assert f"http://127.0.0.1:9/{language}/incidents/{brief['id']}/\n" in result.out


@pytest.mark.parametrize(
    ("locale", "japanese"),
    [
        *((name, False) for name in ("", "C", "POSIX", "C.UTF-8", "en_GB", "fr_FR.UTF-8")),
        *((name, True) for name in ("ja_JP.UTF-8", "ja")),
    ],
)
def test_a_locale_that_names_no_language_of_the_desk_means_english(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, locale: str, japanese: bool
) -> None:
    for name in ("STATUSPAGE_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert ("対応中" in cli("show").out) is japanese


@pytest.mark.slow
def test_what_an_update_leaves_out_stays_as_customers_were_told(cli: Cli) -> None:
    first = publish_report(cli, "--audience", "shibuya", "--estimate", "40m", "--answer", "retry=wait")
    result = cli("update", first["incident"], "--current-action", "spare", "--yes", "--json")
    assert result.code == 0, result.err
    shown = cli("show", first["incident"], "--json").json
    before, after = (e["entry"]["facts"] for e in shown["entries"] if e["entry"]["type"] == "notice")
    kept = ("incident_type", "affected", "audience", "start", "estimate", "answers")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["current_action"] == "spare"


@pytest.mark.slow
def test_it_is_corrected_resolved_and_reopened(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    assert (
        cli("correct", incident, "--service", "login:partial", "--incident-type", "login", "--yes", "--json").code == 0
    )
    resolved = cli("resolve", incident, "--ended", "1m", "--cause", "change", "--yes", "--json")
    assert resolved.code == 0, resolved.err
    assert cli("show", "--json").json == []
    assert cli("incident", "reopen", incident, "--json").json["incident"] == incident
    assert [i["id"] for i in cli("show", "--json").json] == [incident]
    refused = cli("incident", "reopen", incident)
    assert (refused.code, refused.err != "") == (1, True)


@pytest.mark.slow
def test_a_note_is_for_colleagues_and_never_on_the_page(cli: Cli, home: Path) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("incident", "note", incident, "call Tanaka", "--by", "Sato", "--json").json["incident"] == incident
    cli("update", incident, "--yes", "--json")
    assert "call Tanaka" in cli("show", incident).out
    assert not any("call Tanaka" in p.read_text("utf-8") for p in (home / "site" / "current").rglob("*.html"))


@pytest.mark.slow
def test_an_incident_nobody_was_told_of_can_be_closed_in_silence(cli: Cli, home: Path) -> None:
    incident = cli("alert", "confirm", alerted(cli, home), "--json").json["incident"]
    assert cli("incident", "close", incident, "--json").code == 0
    assert cli("show", "--json").json == []
    assert cli("incident", "close", publish_report(cli)["incident"]).code == 1


@pytest.mark.slow
def test_say_shows_the_words_and_stores_nothing(cli: Cli) -> None:
    flags = ("--incident-type", "entry", "--answer", "exit=free", "--start", "noticed:5m")
    answer = cli("preview", *flags, "--lang", "ja", "--medium", "x", "--json").json
    assert "出" in answer["text"]
    assert 0 < answer["length"] <= answer["limit"] == 280
    assert cli("show", "--json").json == []


@pytest.mark.parametrize("medium", ["page", "mail", "x", "x_nolink", "short", "colleagues", "feed"])
def test_say_knows_every_medium(cli: Cli, medium: str) -> None:
    result = cli("preview", "--incident-type", "booking", "--start", "10m", "--medium", medium)
    assert (result.code, bool(result.out.strip())) == (0, True)


def test_an_unknown_medium_is_refused_with_those_there_are_and_the_nearest(cli: Cli) -> None:
    refused = cli("preview", "--incident-type", "booking", "--start", "10m", "--medium", "email")
    assert refused.code == 1
    assert "Media: page, feed, mail, " in refused.err
    assert refused.err.rstrip().endswith("Did you mean `mail`?")


def test_an_email_is_previewed_with_its_subject(cli: Cli) -> None:
    subject, gap, *body = cli(
        "preview", "--incident-type", "booking", "--start", "10m", "--medium", "mail", "--lang", "en"
    ).out.splitlines()
    named = "First report: You cannot book classes in the member app; also affected: Managing bookings ("
    assert (subject.startswith(named), gap) == (True, "")
    assert body


@pytest.mark.parametrize(
    "command", ["report", "update", "resolve", "correct", "maintenance announce", "approval approve"]
)
def test_without_a_terminal_a_command_refuses_before_it_reads_anything(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(CommandContext, "open_env", lambda _: pytest.fail("read before it refused"))
    monkeypatch.setattr("sys.stdin", _Line(""))
    refused = cli(*command.split(), *(() if command == "report" else ("abc",)))
    assert (refused.code, "Add --yes" in refused.err) == (2, True)


@pytest.mark.slow
def test_every_problem_is_named_beside_its_flag_and_nothing_is_stored(cli: Cli) -> None:
    result = cli(
        "report", "--incident-type", "bookings", "--service", "pool", "--start", "25:99", "--next-update", "10m",
        "--extra", "fr=oh", "--audience", "mars", "--yes",
    )  # fmt: skip
    assert result.code == 1
    flags = {line.partition(":")[0] for line in result.err.splitlines()}
    assert {"--incident-type", "--service", "--start", "--extra fr=", "--audience"} <= flags
    assert cli("show", "--json").json == []


def test_problems_are_json_for_programs(cli: Cli) -> None:
    result = cli("report", "--incident-type", "booking", "--start", "tomorrow", "--yes", "--json")
    assert result.code == 1
    assert [p["field"] for p in result.json["problems"]] == ["start"]
    assert set(result.json["problems"][0]) == {"field", "code", "message"}


@pytest.mark.parametrize(
    ("flags", "field"),
    [
        (("--estimate", "1m", "--start", "now"), ""),
        (("--start", "2099-01-01 10:00"), "start"),
        (("--start", "10m", "--next-update", "2020-01-01T00:00:00+00:00"), "next_update"),
        (("--start", "10m", "--service", ""), "services"),
        (("--start", "10m", "--extra", "en=\u202eevil"), "extra.en"),
        (("--start", "10m", "--extra", "ja=" + "x" * 100_000), "extra.ja"),
        (("--start", "10m", "--text", "ja=短い文"), "reason"),
    ],
)
def test_bad_input_is_a_message_beside_its_flag(cli: Cli, flags: tuple[str, ...], field: str) -> None:
    result = cli("report", "--incident-type", "booking", *flags, "--yes", "--json")
    assert result.code == (1 if field else 0), result.out + result.err
    if field:
        assert field in [p["field"] for p in result.json["problems"]]
        assert all(len(p["message"]) < 200 for p in result.json["problems"]), "nobody scrolls past their own text"


@pytest.mark.slow
def test_words_by_hand_go_out_with_their_reason_and_the_other_language_points_there(cli: Cli) -> None:
    answer = publish_report(cli, "--text", "ja=ただいま確認しています。", "--reason", "phrases are wrong today")
    assert "ただいま確認しています。" in answer["texts"]["ja"]["page"]
    assert "ただいま" not in answer["texts"]["en"]["page"]


@pytest.mark.parametrize(
    "args",
    [
        ("alert", "acknowledge", "nothing"),
        ("alert", "confirm", "nothing"),
        ("alert", "dismiss", "nothing"),
        ("report", "--alert", "nothing", "--yes"),
        ("update", "nothing", "--yes"),
        ("resolve", "nothing", "--yes"),
        ("incident", "note", "nothing", "x"),
        ("incident", "reopen", "nothing"),
        ("show", "nothing"),
        ("account", "link", "nothing"),
        ("alert", "receive", "nagios", "-"),
        ("alert", "receive", "alertmanager", "/nowhere.json"),
        ("report", "--to", "carrier-pigeon", "--incident-type", "booking", "--start", "now", "--yes"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(cli: Cli, args: tuple[str, ...]) -> None:
    result = cli(*args)
    assert result.code == 1
    assert result.err.strip()
    assert not re.search(r"Traceback|cli\.|problem\.", result.err)


@pytest.mark.slow
def test_a_wrong_id_lists_the_right_ones_and_the_nearest(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alert, incident = alerted(cli, home), publish_report(cli, "--alert", "none")["incident"]
    cli("account", "add", "sato")
    for args, right in (
        (("alert", "acknowledge", alert[:-1]), alert),
        (("alert", "group", alert, f"{alert}x"), alert),
        (("update", incident[:-1], "--yes"), incident),
        (("incident", "reopen", f"{incident}x"), incident),
        (("account", "link", "satoh"), "sato"),
        (("report", "--alert", "none", "--incident-type", "bookings", "--start", "5m", "--yes"), "booking"),
        (("report", "--alert", "none", "--service", "chekin", "--start", "5m", "--yes"), "checkin"),
        (("update", incident, "--current-action", "sparer", "--yes"), "spare"),
        (("channel", "test", "x-jp"), "x-ja"),
    ):
        result = cli(*args)
        assert (result.code, f"Did you mean `{right}`?" in result.err) == (1, True), (args, result.err)
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "ja")
    assert f"有効な値: {incident}。 もしかして `{incident}` ですか。" in cli("show", incident[:-1]).err


@pytest.mark.slow
def test_wrong_alert_json_is_refused_with_the_reason_and_not_stored(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "alert.json").write_text('{"version": "3"}', "utf-8")
    result = cli("alert", "receive", "alertmanager", str(tmp_path / "alert.json"))
    assert result.code == 1
    assert "version" in result.err
    assert cli("alert", "list", "--json").json == []


def test_an_instance_is_made_once(cli: Cli, home: Path) -> None:
    result = cli("init", str(home))
    assert (result.code, "already in use" in result.err) == (1, True)


@pytest.mark.parametrize("flag", ["--company", "--service", "--zone", "--starter", "--language"])
def test_an_empty_flag_is_refused_and_nothing_is_taken_instead(cli: Cli, tmp_path: Path, flag: str) -> None:
    result = cli("init", str(tmp_path / "new"), "--no-input", flag, "")
    assert (result.code, flag in result.err) == (2, True)
    assert not (tmp_path / "new").exists()


def test_a_wrong_name_is_said_with_its_length_or_its_characters(cli: Cli, tmp_path: Path) -> None:
    result = cli("init", str(tmp_path / "new"), "--no-input", "--company", "Ac\u202eme", "--service", "x" * 200)
    assert result.code == 2
    assert "U+202E" in result.err
    assert "200" in result.err
    assert "x" * 61 not in result.err
    assert not (tmp_path / "new").exists()


def test_without_answers_and_with_nobody_to_ask_nothing_is_made(cli: Cli, tmp_path: Path) -> None:
    result = cli("init", str(tmp_path / "new"))
    assert result.code == 2
    assert f"serve --home {tmp_path / 'new'}" in result.err
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_the_site_is_built_into_another_folder(cli: Cli, tmp_path: Path) -> None:
    publish_report(cli)
    answer = cli("build", "--out", str(tmp_path / "out"), "--json").json
    assert answer["files"] == sum(1 for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert (tmp_path / "out" / "ja" / "feed.atom").is_file()


@pytest.mark.slow
def test_check_lists_the_faults_of_all_files_and_the_last_good_content_still_publishes(cli: Cli, home: Path) -> None:
    with_own_name(home / "content")
    assert cli("show").code == 0
    (home / "content" / "media.toml").write_text("[page\n", "utf-8")
    services = home / "content" / "services.toml"
    services.write_text(services.read_text("utf-8").replace('group = "app"', 'group = "moon"', 1), "utf-8")
    result = cli("check", "--json")
    assert result.code == 1
    assert set(result.json[0]) == {"file", "line", "key", "message"}
    assert {"media.toml", "services.toml"} <= {fault["file"] for fault in result.json}
    answer = cli("report", "--incident-type", "booking", "--start", "10m", "--yes", "--json")
    assert answer.code == 0
    assert "the last valid content is in use" in answer.err


@pytest.mark.slow
def test_services_that_were_never_right_are_named_and_nothing_is_published(cli: Cli, home: Path) -> None:
    shutil.rmtree(home / "content-passed")
    services = home / "content" / "services.toml"
    services.write_text(services.read_text("utf-8").replace('id = "login"', 'id = "API Login"', 1), "utf-8")
    before = (home / "site" / "current").resolve()
    for verb in ("build", "show"):
        result = cli(verb)
        assert (result.code, "service.1.id: “API Login” is not an ID" in result.err) == (1, True), result.err
    assert (home / "site" / "current").resolve() == before


@pytest.mark.slow
def test_accounts_are_added_listed_linked_given_a_password_and_ended(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("account", "add", "sato", "--name", "佐藤", "--role", "administrator", "--json").json["login"] == "sato"
    assert [p["name"] for p in cli("account", "list", "--json").json] == ["佐藤"]
    refused = cli("account", "link", "sato")
    assert (refused.code, "desk is not running" in refused.err) == (1, True)
    monkeypatch.setattr("sys.stdin", _Line("correct horse battery\n"))
    assert cli("account", "password", "sato", "--json").json == {"login": "sato"}
    monkeypatch.setattr("sys.stdin", _Line("short\n"))
    assert cli("account", "password", "sato").code == 1
    assert cli("account", "reset-second-factor", "sato", "--json").json == {"login": "sato"}
    assert cli("account", "disable", "sato").code == 0
    assert cli("account", "list", "--json").json == []


@pytest.mark.slow
def test_a_company_that_lost_its_administrator_makes_another_and_ends_what_is_signed_in(cli: Cli, home: Path) -> None:
    cli("account", "add", "sato", "--name", "佐藤")
    assert cli("account", "sessions").out == "Nobody is signed in.\n"
    sign_in(home, "sato")
    (one,) = cli("account", "sessions", "--json").json
    assert (one["login"], one["signed_in_at"] == one["last_seen_at"]) == ("sato", True)
    assert "佐藤" in cli("account", "sessions").out
    assert cli("account", "sign-out", "sato", "--json").json == {"login": "sato", "ended_sessions": 1}
    assert cli("account", "sessions", "--json").json == []
    assert cli("account", "role", "sato", "administrator").code == 0
    assert cli("account", "role", "sato", "king").code == 2
    cli("account", "disable", "sato")
    assert cli("account", "enable", "sato").code == 0
    assert [(p["login"], p["role"]) for p in cli("account", "list", "--json").json] == [("sato", "administrator")]


def sign_in(home: Path, login: str) -> None:
    """Signs this user in with a link."""
    store = Database(
        settings_of(home).get("STATUSPAGE_ACCOUNTS_DATABASE_URL") or f"sqlite:///{home / 'shared' / 'accounts.db'}",
        "accounts",
    )
    person = accounts.find_by_login(store, login)
    assert person is not None
    now = datetime.now(UTC)
    accounts.sign_in_by_link(
        store, accounts.create_sign_in_link(store, person.id, now=now), address="127.0.0.1", now=now
    )
    store.close()


class _Line:
    """Standard input that contains one line and is not a terminal."""

    def __init__(self, text: str) -> None:
        self._text = text

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return self._text


@pytest.mark.slow
def test_the_same_in_japanese(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "ja")
    assert cli("show").out == "対応中のインシデントはありません。\n"
    result = cli("report", "--incident-type", "booking", "--yes")
    assert re.match(r"--start: .*[。]", result.err)


@pytest.mark.slow
def test_people_read_words_where_programs_read_json(cli: Cli) -> None:
    result = cli("report", "--incident-type", "booking", "--start", "10m", "--yes")
    assert "You cannot book classes" in result.out
    assert "── ja · 第一報" in result.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.out)


_BOOKING = ("report", "--incident-type", "booking", "--service", "booking", "--start", "5m", "--yes", "--json")


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["ja/phrases.toml", "en/lists.toml"])
def test_own_words_that_cannot_be_read_give_way_to_the_programs(cli: Cli, home: Path, broken: str) -> None:
    shutil.rmtree(home / "content-passed")
    (home / "content" / broken).write_text("[oops\n", "utf-8")
    result = cli(*_BOOKING)
    assert (result.code, "content has errors" in result.err) == (0, True), result.err
    assert "会員アプリでレッスンを予約できません" in result.json["texts"]["ja"]["page"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["incident_types.toml", "media.toml", "ja/organisation.toml"])
def test_other_content_that_cannot_be_read_is_named_and_nothing_is_published(cli: Cli, home: Path, broken: str) -> None:
    shutil.rmtree(home / "content-passed")
    (home / "content" / broken).write_text("[oops\n", "utf-8")
    refused = cli(*_BOOKING)
    assert (refused.code, f"{broken}:1" in refused.err) == (1, True), refused.err


@pytest.mark.parametrize(
    ("flags", "form"),
    [
        (("--start", "nonsense"), "5m|10:05|about:10:05|noticed:10:05"),
        (("--start", "5m", "--estimate", "soon"), "unknown|30m|13:30|12:30..13:30|not-before:13:30"),
    ],
)
def test_a_time_that_cannot_be_read_is_told_how_it_is_written(cli: Cli, flags: tuple[str, ...], form: str) -> None:
    assert f"Write it as {form}." in cli("preview", "--incident-type", "booking", *flags).err


def test_a_time_that_is_read_but_impossible_is_told_no_grammar(cli: Cli) -> None:
    refused = cli("preview", "--incident-type", "booking", "--start", "5m", "--estimate", "14:00..13:00")
    assert "Write it as" not in refused.err
    assert refused.code == 1
