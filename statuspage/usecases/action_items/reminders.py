"""Reminders of action items: to the owner on the day, then to the leads too, until it is done or dropped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from statuspage.domain import ActionItem, ActionReminder, ActionState, NotificationReason, Responder, due_reminder
from statuspage.storage import accounts, staff_notifications
from statuspage.storage.accounts import Account
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import action_items
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import StaffMessage, notify

REMINDERS_FROM = time(10)
"""The local time from which the reminders of a day are sent."""


def remind_owners(env: Environment, *, now: datetime) -> int:
    """Queues the reminders that are due today, each once. Returns how many notifications are new.

    Only the environment that follows up action items does this, for those of drills too. Does nothing during a send
    hold.
    """
    local = now.astimezone(ZoneInfo(env.site.catalog.site.zone))
    if not env.follows_up_actions or local.time() < REMINDERS_FROM or not env.site.catalog.on_call.incident_channels:
        return 0
    with env.databases.accounts.read() as tx:
        items, people = action_items.list_items(tx, state=ActionState.OPEN), accounts.list_accounts(tx)
    due = [(item, reminder) for item in items if (reminder := due_reminder(item, local.date()))]
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return 0
        new = [pair for pair in due if not staff_notifications.has_notification(tx, f"{_key(*pair)}.")]
    if not new:
        return 0
    with env.databases.environment.begin() as tx:
        return sum(_enqueue(tx, env, item, reminder, people, now) for item, reminder in new)


def responders_named(env: Environment, names: Iterable[str]) -> tuple[Responder, ...]:
    """These people or teams as recipients: with their ids in channels where ``on_call.toml`` names them."""
    known = env.site.catalog.on_call.responders.values()
    by_name = {name: responder for responder in known for name in (responder.name, *responder.aliases)}
    return tuple(dict.fromkeys(by_name.get(name) or Responder("", name) for name in names if name))


def _key(item: ActionItem, reminder: ActionReminder) -> str:
    return f"action.{item.id}.{item.due or 'none'}.{reminder.number}"


def _enqueue(
    tx: Connection,
    env: Environment,
    item: ActionItem,
    reminder: ActionReminder,
    people: Iterable[Account],
    now: datetime,
) -> int:
    leads = [account.name for account in people if account.role == Role.LEAD] if reminder.to_leads else []
    return notify.enqueue_staff_notification(
        tx,
        env,
        _key(item, reminder),
        _message(env, item),
        env.site.catalog.on_call.incident_channels,
        responders_named(env, [item.owner, *leads]),
        now=now,
    )


def _message(env: Environment, item: ActionItem) -> StaffMessage:
    """What is due, by whom and since when. The words of a drill stay in the drill: only its number is named."""
    catalog, is_own = env.site.catalog, item.environment == env.name
    title = notify.staff_label(catalog, "action_due.title" if is_own else "action_due.title_drill", text=item.text)
    day = notify.staff_clock(catalog).format_short_date(item.due) if item.due else ""
    lines = [
        notify.staff_label(catalog, "action_due.owner", owner=item.owner) if item.owner else "",
        notify.staff_label(catalog, "action_due.day", day=day) if day else "",
    ]
    link = notify.desk_link(env)
    lines.append(f"{link.rstrip('/')}/actions#action-{item.id}" if link else "")
    incident = item.subject if is_own else ""
    return StaffMessage(NotificationReason.ACTION_DUE, title, tuple(filter(None, lines)), incident=incident)
