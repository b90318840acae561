"""Publishes the postmortem of a closed incident, one text per language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import cli_command
from statuspage.cli.notices.prefill import FACTS, WINDOW_FIELDS, apply_flags, fact_flags
from statuspage.cli.notices.publish import load_incident, open_form_for, publish_notice
from statuspage.cli.notices.sending import open_for_sending, pop_send_options, send_flags
from statuspage.cli.notices.unsaid_flags import refuse_unsaid_flags
from statuspage.domain import POSTMORTEM_LIMIT, NoticeInput, NoticeKind, notice_input_from_facts


@cli_command(
    "publish",
    click.Argument(["incident"], metavar="ID"),
    click.Argument(["files"], metavar="LANG=FILE…", nargs=-1),
    *fact_flags(*(name for name in FACTS if name not in ("workarounds", "cause")), *WINDOW_FIELDS, "report_by", "text"),
    *send_flags(),
    group="postmortem",
)
def publish_postmortem(command: CommandContext, incident: str, files: Sequence[str], **options: object) -> int:
    """Publishes the postmortem: prepared sentences, and a text in Markdown in every language of the site, or with
    ``--only`` in some with a reason."""
    env = open_for_sending(command, options)
    sending = pop_send_options(env, command, options)
    texts = dict(_language_and_text(argument) for argument in files)
    target = open_form_for(command, env.databases.environment, incident, sending.actor)
    facts = load_incident(env.databases.environment, incident).current_facts
    refuse_unsaid_flags(command, NoticeKind.POSTMORTEM, facts, options)
    base = notice_input_from_facts(facts, command.now()) if facts else NoticeInput()
    notice_input = replace(apply_flags(base, options), postmortem=texts)
    return publish_notice(command, env, notice_input, NoticeKind.POSTMORTEM, target, sending)


def _language_and_text(argument: str) -> tuple[str, str]:
    """Parses ``ja=report.md``, or ``report.ja.md``, whose name contains the language."""
    language, sign, file = argument.partition("=")
    if not sign:
        language, file = Path(argument).with_suffix("").suffix.removeprefix("."), argument
    if not language:
        raise click.BadParameter(f"LANG=FILE: {argument}")
    try:
        return language, _read_beginning(Path(file))
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: {error.reason}") from error


def _read_beginning(file: Path) -> str:
    """The whole text, or enough of it to detect that it is too long."""
    with file.open("rb") as stream:
        content = stream.read(_MAX_BYTES + 1)
    return content.decode("utf-8", "strict" if len(content) <= _MAX_BYTES else "ignore")


_MAX_BYTES = 4 * (POSTMORTEM_LIMIT + 1)
"""Maximum bytes read; a character has at most four."""


COMMANDS = {"publish": publish_postmortem}
