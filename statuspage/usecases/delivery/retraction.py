"""Deletes or edits a channel's earlier messages on a withdrawal, if the content asks for more than a reply."""

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


def take_back(channel: Channel, delivery: Delivery, thread: Thread, *, page_readable: bool) -> Receipt:
    """Deletes the earlier messages and says why, or edits the first one. Raises the errors of channels.

    Both may be repeated, so it is simply retried. If the other side refuses, the reply is still sent.
    """
    if delivery.payload["withdrawal"] == "edit" and isinstance(channel, Edits):
        try:
            return _rewrite_first(channel, delivery, thread, page_readable=page_readable)
        except CredentialsInvalid:
            raise
        except Refused:
            return channel.deliver(delivery, thread, page_readable=page_readable)
    undeleted = _delete_all(channel, thread.receipts)
    receipt = channel.deliver(delivery, thread if undeleted else None, page_readable=page_readable)
    return replace(receipt, note_key=receipt.note_key or "not_deleted") if undeleted else receipt


def _rewrite_first(channel: Edits, delivery: Delivery, thread: Thread, *, page_readable: bool) -> Receipt:
    with _repeatable():
        receipt = channel.edit(thread.root, delivery, page_readable=page_readable)
    undeleted = _delete_all(channel, thread.receipts[1:])
    return replace(receipt, note_key="not_deleted" if undeleted else "edited")


def _delete_all(channel: Channel | Edits, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Deletes these messages, newest first; returns those that the other side refused to delete."""
    return [receipt for receipt in reversed(receipts) if not _delete(channel, receipt)]


def _delete(channel: Channel | Edits, receipt: Receipt) -> bool:
    if not isinstance(channel, Deletes):
        return False
    try:
        with _repeatable():
            channel.delete(receipt)
    except CredentialsInvalid:
        raise
    except Refused:
        return False
    return True


@contextmanager
def _repeatable() -> Iterator[None]:
    """Turns an unknown result into a retry: repeating does no harm, and nothing new was sent."""
    try:
        yield
    except DeliveryUnknown as error:
        raise Unreachable("channel_down", error.detail) from error
