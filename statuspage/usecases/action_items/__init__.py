"""Action items of incidents and drills: their changes, their reminders, their events for programs, their issues."""

from statuspage.usecases.action_items import events, issues, reminders
from statuspage.usecases.action_items.items import (
    ActionConflict,
    ActionInput,
    NoSuchActionItem,
    NoSuchSubject,
    Recurrence,
    add_item,
    all_items,
    change_item,
    drop_item,
    find_item,
    finish_item,
    items_of,
    late_items,
    open_items_of_cause,
    recurrences,
    reopen_item,
)
from statuspage.usecases.action_items.reminders import REMINDERS_FROM

__all__ = [
    "REMINDERS_FROM",
    "ActionConflict",
    "ActionInput",
    "NoSuchActionItem",
    "NoSuchSubject",
    "Recurrence",
    "add_item",
    "all_items",
    "change_item",
    "drop_item",
    "events",
    "find_item",
    "finish_item",
    "issues",
    "items_of",
    "late_items",
    "open_items_of_cause",
    "recurrences",
    "reminders",
    "reopen_item",
]
