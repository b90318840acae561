"""Action items of incidents and drills: added, changed, done, dropped with a reason, and found again by their cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from statuspage.domain import (
    ActionItem,
    ActionPriority,
    ActionState,
    find_forbidden_phrase,
    has_unreadable_characters,
    strip_invisible,
)
from statuspage.storage import accounts, audit_log, drills, incident_records, incidents
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection
from statuspage.storage.incident_records import IncidentFilter, IncidentGroup
from statuspage.storage.post_incident import action_issues, action_items
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused

TEXT_LIMIT, OWNER_LIMIT, LINK_LIMIT = 500, 100, 1000
"""Maximum characters of an item or a reason, of an owner, and of a link."""

WEB_SCHEMES = ("https://", "http://")


class NoSuchSubject(Exception):
    """There is no incident and no drill with this id."""


class NoSuchActionItem(Exception):
    """There is no action item with this number."""


class ActionConflict(Exception):
    """Somebody else has changed the item meanwhile. ``current`` is what it is now."""

    def __init__(self, current: ActionItem) -> None:
        super().__init__(f"action item {current.id} was changed meanwhile")
        self.current = current


@dataclass(frozen=True, slots=True)
class ActionInput:
    """An item as typed. ``priority`` and ``due`` (ISO 8601) are checked."""

    text: str
    owner: str = ""
    priority: str = ActionPriority.NORMAL
    due: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An incident that was resolved with the same cause while an item was open."""

    item: ActionItem
    incident_ids: tuple[str, ...]


def add_item(env: Environment, subject: str, typed: ActionInput, *, actor: Actor, now: datetime) -> ActionItem:
    """Adds an item to an incident or a drill of this environment. Raises NoSuchSubject, ActionRefused."""
    fields = _checked(env, typed)
    with env.databases.environment.read() as tx:
        cause = _cause_of(tx, subject)
    with env.databases.accounts.begin() as tx:
        new_item = ActionItem(
            0, env.name, subject, created_at=now, created_by=actor.name, cause=cause, **_with_account(tx, fields)
        )
        item = action_items.insert_item(tx, new_item)
        _record(tx, "added", item, actor, now)
    return item


def change_item(
    env: Environment, id: int, typed: ActionInput, *, version: int, actor: Actor, now: datetime
) -> ActionItem:
    """Changes what is to be done, by whom and until when. Raises NoSuchActionItem, ActionRefused, ActionConflict."""
    fields = _checked(env, typed)
    with env.databases.accounts.begin() as tx:
        return _update(env, tx, id, version, "changed", actor, now, **_with_account(tx, fields))


def finish_item(env: Environment, id: int, *, version: int, actor: Actor, now: datetime) -> ActionItem:
    """Records that it is done. Raises NoSuchActionItem, ActionConflict."""
    with env.databases.accounts.begin() as tx:
        closing = {"state": ActionState.DONE, "closed_at": now, "closed_by": actor.name}
        return _update(env, tx, id, version, "done", actor, now, **closing)


def drop_item(env: Environment, id: int, reason: str, *, version: int, actor: Actor, now: datetime) -> ActionItem:
    """Gives it up, with a reason. Raises NoSuchActionItem, ActionRefused, ActionConflict."""
    checked_reason = _checked_text(env, reason, "action.reason")
    with env.databases.accounts.begin() as tx:
        closing = {"state": ActionState.DROPPED, "reason": checked_reason, "closed_at": now, "closed_by": actor.name}
        return _update(env, tx, id, version, "dropped", actor, now, **closing)


def reopen_item(env: Environment, id: int, *, version: int, actor: Actor, now: datetime) -> ActionItem:
    """Takes a done or dropped item up again. Raises NoSuchActionItem, ActionConflict."""
    with env.databases.accounts.begin() as tx:
        opening = {"state": ActionState.OPEN, "reason": "", "closed_at": None, "closed_by": ""}
        item = _update(env, tx, id, version, "reopened", actor, now, **opening)
        action_issues.follow_again(tx, id, now)
        return item


def find_item(env: Environment, id: int) -> ActionItem:
    """One item. Raises NoSuchActionItem."""
    with env.databases.accounts.read() as tx:
        item = action_items.find_item(tx, id)
    if item is None or not _is_shown(env, item):
        raise NoSuchActionItem
    return item


def items_of(env: Environment, subject: str) -> tuple[ActionItem, ...]:
    """The items of an incident or a drill of this environment."""
    with env.databases.accounts.read() as tx:
        return action_items.list_items(tx, environment=env.name, subject=subject)


def all_items(env: Environment, state: ActionState | None = None) -> tuple[ActionItem, ...]:
    """The items of incidents and drills, by their day; in an environment that does not follow them up, its own."""
    with env.databases.accounts.read() as tx:
        return tuple(item for item in action_items.list_items(tx, state=state) if _is_shown(env, item))


def late_items(env: Environment, today: date) -> tuple[ActionItem, ...]:
    """The open items whose day has passed, the latest first."""
    return tuple(item for item in all_items(env, ActionState.OPEN) if item.is_late(today))


def recurrences(env: Environment, items: Iterable[ActionItem]) -> Mapping[int, Recurrence]:
    """The open items of this environment whose cause came back, by their number."""
    asked = [item for item in items if item.state is ActionState.OPEN and item.environment == env.name]
    if not asked:
        return {}
    found = {}
    with env.databases.environment.read() as tx:
        for item in asked:
            # What is known of a cause is often published after the item was written down.
            cause = incident_records.cause_of(tx, item.subject) or item.cause
            if not cause:
                continue
            wanted = IncidentFilter(group=IncidentGroup.OVER, cause=cause, since=item.created_at)
            ids = tuple(record.id for record in incident_records.list_records(tx, wanted) if record.id != item.subject)
            if ids:
                found[item.id] = Recurrence(item, ids)
    return found


def open_items_of_cause(env: Environment, incident_id: str) -> tuple[ActionItem, ...]:
    """The open items of other incidents whose cause came back with this one, which is over."""
    candidates = all_items(env, ActionState.OPEN)
    return tuple(
        recurrence.item
        for recurrence in recurrences(env, candidates).values()
        if incident_id in recurrence.incident_ids
    )


def _cause_of(tx: Connection, subject: str) -> str:
    """The published cause of an incident; "" for a drill. Raises NoSuchSubject."""
    if drills.find_drill(tx, subject) is not None:
        return ""
    if incidents.load_incident(tx, subject) is None:
        raise NoSuchSubject
    return incident_records.cause_of(tx, subject)


def _update(
    env: Environment, tx: Connection, id: int, version: int, action: str, actor: Actor, now: datetime, **change: Any
) -> ActionItem:
    current = action_items.find_item(tx, id)
    if current is None or not _is_shown(env, current):
        raise NoSuchActionItem
    if not action_items.update_item(tx, id, version, **change):
        raise ActionConflict(current)
    item = replace(current, version=version + 1, **change)
    _record(tx, action, item, actor, now, before=current)
    return item


def _is_shown(env: Environment, item: ActionItem) -> bool:
    """Whether this environment lists the item: its own, and all where they are followed up."""
    return env.follows_up_actions or item.environment == env.name


def _record(
    tx: Connection, action: str, item: ActionItem, actor: Actor, now: datetime, before: ActionItem | None = None
) -> None:
    old, new = (_recorded(before) if before else {}), _recorded(item)
    changed = [key for key in new if old.get(key) != new[key]]
    audit_log.record_action(
        tx,
        f"action_item.{action}",
        at=now,
        by=actor,
        before={key: old[key] for key in changed if key in old} or None,
        after={key: new[key] for key in changed} or None,
        item=str(item.id),
        subject=item.subject,
    )


def _recorded(item: ActionItem) -> dict[str, str]:
    """What the audit log keeps of an item, as JSON values: not its text, which a redaction may remove."""
    due = item.due.isoformat() if item.due else ""
    return {
        "state": str(item.state),
        "owner": item.owner,
        "priority": str(item.priority),
        "due": due,
    }


def _checked(env: Environment, typed: ActionInput) -> dict[str, Any]:
    """The fields of an item. Raises ActionRefused."""
    owner, link = strip_invisible(typed.owner).strip(), typed.link.strip()
    if len(owner) > OWNER_LIMIT or (owner and _is_unfit(env, owner)):
        raise ActionRefused("action.owner")
    if link and (len(link) > LINK_LIMIT or not link.startswith(WEB_SCHEMES) or _is_unfit(env, link)):
        raise ActionRefused("action.link")
    if typed.priority not in set(ActionPriority):
        raise ActionRefused("action.priority")
    text = _checked_text(env, typed.text, "action.text")
    return {
        "text": text,
        "owner": owner,
        "priority": ActionPriority(typed.priority),
        "due": _checked_day(typed.due.strip()),
        "link": link,
    }


def _checked_text(env: Environment, text: str, code: str) -> str:
    tidy = strip_invisible(text).strip()
    if not tidy or len(tidy) > TEXT_LIMIT or _is_unfit(env, tidy):
        raise ActionRefused(code)
    return tidy


def _is_unfit(env: Environment, text: str) -> bool:
    return has_unreadable_characters(text) or bool(find_forbidden_phrase(text, env.site.catalog.forbidden_phrases))


def _checked_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ActionRefused("action.due") from None


def _with_account(tx: Connection, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the owner's account, if the owner is one by name or login."""
    owner = fields["owner"]
    known = next(
        (account.id for account in accounts.list_accounts(tx) if owner and owner in (account.name, account.login)), ""
    )
    return {**fields, "owner_account": known}
