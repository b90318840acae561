"""Prints the text of a notice, before it is sent or only to view it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, flag_of, validation_refusal, with_nearest
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.notices.prefill import apply_flags, fact_flags
from statuspage.cli.plain_language import finding_lines
from statuspage.cli.show import clock_of
from statuspage.domain import NoticeInput, NoticeKind, NoticeText
from statuspage.integrations.channels import Channel
from statuspage.usecases import notices
from statuspage.usecases.notices import Preview

if TYPE_CHECKING:
    from statuspage.usecases.environment import Environment


def bodies_by_language(texts: Mapping[str, NoticeText]) -> dict[str, dict[str, str]]:
    """Language → medium → text."""
    return {
        language: {medium: text.body for medium, text in notice_text.media.items()}
        for language, notice_text in texts.items()
    }


def preview_lines(command: CommandContext, env: Environment, preview: Preview) -> Iterator[str]:
    """Everything that would be sent, as it reads on the page and in each channel, with the remaining characters."""
    for notice_text in preview.notice_texts.values():
        yield f"── {notice_text.language} · {notice_text.label} · {notice_text.title}"
        yield notice_text.media["page"].body
        yield ""
        if notice_text.postmortem:
            yield preview.facts.postmortem[notice_text.language]
            yield ""
    clock = clock_of(command, env.site.catalog)
    for scheduled in preview.scheduled_notices:
        notice_text = scheduled.texts.get(command.messages.language) or next(iter(scheduled.texts.values()))
        at = clock.format_day_time(scheduled.at, now=command.now())
        yield f"── {command.text('sent_automatically', at=at)} · {notice_text.label}"
        yield notice_text.media["page"].body
        yield ""
    for id, channel in env.senders.channels.items():
        if id in preview.costs:
            text = preview.notice_texts[channel.spec.language].media[channel.spec.medium]
            yield " · ".join((f"── {id}", *_limits_of(command, preview, channel)))
            yield text.body
            if text.left_out:
                labels = command.messages.labels
                yield command.text("left_out_of_post", facts=", ".join(labels[f"row.{row}"] for row in text.left_out))
            yield ""
    yield from _remark_lines(command, preview)


def _remark_lines(command: CommandContext, preview: Preview) -> Iterator[str]:
    """What customers may not understand in the typed text, in the terminal's language."""
    for remark in preview.remarks:
        yield f"── {flag_of(remark.field)}"
        yield from finding_lines(command, remark.text, remark.finding)
    if preview.remarks:
        yield ""


def _limits_of(command: CommandContext, preview: Preview, channel: Channel) -> Iterator[str]:
    """How full the post is, if its length is limited, and what it costs, if it costs anything."""
    text = preview.notice_texts[channel.spec.language].media[channel.spec.medium]
    if text.limit:
        yield command.text("text_length", length=text.length, limit=text.limit)
    if cost := preview.costs[channel.spec.id]:
        yield f"{channel.spec.currency} {cost:.3f}"


@cli_command(
    "preview",
    *fact_flags(),
    Flag(["--notice"], default="first", type=Choice([kind.value for kind in NoticeKind])),
    Flag(["--lang"], default=""),
    Flag(["--medium"], default="page"),
    Flag(["--all", "everything"], label="all", is_flag=True),
)
def preview_notice(
    command: CommandContext, notice: str, lang: str, medium: str, *, everything: bool, **options: object
) -> None:
    """Prints the text of a notice. Nothing is stored or sent."""
    env, now = command.open_env(), command.now()
    if everything:
        _print_phrasebook(command, env, lang)
        return
    target = notices.new_incident_target(env, now=now)
    preview = notices.preview_notice(
        env, apply_flags(NoticeInput(), options), notice_kind=NoticeKind(notice), target=target, now=now
    )
    if not preview.notice_texts or preview.problems:
        raise validation_refusal(command, preview.problems)
    language = lang or (
        command.messages.language
        if command.messages.language in preview.notice_texts
        else env.site.catalog.languages[0]
    )
    if language not in preview.notice_texts or medium not in preview.notice_texts[language].media:
        known_media = list(env.site.catalog.media)
        sentence = command.text("no_medium", language=language, medium=medium, known=", ".join(known_media))
        raise Refusal(with_nearest(command, sentence, medium, known_media))
    text = preview.notice_texts[language].media[medium]
    result = {"text": text.body, "subject": text.subject, "length": text.length, "limit": text.limit}
    command.print_result(result, [*((text.subject, "") if text.subject else ()), text.body])


def _print_phrasebook(command: CommandContext, env: Environment, lang: str) -> None:
    from statuspage.content.validation import render_phrasebook

    catalog = env.site.catalog
    if lang and lang not in catalog.languages:
        raise Refusal(command.text("no_medium", language=lang, medium="page", known=", ".join(catalog.media)))
    languages = (lang,) if lang else catalog.languages
    zone = ZoneInfo(catalog.site.zone)
    midnight = command.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    text = render_phrasebook(catalog, languages, midnight=midnight, address=env.site.address)
    command.print_result({"text": text}, [text])


COMMANDS = {"preview": preview_notice}
