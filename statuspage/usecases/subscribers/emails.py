"""Sends the letters about subscriptions: confirming, and the way to one's own page. The worker's part of asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Event
from typing import Protocol, runtime_checkable

import structlog

from statuspage import bundled
from statuspage.domain import DeliveryStatus, Kind, Standing, Subscriber, retry, subscriber_links
from statuspage.integrations.channels import CredentialsInvalid, DeliveryUnknown, Message, Refused, Unreachable, Unsent
from statuspage.rendering.site import asked
from statuspage.rendering.wording import Clock
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine import Database
from statuspage.storage.subscription_emails import Letter, LetterKind
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.subscribers import import_export
from statuspage.usecases.subscribers.signup import DAY

HOLDS = timedelta(days=3)
"""How long the button confirms, from when it was asked for; who never confirmed is forgotten a little later."""

FORGOTTEN = timedelta(days=4)

GIVEN_UP = timedelta(days=1)
"""After so long a letter that nobody could take is not worth sending; its reader may ask again by then."""

AT_ONCE = 50
"""Letters of one round, so that the worker looks at everything else in between."""

_log = structlog.get_logger(__name__)


@runtime_checkable
class Writes(Protocol):
    """A channel that can hand over one letter to one person."""

    @property
    def sender(self) -> str:
        """The mail address it writes from."""

    def write(self, message: Message) -> None:
        """Hands it over. Raises as ``deliver``."""


def is_email_due(world: Environment, now: datetime) -> bool:
    """Whether a letter waits that could go now."""
    if world.subscribers is None:
        return False
    with world.subscribers.read() as tx:
        soonest = subscription_emails.soonest(tx)
    return soonest is not None and soonest <= now


def inherit(world: Environment, owner: str, now: datetime) -> None:
    """Settles what a worker that is gone had in hand; its lock is among the world's own books."""
    books = world.subscribers
    if books is None:
        return
    with books.read() as tx:
        others = [name for name in subscription_emails.owners(tx) if name != owner]
    for gone in world.store.absent(others):
        with books.begin() as tx:
            subscription_emails.leave_behind(tx, gone, now)


def send_due(
    world: Environment, owner: str, *, clock: Callable[[], datetime], chance: Callable[[], float], stop: Event
) -> None:
    """Sends what is due, one after the other. Nothing while the books are on hold, or nobody knows where the pages
    are that the letters lead to."""
    books = world.subscribers
    way = next((one for one in world.channels.values() if isinstance(one, Writes)), None)
    if books is None or way is None or not world.own_pages or restore_guard.since(world):
        return
    for _ in range(AT_ONCE):
        if stop.is_set():  # Before the claim: a letter in hand counts as tried.
            return
        now = clock()
        with books.begin_beside() as tx:
            letter = subscription_emails.claim(tx, owner, now)
        if letter is None:
            return
        if not _sent(world, books, way, letter, now, chance()):
            return


def _sent(world: Environment, books: Database, way: Writes, letter: Letter, now: datetime, chance: float) -> bool:
    """Whether the next one may be tried too."""
    with books.begin() as tx:
        reader = subscribers.by_id(tx, letter.subscriber)
        key = subscribers.marking(tx, now)
    if reader is None or not _wanted(letter, reader, now):
        return _settle_email(books, letter, DeliveryStatus.SUPERSEDED, now)
    try:
        way.write(_email_message(world, way.sender, letter, reader, key))
    except Refused as error:
        return _settle_email(books, letter, DeliveryStatus.REFUSED, now, error)
    except (Unreachable, CredentialsInvalid) as error:
        _settle_email(
            books, letter, DeliveryStatus.WAITING, now, error, due=now + retry.pause_before(letter.attempts, chance)
        )
        return False
    except DeliveryUnknown as error:
        # A second letter does no harm, a missing one leaves somebody waiting; two are enough.
        again = letter.attempts < 2
        pause = now + retry.pause_before(letter.attempts, chance)
        return _settle_email(
            books,
            letter,
            DeliveryStatus.WAITING if again else DeliveryStatus.LOOK,
            now,
            error,
            due=pause if again else None,
        )
    return _settle_email(books, letter, DeliveryStatus.SENT, now)


def _wanted(letter: Letter, reader: Subscriber, now: datetime) -> bool:
    """Whether it is still worth sending."""
    past = letter.kind in (LetterKind.CONFIRM, LetterKind.STOPPED) and reader.standing is Standing.ACTIVE
    return now - letter.queued <= GIVEN_UP and not past


def _settle_email(
    books: Database,
    letter: Letter,
    end: DeliveryStatus,
    now: datetime,
    error: Unsent | None = None,
    *,
    due: datetime | None = None,
) -> bool:
    with books.begin() as tx:
        why = {"reason": error.reason, "detail": error.detail} if error else {}
        subscription_emails.settle_email(tx, letter, end, at=now, due=due, **why)
    return True


def _email_message(
    world: Environment, sender: str, letter: Letter, reader: Subscriber, key: subscriber_links.Key
) -> Message:
    book = world.catalog.books.get(letter.language, world.catalog.leading)
    confirms = letter.kind is LetterKind.CONFIRM
    until = letter.queued + HOLDS
    place = (world.own_pages, key, reader)
    link = subscriber_links.confirm_link(*place, until=until) if confirms else subscriber_links.preferences_link(*place)
    ends = Clock(book.writing, world.catalog.site.zone).zoned(until) if confirms else ""
    about = "hook_" if reader.kind is Kind.WEBHOOK else ""
    said = asked(book, letter.kind, link=link, until=ends, templates=_templates(), about=about)
    return {
        "id": f"<letter.{letter.id}.{reader.seed[:12]}@{sender.rpartition('@')[2]}>",
        "references": [],
        "date": letter.queued.isoformat(),
        "language": book.language,
        "name": book.site,
        "from": sender,
        "to": reader.mailbox,
        "subject": said.subject,
        "status": book.marks.machine,
        "text": said.text,
        "html": said.html,
    }


def sweep(world: Environment, now: datetime) -> None:
    """Keeps today's copy of the list, forgets who never confirmed, how often was asked, and letters of a month ago."""
    if world.subscribers is None:
        return
    if world.copies is not None:
        try:
            import_export.keep_copy(world.subscribers, world.copies, now=now)
        except OSError as error:
            _log.error("the list could not be copied", folder=str(world.copies), reason=error.strerror)
    with world.subscribers.begin() as tx:
        subscription_emails.sweep(tx, now - 30 * DAY)
        if gone := subscribers.sweep(tx, now - FORGOTTEN):
            _log.info("forgot who never confirmed", count=gone)


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, str]:
    return bundled.templates(bundled.folder("templates") / "email")
