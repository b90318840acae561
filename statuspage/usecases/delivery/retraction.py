"""What becomes of a channel's earlier messages when a notice is taken back, where its content says more than a word
below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from statuspage.domain import Delivery, Receipt, Thread
from statuspage.integrations.channels import (
    Channel,
    CredentialsInvalid,
    Deletes,
    DeliveryUnknown,
    Edits,
    Refused,
    Unreachable,
)


def take_back(channel: Channel, delivery: Delivery, thread: Thread, *, readable: bool) -> Receipt:
    """Takes the earlier messages away and tells why, or rewrites the first one. Raises what channels raise.

    What is done to earlier messages may be done twice, so that it is simply tried again; where the other side refuses
    it, the word below them is told all the same.
    """
    if delivery.payload["withdrawal"] == "edit" and isinstance(channel, Edits):
        try:
            return _rewritten(channel, delivery, thread, readable=readable)
        except CredentialsInvalid:
            raise
        except Refused:
            return channel.deliver(delivery, thread, readable=readable)
    left = _left(channel, thread.told)
    receipt = channel.deliver(delivery, thread if left else None, readable=readable)
    return replace(receipt, note=receipt.note or "not_deleted") if left else receipt


def _rewritten(channel: Edits, delivery: Delivery, thread: Thread, *, readable: bool) -> Receipt:
    with _repeatable():
        receipt = channel.edit(thread.root, delivery, readable=readable)
    left = _left(channel, thread.told[1:])
    return replace(receipt, note="not_deleted" if left else "edited")


def _left(channel: Channel | Edits, told: Sequence[Receipt]) -> list[Receipt]:
    """Takes these away, the newest first; those that the other side would not let go."""
    return [receipt for receipt in reversed(told) if not _gone(channel, receipt)]


def _gone(channel: Channel | Edits, told: Receipt) -> bool:
    if not isinstance(channel, Deletes):
        return False
    try:
        with _repeatable():
            channel.delete(told)
    except CredentialsInvalid:
        raise
    except Refused:
        return False
    return True


@contextmanager
def _repeatable() -> Iterator[None]:
    """Whether it was done does not matter: doing it again does no harm, and nothing new has gone out."""
    try:
        yield
    except DeliveryUnknown as error:
        raise Unreachable("channel_down", error.detail) from error
