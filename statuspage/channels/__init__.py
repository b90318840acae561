"""The ways out, by type. A new one is a module and a line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.catalog import ChannelSpec
from statuspage.channels import x
from statuspage.channels.answers import AuthBroken, Channel, Message, Refused, Unreachable, Unsent, Unsure, Wait
from statuspage.channels.sandbox import Sandbox
from statuspage.facts import Words

__all__ = ["AuthBroken", "Channel", "Message", "Refused", "Unreachable", "Unsent", "Unsure", "Wait"]
__all__ += ["TYPES", "live", "missing", "payload", "sandbox", "secrets"]


@dataclass(frozen=True, slots=True)
class Way:
    """What is particular about one type of channel.

    ``payload`` takes from the approved words what its messages may need; ``message`` makes of it what the other
    side is handed; ``secrets`` names the settings without which ``open`` cannot work.
    """

    payload: Callable[[Words, ChannelSpec], Mapping[str, str]]
    message: Callable[..., Message]
    secrets: tuple[str, ...]
    open: Callable[[ChannelSpec, Mapping[str, str], str], Channel]


TYPES: Mapping[str, Way] = {"x": Way(x.payload, x.message, x.SECRETS, x.open_account)}


def payload(words: Words, spec: ChannelSpec) -> Mapping[str, str]:
    """What is frozen in the queue for this channel."""
    return TYPES[spec.type].payload(words, spec)


def secrets(spec: ChannelSpec) -> Mapping[str, str]:
    """The settings this channel needs: short name → name in the environment (STATUSPAGE_X_JA_CONSUMER_KEY)."""
    prefix = f"STATUSPAGE_{spec.id.upper().replace('-', '_')}"
    return {name: f"{prefix}_{name.upper()}" for name in TYPES[spec.type].secrets}


def missing(spec: ChannelSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the settings that are not there; none when the channel can be used."""
    return tuple(name for name in secrets(spec).values() if not environ.get(name))


def live(spec: ChannelSpec, environ: Mapping[str, str]) -> Channel:
    """The channel itself. ``STATUSPAGE_X_API`` (after its type) is another host to talk to."""
    given = {short: environ[name] for short, name in secrets(spec).items()}
    return TYPES[spec.type].open(spec, given, environ.get(f"STATUSPAGE_{spec.type.upper()}_API", ""))


def sandbox(spec: ChannelSpec, folder: Path) -> Channel:
    """A channel that writes what the real one would have been handed into ``folder``/ID."""
    way = TYPES[spec.type]
    return Sandbox(spec, folder, payload=way.payload, message=way.message)
