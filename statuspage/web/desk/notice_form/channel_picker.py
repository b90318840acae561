"""The channels as shown on the desk: the page with its feeds, and each account, connected or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from statuspage.domain import Catalog, ChannelHealth, ChannelSpec, NoticeKind, channel_type_name
from statuspage.integrations.channels import TYPES
from statuspage.integrations.hosting import SyncStatus
from statuspage.storage import channel_health
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import sync
from statuspage.web.desk.notice_form.preview import format_price
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One destination. ``channel`` is empty for the page, which is always included."""

    name: str
    text: str
    channel: str = ""
    checked: bool = True
    tone: str = "ok"
    state: str = ""
    can_resume: bool = False
    account: str = ""


def ready_channels(
    env: Environment, translator: Translator, notice: NoticeKind, picked: list[str] | None = None
) -> list[ChannelRow]:
    """The channels of this kind of notice. ``picked`` are the ticked ones, None if nothing was asked yet."""
    specs = [channel.spec for channel in env.senders.channels.values() if notice in channel.spec.notice_kinds]
    recipient_counts = _recipient_counts(env) if any(TYPES[spec.type].subscription_kind for spec in specs) else {}
    return [
        ChannelRow(
            translator.t("channels.page"), translator.t("channels.page_text"), state=translator.t("channels.ready")
        ),
        *(
            _channel_row(env.site.catalog, spec, translator, picked is None or spec.id in picked, recipient_counts)
            for spec in specs
        ),
    ]


def unready_channels(env: Environment, translator: Translator, notice: NoticeKind) -> list[ChannelRow]:
    """Channels that would carry it but are not connected, with the reason."""
    specs = [
        spec
        for spec in env.site.catalog.channels.values()
        if spec.id in env.senders.unready_channels and notice in spec.notice_kinds
    ]
    return [_unready_row(env.site.catalog, spec, env.senders.unready_channels[spec.id], translator) for spec in specs]


def short_names(rows: Iterable[ChannelRow]) -> list[str]:
    """The names in their order, each once, with how often it occurs."""
    counts = Counter(row.name for row in rows)
    return [f"{name} ×{count}" if count > 1 else name for name, count in counts.items()]


def connected_channels(env: Environment, translator: Translator) -> list[ChannelRow]:
    """All connected channels with their health, for the home page."""
    with env.databases.environment.read() as tx:
        troubled = {health.channel: health for health in channel_health.troubled_channels(tx) if health.closed_until}
    rows = [
        _with_health(row, troubled.get(row.channel), translator)
        for row in ready_channels(env, translator, NoticeKind.FIRST)
    ]
    return [*rows, *host_rows(env, translator)]


def host_rows(env: Environment, translator: Translator) -> list[ChannelRow]:
    """The hosts of the page, with their status."""
    return [_host_row(env, name, faring, translator) for name, faring in sync.sync_statuses(env).items()]


def _host_row(env: Environment, name: str, faring: SyncStatus, translator: Translator) -> ChannelRow:
    is_current = faring.uploaded_at and not sync.is_behind(env.site_folder, name)
    uploaded_text = (
        translator.t("channels.host_synced_at", time=translator.times.format_day_time(faring.uploaded_at))
        if faring.uploaded_at
        else ""
    )
    host_type = translator.t(f"channels.host_{env.site.catalog.hosts[name].type}")
    sentences = [uploaded_text or translator.t("channels.host_never_synced")]
    if faring.code:
        sentences += [translator.label(f"host.reason.{faring.code}"), faring.detail]
    tone, state = (
        ("part", "retrying") if faring.code else ("ok", "host_up_to_date") if is_current else ("unk", "host_behind")
    )
    text = " ".join(filter(None, sentences))
    return ChannelRow(
        translator.t("channels.host", name=name, type=host_type),
        text,
        tone=tone,
        state=translator.t(f"channels.{state}"),
    )


def _with_health(row: ChannelRow, health: ChannelHealth | None, translator: Translator) -> ChannelRow:
    """The row with the reason and start of its channel's problem, if there is one."""
    if health is None:
        return row
    reason = translator.label(f"receipt.reason.{health.reason}")
    since_text = (
        translator.t("channels.failing_since", time=translator.times.format_time(health.failing_since))
        if health.failing_since
        else ""
    )
    tone, state = ("down", "paused") if health.needs_person else ("part", "retrying")
    return replace(
        row,
        text=f"{row.text} {since_text} {reason}",
        tone=tone,
        state=translator.t(f"channels.{state}"),
        can_resume=True,
    )


def channel_name(catalog: Catalog, channel: str, translator: Translator) -> tuple[str, str]:
    """A channel's name and account for display."""
    spec = catalog.find_channel(channel)
    if spec is None:
        return channel, ""
    return channel_type_name(spec.type, translator.pack.labels), account_text(catalog, spec)


def account_text(catalog: Catalog, spec: ChannelSpec) -> str:
    """The account; of channels that have the same one or none, also the language, or the id, that tells them apart."""
    alike = [
        other
        for other in catalog.channels.values()
        if other.id != spec.id and (other.type, other.account) == (spec.type, spec.account)
    ]
    if not alike:
        return spec.account
    is_one_language = any(other.language == spec.language for other in alike)
    return f"{spec.account} {spec.id if is_one_language else catalog.packs[spec.language].name}".strip()


def _recipient_counts(env: Environment) -> Mapping[str, int]:
    """The number of recipients of each subscriber channel, from the live environment's last summary, so that no page
    waits for a count."""
    summary = shared_status.read_status(env.live_status_path or env.home / "summary.json")
    return summary.subscriber_counts if summary else {}


def _channel_row(
    catalog: Catalog, spec: ChannelSpec, translator: Translator, checked: bool, recipient_counts: Mapping[str, int]
) -> ChannelRow:
    cost = spec.price_per_link if spec.includes_link else spec.price_per_post
    shows_price = cost and not translator.pack.marks.word
    count_text = (
        translator.tn("channels.subscriber_count", recipient_counts[spec.id], shown=f"{recipient_counts[spec.id]:,}")
        if spec.id in recipient_counts
        else ""
    )
    price = format_price(cost, spec.currency) if shows_price else ""
    text = " ".join(filter(None, (account_text(catalog, spec), price, count_text)))
    return ChannelRow(
        channel_type_name(spec.type, translator.pack.labels),
        text,
        spec.id,
        checked,
        state=translator.t("channels.ready"),
    )


def _unready_row(catalog: Catalog, spec: ChannelSpec, reason_code: str, translator: Translator) -> ChannelRow:
    key = f"channels.problem.{reason_code}"
    reason = translator.t(key if f"desk.{key}" in translator.pack.labels else "channels.not_connected")
    return ChannelRow(
        channel_type_name(spec.type, translator.pack.labels),
        f"{account_text(catalog, spec)} {reason}",
        spec.id,
        False,
        "unk",
        reason,
        account=account_text(catalog, spec),
    )
