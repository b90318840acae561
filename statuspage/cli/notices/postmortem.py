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
def account(door: CommandContext, incident: str, files: Sequence[str], **given: object) -> int:
    """The report, in Markdown; every language of the site, or ``--only`` some with a reason."""
    world = door.world()
    sending = taken_sending(world, door, given)
    texts = dict(_language_and_text(one) for one in files)
    place = begun(door, world, incident, sending.by)
    told = load(world, incident).standing
    base = from_facts(told, door.now()) if told else NoticeInput()
    typed = replace(typed_over(base, given), account=texts)
    return tell(door, world, typed, NoticeKind.ACCOUNT, place, sending)


def _language_and_text(named: str) -> tuple[str, str]:
    """``ja=report.md``; or ``report.ja.md``, whose name says its language."""
    language, sign, file = named.partition("=")
    if not sign:
        language, file = Path(named).with_suffix("").suffix.removeprefix("."), named
    if not language:
        raise click.BadParameter(f"LANG=FILE: {named}")
    try:
        return language, _beginning(Path(file))
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file}: {error.reason}") from error


def _beginning(file: Path) -> str:
    """The whole text, or so much of it that it is seen to be too long."""
    with file.open("rb") as opened:
        read = opened.read(_LONGEST + 1)
    return read.decode("utf-8", "strict" if len(read) <= _LONGEST else "ignore")


_LONGEST = 4 * (ACCOUNT_LIMIT + 1)
"""Bytes; a character takes four at most."""


VERBS = {"account": account}
