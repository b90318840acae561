"""Channels as the settings list them: their state, and the fields of one that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import SITE, ChannelHealth, ChannelSpec, channel_type_name
from statuspage.integrations import channels
from statuspage.storage import channel_health, delivery_lookups
from statuspage.usecases.environment import Environment
from statuspage.usecases.secret_store import KeptSecret
from statuspage.usecases.settings import channel_fields, channel_settings
from statuspage.web.desk.drills.sandbox_message import readable_lines
from statuspage.web.desk.notice_form.preview import format_price
from statuspage.web.desk.receipts.messages import ICONS
from statuspage.web.desk.settings.secret_states import describe_secret
from statuspage.web.desk.translations import Translator

CONCEALED = ("token", "secret", "password", "key")
"""A secret whose name contains one of these words is concealed while it is typed; an address is not."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One line. ``tone`` is the mark of its ``state``; ``trouble`` says since when and why. ``last`` is when it last
    delivered. ``is_connected``: it has all secrets that it needs."""

    id: str
    type: str
    name: str
    text: str
    icon: str
    tone: str
    state: str
    trouble: str
    last: str
    is_enabled: bool = True
    can_move_up: bool = False
    can_move_down: bool = False
    can_test: bool = True
    is_connected: bool = True


@dataclass(frozen=True, slots=True)
class SecretField:
    """A field for a secret, which never shows its value. ``setting`` is its name in the environment; ``state`` is
    *outside*, *kept*, *unreadable* or *none*."""

    name: str
    setting: str
    is_required: bool
    is_concealed: bool
    state: str
    kept_text: str = ""


@dataclass(frozen=True, slots=True)
class DrillCopy:
    """What a drill wrote to its sandbox instead of sending it."""

    time: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class ChannelStates:
    """What all rows need, read once."""

    env: Environment
    translator: Translator
    now: datetime
    health: Mapping[str, ChannelHealth]
    last: Mapping[str, datetime]
    secrets: Mapping[str, str]


def read_states(env: Environment, translator: Translator, now: datetime) -> ChannelStates:
    """The states of all channels."""
    with env.databases.environment.read() as tx:
        health = {each.channel: each for each in channel_health.troubled_channels(tx) if each.closed_until}
        last = delivery_lookups.last_delivered(tx)
    secrets = env.secret_store.effective_values() if env.secret_store else {}
    return ChannelStates(env, translator, now, health, last, secrets)


def page_row(states: ChannelStates) -> ChannelRow:
    """The page with its feeds, where every notice goes first."""
    t, address = states.translator.t, states.env.site.address
    text = states.translator.format_list(filter(None, (address, t("channels.page_text"))))
    tone, state = ("ok", "channels.ready") if address else ("unk", "channels.problem.no_address")
    return ChannelRow(SITE, SITE, t("channels.page"), text, "page", tone, t(state), "", _time(states, SITE))


def channel_row(states: ChannelStates, entry: channel_settings.ChannelEntry, place: int, count: int) -> ChannelRow:
    """A channel to customers, as the file has it now."""
    translator, env = states.translator, states.env
    tone, state, trouble = _state(states, entry)
    return ChannelRow(
        entry.id,
        entry.type,
        channel_type_name(entry.type, translator.pack.labels),
        " · ".join(filter(None, _facts(env, entry, translator))),
        ICONS.get(entry.type, "say"),
        tone,
        state,
        trouble,
        _time(states, entry.id),
        entry.is_enabled,
        place > 0,
        place < count - 1,
        can_test=entry.type in channels.TYPES,
        is_connected=not _lacks_secrets(states, entry),
    )


def staff_row(states: ChannelStates, spec: ChannelSpec) -> ChannelRow:
    """A channel to colleagues, from ``on_call.toml``."""
    translator = states.translator
    missing = channels.missing_settings(spec, states.secrets)
    tone, state, trouble = _health_state(states, spec.id) if not missing else _unconnected(states)
    return ChannelRow(
        spec.id,
        spec.type,
        channel_type_name(spec.type, translator.pack.labels),
        spec.account or spec.id,
        ICONS.get(spec.type, "say"),
        tone,
        state,
        trouble,
        _time(states, spec.id),
        is_connected=not missing,
    )


def secret_fields(states: ChannelStates, id: str, type: str, kept: Mapping[str, KeptSecret]) -> tuple[SecretField, ...]:
    """The secrets of a channel; of a new one, whose ``id`` is "", none is there yet."""
    if type not in channels.TYPES:
        return ()
    names = channel_settings.setting_names(id or type, type)
    return tuple(
        SecretField(
            name,
            names[name],
            is_required,
            any(word in name for word in CONCEALED),
            *_state_of_secret(states, names[name], kept if id else None),
        )
        for name, is_required in channel_fields.secret_names(type)
    )


def _state_of_secret(states: ChannelStates, setting: str, kept: Mapping[str, KeptSecret] | None) -> tuple[str, str]:
    if kept is None:
        return "none", ""
    secret = describe_secret(states.env, states.translator, setting, kept)
    return secret.state, secret.text


def drill_copy(states: ChannelStates, id: str, type: str) -> DrillCopy | None:
    """What the last drill wrote for this channel; None without one."""
    record = channel_settings.last_drill_message(states.env.home, id)
    if record is None or not isinstance(record.get("message"), dict) or not record["message"]:
        return None
    try:
        at = datetime.fromisoformat(str(record.get("at")))
        lines = readable_lines(type, record["message"])
    except (ValueError, KeyError, TypeError):
        return None
    return DrillCopy(states.translator.times.format_day_time(at), lines)


def _facts(env: Environment, entry: channel_settings.ChannelEntry, translator: Translator) -> tuple[str, ...]:
    catalog = env.site.catalog
    language, values = str(entry.values.get("language", "")), entry.values
    price = values.get("price_per_link" if values.get("include_link", True) else "price_per_post", 0)
    return (
        str(values.get("account", "")),
        catalog.packs[language].name if language in catalog.packs and len(catalog.site.languages) > 1 else "",
        format_price(float(price), str(values.get("currency", "USD"))) if price else "",
    )


def _state(states: ChannelStates, entry: channel_settings.ChannelEntry) -> tuple[str, str, str]:
    t = states.translator.t
    if not entry.is_enabled:
        return "unk", t("channel_settings.off"), ""
    if entry.type not in channels.TYPES:
        return "unk", t("channels.not_connected"), ""
    if _lacks_secrets(states, entry):
        return _unconnected(states)
    if states.env.senders.unready_channels.get(entry.id) == "no_address":
        return "part", t("channels.problem.no_address"), states.translator.label("receipt.reason.no_address")
    return _health_state(states, entry.id)


def _lacks_secrets(states: ChannelStates, entry: channel_settings.ChannelEntry) -> bool:
    if entry.type not in channels.TYPES:
        return True
    required = [name for name, is_required in channel_fields.secret_names(entry.type) if is_required]
    names = channel_settings.setting_names(entry.id, entry.type)
    return any(not states.secrets.get(names[name]) for name in required)


def _unconnected(states: ChannelStates) -> tuple[str, str, str]:
    return "unk", states.translator.t("channels.not_connected"), ""


def _health_state(states: ChannelStates, id: str) -> tuple[str, str, str]:
    """Ready; else since when and why it is in trouble, and until when it rests."""
    translator, health = states.translator, states.health.get(id)
    if health is None:
        return "ok", translator.t("channels.ready"), ""
    since = translator.times.format_day_time(health.failing_since) if health.failing_since else ""
    resting = (
        translator.t("channel_settings.rests_until", time=translator.times.format_time(health.closed_until))
        if health.closed_until and health.is_resting(states.now)
        else ""
    )
    parts = (
        translator.t("channels.failing_since", time=since) if since else "",
        translator.label(f"receipt.reason.{health.reason}"),
        resting,
    )
    tone, state = ("down", "channels.paused") if health.needs_person else ("part", "channels.retrying")
    return tone, translator.t(state), " ".join(filter(None, parts))


def _time(states: ChannelStates, id: str) -> str:
    at = states.last.get(id)
    return states.translator.times.format_day_time(at) if at else states.translator.t("channel_settings.never")
