"""Whatever people do in both environments of an instance, nothing of one is ever found in the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.both_environments import DRILL, LIVE, Ground, Instance, every_verb, explore, ground, outcome_of
from tests.support.command_inputs import NEEDS_NONE, VERBS
from tests.support.input_choices import Simplest

AFTERWARDS = (
    *["action add", "action list", "action change", "action issue", "action done", "action reopen", "action drop"],
    *["retro show", "retro note", "retro event", "retro cause", "retro state"],
    *["incident-report begin", "incident-report list", "incident-report approve", "incident-report write"],
    *["incident-report pdf"],
)
OF_DRILL = (
    *["drill start", "alert receive", "alert acknowledge", "alert receive", "alert dismiss"],
    *["alert receive", "alert watch", "alert receive", "alert group", "alert ungroup"],
    *["alert topic", "alert confirm", "incident close"],
    *["report", "facts ask", "facts answer", "update", "correct", "incident note", "partial", "monitoring"],
    *["resolve", "incident reopen", "resolve", "facts open", "facts publish", "postmortem publish", *AFTERWARDS],
    *["report", "withdraw", "maintenance announce", "maintenance start", "maintenance extend", "maintenance finish"],
    *["maintenance announce", "maintenance cancel", "build"],
    *["drill scenarios", "drill script", "drill calendar", "drill list", "drill inject", "drill skip", "drill pause"],
    *["drill resume", "drill observe", "drill suspend", "drill start", "drill end", "drill report"],
    *["drill grade", "drill handled", "drill trend", "redaction create"],
)
OF_LIVE = (
    *["alert receive", "alert confirm", "incident close"],
    *["report", "approval approve", "approval refuse", "approval bypass", "update"],
    *["queue list", "queue mark-delivered", "queue retry"],
    *["resolve", "facts publish", "postmortem publish", *AFTERWARDS, "incident figures"],
    *["queue resume", "queue release", "channel list", "channel test", "publish"],
    *["subscriber add", "subscriber list", "subscriber import", "subscriber export", "subscriber remove"],
    *["account add", "account list", "account password", "account role", "account sessions", "account sign-out"],
    *["account emergency-link", "account emergency-links", "account revoke-emergency-link"],
    *["account reset-second-factor", "audit export"],
    *["token add", "token list", "token end", "account disable", "account enable", "on-call show", "alert topic"],
    *["report", "withdraw", "maintenance announce", "maintenance cancel"],
    *["service list", "incident-type list", "show", "alert list", "incident list", "preview", "plain"],
    *["host list", "host config", "history import", "content diff", "content show"],
    *["secrets list", "secrets rotate", "secrets new-key"],
)
"""Commands in an order in which each has something to do; those that only read are enough in one environment."""

REFUSED = (
    "approval approve",
    "approval refuse",
    "approval bypass",
    "queue mark-delivered",
    "queue retry",
    "publish",
    "history import",
    "action issue",
)
"""Commands that have nothing to do: no notice is pending approval, every message was sent, the sample company has no
host for its page and no issue tracker, and live would not mistake a drill's page for its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def on(
    request: pytest.FixtureRequest, made_instance: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Two open terminals, and a place for instances."""
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
    assert untried == {"account link", "drill cancel"}, "which need a desk that is served, and a drill that is planned"
