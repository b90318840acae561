"""The deliveries of a notice, and their cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from statuspage.domain import SITE, ChannelSpec, Incident, NewDelivery, NoticeKind
from statuspage.integrations.channels import Channel, NoticeContext, freeze_payload
from statuspage.process_log import Log
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment

_log = Log(__name__)


def enqueue_deliveries(
    tx: Connection,
    env: Environment,
    incident_id: str,
    sequence: int,
    *,
    now: datetime,
    chosen_channels: tuple[str, ...] | None = None,
    earlier_channels: Collection[str] = (),
) -> None:
    """Queues the deliveries of the newest notice of this incident, in the notice's own transaction."""
    incident = incidents.load_incident(tx, incident_id)
    if incident is not None:
        new_deliveries = build_deliveries(
            env, incident, chosen_channels, earlier_channels, open_incidents=incidents.open_incidents(tx)
        )
        deliveries.enqueue_deliveries(tx, incident_id, sequence, new_deliveries, at=now)


def log_published(incident_id: str, sequence: int, notice_kind: NoticeKind) -> None:
    """Logs that a notice is stored; its deliveries are logged as they end."""
    _log.info("notice published", incident=incident_id, sequence=sequence, kind=str(notice_kind))


def build_deliveries(
    env: Environment,
    incident: Incident,
    chosen_channels: tuple[str, ...] | None = None,
    earlier_channels: Collection[str] = (),
    open_incidents: tuple[Incident, ...] = (),
) -> list[NewDelivery]:
    """The deliveries of the newest notice: the site first, then each channel that carries this kind of notice.

    A withdrawal also goes to all ``earlier_channels`` that carried the withdrawn notice, even if they were deselected.
    """
    context = NoticeContext(incident, env.site.catalog, env.site.address, open_incidents)
    notice_kind = context.notice.notice
    mandatory_channels = earlier_channels if notice_kind is NoticeKind.WITHDRAWAL else ()
    new_deliveries = [
        NewDelivery(channel.spec.id, channel.spec.language, _frozen_payload(channel.spec, context))
        for channel in env.senders.channels.values()
        if channel.spec.id in mandatory_channels
        or (
            notice_kind in channel.spec.notice_kinds and (chosen_channels is None or channel.spec.id in chosen_channels)
        )
    ]
    return [NewDelivery(SITE, "", {}), *new_deliveries]


def _frozen_payload(spec: ChannelSpec, context: NoticeContext) -> Mapping[str, str]:
    """The frozen payload for this channel; for a withdrawal also what to do with its earlier messages."""
    frozen, policy = freeze_payload(context, spec), spec.withdrawal
    replaces_earlier = context.notice.notice is NoticeKind.WITHDRAWAL and policy != "follow_up"
    return {**frozen, "withdrawal": policy} if replaces_earlier else frozen


def delivery_costs(channels: Mapping[str, Channel], notice_kind: NoticeKind) -> Mapping[str, float]:
    """The price of this post by channel, in the channel's currency."""
    specs = [channel.spec for channel in channels.values() if notice_kind in channel.spec.notice_kinds]
    return {spec.id: spec.price_per_link if spec.includes_link else spec.price_per_post for spec in specs}
