"""A host name that resolves to a different address each time, in separate network namespaces.

Run as ``unshare --mount --net -- python -m tests.support.dns_rebinding``; prints as JSON which addresses were reached.
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
class NameServer:
    """A name server that answers with these addresses in turn, and listeners behind all of them."""

    answers: Sequence[str] = (OUTSIDE, INSIDE)
    questions: int = 0
    reached: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Starts answering and listening."""
        name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        name_server.bind((sealed.NAMES, 53))
        threading.Thread(target=self._answer_lookups, args=(name_server,), daemon=True).start()
        threading.Thread(target=self._let_in, args=(socket.create_server(("0.0.0.0", 443)),), daemon=True).start()

    def _answer_lookups(self, name_server: socket.socket) -> None:
        while True:
            question, who = name_server.recvfrom(4096)
            reply = sealed.answer(question)
            if (plain := socket.inet_aton(sealed.EVERYTHING_ELSE)) in reply:
                address = self.answers[min(self.questions, len(self.answers) - 1)]
                reply = reply.replace(plain, socket.inet_aton(address))
                self.questions += 1
            name_server.sendto(reply, who)

    def _let_in(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                self.reached.append(connection.getsockname()[0])

    def asked(self, *answers: str) -> dict[str, object]:
        """The result of one request to such a name."""
        self.answers, self.questions, self.reached = answers, 0, []
        with suppress(Unsent):
            Egress().post("https://moving.example/", b"{}", {})
        return {"reached": self.reached, "questions": self.questions}


def main() -> None:
    """Tries both orders."""
    sealed.lead_everything_here()
    name_server = NameServer()
    name_server.open()
    seen = {"first_outside": name_server.asked(OUTSIDE, INSIDE), "first_inside": name_server.asked(INSIDE, OUTSIDE)}
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
