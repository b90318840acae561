"""Staff notifications: composed from labels, queued for the channels named in the content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Catalog, LanguagePack, NewStaffNotification, NotificationReason, Responder
from statuspage.integrations import channels
from statuspage.integrations.channels import StaffMessageContent
from statuspage.rendering.wording import Clock
from statuspage.storage import drills, send_hold, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases import instance
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import absence


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """A message to staff, without marks: a title, lines below it, and what it belongs to."""

    trigger: NotificationReason
    title: str
    lines: tuple[str, ...] = ()
    alert: str = ""
    incident: str = ""
    escalation: int = 0


def enqueue_staff_notification(
    tx: Connection,
    env: Environment,
    key: str,
    message: StaffMessage,
    channel_ids: Iterable[str],
    responders: Sequence[Responder],
    *,
    now: datetime,
) -> int:
    """Queues this message for each of these channels, once for each ``key``. Returns how many are new.

    A channel that cannot be used is reported on the desk instead. Who is left out of the running drill is not
    mentioned; that they would have been is recorded.
    """
    absent, added = absence.absent_in(tx), 0
    missed = [responder for responder in responders if responder.is_one_of(absent)]
    responders = [responder for responder in responders if responder not in missed]
    for channel_id in channel_ids:
        if channel_id not in env.site.catalog.notification_channels:
            continue
        notification = _new_notification(env.site.catalog, key, message, channel_id, responders)
        is_new = staff_notifications.enqueue_notifications(tx, [notification], now)
        added += is_new
        if channel_id in env.senders.unready_staff_channels:
            staff_notifications.fail_notification(
                tx, notification.key, env.senders.unready_staff_channels[channel_id], now
            )
        elif is_new:
            absence.record_missed(tx, missed, channel_id, now=now)
    return added


def _new_notification(
    catalog: Catalog, key: str, message: StaffMessage, channel_id: str, responders: Sequence[Responder]
) -> NewStaffNotification:
    spec = catalog.notification_channels[channel_id]
    return NewStaffNotification(
        f"{key}.{channel_id}",
        message.trigger,
        channel_id,
        spec.language,
        tuple(responder.name for responder in responders),
        channels.freeze_staff_payload(_marked_message(catalog, message, channel_id, responders), spec),
        message.alert,
        message.incident,
        message.escalation,
    )


def staff_pack(catalog: Catalog) -> LanguagePack:
    """The language pack for staff notifications."""
    language = catalog.on_call.language
    return catalog.packs[language if language in catalog.packs else catalog.desk_languages[0]]


def staff_clock(catalog: Catalog) -> Clock:
    """Formats times for staff."""
    return Clock(staff_pack(catalog).locale_rules, catalog.site.zone)


def staff_label(catalog: Catalog, key: str, **slots: object) -> str:
    """A label for staff: ``call.KEY``."""
    return staff_pack(catalog).labels[f"staff_notification.{key}"].format(**slots)


def strip_marks(catalog: Catalog, text: str) -> str:
    """The text without the environment's marks in any language, because every staff notification has them around it."""
    for pack in catalog.packs.values():
        text = text.removeprefix(pack.marks.start).removesuffix(pack.marks.end)
    return text.strip()


def desk_link(env: Environment) -> str:
    """The desk's external address, else where it is served now; "" if unknown."""
    return env.desk_url or instance.served_addresses(env.home).get("desk", "")


def is_paused(tx: Connection) -> bool:
    """Whether nobody is notified: during a send hold, or while a drill is paused."""
    drill = drills.find_running_drill(tx)
    return send_hold.find_hold_start(tx) is not None or (drill is not None and drill.paused_since is not None)


def _marked_message(
    catalog: Catalog, message: StaffMessage, channel_id: str, responders: Sequence[Responder]
) -> StaffMessageContent:
    """The message with the environment's marks: the first before the title, the other at the end of the last line."""
    pack = staff_pack(catalog)
    lines = [*message.lines, *filter(None, (pack.marks.end.strip(),))]
    origin = {"cause": message.trigger.value, "alert": message.alert, "incident": message.incident}
    return StaffMessageContent(
        title=f"{pack.marks.start}{message.title}",
        lines=tuple(lines),
        responders=tuple(responders),
        channel=channel_id,
        sender_name=f"{pack.marks.start}{pack.desk}",
        marks=pack.marks,
        origin={name: value for name, value in origin.items() if value},
    )
