"""Whatever people do in both environments of an instance, nothing of one is ever found in the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.both_environments import DRILL, LIVE, Ground, Instance, every_verb, explore, ground, outcome_of
from tests.support.command_inputs import NEEDS_NONE, VERBS, Simplest

OF_DRILL = (
    *["drill start", "alert", "ack", "alert", "false-alarm", "alert", "keep-watch", "alert", "join", "apart"],
    *["topic", "confirm", "close"],
    *["report", "ask", "answer", "update", "correct", "note", "partly", "watch", "resolve", "reopen", "resolve"],
    *["account"],
    *["report", "withdraw", "plan", "start", "extend", "finish", "plan", "cancel", "build"],
    *["drill scenarios", "drill script", "drill calendar", "drill list", "drill inject", "drill skip", "drill pause"],
    *["drill resume", "drill observe", "drill suspend", "drill start", "drill end", "drill report"],
    *["drill grade", "drill handled", "drill action", "drill trend", "redact"],
)
OF_LIVE = (
    *["alert", "confirm", "close", "report", "approve", "update", "queue list", "queue seen", "queue again", "resolve"],
    *["account"],
    *["queue resume", "queue go", "channel list", "channel test", "publish"],
    *["subscribers add", "subscribers list", "subscribers import", "subscribers export", "subscribers remove"],
    *["people add", "people list", "people password", "people role", "people sessions", "people sign-out"],
    *["people disable", "people enable", "duty", "topic"],
    *["report", "withdraw", "plan", "cancel", "services", "kinds", "show", "alerts", "say", "plain", "host", "restore"],
    *["content diff", "content take"],
)
"""Verbs in an order in which each has something to do; those that only look are enough in one environment."""

REFUSED = ("approve", "queue seen", "queue again", "publish", "restore")
"""What there is nothing to do for: no notice waits for a second person, every message went out, the sample company has
no second place for its page, and a drill's page is nothing that live would take for its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def on(
    request: pytest.FixtureRequest, made_instance: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Two terminals that stay open, and where instances are made."""
    folder = tmp_path_factory.mktemp("environments")
    with ground(made_instance, folder, request.param) as found:
        yield found


def test_every_verb_of_the_program_is_played_or_says_why_not() -> None:
    assert sorted(every_verb()) == sorted([*VERBS, *NEEDS_NONE])


def test_whatever_is_typed_the_environments_stay_apart(on: Ground) -> None:
    explore(on, examples=3, steps=6, number=1)
    assert on.ended.total() > 14


@pytest.mark.parametrize("on", ["sqlite"], indirect=True)
def test_each_verb_does_something(on: Ground) -> None:
    instance = Instance(on)
    try:
        for env, verbs in ((DRILL, OF_DRILL), (LIVE, OF_LIVE)):
            for verb in verbs:
                done = instance.play(verb, env, outcome_of(instance, env, verb, Simplest()))
                assert done.code == (verb in REFUSED), (verb, env, done)
    finally:
        instance.close()
    untried = set(VERBS) - {*OF_DRILL, *OF_LIVE}
    assert untried == {"people link", "drill cancel"}, "which need a desk that is served, and a drill that is planned"
