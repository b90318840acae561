"""The licence page lists every package in the lock file, and none whose licence would bind the program itself."""

from __future__ import annotations

from tools import licences


def test_everything_the_lock_names_is_on_the_page_with_its_terms() -> None:
    text = licences.PAGE.read_text("utf-8")
    missing = [
        f"{name} {version}" for name, version in licences.locked().items() if f"| {name} | {version} |" not in text
    ]
    assert missing == [], "make licences"
    assert text == licences.page(), "make licences"


def test_nothing_asks_that_the_program_be_given_away_under_its_own_terms() -> None:
    terms = {name: licences.licence_of(name) for name in licences.locked()}
    assert [n for n, terms_of in terms.items() if "GPL" in terms_of and "LGPL" not in terms_of] == []
