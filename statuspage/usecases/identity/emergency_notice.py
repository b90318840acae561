"""Tells all leads that somebody signed in past the identity provider."""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.domain import NotificationReason
from statuspage.storage import accounts, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.storage.identity import EmergencySignIn, emergencies
from statuspage.usecases import action_items
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import StaffMessage, notify

TOLD_FOR = timedelta(days=2)
"""How old a sign-in may be when it is told: a worker may have stood still."""


def tell_leads(env: Environment, *, now: datetime) -> int:
    """Queues a message to leads and administrators for each emergency sign-in, once. Returns how many are new.

    Both desks share the accounts; only the environment that follows up for both tells. Not during a send hold.
    """
    channels = env.site.catalog.on_call.incident_channels
    if not env.follows_up_actions or not channels:
        return 0
    with env.databases.accounts.read() as tx:
        sign_ins = emergencies.list_emergency_sign_ins(tx, now - TOLD_FOR)
        people = accounts.list_accounts(tx) if sign_ins else ()
    if not sign_ins:
        return 0
    leads = [account.name for account in people if account.role in (Role.LEAD, Role.ADMINISTRATOR)]
    with env.databases.environment.read() as tx:
        new = [
            sign_in
            for sign_in in sign_ins
            if not staff_notifications.has_notification(tx, f"{_notification_key(sign_in)}.")
        ]
        if not new or notify.is_paused(tx):
            return 0
    with env.databases.environment.begin() as tx:
        return sum(_enqueue(tx, env, sign_in, leads, now) for sign_in in new)


def _notification_key(sign_in: EmergencySignIn) -> str:
    return f"emergency.{sign_in.id}"


def _enqueue(tx: Connection, env: Environment, sign_in: EmergencySignIn, leads: list[str], now: datetime) -> int:
    catalog = env.site.catalog
    way = "by_link" if sign_in.link else "by_local"
    time = notify.staff_clock(catalog).format_day_time(sign_in.at)
    lines = (
        notify.staff_label(catalog, f"emergency.{way}", link=sign_in.link, time=time, origin=sign_in.origin),
        notify.staff_label(catalog, "emergency.do"),
    )
    title = notify.staff_label(catalog, "emergency.title", name=sign_in.name)
    message = StaffMessage(NotificationReason.EMERGENCY_SIGN_IN, title, lines)
    responders = action_items.reminders.responders_named(env, leads)
    return notify.enqueue_staff_notification(
        tx, env, _notification_key(sign_in), message, catalog.on_call.incident_channels, responders, now=now
    )
