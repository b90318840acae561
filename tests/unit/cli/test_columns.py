"""Lists in the terminal: no column runs into the next one."""

from __future__ import annotations

from statuspage.cli.columns import align


def test_a_column_is_as_wide_as_its_longest_text() -> None:
    assert align([("x-ja", "X", "@acme"), ("subscriber-webhooks", "Webhooks", "")]) == [
        "x-ja                 X         @acme",
        "subscriber-webhooks  Webhooks",
    ]


def test_a_japanese_character_takes_two_cells() -> None:
    assert align([("メール", "ja"), ("Slack", "en")]) == ["メール  ja", "Slack   en"]


def test_no_rows_are_no_lines() -> None:
    assert align([]) == []
