"""Amazon SNS topics: a topic asks to send alerts, a person approves it on the desk, and only then Amazon is told."""

from __future__ import annotations

from datetime import datetime

from statuspage.integrations import monitors
from statuspage.storage import inbound_messages
from statuspage.storage.engine import Database
from statuspage.storage.inbound_messages import Topic, TopicState


class NoSuchTopic(Exception):
    """No topic with this name has asked."""


class TopicNotApproved(Exception):
    """This topic is not approved. The message is for whoever set it up."""


def receive_envelope(
    database: Database, amazon: monitors.SnsVerifier, message: monitors.Envelope, *, now: datetime
) -> None:
    """Accepts a message of an approved topic. If a new topic asks for approval, only records that.

    Messages of other topics are refused before Amazon is contacted. Raises AuthenticationFailed, SnsUnavailable,
    TopicNotApproved.
    """
    if message.Type == monitors.NOTIFICATION:
        _refuse_unapproved(database, message.TopicArn)
    amazon.verify(message, now=now)
    if message.Type == monitors.CONFIRMATION:
        with database.begin() as tx:
            if not inbound_messages.request_topic(tx, message.TopicArn, message.Token or "", now):
                raise monitors.SnsUnavailable("too many topics wait for an answer")


def _refuse_unapproved(database: Database, arn: str) -> None:
    with database.read() as tx:
        topic = inbound_messages.find_topic(tx, arn)
    # A topic that asks again after its approval keeps sending through its older subscription.
    if (
        topic is None
        or topic.state is TopicState.REFUSED
        or (topic.state is TopicState.REQUESTED and not topic.decided_at)
    ):
        raise TopicNotApproved("Nobody on the desk has let this topic in.")


def pending_topics(database: Database) -> tuple[Topic, ...]:
    """Topics waiting for a decision."""
    with database.read() as tx:
        return tuple(topic for topic in inbound_messages.list_topics(tx) if topic.state is TopicState.REQUESTED)


def approve_topic(database: Database, amazon: monitors.SnsVerifier, arn: str, *, actor: str, now: datetime) -> None:
    """Tells Amazon that this topic may send to us. Raises NoSuchTopic, or AuthenticationFailed, SnsUnavailable: the
    topic then stays pending."""
    topic = _require_pending(database, arn)
    amazon.confirm_subscription(topic.arn, topic.token)
    _decide(database, arn, TopicState.APPROVED, actor, now)


def refuse_topic(database: Database, arn: str, *, actor: str, now: datetime) -> None:
    """Refuses this topic, also if it asks again. Raises NoSuchTopic."""
    _require_pending(database, arn)
    _decide(database, arn, TopicState.REFUSED, actor, now)


def _require_pending(database: Database, arn: str) -> Topic:
    topic = next((candidate for candidate in pending_topics(database) if candidate.arn == arn), None)
    if topic is None:
        raise NoSuchTopic
    return topic


def _decide(database: Database, arn: str, state: TopicState, actor: str, now: datetime) -> None:
    with database.begin() as tx:
        inbound_messages.decide_topic(tx, arn, state, at=now, actor=actor)
