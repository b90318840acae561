"""A server on loopback that gives away one calendar to whoever knows its address."""

from __future__ import annotations

from tests.support.fakes.service import Reply, Request, Service

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//ours//EN
BEGIN:VEVENT
UID:1
DTSTART:20260101T000000Z
DTEND:20270101T000000Z
SUMMARY:{name}
END:VEVENT
END:VCALENDAR
"""


def calendar_of(name: str) -> str:
    """A calendar by which this person is on call all through 2026."""
    return CALENDAR.format(name=name)


class CalendarServer(Service):
    """Answers each request with ``text``."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.text = ""

    def is_message(self, request: Request) -> bool:
        """Nothing is sent here."""
        return False

    def answer(self, request: Request) -> Reply:
        """The calendar."""
        return Reply(200, self.text)
