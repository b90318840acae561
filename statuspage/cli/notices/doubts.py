"""Asks about an old time, an alert before the start and a second incident or plan of the same service, or refuses where
nobody can be asked."""

from __future__ import annotations

from collections.abc import Iterable

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, flag_of
from statuspage.cli.notices.sending import SendOptions
from statuspage.cli.show import clock_of
from statuspage.domain import Catalog
from statuspage.usecases.notices import Doubt


def show_or_refuse(command: CommandContext, catalog: Catalog, doubts: Iterable[Doubt], sending: SendOptions) -> None:
    """Prints what is doubtful above the question whether to publish; raises Refusal where nobody is asked it."""
    found = list(doubts)
    if not found or not sending.heeds_doubts:
        return
    sentences = [f"{flag_of(doubt.field)}: {_sentence(command, catalog, doubt)}" for doubt in found]
    if sending.confirmed:
        reasons = [{"field": doubt.field, "incident": doubt.incident.id if doubt.incident else None} for doubt in found]
        raise Refusal(*sentences, command.text("doubt_anyway"), reasons={"doubts": reasons})
    for sentence in sentences:
        click.secho(sentence, fg="yellow", err=True)


def _sentence(command: CommandContext, catalog: Catalog, doubt: Doubt) -> str:
    if doubt.incident is not None and doubt.incident.latest is not None:
        texts = doubt.incident.latest.notice.texts
        text = texts.get(command.messages.language) or next(iter(texts.values()))
        name = "doubt_plan" if doubt.incident.is_maintenance else "doubt_services"
        return command.text(name, title=text.title, incident=doubt.incident.id)
    time = clock_of(command, catalog).format_recent(doubt.at, now=command.now()) if doubt.at else ""
    return command.text("doubt_alert" if doubt.is_late_alert else "doubt_time", time=time)
