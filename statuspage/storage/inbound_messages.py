"""Messages already received from monitors, and Amazon SNS topics that asked to send alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from statuspage.storage.tables import received_message, topic

REMEMBER_FOR = timedelta(days=7)
"""How long a message is remembered: longer than any monitor repeats it."""

MAX_PENDING_TOPICS = 20
"""The maximum number of topics that wait for a decision, because anybody with an AWS account can ask."""


class TopicState(StrEnum):
    """Whether a topic may send."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Topic:
    """An Amazon SNS topic. ``token`` confirms its subscription; "" once that is done."""

    arn: str
    token: str
    state: TopicState
    requested_at: datetime
    decided_at: datetime | None = None
    actor: str = ""


def record_message(tx: Connection, source: str, message_key: str, at: datetime) -> bool:
    """Stores the message and returns whether it is new. Old messages are deleted."""
    condition = (received_message.c.source == source) & (received_message.c.message_key == message_key)
    if tx.execute(select(received_message.c.received_at).where(condition)).first() is not None:
        return False
    tx.execute(delete(received_message).where(received_message.c.received_at < at - REMEMBER_FOR))
    tx.execute(insert(received_message).values(source=source, message_key=message_key, received_at=at))
    return True


def request_topic(tx: Connection, arn: str, token: str, at: datetime) -> bool:
    """Stores the request of a topic to send alerts. An approved one may ask again; a refused one stays refused.

    False if too many are already waiting.
    """
    existing = find_topic(tx, arn)
    if existing is None:
        query = select(func.count()).select_from(topic).where(topic.c.state == TopicState.REQUESTED.value)
        if tx.execute(query).scalar_one() >= MAX_PENDING_TOPICS:
            return False
        tx.execute(
            insert(topic).values(arn=arn, token=token, state=TopicState.REQUESTED.value, requested_at=at, actor="")
        )
    elif existing.state is not TopicState.REFUSED:
        values = {"token": token, "requested_at": at, "state": TopicState.REQUESTED.value}
        tx.execute(update(topic).where(topic.c.arn == arn).values(values))
    return True


def decide_topic(tx: Connection, arn: str, state: TopicState, *, at: datetime, actor: str) -> None:
    """Stores a decision about a topic and deletes its used token."""
    tx.execute(update(topic).where(topic.c.arn == arn).values(state=state.value, decided_at=at, actor=actor, token=""))


def find_topic(tx: Connection, arn: str) -> Topic | None:
    """This topic; None if it has never asked."""
    row = tx.execute(select(topic).where(topic.c.arn == arn)).one_or_none()
    return _topic(row) if row else None


def list_topics(tx: Connection) -> tuple[Topic, ...]:
    """All topics, by name."""
    return tuple(map(_topic, tx.execute(select(topic).order_by(topic.c.arn))))


def _topic(row: Row[tuple[object, ...]]) -> Topic:
    return Topic(row.arn, row.token, TopicState(row.state), row.requested_at, row.decided_at, row.actor)
