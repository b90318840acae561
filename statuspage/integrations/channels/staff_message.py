"""The content of a staff notification, independent of its channel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from statuspage.domain import ChannelSpec, EnvironmentMarks, Responder


@dataclass(frozen=True, slots=True)
class StaffMessageContent:
    """A title and lines below it; ``responders`` are notified. ``sender_name`` is the name of the desk that sends it.

    ``origin`` says what it belongs to, for programs: cause, alert, incident. ``channel`` is the name of the channel.
    """

    title: str
    lines: tuple[str, ...]
    responders: tuple[Responder, ...]
    channel: str
    sender_name: str
    marks: EnvironmentMarks = field(default_factory=EnvironmentMarks)
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole text, the title first."""
        return "\n".join((self.title, *self.lines))


def staff_text_payload(content: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """The text, and its mentions: pairs of a name and the person's id at the service."""
    mentions = [
        [responder.name, responder.mention_ids[content.channel]]
        for responder in content.responders
        if responder.mention_ids.get(content.channel)
    ]
    names = [responder.name for responder in content.responders if not responder.mention_ids.get(content.channel)]
    text = "\n".join(filter(None, (content.text, " ".join(names))))
    return {"text": text, "plain": text, "mentions": json.dumps(mentions, ensure_ascii=False)}


def parse_mentions(payload: Mapping[str, str]) -> list[tuple[str, str]]:
    """The mentions of a message: name and id. A notice has none."""
    return [(str(name), str(id)) for name, id in json.loads(payload.get("mentions") or "[]")]


def with_names(text: str, payload: Mapping[str, str]) -> str:
    """The text as its readers see it: with names in place of the service's mentions."""
    for name, id in parse_mentions(payload):
        patterns = (rf"<(?:[@!]|!subteam\^){re.escape(id)}>", f"<at>{re.escape(name)}</at>")
        text = f"@{name}".join(re.split("|".join(patterns), text))
    return text
