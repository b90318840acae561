"""Where a drill's messages go: into a folder, each exactly as the channel would have been handed it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from statuspage.catalog import ChannelSpec
from statuspage.channels.answers import Message, OnUnsure, Unreachable
from statuspage.deliveries import Delivery, Receipt
from statuspage.facts import Words
from statuspage.records import dump


class Sandbox:
    """One channel of a drill. Writing the same message twice leaves one file, so that repeating does no harm."""

    on_unsure: OnUnsure = "resend"

    def __init__(
        self,
        spec: ChannelSpec,
        folder: Path,
        *,
        payload: Callable[[Words, ChannelSpec], Mapping[str, str]],
        message: Callable[..., Message],
    ) -> None:
        self.spec = spec
        self._folder = folder / spec.id
        self._payload = payload
        self._message = message

    def payload(self, words: Words) -> Mapping[str, str]:
        """What the real channel would freeze."""
        return self._payload(words, self.spec)

    def deliver(self, delivery: Delivery, parent: Receipt | None, *, readable: bool) -> Receipt:
        """Writes ``INCIDENT-SEQUENCE-LANGUAGE.json``: the message, its address and the one it hangs on."""
        message = self._message(delivery, parent, readable=readable)
        full = self._message(delivery, parent, readable=True)
        id = f"{delivery.incident}-{delivery.sequence}-{delivery.language}"
        receipt = Receipt(id, self._address(id), note="" if message == full else "no_link")
        try:
            self._write(id, self._record(delivery, message, receipt))
        except OSError as error:
            raise Unreachable("unwritten", error.strerror or type(error).__name__) from error
        return receipt

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:  # noqa: ARG002
        """Nobody asks: a repetition does no harm here."""
        return ()

    def _address(self, id: str) -> str:
        return f"https://{self.spec.type}.invalid/{self.spec.account.removeprefix('@') or self.spec.id}/status/{id}"

    def _record(self, delivery: Delivery, message: Message, receipt: Receipt) -> dict[str, Any]:
        return {
            "id": receipt.remote_id,
            "url": receipt.url,
            "channel": self.spec.id,
            "type": self.spec.type,
            "account": self.spec.account,
            "language": delivery.language,
            "incident": delivery.incident,
            "sequence": delivery.sequence,
            "at": dump(delivery.started),
            "message": dict(message),
        }

    def _write(self, id: str, record: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{id}.json"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(record, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / f"{id}.json")
