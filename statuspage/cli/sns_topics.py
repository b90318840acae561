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
def topic(command: CommandContext, topic: str, turn_away: bool, by: str) -> None:
    """Lets a topic send alerts, or turns it away; without one, those that wait."""
    env = command.open_env()
    if not topic:
        asking_topics = sns_topics.asking(env)
        rows = [{"topic": item.arn, "state": item.state.value, "asked": item.requested_at.isoformat()} for item in asking_topics]
        command.print_result(rows, [escape_control_characters(item.arn) for item in asking_topics] or [command.text("topics_none")])
        return
    state = _decided(command, env, topic, turn_away, person(by))
    command.print_result({"topic": topic, "state": state.value}, [command.messages.say(f"desk.topic.{_SAID[state]}")])


def _decided(command: CommandContext, env: Environment, arn: str, turn_away: bool, actor: str) -> TopicState:
    try:
        if turn_away:
            sns_topics.turn_away(env, arn, actor=actor, now=command.now())
            return TopicState.REFUSED
        sns_topics.let_in(env, Amazon(), arn, actor=actor, now=command.now())
    except sns_topics.NoSuchTopic as unknown_topic:
        raise Refusal(command.text("topic_gone", topic=escape_control_characters(arn))) from unknown_topic
    except (Unanswered, Unproven) as failed:
        raise Refusal(command.messages.say("desk.topic.failed")) from failed
    return TopicState.APPROVED


_SAID = {TopicState.APPROVED: "done", TopicState.REFUSED: "away"}

VERBS = {"topic": topic}
