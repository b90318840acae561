"""Publishes the report on an incident that is over, one text per language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import verb
from statuspage.cli.notices.prefill import FACTS, WINDOW_FIELDS, fact_flags, typed_over
from statuspage.cli.notices.publish import begun, load, sending_flags, taken_sending, tell
from statuspage.domain import ACCOUNT_LIMIT, NoticeInput, NoticeKind, from_facts


@verb(
    "account",
    click.Argument(["incident"], metavar="ID"),
    click.Argument(["files"], metavar="LANG=FILE…", nargs=-1, required=True),
    *fact_flags(*(name for name in FACTS if name not in ("workaround", "cause")), *WINDOW_FIELDS, "text"),
    *sending_flags(),
)
def account(command: CommandContext, incident: str, files: Sequence[str], **options: object) -> int:
    """The report, in Markdown; every language of the site, or ``--only`` some with a reason."""
    env = command.open_env()
    sending = taken_sending(env, command, options)
    texts = dict(_language_and_text(argument) for argument in files)
    target = begun(command, env, incident, sending.actor)
    facts = load(env, incident).current_facts
    base = from_facts(facts, command.now()) if facts else NoticeInput()
    notice_input = replace(typed_over(base, options), postmortem=texts)
    return tell(command, env, notice_input, NoticeKind.POSTMORTEM, target, sending)


def _language_and_text(argument: str) -> tuple[str, str]:
    """``ja=report.md``; or ``report.ja.md``, whose name says its language."""
    language, sign, file = argument.partition("=")
    if not sign:
        language, file = Path(argument).with_suffix("").suffix.removeprefix("."), argument
    if not language:
        raise click.BadParameter(f"LANG=FILE: {argument}")
    try:
        return language, _beginning(Path(file))
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: {error.reason}") from error


def _beginning(file: Path) -> str:
    """The whole text, or so much of it that it is seen to be too long."""
    with file.open("rb") as stream:
        content = stream.read(_LONGEST + 1)
    return content.decode("utf-8", "strict" if len(content) <= _LONGEST else "ignore")


_LONGEST = 4 * (ACCOUNT_LIMIT + 1)
"""Bytes; a character takes four at most."""


VERBS = {"account": account}
