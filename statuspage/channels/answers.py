"""What a channel is to us, and the few ways in which it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from statuspage.catalog import ChannelSpec
from statuspage.deliveries import Delivery, Receipt
from statuspage.facts import Words


class Unsent(Exception):
    """A channel did not give us a receipt. ``reason`` is a label's key, ``detail`` the other side's own words."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Refused(Unsent):
    """The channel understood us and said no. Asking again will not help."""


class AuthBroken(Refused):
    """Our credentials do not hold. Nothing goes out on this channel until somebody has mended them."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What the other side asks of us: so many seconds, or until then, or nothing."""

    seconds: float | None = None
    until: datetime | None = None


class Unreachable(Unsent):
    """Nothing left the building. Ask again later: after ``wait``, or as we see fit."""

    def __init__(self, reason: str, detail: str = "", *, wait: Wait | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait or Wait()


class Unsure(Unsent):
    """It may have gone out. Somebody has to look before we repeat ourselves."""


OnUnsure = Literal["resend", "find", "look"]
"""What is done about a message nobody knows the fate of: sent again, because that does no harm or is asked for;
looked for by ourselves, and sent again when it is not there; looked for by a person."""


class Channel(Protocol):
    """A way out."""

    @property
    def spec(self) -> ChannelSpec:
        """Its name, language and medium."""
        ...

    @property
    def on_unsure(self) -> OnUnsure:
        """What to do when nobody knows whether a message went out."""
        ...

    def payload(self, words: Words) -> Mapping[str, str]:
        """What is frozen in the queue: everything its message may need of the approved words."""
        ...

    def deliver(self, delivery: Delivery, parent: Receipt | None, *, readable: bool) -> Receipt:
        """Sends it, below ``parent`` where the channel has threads; without the link when the page is not readable.

        Raises one of the errors above, and no other.
        """
        ...

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Messages on the other side that read as this one would, newest first. Asked where ``on_unsure`` is *find*.

        Raises one of the errors above, and no other.
        """
        ...


Message = Mapping[str, str]
"""What the other side will be handed, field by field, ready to be sent."""
