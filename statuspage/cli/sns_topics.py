"""Amazon SNS topics: which ask to send alerts, and the decision."""

from __future__ import annotations

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.domain import escape_control_characters
from statuspage.integrations.monitors import AuthenticationFailed, SnsUnavailable, SnsVerifier
from statuspage.storage.inbound_messages import TopicState
from statuspage.usecases.alerts import sns_topics
from statuspage.usecases.environment import Environment


@cli_command(
    "topic",
    click.Argument(["topic"], metavar="[ARN]", required=False, default=""),
    Flag(["--turn-away"], is_flag=True),
    actor_flag(),
)
def decide_topic(command: CommandContext, topic: str, turn_away: bool, by: str) -> None:
    """Approves or refuses a topic; without one, lists those that wait."""
    env = command.open_env()
    if not topic:
        asking_topics = sns_topics.pending_topics(env)
        rows = [
            {"topic": item.arn, "state": item.state.value, "requested_at": item.requested_at.isoformat()}
            for item in asking_topics
        ]
        command.print_result(
            rows, [escape_control_characters(item.arn) for item in asking_topics] or [command.text("topics_none")]
        )
        return
    state = _apply_decision(command, env, topic, turn_away, actor_name(by))
    command.print_result(
        {"topic": topic, "state": state.value}, [command.messages.label(f"desk.topic.{_DECISION_LABELS[state]}")]
    )


def _apply_decision(command: CommandContext, env: Environment, arn: str, turn_away: bool, actor: str) -> TopicState:
    try:
        if turn_away:
            sns_topics.refuse_topic(env, arn, actor=actor, now=command.now())
            return TopicState.REFUSED
        sns_topics.approve_topic(env, SnsVerifier(), arn, actor=actor, now=command.now())
    except sns_topics.NoSuchTopic as unknown_topic:
        raise Refusal(command.text("topic_gone", topic=escape_control_characters(arn))) from unknown_topic
    except (SnsUnavailable, AuthenticationFailed) as failed:
        raise Refusal(command.messages.label("desk.topic.failed")) from failed
    return TopicState.APPROVED


_DECISION_LABELS = {TopicState.APPROVED: "confirmed", TopicState.REFUSED: "rejected"}

COMMANDS = {"topic": decide_topic}
