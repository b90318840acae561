"""The words of a notice as text: on the way out, or only to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, flag_of, of_problems
from statuspage.cli.framework import Flag, verb
from statuspage.cli.notices.prefill import fact_flags, typed_over
from statuspage.cli.plain_language import finding_lines
from statuspage.cli.show import clock_of
from statuspage.domain import NoticeInput, NoticeKind, NoticeText
from statuspage.usecases import notices
from statuspage.usecases.notices import Preview

if TYPE_CHECKING:
    from statuspage.usecases.environment import Environment


def texts_of(words: Mapping[str, NoticeText]) -> dict[str, dict[str, str]]:
    """Language → medium → text."""
    return {language: {m: text.body for m, text in said.media.items()} for language, said in words.items()}


def lines_of(door: CommandContext, world: Environment, shown: Preview) -> Iterator[str]:
    """Everything that would go out, as it stands on the page and in each channel, with the room left."""
    for said in shown.words.values():
        yield f"── {said.language} · {said.label} · {said.title}"
        yield said.media["page"].body
        yield ""
        if said.account:
            yield shown.facts.account[said.language]
            yield ""
    clock = clock_of(door, world.catalog)
    for later in shown.scheduled:
        said = later.words.get(door.speech.language) or next(iter(later.words.values()))
        yield f"── {door.say('by_itself', at=clock.day_clock(later.at))} · {said.label}"
        yield said.media["page"].body
        yield ""
    for id, channel in world.channels.items():
        if id in shown.costs:
            text = shown.words[channel.spec.language].media[channel.spec.medium]
            yield f"── {id} · {door.say('room', length=text.length, limit=text.limit)} · {_price(shown, world, id)}"
            yield text.body
            yield ""
    yield from _remarks(door, shown)


def _remarks(door: CommandContext, shown: Preview) -> Iterator[str]:
    """What customers may not understand in the words that somebody typed, in the language of whoever reads this."""
    for one in shown.remarks:
        yield f"── {flag_of(one.field)}"
        yield from finding_lines(door, one.text, one.finding)
    if shown.remarks:
        yield ""


def _price(shown: Preview, world: Environment, channel: str) -> str:
    return f"{world.channels[channel].spec.currency} {shown.costs[channel]:.3f}"


@verb(
    "say",
    *fact_flags(),
    Flag(["--notice"], default="first", type=click.Choice([kind.value for kind in NoticeKind])),
    Flag(["--lang"], default=""),
    Flag(["--medium"], default="page"),
    Flag(["--all", "everything"], label="all", is_flag=True),
)
def show_words(door: CommandContext, notice: str, lang: str, medium: str, *, everything: bool, **given: object) -> None:
    """What we would say. Nothing is stored or sent."""
    world, now = door.world(), door.now()
    if everything:
        _say_all(door, world, lang)
        return
    place = notices.new_incident_target(world, now=now)
    shown = notices.preview(world, typed_over(NoticeInput(), given), notice=NoticeKind(notice), place=place, now=now)
    if not shown.words or shown.problems:
        raise of_problems(door, shown.problems)
    language = lang or (door.speech.language if door.speech.language in shown.words else world.catalog.languages[0])
    if language not in shown.words or medium not in shown.words[language].media:
        known = ", ".join(world.catalog.media)
        raise Refusal(door.say("no_medium", language=language, medium=medium, known=known))
    text = shown.words[language].media[medium]
    plain = {"text": text.body, "subject": text.subject, "length": text.length, "limit": text.limit}
    door.put(plain, [text.body])


def _say_all(door: CommandContext, world: Environment, lang: str) -> None:
    from statuspage.content.validation import phrasebook

    catalog = world.catalog
    if lang and lang not in catalog.languages:
        raise Refusal(door.say("no_medium", language=lang, medium="page", known=", ".join(catalog.media)))
    languages = (lang,) if lang else catalog.languages
    zone = ZoneInfo(catalog.site.zone)
    midnight = door.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    text = phrasebook(catalog, languages, midnight=midnight, address=world.address)
    door.put({"text": text}, [text])


VERBS = {"say": show_words}
