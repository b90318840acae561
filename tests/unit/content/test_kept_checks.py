"""What the check of a language found is kept until something that it reads is different."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from statuspage.content.compiled import KeptChecks
from statuspage.content.compiled.kept_checks import _digest
from statuspage.content.validation.wording_check import _part_of_language
from statuspage.domain import Catalog, ContentError
from tests.support.content import demo_catalog

ERROR = ContentError("en/phrases.toml", 3, "next_update.text", "It is missing.")


@pytest.fixture
def checks(tmp_path: Path) -> KeptChecks:
    return KeptChecks(tmp_path / "cache")


def part(catalog: Catalog, language: str) -> Catalog:
    return _part_of_language(catalog, language)


def with_phrase(catalog: Catalog, language: str, key: str, text: str) -> Catalog:
    pack = catalog.packs[language]
    return replace(
        catalog, packs={**catalog.packs, language: replace(pack, phrases={**pack.phrases, key: text})}, version="new"
    )


def never() -> tuple[ContentError, ...]:
    raise AssertionError("checked again")


def test_an_equal_part_is_not_checked_again(checks: KeptChecks) -> None:
    assert checks.recall(part(demo_catalog(), "en"), lambda: (ERROR,)) == (ERROR,)
    assert checks.recall(part(replace(demo_catalog(), version="other"), "en"), never) == (ERROR,)


def test_another_language_may_change_and_this_one_may_not(checks: KeptChecks) -> None:
    checks.recall(part(demo_catalog(), "en"), tuple)
    changed = with_phrase(demo_catalog(), "ja", "next_update.text", "あとで知らせます。")
    assert checks.recall(part(changed, "en"), never) == ()
    for other in (
        with_phrase(demo_catalog(), "en", "next_update.text", "Later."),
        replace(demo_catalog(), services=dict(list(demo_catalog().services.items())[1:])),
        replace(demo_catalog(), media=dict(list(demo_catalog().media.items())[1:])),
    ):
        assert checks.recall(part(other, "en"), lambda: (ERROR,)) == (ERROR,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a",), "a"),
        ((), ("",)),
        ({"a": "b"}, {"b": "a"}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (frozenset(("a", "b")), frozenset(("a", "c"))),
        (1, "1"),
        (1, True),
        (None, ""),
        (date(2026, 1, 2), date(2026, 2, 1)),
    ],
)
def test_different_values_are_told_apart(one: object, other: object) -> None:
    assert _digest(one) != _digest(other)


def test_every_process_recognises_an_equal_part(checks: KeptChecks) -> None:
    program = (
        "from statuspage.content.compiled.kept_checks import _digest\n"
        "print(_digest((frozenset('abcdefgh'), {'x': frozenset(map(str, range(50)))})))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_a_torn_result_is_made_anew(checks: KeptChecks, tmp_path: Path) -> None:
    checks.recall(part(demo_catalog(), "en"), tuple)
    (file,) = (tmp_path / "cache").glob("checked-*")
    file.write_bytes(file.read_bytes()[:20])
    assert checks.recall(part(demo_catalog(), "en"), lambda: (ERROR,)) == (ERROR,)
