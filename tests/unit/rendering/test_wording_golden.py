"""Exact texts of every kind × notice × language. A changed one is read by somebody who speaks the language.

With ``GOLDEN=write`` in the environment they are rewritten; with ``GOLDEN=show`` and ``-s`` the first reports are
printed.
"""

from __future__ import annotations

import os

import pytest

from statuspage.content.validation.sample_incidents import Trial
from statuspage.domain.facts import NoticeKind, NoticeText
from statuspage.rendering.wording.composition import compose
from tests.support.golden_stories import CATALOG, SAMPLE_NOTICES
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden"
EMAILS_AGAIN = ("mail_nolink", "colleagues_mail", "colleagues_mail_nolink")
"""Media whose texts equal those of *mail* and *colleagues*, except for the address."""


CASES = [pytest.param(one, id=f"{one.facts.incident_type}-{one.notice}") for one in SAMPLE_NOTICES]


def printed(words: NoticeText) -> str:
    """Everything that a reader of one language may see of a notice, as plain text."""
    parts = [f"{words.label} | {words.status}", words.title, words.headline, "", words.media["page"].body, ""]
    for row in words.rows:
        time = f" [{row.time.before}|{row.time.value}|{row.time.after}]" if row.time else ""
        parts.append(f"{row.label}:{time}{f' ({row.placeholder})' if row.placeholder else ''}")
        parts += [f"  {line}" for line in row.lines]
    if words.expired_wording:
        parts += ["", f"-- from {words.expired_wording.at:%H:%M} UTC on", words.expired_wording.sentence]
    for text, names in _carried(words).items():
        parts += ["", f"-- {', '.join(names)}", *([text[0]] if text[0] else []), text[1]]
    return "\n".join(parts) + "\n"


def _carried(words: NoticeText) -> dict[tuple[str, str], list[str]]:
    """Subject and body of every medium besides the page, with the media that carry them and their lengths.

    Media that differ only in the address at the end share a text; "+" marks those that have it.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, text in words.media.items():
        if name != "page" and name not in EMAILS_AGAIN:
            body, link, _ = text.body.partition("\nhttps://")
            length = f" {text.length}/{text.limit}" if text.limit else ""
            found.setdefault((text.subject, body), []).append(f"{name}{'+' if link else ''}{length}")
    return found


@pytest.mark.parametrize("one", CASES)
def test_the_words_are_those_that_were_read_and_approved(one: Trial):
    words = compose(one.notice, one.facts, catalog=CATALOG, incident=one.context, now=one.now)
    for language, shown in words.items():
        file = GOLDEN / f"{one.facts.incident_type}.{one.notice}.{language}.txt"
        text = printed(shown)
        if os.environ.get("GOLDEN") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        if os.environ.get("GOLDEN") == "show" and one.notice is NoticeKind.FIRST:
            print(
                f"\n===== {one.facts.incident_type} {language}\n{shown.media['page'].body}\n--\n{shown.media['x'].body}"
            )
        assert text == file.read_text("utf-8")


def test_no_approved_text_is_left_over_from_a_notice_that_is_gone():
    expected = {
        f"{one.facts.incident_type}.{one.notice}.{language}.txt"
        for one in SAMPLE_NOTICES
        for language in CATALOG.languages
    }
    assert {file.name for file in GOLDEN.glob("*.txt")} == expected
