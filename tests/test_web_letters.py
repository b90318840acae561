"""What the desk shows of every type of channel: the words as their readers read them, and a letter as a whole."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage import channels, content, shipped
from statuspage.catalog import ChannelSpec
from statuspage.store import deliveries, incidents
from statuspage.world import World
from tests.fixtures_desk import Browser, Clock, clock, drill_world_in, signed_in, work

__all__ = ["clock"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[World]:
    """A drill's world in which every channel of the sample is set up."""
    plain = drill_world_in(tmp_path)
    specs = every_channel(tmp_path)
    catalog = replace(plain.catalog, channels=specs)
    ways = {id: channels.sandbox(spec, plain.home / "outbox") for id, spec in specs.items()}
    made = replace(plain, catalog=catalog, channels=ways, unready={})
    yield made
    made.store.close()
    made.people.close()


def every_channel(tmp_path: Path) -> dict[str, ChannelSpec]:
    folder = Path(shutil.copytree(shipped.folder("content"), tmp_path / "every"))
    file = folder / "channels.toml"
    file.write_text(re.sub(r"^#(?=\[|[a-z_]+ = )", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    found, faults = content.read(folder)
    assert found is not None, faults
    return dict(found.channels)


def told(drill: World, clock: Clock) -> Browser:
    browser = signed_in(drill, clock).open("/drills")
    browser.send({"title": "予約の情報を保管する機器が故障", "kind": "booking"})
    clock.later(minutes=2)
    browser.open("/").send(do="write")
    clock.later(minutes=1)
    browser.send({"estimate_minutes": "40", "do": "publish"})
    work(drill, clock)
    return browser


def test_the_wall_shows_each_message_without_the_signs_of_its_service(drill: World, clock: Clock) -> None:
    tree = told(drill, clock).open("/drills/wall").tree
    names = [" ".join(found.text_content().split()) for found in tree.xpath("//article/h3")]
    assert {"Slack #status", "Teams Status", "Discord #status"} <= set(names)
    assert len(names) == 2 + len(drill.channels)
    for post in tree.xpath("//article/div[contains(@class, 'post')]"):
        words = post.text_content()
        assert "【訓練】" in words or "[DRILL]" in words
        assert "&lt;" not in words
        assert "\\" not in words or "\\n" in words


def test_a_letter_is_looked_at_as_a_whole_and_runs_nothing(drill: World, clock: Clock) -> None:
    browser = told(drill, clock)
    links = browser.open("/drills/wall").tree.xpath("//a[contains(@href, '/letter')]/@href")
    said = set()
    for link in links:
        policy = browser.open(link).page.headers["Content-Security-Policy"]
        assert ("script" in policy, policy.endswith("; sandbox")) == (False, True)
        said.add(browser.tree.xpath("//h1")[0].text_content())
    assert "【訓練】会員アプリでレッスンを予約できません。" in said
    assert len(links) == sum(one.type in ("mail", "subscribers") for one in drill.catalog.channels.values())


def test_what_is_no_letter_has_none(drill: World, clock: Clock) -> None:
    browser = told(drill, clock)
    with drill.store.read() as tx:
        (told_of,) = incidents.open_now(tx)
        (post,) = (d.id for d in deliveries.for_incident(tx, told_of.id) if d.channel == "x-ja")
    assert browser.open(f"/deliveries/{post}/letter").page.status_code == 404
    assert browser.open("/deliveries/999/letter").page.status_code == 404
