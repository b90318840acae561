"""Who is on call and who was notified, as shown on the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from statuspage.domain import (
    CallAttempt,
    Catalog,
    ChannelSpec,
    DeliveryStatus,
    NotificationReason,
    Responder,
    StaffNotification,
    channel_type_name,
)
from statuspage.integrations.rosters import OnCallPeriod
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import RosterStatus, absence, current_rosters
from statuspage.web.desk.translations import Translator

CHANNEL_UNREADY = "notification_unready"
"""Why nobody was notified through a channel that is not connected. This is not a failure of the notification."""


@dataclass(frozen=True, slots=True)
class OnCallPerson:
    """A person who can be notified. ``dial_number`` is the number to dial, ``note`` a problem with this person, and
    ``attempt`` how the newest call to them ended. Who is ``left_out`` of the running drill has no number."""

    name: str
    phone: str
    dial_number: str
    note: str = ""
    attempt: str = ""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One roster on the home page."""

    name: str
    people: list[OnCallPerson]
    until: str
    next: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class OnCallPanel:
    """All rosters; ``notes`` say in plain words what is missing. ``until`` is the end of all shifts, "" if they end at
    different times."""

    rows: list[RosterRow]
    notes: list[str]
    until: str = ""


@dataclass(frozen=True, slots=True)
class NotificationLine:
    """One notification as a line: when, through which channel and to whom, its status (``tone`` of a mark), and the
    reason of a failure."""

    text: str
    tone: str
    state: str
    reason: str
    at: datetime


def on_call_panel(env: Environment, translator: Translator, now: datetime) -> OnCallPanel | None:
    """Who is on call; None if the content notifies nobody."""
    policy = env.site.catalog.on_call
    if not policy.steps and not policy.rosters:
        return None
    rosters = current_rosters(env, now=now)
    notes = [] if rosters else [translator.t("on_call.none")]
    if env.senders.unready_staff_channels:
        channels = [
            staff_channel_name(env.site.catalog, channel_id, translator)
            for channel_id in env.senders.unready_staff_channels
        ]
        notes.append(translator.t("on_call.not_connected", ways=translator.format_list(channels)))
    attempts = absence.latest_attempts(env.databases.environment, now=now)
    rows = [_roster_row(env.site.catalog, roster, attempts, translator) for roster in rosters]
    ends = {row.until for row in rows}
    return OnCallPanel(rows, notes, ends.pop() if len(ends) == 1 else "")


def staff_channels(env: Environment, translator: Translator) -> str:
    """The usable staff channels, for a button; "" if there are none."""
    return translator.format_list(
        staff_channel_name(env.site.catalog, id, translator)
        for id in env.site.catalog.on_call.incident_channels
        if id in env.senders.staff_channels
    )


def staff_channel_name(catalog: Catalog, id: str, translator: Translator) -> str:
    """A channel's name for display: its type, and whose it is."""
    spec: ChannelSpec | None = catalog.notification_channels.get(id)
    return f"{channel_type_name(spec.type, translator.pack.labels)} {spec.account}".strip() if spec else id


def notification_line(catalog: Catalog, notification: StaffNotification, translator: Translator) -> NotificationLine:
    """A staff notification as shown on the desk."""
    at = notification.started_at or queued_at(notification)
    slots = {
        "time": translator.times.format_time(at),
        "way": staff_channel_name(catalog, notification.channel, translator),
    }
    names = translator.format_list(notification.recipients)
    text = (
        translator.t("on_call.notification", **slots, names=names)
        if names
        else translator.t("on_call.notification_nobody", **slots)
    )
    if notification.reason == CHANNEL_UNREADY:
        return NotificationLine(text, "unk", "", _failure_reason(notification, translator), at)
    return NotificationLine(
        text,
        _STATUS_TONES[notification.status],
        translator.t(f"receipts.end_{notification.status}"),
        _failure_reason(notification, translator),
        at,
    )


def _failure_reason(notification: StaffNotification, translator: Translator) -> str:
    """Why it was not delivered. Settings of staff channels are in another file than those of customer channels."""
    own_key = f"desk.on_call.failure.{notification.reason}"
    key = own_key if own_key in translator.pack.labels else f"receipt.reason.{notification.reason}"
    return translator.label(key) if notification.reason else ""


def queued_at(notification: StaffNotification) -> datetime:
    """When it was queued. Raises ValueError if it was not."""
    if notification.queued_at is None:
        raise ValueError(f"call {notification.id} was never queued")
    return notification.queued_at


def notification_label(catalog: Catalog, notification: StaffNotification, translator: Translator) -> str:
    """The heading of a notification on a timeline."""
    key = {
        NotificationReason.ESCALATION: "on_call.responders_notified",
        NotificationReason.FACTS_REQUESTED: "on_call.engineers_asked",
        NotificationReason.TEST: "on_call.tested",
        NotificationReason.ACTION_DUE: "on_call.action_reminder",
        NotificationReason.RETROSPECTIVE_DUE: "on_call.retrospective_reminder",
        NotificationReason.REPORT_DUE: "on_call.report_reminder",
        NotificationReason.ACTION_EVENT: "on_call.action_event",
        NotificationReason.EMERGENCY_SIGN_IN: "on_call.emergency_sign_in",
    }.get(notification.trigger, "on_call.colleagues_told")
    return translator.t(key, way=staff_channel_name(catalog, notification.channel, translator))


_STATUS_TONES = {
    DeliveryStatus.WAITING: "unk",
    DeliveryStatus.SENDING: "unk",
    DeliveryStatus.DELIVERED: "ok",
    DeliveryStatus.FAILED: "down",
    DeliveryStatus.NEEDS_REVIEW: "part",
    DeliveryStatus.SUPERSEDED: "unk",
}


def _roster_row(
    catalog: Catalog, roster: RosterStatus, attempts: Mapping[str, CallAttempt], translator: Translator
) -> RosterRow:
    rota, times = roster.rota, translator.times
    notes = (
        [translator.t("on_call.fetched", time=times.format_day_time(roster.fetched_at))] if roster.fetched_at else []
    )
    notes += [translator.t(f"on_call.roster_problem.{roster.problem_code}")] if roster.problem_code else []
    fallback_names = [catalog.on_call.responders[id].name for id in catalog.on_call.fallback]
    if not rota.on_call and not roster.left_out:
        instead = (
            [translator.t("on_call.fallback", names=translator.format_list(fallback_names))] if fallback_names else []
        )
        notes = [translator.t("on_call.nobody"), *instead, *notes]
    return RosterRow(
        name=catalog.on_call.rosters[roster.id].names.get(translator.language, roster.id),
        people=[
            *(_on_call_person(responder, translator, attempts) for responder in rota.on_call),
            *(_left_out_person(responder, translator, attempts) for responder in roster.left_out),
        ],
        until=translator.t("on_call.until", time=times.format_day_time(rota.on_call_until))
        if rota.on_call_until and rota.on_call
        else "",
        next=_next_text(rota, translator),
        notes=notes,
    )


def _next_text(rota: OnCallPeriod, translator: Translator) -> str:
    """Who comes next; and from when, unless that is when the present shift ends."""
    if rota.next_starts_at is None:
        return translator.t("on_call.nobody_next")
    names = _responder_names(rota.next_on_call, translator)
    if rota.next_starts_at == rota.on_call_until:
        return translator.t("on_call.then", names=names)
    return translator.t("on_call.next", names=names, time=translator.times.format_day_time(rota.next_starts_at))


def _on_call_person(
    responder: Responder, translator: Translator, attempts: Mapping[str, CallAttempt] = MappingProxyType({})
) -> OnCallPerson:
    dialled = "".join(character for character in responder.phone if character.isdigit() or character == "+")
    return OnCallPerson(
        responder.name,
        responder.phone,
        dialled,
        "" if responder.id else translator.t("on_call.unknown"),
        _attempt_text(attempts.get(responder.name), translator),
    )


def _left_out_person(responder: Responder, translator: Translator, attempts: Mapping[str, CallAttempt]) -> OnCallPerson:
    """Somebody of the roster whom nobody can reach in this drill."""
    attempt = _attempt_text(attempts.get(responder.name), translator)
    return OnCallPerson(responder.name, "", "", translator.t("on_call.left_out"), attempt, is_left_out=True)


def call_way(env: Environment, attempt: CallAttempt, translator: Translator) -> str:
    """How somebody was tried to be reached."""
    if attempt.channel == absence.FACTS_LINK:
        return translator.t("call_way.facts")
    if not attempt.channel:
        return translator.t("call_way.phone")
    return staff_channel_name(env.site.catalog, attempt.channel, translator)


def _attempt_text(attempt: CallAttempt | None, translator: Translator) -> str:
    if attempt is None or not attempt.actor:
        return ""
    slots = {"time": translator.times.format_time(attempt.at), "actor": attempt.actor}
    return translator.t("on_call.attempt_reached" if attempt.was_reached else "on_call.attempt_missed", **slots)


def _responder_names(responders: Sequence[Responder], translator: Translator) -> str:
    return translator.format_list(responder.name for responder in responders)


def tried_roster(rota: OnCallPeriod, translator: Translator) -> RosterRow:
    """What a calendar says before it is kept: who is on call now, until when, and who is next."""
    until = translator.times.format_day_time(rota.on_call_until) if rota.on_call_until and rota.on_call else ""
    return RosterRow(
        name="",
        people=[_on_call_person(responder, translator) for responder in rota.on_call],
        until=translator.t("on_call.until", time=until) if until else "",
        next=_next_text(rota, translator),
        notes=[] if rota.on_call else [translator.t("on_call.nobody")],
    )
