"""A retrospective as Markdown, for a wiki or a printer: internal, and never part of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statuspage.domain import ActionItem, EngineerAnswer, LanguagePack, format_duration, past_impacts
from statuspage.rendering.site import past_title
from statuspage.rendering.wording import Clock
from statuspage.usecases.on_call import FactFormatter, fact_name, fact_text
from statuspage.usecases.retrospectives.document import PART_ORDER, Retrospective, TimelineItem, TimelineKind


@dataclass(frozen=True, slots=True)
class RetrospectiveFormatter:
    """What the texts of a retrospective need: labels, the clock, and the reader's language pack."""

    label: Callable[..., str]
    clock: Clock
    pack: LanguagePack

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.pack.language

    def title_of(self, retrospective: Retrospective) -> str:
        """What was affected and how, else what customers read last; the drill's title; else that nothing was
        published."""
        if (
            not retrospective.drill
            and retrospective.incident
            and (title := past_title(self.pack, past_impacts(retrospective.incident)))
        ):
            return title
        texts = retrospective.title_texts()
        text = texts.get(self.language) or next(iter(texts.values()), None)
        if retrospective.drill:
            return retrospective.drill.title
        return text.headline.rstrip("。.") if text else self.label("desk.home.unnamed")

    def text_of(self, item: TimelineItem) -> str:
        """One item of the timeline in words."""
        match item.kind:
            case TimelineKind.EVENT:
                facts = self._answer_text(item.answer) if item.answer else ""
                return " ".join(filter(None, (self.label(f"cli.step_{item.event}"), facts, item.text)))
            case TimelineKind.NOTICE if item.notice:
                texts = item.notice.texts
                text = texts.get(self.language) or next(iter(texts.values()))
                return f"{text.label}{self.label('desk.retro.colon')}{text.headline}"
            case _:
                words = item.text or item.texts.get(self.language) or next(iter(item.texts.values()), "")
                return f"{self.label(f'desk.retro.kind.{item.kind}')}{self.label('desk.retro.colon')}{words}"

    def _answer_text(self, answer: EngineerAnswer) -> str:
        """The facts that an engineer sent, each with its name."""
        formatter = FactFormatter(self.label, self.pack, self.clock.format_day_time)
        lines = [
            self.label(
                "desk.fact_requests.answer_line",
                label=fact_name(name, answer.facts.incident_type, formatter),
                text=fact_text(name, answer.facts, formatter),
            )
            for name in answer.fields
        ]
        return self.label("desk.list_comma").join(lines)


def retrospective_markdown(retrospective: Retrospective, formatter: RetrospectiveFormatter) -> str:
    """The whole retrospective as Markdown. What people typed is escaped, so that it stays text."""
    return "\n".join(_lines(retrospective, formatter)) + "\n"


def _lines(retrospective: Retrospective, formatter: RetrospectiveFormatter) -> Iterator[str]:
    label = formatter.label
    yield f"# {label('desk.retro.title')}{label('desk.retro.colon')}{_escape(formatter.title_of(retrospective))}"
    yield f"\n{label('desk.retro.internal')} {label(f'desk.retro.state.{retrospective.record.state}')}"
    if retrospective.intervals:
        yield f"\n## {label('desk.drills.where')}\n"
        for interval in retrospective.intervals:
            yield f"- {label(f'desk.stage.{interval.stage}')} {format_duration(interval.duration)}"
    for section in PART_ORDER:
        notes = retrospective.record.notes_in(section)
        if notes:
            yield f"\n## {label(f'desk.retro.section.{section}')}\n"
            for note in notes:
                yield f"- {_escape(note.text)} ({_escape(note.author)})"
    if retrospective.record.causes:
        yield f"\n## {label('desk.retro.causes')}\n"
        yield from (f"- {label(f'desk.retro.cause.{cause}')}" for cause in retrospective.record.causes)
    if retrospective.actions:
        yield f"\n## {label('desk.scorecard.actions')}\n"
        yield from (_action_line(action, formatter) for action in retrospective.actions)
    yield f"\n## {label('desk.incident.timeline')}\n"
    yield from (_timeline_line(item, formatter) for item in retrospective.timeline)


def _action_line(action: ActionItem, formatter: RetrospectiveFormatter) -> str:
    day = formatter.clock.format_short_date(action.due) if action.due else ""
    details = (
        action.owner,
        formatter.label(f"desk.actions.priority.{action.priority}"),
        formatter.label("desk.scorecard.due", day=day) if day else "",
        formatter.label(f"desk.actions.state.{action.state}"),
        action.reason,
        action.link,
    )
    return f"- {_escape(action.text)} ({_escape(', '.join(filter(None, details)))})"


def _timeline_line(item: TimelineItem, formatter: RetrospectiveFormatter) -> str:
    details = ", ".join(filter(None, (item.actor, item.source)))
    text = _escape(formatter.text_of(item))
    return f"- {formatter.clock.format_day_time(item.at)} {text}{f' ({_escape(details)})' if details else ''}"


def _escape(text: str) -> str:
    """Text on one line in which nothing is markup."""
    special = "\\`*_[]<>#|"
    return "".join(f"\\{character}" if character in special else character for character in " ".join(text.split()))
