"""A drill's sandbox: messages are written to a folder, exactly as the channel would have sent them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import Message, OnUnsure, Unreachable
from statuspage.integrations.channels.channel_type import MessageBuilder, receipt_note
from statuspage.serialization import to_json_value


class Sandbox:
    """One channel of a drill. Writing a message twice leaves one file, so a repetition does no harm."""

    on_unsure: OnUnsure = "key"

    def __init__(self, spec: ChannelSpec, folder: Path, message: MessageBuilder) -> None:
        self.spec = spec
        self._folder = folder / spec.id
        self._message = message

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Writes ``INCIDENT-SEQUENCE-LANGUAGE.json``: the message, its address and the one it replies to."""
        id = f"{delivery.thread_key}-{delivery.sequence}-{delivery.language}"
        receipt = Receipt(id, self._message_url(id), note_key=receipt_note(delivery, page_readable=page_readable))
        self._write(
            id, self._build_record(delivery, self._message(delivery, thread, page_readable=page_readable), receipt)
        )
        return receipt

    def read_message(self, delivery: OutgoingMessage) -> Message:
        """The message in the folder for this delivery; empty if there is none."""
        path = self._folder / f"{delivery.thread_key}-{delivery.sequence}-{delivery.language}.json"
        try:
            message: Message = json.loads(path.read_text("utf-8"))["message"]
        except (OSError, ValueError, KeyError):
            return {}
        return message

    def probe(self) -> str:
        """The account as named in the content."""
        return self.spec.account

    def delete(self, receipt: Receipt) -> None:
        """Deletes the message's file."""
        with self._translate_errors():
            (self._folder / f"{receipt.remote_id}.json").unlink(missing_ok=True)

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """Replaces the earlier message's text with this one's."""
        receipt = replace(earlier, note_key="edited")
        message = self._message(delivery, None, page_readable=page_readable)
        self._write(earlier.remote_id, self._build_record(delivery, message, receipt))
        return receipt

    def _message_url(self, id: str) -> str:
        return f"https://{self.spec.type}.invalid/{self.spec.account.removeprefix('@') or self.spec.id}/status/{id}"

    def _build_record(self, delivery: OutgoingMessage, message: Message, receipt: Receipt) -> dict[str, Any]:
        return {
            "id": receipt.remote_id,
            "url": receipt.url,
            "channel": self.spec.id,
            "type": self.spec.type,
            "account": self.spec.account,
            "language": delivery.language,
            "incident": delivery.thread_key,
            "sequence": delivery.sequence,
            "at": to_json_value(delivery.started_at),
            "message": dict(message),
        }

    def _write(self, id: str, record: dict[str, Any]) -> None:
        with self._translate_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{id}.json"
            with draft.open("w", encoding="utf-8") as file:
                json.dump(record, file, ensure_ascii=False, indent=2)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{id}.json")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unreachable("not_written", error.strerror or type(error).__name__) from error
