"""Events of action items for other programs: created, changed, late, each queued once even if the program is killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from statuspage.domain import ActionItem, ActionState, NotificationReason
from statuspage.storage import staff_notifications
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import action_items
from statuspage.usecases import program_events
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import notify
from statuspage.usecases.program_events import ProgramEvent

CREATED, CHANGED, LATE = "action_item.created", "action_item.changed", "action_item.late"
"""The types of the events."""

Event = tuple[str, str, ActionItem]
"""The key of an event, its type, and the item."""


def announce_items(env: Environment, *, now: datetime) -> int:
    """Queues the events that are due, for every channel of ``event_channels``. Returns how many are new.

    Only for items of live, and not during a send hold. What was created or changed while no channel was named is not
    sent later.
    """
    if not env.follows_up_actions:
        return 0
    today = now.astimezone(ZoneInfo(env.site.catalog.site.zone)).date()
    with env.databases.accounts.read() as tx:
        changed = action_items.unannounced_items(tx, env.name)
        still_open = action_items.list_items(tx, environment=env.name, state=ActionState.OPEN)
    is_told = bool(env.site.catalog.on_call.event_channels)
    late = [item for item in still_open if is_told and item.is_late(today)]
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return 0
        is_new = is_told and bool(list(_due_events(tx, changed, late)))
    added = _enqueue_events(env, changed, late, today, now) if is_new else 0
    if changed:  # After the queue, which is in another database and knows each event again by its key.
        with env.databases.accounts.begin() as tx:
            for item in changed:
                action_items.mark_announced(tx, item)
    return added


def _enqueue_events(
    env: Environment, changed: Sequence[ActionItem], late: Sequence[ActionItem], today: date, now: datetime
) -> int:
    with env.databases.environment.begin() as tx:
        return sum(
            program_events.enqueue_event(tx, env, _program_event(env, event, today), now)
            for event in list(_due_events(tx, changed, late))
        )


def _due_events(tx: Connection, changed: Sequence[ActionItem], late: Sequence[ActionItem]) -> Iterator[Event]:
    """The events that are not queued yet."""
    events = [_change_event(tx, item) for item in changed]
    events += [(f"action_event.{item.id}.late.{item.due}", LATE, item) for item in late]
    yield from (event for event in events if not staff_notifications.has_notification(tx, f"{event[0]}."))


def _change_event(tx: Connection, item: ActionItem) -> Event:
    """That it was created, or else changed. An item is created once, even if it changed before that was recorded."""
    created, version = f"action_event.{item.id}.created", f"{item.version}"
    is_known = staff_notifications.has_notification(tx, f"{created}.{version}.")
    if item.announced or (staff_notifications.has_notification(tx, f"{created}.") and not is_known):
        return f"action_event.{item.id}.changed.{version}", CHANGED, item
    return f"{created}.{version}", CREATED, item


def _program_event(env: Environment, event: Event, today: date) -> ProgramEvent:
    key, type, item = event
    data = _item_data(env, item, today)
    return ProgramEvent(key, type, NotificationReason.ACTION_EVENT, data, incident=item.subject)


def _item_data(env: Environment, item: ActionItem, today: date) -> Mapping[str, object]:
    """The whole item, so that a program needs no earlier event to understand this one."""
    link = notify.desk_link(env).rstrip("/")
    return {
        "id": item.id,
        "version": item.version,
        "incident": item.subject,
        "text": item.text,
        "owner": item.owner,
        "priority": item.priority.value,
        "due": item.due.isoformat() if item.due else None,
        "late": item.is_late(today),
        "state": item.state.value,
        "reason": item.reason,
        "cause": item.cause,
        "link": item.link,
        "created": item.created_at,
        "closed": item.closed_at,
        "desk": f"{link}/actions#action-{item.id}" if link else "",
    }
