"""The ways out as the desk names them: the page with its feeds, and each account, connected or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from statuspage.domain import ChannelHealth, ChannelSpec, NoticeKind, type_name
from statuspage.integrations.channels import TYPES
from statuspage.integrations.hosting import Faring
from statuspage.storage import channel_health
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import sync
from statuspage.web.desk.notice_form.preview import price
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class Way:
    """One destination. ``channel`` is empty for the page, which is never left out."""

    name: str
    text: str
    channel: str = ""
    checked: bool = True
    look: str = "ok"
    state: str = ""
    held: bool = False
    account: str = ""


def ready(world: Environment, voice: Translator, notice: NoticeKind, picked: list[str] | None = None) -> list[Way]:
    """Where a notice of this kind goes. ``picked`` are the ticked channels, None while nobody was asked."""
    specs = [channel.spec for channel in world.channels.values() if notice in channel.spec.notices]
    told = _recipient_counts(world) if any(TYPES[spec.type].many for spec in specs) else {}
    return [
        Way(voice.t("ways.page"), voice.t("ways.page_text"), state=voice.t("ways.ready")),
        *(_way(spec, voice, picked is None or spec.id in picked, told) for spec in specs),
    ]


def unready(world: Environment, voice: Translator, notice: NoticeKind) -> list[Way]:
    """What would carry it but is not connected, with the reason."""
    specs = [spec for spec in world.catalog.channels.values() if spec.id in world.unready and notice in spec.notices]
    return [_not_yet(spec, world.unready[spec.id], voice) for spec in specs]


def connected_channels(world: Environment, voice: Translator) -> list[Way]:
    """All ways out that are connected, with how they fare, for the home page."""
    with world.store.read() as tx:
        troubled = {lane.channel: lane for lane in channel_health.troubled(tx) if lane.until}
    found = [_faring(way, troubled.get(way.channel), voice) for way in ready(world, voice, NoticeKind.FIRST)]
    return [*found, *targets(world, voice)]


def targets(world: Environment, voice: Translator) -> list[Way]:
    """The places the page is carried to, with how each fares."""
    return [_target(world, name, faring, voice) for name, faring in sync.farings(world).items()]


def _target(world: Environment, name: str, faring: Faring, voice: Translator) -> Way:
    level = faring.carried and not sync.is_behind(world, name)
    at = voice.t("ways.target_at", time=voice.times.day_clock(faring.carried)) if faring.carried else ""
    type = voice.t(f"ways.target_{world.catalog.targets[name].type}")
    said = [at or voice.t("ways.target_never")]
    if faring.code:
        said += [voice.label(f"target.reason.{faring.code}"), faring.detail]
    look, state = ("part", "troubled") if faring.code else ("ok", "target_level") if level else ("unk", "target_behind")
    text = " ".join(filter(None, said))
    return Way(voice.t("ways.target", name=name, type=type), text, look=look, state=voice.t(f"ways.{state}"))


def _faring(way: Way, lane: ChannelHealth | None, voice: Translator) -> Way:
    """A channel in trouble says so, with the reason and since when."""
    if lane is None:
        return way
    why = voice.label(f"receipt.reason.{lane.reason}")
    since = voice.t("ways.since", time=voice.times.clock(lane.since)) if lane.since else ""
    look, state = ("down", "paused") if lane.paused else ("part", "troubled")
    return replace(way, text=f"{way.text} {since} {why}", look=look, state=voice.t(f"ways.{state}"), held=True)


def channel_name(world: Environment, channel: str, voice: Translator) -> tuple[str, str]:
    """A channel's name and account, as people say it."""
    spec = world.catalog.channels.get(channel)
    return (type_name(spec.type, voice.book.labels), spec.account) if spec else (channel, "")


def _recipient_counts(world: Environment) -> Mapping[str, int]:
    """How many each channel tells that goes to those who asked, as live last wrote it down: nobody waits here."""
    found = shared_status.read_status(world.live_summary or world.home / "summary.json")
    return found.subscribers if found else {}


def _way(spec: ChannelSpec, voice: Translator, checked: bool, told: Mapping[str, int]) -> Way:
    cost = spec.price_link if spec.link else spec.price_post
    priced = cost and not voice.book.marks.word
    asked = voice.tn("ways.told", told[spec.id], shown=f"{told[spec.id]:,}") if spec.id in told else ""
    text = " ".join(filter(None, (spec.account, price(cost, spec.currency) if priced else "", asked)))
    return Way(type_name(spec.type, voice.book.labels), text, spec.id, checked, state=voice.t("ways.ready"))


def _not_yet(spec: ChannelSpec, why: str, voice: Translator) -> Way:
    key = f"ways.why.{why}"
    reason = voice.t(key if f"desk.{key}" in voice.book.labels else "ways.not_connected")
    return Way(
        type_name(spec.type, voice.book.labels),
        f"{spec.account} {reason}",
        spec.id,
        False,
        "unk",
        reason,
        account=spec.account,
    )
