"""Planned work and the smaller notices from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.instance import Answer, Cli, cli, home, told

__all__ = ["cli", "home"]

pytestmark = pytest.mark.usefixtures("database")

SOON = (datetime.now(UTC) + timedelta(days=3)).replace(hour=17, minute=0).isoformat(timespec="minutes")
"""Three days ahead, at two in the morning in Tokyo."""


def plan(cli: Cli, *more: str) -> Answer:
    """Two hours of work on the booking, planned."""
    return cli("plan", "--from", SOON, "--to", "2h", "--service", "booking", "--yes", "--json", *more)


def shown(cli: Cli, incident: str) -> list[str]:
    """Its notices, oldest first."""
    entries = cli("show", incident, "--json").json["entries"]
    return [e["entry"]["notice"] for e in entries if e["entry"]["type"] == "notice"]


@pytest.mark.slow
def test_work_is_planned_started_extended_and_finished(cli: Cli) -> None:
    said = plan(cli)
    assert said.code == 0, said.err
    incident = said.json["incident"]
    assert "2:00から4:00まで" in said.json["texts"]["ja"]["page"]
    assert {r["id"]: r["state"] for r in cli("services", "--json").json}["booking"] == "operational"
    assert cli("start", incident, "--yes").code == 0
    assert {r["id"]: r["state"] for r in cli("services", "--json").json}["booking"] == "maintenance"
    longer = (datetime.fromisoformat(SOON) + timedelta(hours=4)).isoformat()
    assert cli("extend", incident, "--to", longer, "--yes").code == 0
    assert cli("finish", incident, "--yes").code == 0
    assert shown(cli, incident) == ["announced", "started", "extended", "finished"]
    assert cli("show", "--json").json == []


@pytest.mark.slow
def test_a_plan_is_changed_and_cancelled(cli: Cli) -> None:
    incident = plan(cli).json["incident"]
    later = (datetime.fromisoformat(SOON) + timedelta(days=1)).isoformat()
    said = cli("plan", incident, "--from", later, "--to", "3h", "--yes", "--json")
    assert said.code == 0, said.err
    assert "予定を変更しました" in said.json["texts"]["ja"]["page"]
    assert "changed our plan" in said.json["texts"]["en"]["page"]
    assert cli("cancel", incident, "--yes").code == 0
    assert shown(cli, incident) == ["announced", "announced", "cancelled"]


@pytest.mark.slow
def test_before_a_plan_is_announced_everything_that_will_go_out_is_shown(cli: Cli) -> None:
    said = cli("plan", "--from", SOON, "--to", "2h", "--service", "booking", "--yes")
    assert said.out.count("Goes out by itself on ") == 2
    assert "This is a reminder of our maintenance" in said.out
    assert "We have started our maintenance" in said.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ((), "--from: Say from when to when"),
        (("--from", SOON, "--to", "0m", "--service", "booking"), "--to: The end lies before the start"),
        (("--from", SOON, "--to", "2h"), "--service: Choose at least one service"),
        (("--from", "2020-01-01 02:00", "--to", "2h", "--service", "booking"), "--from: The start has already passed"),
        (("--from", SOON, "--to", "2h", "--service", "booking", "--remind", "40d"), "--remind: It is too late"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_flag(cli: Cli, flags: tuple[str, ...], reason: str) -> None:
    said = cli("plan", *flags, "--yes")
    assert (said.code, reason in said.err) == (1, True), said.err
    assert cli("show", "--json").json == []


@pytest.mark.slow
def test_trouble_is_not_finished_and_work_is_not_resolved(cli: Cli) -> None:
    trouble, work = told(cli)["incident"], plan(cli).json["incident"]
    for command, reason in (
        (("finish", trouble), "This is not planned work"),
        (("resolve", work, "--ended", "now"), "This is planned work"),
        (("update", work), "This is planned work"),
    ):
        said = cli(*command, "--yes")
        assert (said.code, reason in said.err) == (1, True), said.err


@pytest.mark.slow
def test_some_of_it_works_again_then_all_of_it_is_watched(cli: Cli) -> None:
    incident = told(cli)["incident"]
    said = cli("partly", incident, "--service", "desk-booking:degraded", "--yes", "--json")
    assert said.code == 0, said.err
    assert "レッスンを予約できるようになりました" in said.json["texts"]["ja"]["page"]
    said = cli("watch", incident, "--yes", "--json")
    assert said.code == 0, said.err
    assert "We are watching" in said.json["texts"]["en"]["page"]
    assert shown(cli, incident) == ["first", "partly_restored", "monitoring"]


@pytest.mark.slow
def test_a_notice_that_was_a_mistake_is_withdrawn(cli: Cli) -> None:
    incident = told(cli)["incident"]
    said = cli("withdraw", incident, "--yes", "--json")
    assert said.code == 0, said.err
    assert "There is no such problem" in said.json["texts"]["en"]["page"]
    assert cli("show", "--json").json == []
    assert cli("withdraw", incident, "--kind", "slow", "--yes").code == 2


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        ("announced", "We have planned maintenance"),
        ("reminder", "This is a reminder"),
        ("started", "We have started our maintenance"),
        ("extended", "will take longer"),
        ("finished", "We have finished our maintenance"),
        ("cancelled", "We have cancelled our maintenance"),
    ],
)
def test_any_notice_of_planned_work_can_be_looked_at(cli: Cli, notice: str, said: str) -> None:
    flags = ("--kind", "maintenance", "--from", SOON, "--to", "2h", "--service", "booking")
    assert said in cli("say", *flags, "--notice", notice).out
