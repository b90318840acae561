"""Threats that have no better place to be tried, and the table of all of them (docs/security.md)."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from statuspage import people
from statuspage.world import World
from tests.fixtures_desk import Browser, Clock, clock, desk_of, person_in, signed_in, world

__all__ = ["clock", "world"]

ROOT = Path(__file__).resolve().parent.parent
EVIL = "evil.example"


def test_a_made_up_host_name_is_repeated_nowhere(world: World, clock: Clock) -> None:
    browser = signed_in(world, clock)
    for path in ("/", "/report", "/sign-in", "/nowhere"):
        answer = browser.client.get(path, headers={"Host": EVIL, "X-Forwarded-Host": EVIL})
        assert EVIL not in answer.get_data(as_text=True), path
        assert EVIL not in answer.headers.get("Location", "")


def test_a_token_that_somebody_else_chose_becomes_no_session(world: World, clock: Clock) -> None:
    person_in(world)
    browser = Browser(desk_of(world, clock))
    browser.client.set_cookie("desk", "chosen-by-somebody-else")
    assert browser.open("/").path == "/sign-in"
    browser.sign_in()
    token = browser.client.get_cookie("desk")
    assert token is not None
    assert token.value != "chosen-by-somebody-else"
    other = Browser(desk_of(world, clock))
    other.client.set_cookie("desk", "chosen-by-somebody-else")
    assert other.open("/").path == "/sign-in"


def test_an_unknown_login_costs_the_same_work_as_a_known_one(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_in(world)
    worked: list[str] = []

    class Counting(PasswordHasher):
        """Counts what is hashed, and hashes it."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            """As ever."""
            worked.append(str(password))
            return super().verify(hash, password)

    monkeypatch.setattr(people, "_hasher", Counting())
    for login in ("sato", "nobody"):
        Browser(desk_of(world, clock)).sign_in(login, "the wrong password")
    assert worked == ["the wrong password"] * 2


def test_a_file_sent_with_a_form_is_kept_nowhere(world: World, clock: Clock) -> None:
    browser = signed_in(world, clock).open("/report")
    fields = browser.fields()
    data = {**fields, "extra.ja": (BytesIO(b"<svg onload=alert(1)>"), "../../evil.svg"), "do": "follow"}
    browser.client.post("/report", data=data, content_type="multipart/form-data")
    held = [path for path in world.home.rglob("*") if path.is_file() and b"<svg onload" in path.read_bytes()]
    assert held == []


def test_every_threat_in_the_table_has_a_test_that_exists() -> None:
    table = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = re.findall(r"`(test_\w+)::(test_\w+)`", table)
    assert len(named) > 30
    missing = [
        f"{module}::{name}"
        for module, name in named
        if f"def {name}(" not in (ROOT / "tests" / f"{module}.py").read_text("utf-8")
    ]
    assert missing == []
