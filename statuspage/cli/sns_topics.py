"""Topics of Amazon SNS from the command line: which ask to send alerts, and what is decided of one."""

from __future__ import annotations

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.domain import escape_control_characters
from statuspage.integrations.monitors import Amazon, Unanswered, Unproven
from statuspage.storage.inbound_messages import TopicState
from statuspage.usecases.alerts import sns_topics
from statuspage.usecases.environment import Environment


@verb(
    "topic",
    click.Argument(["topic"], metavar="[ARN]", required=False, default=""),
    Flag(["--turn-away"], is_flag=True),
    by(),
)
def topic(door: CommandContext, topic: str, turn_away: bool, by: str) -> None:
    """Lets a topic send alerts, or turns it away; without one, those that wait."""
    world = door.world()
    if not topic:
        waiting = sns_topics.asking(world)
        plain = [{"topic": one.arn, "state": one.state.value, "asked": one.asked.isoformat()} for one in waiting]
        door.put(plain, [escape_control_characters(one.arn) for one in waiting] or [door.say("topics_none")])
        return
    state = _decided(door, world, topic, turn_away, person(by))
    door.put({"topic": topic, "state": state.value}, [door.speech.say(f"desk.topic.{_SAID[state]}")])


def _decided(door: CommandContext, world: Environment, arn: str, turn_away: bool, by: str) -> TopicState:
    try:
        if turn_away:
            sns_topics.turn_away(world, arn, by=by, now=door.now())
            return TopicState.REFUSED
        sns_topics.let_in(world, Amazon(), arn, by=by, now=door.now())
    except sns_topics.NoSuchTopic as none:
        raise Refusal(door.say("topic_gone", topic=escape_control_characters(arn))) from none
    except (Unanswered, Unproven) as failed:
        raise Refusal(door.speech.say("desk.topic.failed")) from failed
    return TopicState.APPROVED


_SAID = {TopicState.APPROVED: "done", TopicState.REFUSED: "away"}

VERBS = {"topic": topic}
