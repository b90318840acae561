"""No screen and no command of a drill says that something was sent: it was recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, drill_environment_in, work
from tests.support.drill_player import Played
from tests.support.instance import home
from tests.support.playing import Player
from tests.support.times import at

__all__ = ["clock", "home"]

CLAIMS = {
    "ja": r"送信しました|送信済|投稿しました|投稿済|配信しました|配信済|送りました|呼び出しました|通知しました",
    "en": r"(?<!not )(?<!nothing )\b(?:(?:was|were|been) (?:sent|posted|delivered|emailed|notified)|"
    r"(?:Sent|Posted|Delivered|Emailed|Notified)\b)",
}
"""What would say that something left the sandbox."""

NOT_FOLLOWED = re.compile(r"/static/|\.(?:csv|md|json|ics|css)|/sign-out|/settings|/audit-log|^https?:|#")
"""Files, other sites, and pages about the instance, which is the same in live."""


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment with the channels and the on-call of the demo company."""
    env = drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def screens(reader: Browser) -> Iterator[tuple[str, str]]:
    """Every page that links lead to from the home page: its address, and what somebody reads there."""
    seen, coming = {"/"}, ["/"]
    while coming:
        address = coming.pop(0)
        page = reader.open(address)
        if page.page.status_code != 200 or "html" not in page.page.headers["Content-Type"]:
            continue
        yield address, " ".join(page.tree.xpath("//body")[0].text_content().split())
        for link in page.tree.xpath("//a/@href"):
            if link.startswith("/") and not NOT_FOLLOWED.search(link) and link not in seen:
                seen.add(link)
                coming.append(link)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_screen_of_a_drill_says_that_something_was_sent(drill: Environment, clock: Clock, language: str):
    played = Played(drill, clock, drill.site.catalog.scenarios["unanswered-call"], language, at("10:00"))
    played.play(watch=lambda: work(drill, clock))
    texts = dict(screens(played.desk("leader")))
    assert len(texts) > 15
    assert any(("未送信" if language == "ja" else "not sent") in text for text in texts.values())
    claims = {(address, found) for address, text in texts.items() for found in re.findall(CLAIMS[language], text)}
    assert not claims


@pytest.mark.slow
def test_the_command_line_of_a_drill_says_that_nothing_was_sent(home: Path):
    player = Player(home)
    begun = player.run("drill", "start", "--title", "Bookings fail", "--leader", "Nakamura", "--no-alert")
    told = player.run("report", "--drill", "--incident-type", "booking", "--start", "about:5m", "--yes", "--anyway")
    shown = player.run("show", "--drill")
    incident = re.search(r"drill\w{7}", shown.out)
    assert incident, shown.out
    asked = player.run("facts", "ask", incident[0], "--drill")
    for answer in (begun, told, shown, asked):
        assert answer.code == 0, answer.err
        assert not re.findall(CLAIMS["en"], answer.out + answer.err)
    assert "not sent" in told.out and "not sent" in asked.out
