"""Maintenance and the smaller notices from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.instance import Answer, Cli, cli, home, publish_report

__all__ = ["cli", "home"]

pytestmark = pytest.mark.usefixtures("database")

SOON = (datetime.now(UTC) + timedelta(days=3)).replace(hour=17, minute=0).isoformat(timespec="minutes")
"""Three days ahead, at two in the morning in Tokyo."""


def plan(cli: Cli, *more: str) -> Answer:
    """Two hours of planned maintenance on booking."""
    return cli(
        "maintenance", "announce", "--from", SOON, "--to", "2h", "--service", "booking", "--yes", "--json", *more
    )


def shown(cli: Cli, incident: str) -> list[str]:
    """Its notices, oldest first."""
    entries = cli("show", incident, "--json").json["entries"]
    return [e["entry"]["notice"] for e in entries if e["entry"]["type"] == "notice"]


@pytest.mark.slow
def test_work_is_planned_started_extended_and_finished(cli: Cli) -> None:
    result = plan(cli)
    assert result.code == 0, result.err
    incident = result.json["incident"]
    assert "2:00から4:00まで" in result.json["texts"]["ja"]["page"]
    assert {r["id"]: r["state"] for r in cli("service", "list", "--json").json}["booking"] == "operational"
    assert cli("maintenance", "start", incident, "--yes").code == 0
    assert {r["id"]: r["state"] for r in cli("service", "list", "--json").json}["booking"] == "maintenance"
    longer = (datetime.fromisoformat(SOON) + timedelta(hours=4)).isoformat()
    assert cli("maintenance", "extend", incident, "--to", longer, "--yes").code == 0
    assert cli("maintenance", "finish", incident, "--yes").code == 0
    assert shown(cli, incident) == ["announced", "started", "extended", "finished"]
    assert cli("show", "--json").json == []


def test_the_same_plan_twice_is_refused_until_it_is_said_to_be_right(cli: Cli) -> None:
    incident = plan(cli).json["incident"]
    again = plan(cli)
    assert again.code == 1
    assert "Already planned for that time: " in again.err
    assert f"statuspage maintenance announce {incident} …" in again.err
    assert plan(cli, "--anyway").code == 0


@pytest.mark.slow
def test_a_plan_is_changed_and_cancelled(cli: Cli) -> None:
    incident = plan(cli).json["incident"]
    later = (datetime.fromisoformat(SOON) + timedelta(days=1)).isoformat()
    result = cli("maintenance", "announce", incident, "--from", later, "--to", "3h", "--yes", "--json")
    assert result.code == 0, result.err
    assert "予定を変更しました" in result.json["texts"]["ja"]["page"]
    assert "changed our plan" in result.json["texts"]["en"]["page"]
    assert cli("maintenance", "cancel", incident, "--yes").code == 0
    assert shown(cli, incident) == ["announced", "announced", "cancelled"]


@pytest.mark.slow
def test_before_a_plan_is_announced_everything_that_will_go_out_is_shown(cli: Cli) -> None:
    result = cli("maintenance", "announce", "--from", SOON, "--to", "2h", "--service", "booking", "--yes")
    assert result.out.count("Published automatically on ") == 2
    assert "This is a reminder of our maintenance" in result.out
    assert "We have started our maintenance" in result.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ((), "--from: Enter when the work is planned"),
        (("--from", SOON, "--to", "0m", "--service", "booking"), "--to: The end is before the start"),
        (("--from", SOON, "--to", "2h"), "--service: Choose at least one affected service"),
        (("--from", "2020-01-01 02:00", "--to", "2h", "--service", "booking"), "--from: The start has already passed"),
        (("--from", SOON, "--to", "2h", "--service", "booking", "--remind", "40d"), "--remind: It is too late"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_flag(cli: Cli, flags: tuple[str, ...], reason: str) -> None:
    result = cli("maintenance", "announce", *flags, "--yes")
    assert (result.code, reason in result.err) == (1, True), result.err
    assert cli("show", "--json").json == []


@pytest.mark.slow
def test_trouble_is_not_finished_and_work_is_not_resolved(cli: Cli) -> None:
    incident, work = publish_report(cli)["incident"], plan(cli).json["incident"]
    for command, reason in (
        (("maintenance", "finish", incident), "This is an incident, not planned work"),
        (("resolve", work, "--ended", "now"), "This is planned work"),
        (("update", work), "This is planned work"),
    ):
        result = cli(*command, "--yes")
        assert (result.code, reason in result.err) == (1, True), result.err


@pytest.mark.slow
def test_some_of_it_works_again_then_all_of_it_is_watched(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    result = cli("partial", incident, "--service", "desk-booking:degraded", "--yes", "--json")
    assert result.code == 0, result.err
    assert "レッスンを予約できるようになりました" in result.json["texts"]["ja"]["page"]
    result = cli("monitoring", incident, "--yes", "--json")
    assert result.code == 0, result.err
    assert "We are watching" in result.json["texts"]["en"]["page"]
    assert shown(cli, incident) == ["first", "partly_restored", "monitoring"]


@pytest.mark.slow
def test_what_is_said_of_one_service_is_kept_when_it_works_in_part(cli: Cli) -> None:
    incident = publish_report(cli, "--service", "booking:major", "--audience", "some")["incident"]
    result = cli("partial", incident, "--service", "booking:partial", "--yes", "--json")
    assert (result.code, "Not repeated" in result.err) == (0, False), result.err
    assert "一部" in result.json["texts"]["ja"]["page"]


@pytest.mark.slow
def test_a_notice_that_was_a_mistake_is_withdrawn(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    result = cli("withdraw", incident, "--yes", "--json")
    assert result.code == 0, result.err
    assert "There was no problem" in result.json["texts"]["en"]["page"]
    assert cli("show", "--json").json == []
    assert cli("withdraw", incident, "--incident-type", "slow", "--yes").code == 2


@pytest.mark.parametrize(
    ("notice", "message"),
    [
        ("announced", "We will carry out maintenance"),
        ("reminder", "This is a reminder"),
        ("started", "We have started our maintenance"),
        ("extended", "will take longer"),
        ("finished", "We have finished our maintenance"),
        ("cancelled", "We have cancelled our maintenance"),
    ],
)
def test_any_notice_of_planned_work_can_be_looked_at(cli: Cli, notice: str, message: str) -> None:
    flags = ("--incident-type", "maintenance", "--from", SOON, "--to", "2h", "--service", "booking")
    assert message in cli("preview", *flags, "--notice", notice).out
