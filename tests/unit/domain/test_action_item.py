"""When an action item is late, and which reminder of it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from statuspage.domain.post_incident.action_item import ActionItem, ActionReminder, ActionState, due_reminder

ITEM = ActionItem(
    1, "live", "k3m9p2q7x4ab", "Switch the check on", datetime(2026, 7, 1, tzinfo=UTC), due=date(2026, 7, 10)
)


@pytest.mark.parametrize(
    ("day", "reminder"),
    [
        (9, None),
        (10, ActionReminder(0, to_leads=False)),
        (11, ActionReminder(1, to_leads=True)),
        (17, ActionReminder(1, to_leads=True)),
        (18, ActionReminder(2, to_leads=True)),
        (31, ActionReminder(3, to_leads=True)),
    ],
)
def test_the_owner_is_reminded_on_the_day_and_leads_too_from_the_next_one_each_week(
    day: int, reminder: ActionReminder | None
):
    assert due_reminder(ITEM, date(2026, 7, day)) == reminder


@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.DROPPED])
def test_what_is_done_or_dropped_is_neither_late_nor_reminded_of(state: ActionState):
    closed = replace(ITEM, state=state)
    assert due_reminder(closed, date(2026, 8, 1)) is None
    assert not closed.is_late(date(2026, 8, 1))


def test_an_item_is_late_from_the_day_after_its_own():
    assert [ITEM.is_late(date(2026, 7, day)) for day in (10, 11)] == [False, True]


def test_an_item_without_a_day_is_reminded_of_after_two_weeks_but_never_late():
    undated = replace(ITEM, due=None)
    assert due_reminder(undated, date(2026, 7, 14)) is None
    assert due_reminder(undated, date(2026, 7, 15)) == ActionReminder(0, to_leads=False)
    assert not undated.is_late(date(2027, 1, 1))
