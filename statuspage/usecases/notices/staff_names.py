"""Refuses the names of colleagues in texts for customers: an incident has causes in the system, not a culprit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from statuspage.domain import NoticeInput, ValidationError
from statuspage.storage import accounts
from statuspage.usecases.environment import Environment

_IDEOGRAPHS = re.compile(r"[一-鿿々ぁ-んァ-ヺー가-힣]")


def name_problems(env: Environment, notice_input: NoticeInput) -> Iterator[ValidationError]:
    """A problem for each text that names somebody of ``on_call.toml`` or with an account.

    Only whole names of two parts count: a single word may be a role, a product or an ordinary word.
    """
    typed = [
        (f"{field}.{language}", text)
        for field, texts in (
            ("extra", notice_input.extra),
            ("text", notice_input.text),
            ("postmortem", notice_input.postmortem),
        )
        for language, text in texts.items()
        if text
    ]
    if not typed:
        return
    names = [*_staff_names(env)]
    for field, text in typed:
        named = next((name for name, pattern in names if pattern.search(_normalize(text))), "")
        if named:
            yield ValidationError(field, "text.staff_name", {"name": named})


def _staff_names(env: Environment) -> Iterator[tuple[str, re.Pattern[str]]]:
    with env.databases.accounts.read() as tx:
        account_names = [account.name for account in accounts.list_accounts(tx)]
    responders = [responder.name for responder in env.site.catalog.on_call.responders.values()]
    for name in dict.fromkeys([*responders, *account_names]):
        parts = _normalize(name).split()
        if len(parts) >= 2:
            yield name, _pattern(parts)


def _pattern(parts: Iterable[str]) -> re.Pattern[str]:
    """Matches the name with or without a space where the script needs none, else as whole words."""
    escaped = [re.escape(part) for part in parts]
    if all(_IDEOGRAPHS.match(part) for part in escaped):
        return re.compile(r"[\s・]?".join(escaped))
    return re.compile(r"(?<!\w)" + r"\s+".join(escaped) + r"(?!\w)")


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
