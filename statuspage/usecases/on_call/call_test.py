"""Calls somebody as a test: through a channel to staff, in words that say so, about no alert and no incident."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import NotificationReason, StaffNotification
from statuspage.storage import audit_log, staff_notifications
from statuspage.storage.audit_log import Actor
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import notify
from statuspage.usecases.on_call.notify import StaffMessage

SHOWN = 5
"""The number of tests whose result is shown."""


def call_as_test(env: Environment, responder: str, channel: str, *, by: Actor, now: datetime) -> None:
    """Queues one message to this responder through this channel. The worker sends it like any other."""
    catalog = env.site.catalog
    person = catalog.on_call.responders[responder]
    title = notify.staff_label(catalog, "test.title", name=person.name)
    message = StaffMessage(
        NotificationReason.TEST, title, (notify.staff_label(catalog, "test.text", name=by.name, site=_site_name(env)),)
    )
    with env.databases.environment.begin() as tx:
        notify.enqueue_staff_notification(tx, env, f"test.{env.new_id()}", message, [channel], [person], now=now)
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, "on_call.tested", at=now, by=by, target=person.name, after={"channel": channel})


def list_tests(env: Environment) -> tuple[StaffNotification, ...]:
    """The newest tests with their results, newest first."""
    with env.databases.environment.read() as tx:
        return staff_notifications.newest_tests(tx, SHOWN)


def _site_name(env: Environment) -> str:
    return notify.staff_pack(env.site.catalog).site
