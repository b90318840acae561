"""Which ways to be told may be asked for, in which language: those by which notices go out to who asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from statuspage.domain import Catalog, ChannelSpec, Kind
from statuspage.integrations import channels
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers.emails import Writes

LETTERS = ("mail", "subscribers")
"""Types of channel that hand over single letters, such as the one with the button."""

Offers = Mapping[str, frozenset[Kind]]
"""What readers of each language may ask for. Mail is in the language of its channel, a webhook's notice in all."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Why readers of these languages cannot ask for mail: the tail of a label (``doctor.mail_lacks.KEY``), and the
    settings it names."""

    why: str
    languages: tuple[str, ...]
    settings: str = ""


def offered(world: Environment) -> Offers:
    """What can be asked for here just now: a letter has to get out, and to lead to a page that answers."""
    if world.subscribers is None or not world.own_pages:
        return {}
    if not any(isinstance(one, Writes) for one in world.channels.values()):
        return {}
    return _offers(world.catalog, [spec for id, spec in world.catalog.channels.items() if id not in world.unready])


def offered_apart(catalog: Catalog, *, known: bool) -> Offers:
    """The same where no channel's credentials are: what the content has. ``known``: where the pages are."""
    specs = list(catalog.channels.values())
    return _offers(catalog, specs) if known and any(spec.type in LETTERS for spec in specs) else {}


def lacking(world: Environment) -> tuple[Lack, ...]:
    """Why mail cannot be asked for, and in which languages. None where it can in all, or where nobody subscribes."""
    return tuple(one for one in _lacks(world) if one.languages) if world.subscribers is not None else ()


def _lacks(world: Environment) -> Iterator[Lack]:
    specs = [spec for spec in world.catalog.channels.values() if _many(spec) is Kind.MAIL]
    ready = {spec.language for spec in specs if spec.id not in world.unready}
    away = [spec for spec in specs if spec.language not in ready]
    unset, unread = ([one for one in away if world.unready[one.id] == why] for why in ("credentials", "no_address"))

    def those(found: Iterable[ChannelSpec]) -> tuple[str, ...]:
        there = {spec.language for spec in found}
        return tuple(language for language in world.catalog.languages if language in there)

    spoken = those(specs)
    yield Lack("channel", tuple(language for language in world.catalog.languages if language not in spoken))
    names = ", ".join(name for spec in unset for name in channels.secrets(spec).values())
    yield Lack("credentials", those(unset), names)
    yield Lack("no_address", those(unread), "STATUSPAGE_ADDRESS")
    if not world.own_pages:
        yield Lack("own_pages", spoken, "STATUSPAGE_PUBLIC_ADDRESS")


def _offers(catalog: Catalog, specs: Iterable[ChannelSpec]) -> Offers:
    """What these channels bring to readers of each language."""
    found = {(_many(spec), spec.language) for spec in specs}
    hooks = frozenset({Kind.WEBHOOK} if any(kind is Kind.WEBHOOK for kind, _ in found) else ())
    mail = frozenset({Kind.MAIL})
    return {one: hooks | mail if (Kind.MAIL, one) in found else hooks for one in catalog.languages}


def _many(spec: ChannelSpec) -> Kind | None:
    """Which subscribers a channel of this type tells; None where it tells others."""
    return channels.TYPES[spec.type].many
