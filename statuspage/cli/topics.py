"""Topics of Amazon SNS from the command line: which ask to send alerts, and what is decided of one."""

from __future__ import annotations

import click

from statuspage.alerts.sns import Amazon, Unanswered, Unproven
from statuspage.cli.alerts import by
from statuspage.cli.door import Door, person
from statuspage.cli.program import Flag, verb
from statuspage.cli.refusals import Refusal
from statuspage.desk import topics
from statuspage.rules import readable
from statuspage.store.heard import TopicState
from statuspage.world import World


@verb(
    "topic",
    click.Argument(["topic"], metavar="[ARN]", required=False, default=""),
    Flag(["--turn-away"], is_flag=True),
    by(),
)
def topic(door: Door, topic: str, turn_away: bool, by: str) -> None:
    """Lets a topic send alerts, or turns it away; without one, those that wait."""
    world = door.world()
    if not topic:
        waiting = topics.asking(world)
        plain = [{"topic": one.arn, "state": one.state.value, "asked": one.asked.isoformat()} for one in waiting]
        door.put(plain, [readable(one.arn) for one in waiting] or [door.say("topics_none")])
        return
    state = _decided(door, world, topic, turn_away, person(by))
    door.put({"topic": topic, "state": state.value}, [door.speech.say(f"desk.topic.{_SAID[state]}")])


def _decided(door: Door, world: World, arn: str, turn_away: bool, by: str) -> TopicState:
    try:
        if turn_away:
            topics.turn_away(world, arn, by=by, now=door.now())
            return TopicState.REFUSED
        topics.let_in(world, Amazon(), arn, by=by, now=door.now())
    except topics.NoSuchTopic as none:
        raise Refusal(door.say("topic_gone", topic=readable(arn))) from none
    except (Unanswered, Unproven) as failed:
        raise Refusal(door.speech.say("desk.topic.failed")) from failed
    return TopicState.APPROVED


_SAID = {TopicState.APPROVED: "done", TopicState.REFUSED: "away"}

VERBS = {"topic": topic}
