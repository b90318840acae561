"""Keeps what became of each of many and hands out the next: one transaction for all connections that ask meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from threading import Condition, Lock

from statuspage.domain import BulkSend, Kind, Recipient, RecipientOutcome, RecipientStatus, Subscriber
from statuspage.storage import bulk_sends, subscribers, subscription_emails
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.delivery.recipient_batches import Ahead


@dataclass
class _Asking:
    """What one connection reports and asks for, and what it is given."""

    told: Sequence[RecipientOutcome]
    size: int
    given: Sequence[Recipient] = ()
    served: bool = False
    error: Exception | None = None


TOGETHER = 0.003
"""Seconds for which who asks waits for the others: when all are written down at once, that takes a third as long."""


@dataclass
class BulkProgress:
    """The books of one mailing while ``owner`` has it. ``wants`` says who wants to be told, ``connections`` how many
    ask here."""

    books: Database
    mailing: BulkSend
    owner: str
    wants: InitVar[Callable[[Subscriber], bool]]
    clock: Callable[[], datetime]
    connections: int = 1
    _waiting: list[_Asking] = field(default_factory=list)
    _gate: Condition = field(default_factory=Condition)
    _turn: Lock = field(default_factory=Lock)
    _sure: bool = True

    def __post_init__(self, wants: Callable[[Subscriber], bool]) -> None:
        self._ahead = Ahead(wants)

    def next(self, told: Sequence[RecipientOutcome], size: int) -> Sequence[Recipient]:
        """What became of these is on the disk when it returns; at most ``size`` to be told next. Raises mailings.Lost
        when it is another's, and what the store raises.

        Who asks while another's answer is being written waits and is served together with all others who do, so that
        the disk is waited for once.
        """
        mine = _Asking(told, size)
        with self._gate:
            self._waiting.append(mine)
            self._gate.notify_all()
        with self._turn:
            if not mine.served:
                self._serve()
        if mine.error is not None:
            raise mine.error
        return mine.given

    def leave(self) -> None:
        """One connection less asks here."""
        with self._gate:
            self.connections -= 1
            self._gate.notify_all()

    def _serve(self) -> None:
        with self._gate:
            self._gate.wait_for(lambda: len(self._waiting) >= self.connections, TOGETHER)
            together, self._waiting = self._waiting, []
        try:
            told = [one for asking in together for one in asking.told]
            given = list(self._written(told, sum(asking.size for asking in together)))
        except Exception as error:
            for asking in together:
                asking.error = error
            given = []
        for asking in together:
            asking.given, given = given[: asking.size], given[asking.size :]
            asking.served = True

    def _written(self, told: Sequence[RecipientOutcome], size: int) -> Sequence[Recipient]:
        """Nobody else writes this mailing's row while it is ours, so that what is known of it need not be read; after
        an error it is."""
        sure, self._sure = self._sure, False
        with self.books.begin_beside() as tx:
            bulk_sends.stay_ours(tx, self.mailing, self.owner)
            now = self.clock()
            known = self.mailing if sure else self._looked_up(tx)
            known = bulk_sends.save_outcomes(tx, known, told)
            put_off = bulk_sends.due_recipients(tx, known, self.owner, size, now) if size else ()
            known, fresh = self._ahead.take(tx, known, size - len(put_off))
            bulk_sends.get_on(tx, known, self.owner)
            for one in sorted(told, key=lambda one: one.recipient.subscriber.id):  # the order in which they are held
                if one.fate is RecipientStatus.BOUNCED:
                    _end_subscription(tx, one, now)
        self.mailing, self._sure = known, True
        return (*put_off, *map(Recipient, fresh))

    def _looked_up(self, tx: Connection) -> BulkSend:
        self._ahead.forget()
        return bulk_sends.current(tx, self.mailing)


def _end_subscription(tx: Connection, one: RecipientOutcome, now: datetime) -> None:
    """From now on nothing goes there; who registered a webhook is told so, unless they have left meanwhile."""
    who = one.recipient.subscriber
    subscribers.suppress(tx, who.kind, who.address, "bounced", at=now, detail=one.detail)
    if who.kind is Kind.WEBHOOK and who.contact and subscribers.by_id(tx, who.id):
        subscription_emails.queue(tx, subscription_emails.LetterKind.STOPPED, who.id, who.wish.language, now)
