"""Two people who write in turn and alerts that join late, over generated lives, held against an oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statuspage.domain import Catalog, Notice, NoticeKind, Precision, StartTime
from statuspage.storage import incidents
from statuspage.usecases import alerts
from statuspage.web.desk.notice_form import form_state, publishing
from tests.support.desk import Clock, environment_in
from tests.support.desk_lives import live_on_desk
from tests.support.desk_oracle import DESK_RULES, desk_violations

pytestmark = pytest.mark.slow

MANY = range(100, 112)
PLANTED_IN = range(8)
"""Enough lives for every planted bug to show."""


def _read(home: Path, catalog: Catalog, seed: int, rules: tuple[str, ...] = tuple(DESK_RULES)) -> list[str]:
    folder = home / str(seed)
    folder.mkdir()
    env = environment_in(folder, catalog)
    try:
        return list(desk_violations(live_on_desk(env, Clock(), seed), rules))
    finally:
        env.databases.environment.close()
        env.databases.accounts.close()


@pytest.mark.parametrize("seed", MANY)
def test_nothing_is_lost_or_said_twice_while_two_people_write(tmp_path: Path, catalog: Catalog, seed: int):
    assert _read(tmp_path, catalog, seed) == []


Plant = Callable[[pytest.MonkeyPatch], None]


def _publishes_over_unseen_notices(patch: pytest.MonkeyPatch) -> None:
    append_entry = incidents.append_entry

    def append_always(*args: Any, after: int | None = None, **more: Any) -> int:
        return append_entry(*args, **more)

    patch.setattr(incidents, "append_entry", append_always)


def _says_nothing_of_a_newer_notice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(form_state, "newer_notice", lambda newer, translator: None)


def _forgets_what_was_typed(patch: pytest.MonkeyPatch) -> None:
    def only_the_newer(form_session: form_state.FormSession) -> dict[str, list[str]]:
        assert form_session.incident is not None
        return form_state.opening_fields(form_session.incident, form_session.alert, form_session.notice)

    patch.setattr(publishing, "onto_newer", only_the_newer)


def _takes_back_what_a_colleague_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(publishing, "onto_newer", lambda form_session: form_session.fields)


def _publishes_each_press(patch: pytest.MonkeyPatch) -> None:
    append_entry = incidents.append_entry

    def append_anew(*args: Any, after: int | None = None, **more: Any) -> int:
        entry = args[2]
        kept = replace(entry, key="") if isinstance(entry, Notice) else entry
        return append_entry(*args[:2], kept, **more)

    patch.setattr(incidents, "append_entry", append_anew)


def _leaves_the_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incidents, "move_start_back", lambda tx, id, t0, source: None)


def _keeps_the_earlier_alert_to_itself(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alerts, "find_earlier_start", lambda tx, incident, start: None)


def _takes_the_alerts_time_for_the_start(patch: pytest.MonkeyPatch) -> None:
    initial_facts = form_state.initial_facts

    def started_with_the_clock(incident: Any, notice: NoticeKind, catalog: Catalog) -> Any:
        facts = initial_facts(incident, notice, catalog)
        return replace(facts, start=StartTime(Precision.EXACT, incident.t0)) if facts else None

    patch.setattr(form_state, "initial_facts", started_with_the_clock)


PLANTS: dict[str, Plant] = {
    "publishes_only_over_what_was_seen": _publishes_over_unseen_notices,
    "says_who_was_first": _says_nothing_of_a_newer_notice,
    "loses_nothing_typed": _forgets_what_was_typed,
    "keeps_what_others_said": _takes_back_what_a_colleague_said,
    "publishes_everything_once": _publishes_each_press,
    "starts_its_clock_with_the_first_alert": _leaves_the_clock,
    "offers_the_earlier_start": _keeps_the_earlier_alert_to_itself,
    "states_starts_that_people_typed": _takes_the_alerts_time_for_the_start,
}
"""One bug for each rule."""


def test_each_rule_has_a_planted_bug():
    assert PLANTS.keys() == DESK_RULES.keys()


@pytest.mark.parametrize("rule", PLANTS)
def test_the_oracle_finds_the_bug_planted_against_each_rule(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, rule: str
):
    PLANTS[rule](monkeypatch)
    assert any(_read(tmp_path, catalog, seed, (rule,)) for seed in PLANTED_IN)
