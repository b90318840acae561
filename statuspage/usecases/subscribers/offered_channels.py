"""Which ways to be told may be asked for: those by which something can go out."""

from __future__ import annotations

from statuspage.domain import Catalog, ChannelSpec, Kind
from statuspage.integrations import channels
from statuspage.usecases.environment import Environment
from statuspage.usecases.subscribers.emails import Writes

LETTERS = ("mail", "subscribers")
"""Types of channel that hand over single letters, such as the one with the button."""

HOOKS = "subscriber-webhooks"


def offered(world: Environment) -> frozenset[Kind]:
    """What can be asked for here just now: a letter has to get out, and to lead to a page that answers."""
    if world.subscribers is None or not world.own_pages:
        return frozenset()
    if not any(isinstance(one, Writes) for one in world.channels.values()):
        return frozenset()
    return _with_hooks([spec for id, spec in world.catalog.channels.items() if id not in world.unready])


def offered_apart(catalog: Catalog, *, known: bool) -> frozenset[Kind]:
    """The same where no channel's credentials are: what the content has. ``known``: where the pages are."""
    specs = list(catalog.channels.values())
    return _with_hooks(specs) if known and any(spec.type in LETTERS for spec in specs) else frozenset()


def lacking(world: Environment) -> tuple[tuple[str, str], ...]:
    """Why mail cannot be asked for: tails of labels (``doctor.mail_lacks.KEY``), each with the settings it names. None
    where it can, or where nobody subscribes."""
    if world.subscribers is None or offered(world):
        return ()
    specs = [spec for spec in world.catalog.channels.values() if spec.type in LETTERS]
    if not specs:
        return (("channel", ""),)
    unset = [spec for spec in specs if world.unready.get(spec.id) == "credentials"]
    names = ", ".join(name for spec in unset for name in channels.secrets(spec).values())
    unread = any(world.unready.get(spec.id) == "no_address" for spec in specs)
    whys = [("credentials", names)] if unset else [("no_address", "STATUSPAGE_ADDRESS")] if unread else []
    return (*whys, *(() if world.own_pages else (("own_pages", "STATUSPAGE_PUBLIC_ADDRESS"),)))


def _with_hooks(specs: list[ChannelSpec]) -> frozenset[Kind]:
    hooks = any(spec.type == HOOKS for spec in specs)
    return frozenset((Kind.MAIL, Kind.WEBHOOK) if hooks else (Kind.MAIL,))
