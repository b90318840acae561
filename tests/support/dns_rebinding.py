"""A name that resolves to another address each time, in network namespaces of its own.

Run as ``unshare --mount --net -- python -m tests.support.dns_rebinding``; prints which addresses were reached as JSON.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from statuspage.integrations.channels.base import Unsent
from statuspage.integrations.channels.public_egress import Egress
from tests.support import sealed

OUTSIDE, INSIDE = "93.184.215.14", "127.0.0.1"


@dataclass
class Book:
    """A name server that answers with these addresses in turn, and listeners behind all of them."""

    answers: Sequence[str] = (OUTSIDE, INSIDE)
    questions: int = 0
    reached: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Starts answering and listening."""
        book = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        book.bind((sealed.NAMES, 53))
        threading.Thread(target=self._tell, args=(book,), daemon=True).start()
        threading.Thread(target=self._let_in, args=(socket.create_server(("0.0.0.0", 443)),), daemon=True).start()

    def _tell(self, book: socket.socket) -> None:
        while True:
            question, who = book.recvfrom(4096)
            said = sealed.answer(question)
            if (plain := socket.inet_aton(sealed.EVERYTHING_ELSE)) in said:
                address = self.answers[min(self.questions, len(self.answers) - 1)]
                said = said.replace(plain, socket.inet_aton(address))
                self.questions += 1
            book.sendto(said, who)

    def _let_in(self, door: socket.socket) -> None:
        while True:
            visitor, _ = door.accept()
            with visitor:
                self.reached.append(visitor.getsockname()[0])

    def asked(self, *answers: str) -> dict[str, object]:
        """The result of one request to such a name."""
        self.answers, self.questions, self.reached = answers, 0, []
        with suppress(Unsent):
            Egress().post("https://moving.example/", b"{}", {})
        return {"reached": self.reached, "questions": self.questions}


def main() -> None:
    """In both orders."""
    sealed.lead_everything_here()
    book = Book()
    book.open()
    seen = {"first_outside": book.asked(OUTSIDE, INSIDE), "first_inside": book.asked(INSIDE, OUTSIDE)}
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
