"""One word has one meaning: no name in the package stands for more than four things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import repeated_names

MODULE = """
from typing import Protocol

class Channel(Protocol):
    def deliver(self): ...

class Slack(Channel):
    def deliver(self): ...
    def __init__(self): ...

class Teams(Channel):
    def deliver(self): ...

def read(): ...
"""


@pytest.mark.slow
def test_no_name_stands_for_more_than_four_things():
    found = repeated_names.meanings()
    assert {name: [thing.place for thing in things] for name, things in found.items() if len(things) > 4} == {}


def test_implementations_of_a_protocol_count_once_and_dunders_not_at_all(tmp_path: Path):
    (tmp_path / "channels.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "monitors.py").write_text("def read(): ...\n", encoding="utf-8")
    counts = {name: len(things) for name, things in repeated_names.meanings(tmp_path).items()}
    assert counts == {"Channel": 1, "Slack": 1, "Teams": 1, "deliver": 1, "read": 2}
