"""Topics of Amazon SNS: they ask to send alerts, somebody on the desk decides, and only then Amazon is told."""

from __future__ import annotations

from datetime import datetime

from statuspage.integrations.monitors import CONFIRMATION, NOTIFICATION, Amazon, Envelope, Unanswered
from statuspage.storage import inbound_messages
from statuspage.storage.inbound_messages import Topic, TopicState
from statuspage.usecases.environment import Environment


class NoSuchTopic(Exception):
    """No topic of this name has asked."""


class NotLetIn(Exception):
    """Nobody has let this topic in. The sentence says so to whoever set it up."""


def listen(world: Environment, amazon: Amazon, message: Envelope, *, now: datetime) -> None:
    """Believes a message of a topic that was let in; takes note of one that asks to be, after which nothing follows.

    What a stranger sends is refused before Amazon is asked about it. Raises Unproven, Unanswered, NotLetIn.
    """
    if message.Type == NOTIFICATION:
        _refuse_strangers(world, message.TopicArn)
    amazon.believe(message, now=now)
    if message.Type == CONFIRMATION:
        with world.store.begin() as tx:
            if not inbound_messages.request_topic(tx, message.TopicArn, message.Token or "", now):
                raise Unanswered("too many topics wait for an answer")


def _refuse_strangers(world: Environment, arn: str) -> None:
    with world.store.read() as tx:
        known = inbound_messages.topic_of(tx, arn)
    # One that asks again, after it was let in, goes on sending by its older subscription.
    if known is None or known.state is TopicState.REFUSED or (known.state is TopicState.ASKED and not known.decided):
        raise NotLetIn("Nobody on the desk has let this topic in.")


def asking(world: Environment) -> tuple[Topic, ...]:
    """Topics that wait for somebody to decide."""
    with world.store.read() as tx:
        return tuple(one for one in inbound_messages.topics(tx) if one.state is TopicState.ASKED)


def let_in(world: Environment, amazon: Amazon, arn: str, *, by: str, now: datetime) -> None:
    """Tells Amazon that this topic may send to us. Raises NoSuchTopic, Unproven, Unanswered: then it goes on asking."""
    topic = _asking(world, arn)
    amazon.confirm(topic.arn, topic.token)
    _decide(world, arn, TopicState.APPROVED, by, now)


def turn_away(world: Environment, arn: str, *, by: str, now: datetime) -> None:
    """This topic may not send to us, however often it asks. Raises NoSuchTopic."""
    _asking(world, arn)
    _decide(world, arn, TopicState.REFUSED, by, now)


def _asking(world: Environment, arn: str) -> Topic:
    found = next((one for one in asking(world) if one.arn == arn), None)
    if found is None:
        raise NoSuchTopic
    return found


def _decide(world: Environment, arn: str, state: TopicState, by: str, now: datetime) -> None:
    with world.store.begin() as tx:
        inbound_messages.decide(tx, arn, state, at=now, by=by)
