"""What a process lacks for a while: file handles."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.playing import Player, Serving, clean_environ, serving, until

pytestmark = pytest.mark.slow

FEW = 5
"""Fewer file handles than any process of ours has open, so that it gets no other."""

LINES = 6
"""Lines of log that some seconds of such a fault may be, in two processes' threads."""


@pytest.fixture
def player(made_instance: Path, tmp_path: Path) -> Player:
    return Player(Path(shutil.copytree(made_instance, tmp_path / "instance", symlinks=True)), clean_environ())


@contextmanager
def without_handles(served: Serving) -> Iterator[None]:
    """During the block the live process gets no further file handle."""
    before = resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, (FEW, before[1]))
    try:
        yield
    finally:
        resource.prlimit(served.process.pid, resource.RLIMIT_NOFILE, before)


def status(address: str) -> int:
    """0: no answer within some seconds."""
    try:
        return requests.get(address, timeout=3).status_code
    except requests.RequestException:
        return 0


def test_without_file_handles_it_waits_says_so_in_few_lines_and_goes_on(player: Player) -> None:
    with serving(player) as served:
        address = f"{served['desk']}/livez"
        assert status(address) == 200
        with without_handles(served):
            assert [status(address) for _ in range(3)] == [0, 0, 0], "the control: nothing can be accepted"
        assert until(lambda: status(address) == 200)
        assert until(lambda: requests.get(f"{served['desk']}/readyz", timeout=30).status_code == 200)
        assert served.process.poll() is None
    events = [json.loads(line) for line in player.errors().splitlines() if line.startswith("{")]
    faults = [event for event in events if event["level"] in ("warning", "error", "critical")]
    assert "EMFILE" in [fault.get("code") for fault in faults]
    assert len(faults) <= LINES, faults
