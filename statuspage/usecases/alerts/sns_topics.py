"""Topics of Amazon SNS: they ask to send alerts, somebody on the desk decides, and only then Amazon is told."""

from __future__ import annotations

from datetime import datetime

from statuspage.integrations.monitors import CONFIRMATION, NOTIFICATION, Envelope, SnsUnavailable, SnsVerifier
from statuspage.storage import inbound_messages
from statuspage.storage.inbound_messages import Topic, TopicState
from statuspage.usecases.environment import Environment


class NoSuchTopic(Exception):
    """No topic of this name has asked."""


class TopicNotApproved(Exception):
    """Nobody has let this topic in. The sentence says so to whoever set it up."""


def receive_envelope(env: Environment, amazon: SnsVerifier, message: Envelope, *, now: datetime) -> None:
    """Believes a message of a topic that was let in; takes note of one that asks to be, after which nothing follows.

    What a stranger sends is refused before Amazon is asked about it. Raises Unproven, Unanswered, NotLetIn.
    """
    if message.Type == NOTIFICATION:
        _refuse_unapproved(env, message.TopicArn)
    amazon.verify(message, now=now)
    if message.Type == CONFIRMATION:
        with env.database.begin() as tx:
            if not inbound_messages.request_topic(tx, message.TopicArn, message.Token or "", now):
                raise SnsUnavailable("too many topics wait for an answer")


def _refuse_unapproved(env: Environment, arn: str) -> None:
    with env.database.read() as tx:
        topic = inbound_messages.find_topic(tx, arn)
    # One that asks again, after it was let in, goes on sending by its older subscription.
    if (
        topic is None
        or topic.state is TopicState.REFUSED
        or (topic.state is TopicState.REQUESTED and not topic.decided_at)
    ):
        raise TopicNotApproved("Nobody on the desk has let this topic in.")


def pending_topics(env: Environment) -> tuple[Topic, ...]:
    """Topics that wait for somebody to decide."""
    with env.database.read() as tx:
        return tuple(topic for topic in inbound_messages.list_topics(tx) if topic.state is TopicState.REQUESTED)


def approve_topic(env: Environment, amazon: SnsVerifier, arn: str, *, actor: str, now: datetime) -> None:
    """Tells Amazon that this topic may send to us. Raises NoSuchTopic, Unproven, Unanswered: then it goes on asking."""
    topic = _require_pending(env, arn)
    amazon.confirm_subscription(topic.arn, topic.token)
    _decide(env, arn, TopicState.APPROVED, actor, now)


def refuse_topic(env: Environment, arn: str, *, actor: str, now: datetime) -> None:
    """This topic may not send to us, however often it asks. Raises NoSuchTopic."""
    _require_pending(env, arn)
    _decide(env, arn, TopicState.REFUSED, actor, now)


def _require_pending(env: Environment, arn: str) -> Topic:
    topic = next((candidate for candidate in pending_topics(env) if candidate.arn == arn), None)
    if topic is None:
        raise NoSuchTopic
    return topic


def _decide(env: Environment, arn: str, state: TopicState, actor: str, now: datetime) -> None:
    with env.database.begin() as tx:
        inbound_messages.decide_topic(tx, arn, state, at=now, actor=actor)
