"""Every scenario that comes with the program is played by the forms of the desk to its card, in both languages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.drill_scenario import InjectKind, Objective
from statuspage.usecases.environment.model import Environment
from tests.support.content import LANGUAGES, SHIPPED, without_long_check
from tests.support.desk import Browser, Clock, drill_environment_in
from tests.support.drill_player import NAMES, READ_AFTER, Played
from tests.support.environments import with_changes
from tests.support.times import at
from tests.support.trial_company import write_company

ON_CALL = '[responders.expert]\nname = "{expert}"\nphone = "+49 30 1"\n[responders.engineer]\nname = "{engineer}"\n'

HEADLINE = {"ja": "アラートから{0}分{1}秒で、第一報を公開しました。", "en": "The first report took {0} min {1} s."}
MARKS = {
    "ja": {
        "broken": "故障を起こしてからアラートまで",
        "answered": "エンジニアへの質問から最初の回答まで",
        "cause": "原因の判明まで",
        "told_over": "復旧からお客様へのお知らせまで",
    },
    "en": {
        "broken": "Broken until the alert",
        "answered": "Engineers asked until their first answer",
        "cause": "Until the cause was found",
        "told_over": "Working again until customers were told",
    },
}
JUDGED = {"ja": "2件中2件に対応、未評価{0}件", "en": "2 of 2 handled, {0} not judged yet"}
SHARED = sorted(path.stem for path in (LANGUAGES / "scenarios").glob("*.toml"))
CASES = [
    (starter, language, name)
    for starter in loading.starters()
    for language in ("ja", "en")
    for name in sorted(
        {*SHARED, *(path.stem for path in (SHIPPED / "starters" / starter / "scenarios").glob("*.toml"))}
    )
]


@cache
def company(starter: str, language: str, folder: Path) -> tuple[Catalog, Environment]:
    """A new company of this starter, and its drill environment."""
    languages = sorted(NAMES, key=lambda spoken: spoken != language)
    content = write_company(folder / "content", starter, languages)
    (content / "on_call.toml").write_text(ON_CALL.format(**NAMES[language]), "utf-8")
    with without_long_check():
        catalog, errors = loading.read_content(content, with_marks=True)
    assert catalog is not None, errors
    home = folder / "home"
    home.mkdir()
    return catalog, with_changes(drill_environment_in(home), catalog=catalog, channels={})


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Path]]:
    """A folder for each company and language."""
    yield {(starter, spoken): tmp_path_factory.mktemp("company") for starter, spoken, _ in CASES}


@pytest.mark.slow
@pytest.mark.parametrize(("starter", "language", "name"), CASES, ids=["-".join(case) for case in CASES])
def test_a_scenario_is_played_to_its_card(
    starter: str, language: str, name: str, folders: dict[tuple[str, str], Path]
) -> None:
    catalog, env = company(starter, language, folders[starter, language])
    day = at("10:00") + timedelta(days=CASES.index((starter, language, name)))
    played = Played(env, Clock(), catalog.scenarios[name], language, day)
    played.play()
    played.judge()
    card = json.loads(played.desk("leader").open(f"/drills/{played.drill_id}.json").text)
    number = played.first + READ_AFTER
    assert card["time_to_notice"]["seconds"] == number.total_seconds()
    assert (card["time_to_notice"]["t0_source"], card["time_to_notice"]["paused_seconds"]) == ("alert", 0)
    assert {mark["name"]: mark["seconds"] for mark in card["marks"]} == expected_marks(played)
    assert {one["id"]: one["grade"] for one in card["objectives"]} == expected_grades(played)
    assert_injects(played, card)
    assert_page(played, number)
    assert_files(played)


def expected_marks(played: Played) -> dict[str, float]:
    """Seconds by mark: by the times at which the player did things, not by the program's reckoning."""
    marks = {"answered": 80.0, "cause": (played.first + timedelta(minutes=3, seconds=20)).total_seconds()}
    marks["told_over"] = (timedelta(minutes=5) + READ_AFTER).total_seconds()
    return {"broken": 90.0, **marks} if played.has_monitor else marks


def expected_grades(played: Played) -> dict[str, str]:
    """Everything was done, so only time decides; what people grade is as the leader graded it."""
    reached = {
        "acknowledged": timedelta(seconds=60),
        "confirmed": timedelta(seconds=100),
        "colleagues_told": timedelta(seconds=120),
        "published": played.first,
        "readable": played.first + READ_AFTER,
        "resolved": played.resolved + READ_AFTER - played.alerted,
    }
    return {one.id: expected_grade(one, reached) for one in played.script.objectives}


def expected_grade(objective: Objective, reached: dict[str, timedelta]) -> str:
    if objective.measure == "leader":
        return "some_challenges"
    took = reached.get(objective.measure, timedelta())
    if objective.within is None or took <= objective.within:
        return "performed"
    return "some_challenges" if took <= objective.within * 1.5 else "major_challenges"


def assert_injects(played: Played, card: dict[str, object]) -> None:
    """Each inject came once, at its minute or by hand; only an alert that its monitor had sent was left out."""
    shown = {one["id"]: one["state"] for one in card["injects"]}
    needless = {one.id for one in played.script.injects if one.kind is InjectKind.ALERT and played.has_monitor}
    assert shown == {one.id: "skipped" if one.id in needless else "fired" for one in played.script.injects}
    for one in card["injects"]:
        inject = next(each for each in played.script.injects if each.id == one["id"])
        if inject.at is not None:
            settled = (played.start + inject.at).isoformat().removesuffix("+00:00")
            assert one["settled_at"].removesuffix("Z").removesuffix("+00:00") == settled


def assert_page(played: Played, number: timedelta) -> None:
    """What somebody reads on the card: the number, the marks, each objective and inject in their language."""
    page = played.desk("leader").open(f"/drills/{played.drill_id}")
    assert page.page.status_code == 200
    minutes, seconds = divmod(int(number.total_seconds()), 60)
    (headline,) = page.tree.xpath("//main//h1/span[last()]")
    assert headline.text_content() == HEADLINE[played.language].format(minutes, seconds)
    marks = [text.strip() for text in page.tree.xpath("//ul[contains(@class, 'times')]/li/p/text()")]
    assert marks == [MARKS[played.language][name] for name in expected_marks(played)]
    for text in told_by(played):
        assert " ".join(text.split()) in page.words, text
    if not played.script.is_solo:
        (judged,) = page.tree.xpath("//details[@id='s-injects']/summary/span[@class='r']")
        unjudged = len([*page.tree.xpath("//details[@id='s-injects']/div/ul/li")]) - 2
        assert judged.text_content() == JUDGED[played.language].format(unjudged)
    assert_one_language(page.words, played)


def told_by(played: Played) -> Iterator[str]:
    """The sentences of the script that its card repeats."""
    for objective in played.script.objectives:
        yield objective.text[played.language]
    for inject in played.script.injects:
        if inject.kind is not InjectKind.GUIDE and not (inject.kind is InjectKind.ALERT and played.has_monitor):
            yield inject.expected_action[played.language]


def assert_one_language(text: str, played: Played) -> None:
    """No slot is left open, no label is missing, and an English card has nothing in Japanese."""
    assert not re.search(r"[{}]|\bdesk\.[a-z]", text)
    if played.language == "en":
        assert not re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]+", text)


def assert_files(played: Played) -> None:
    """The card as text and as a table has the same sentences, and names nobody but who owns an action item."""
    reader: Browser = played.desk("leader")
    text = reader.open(f"/drills/{played.drill_id}.md").text
    rows = [*csv.reader(io.StringIO(reader.open(f"/drills/{played.drill_id}.csv").text.removeprefix("\ufeff")))]
    cells = "\n".join(cell for row in rows for cell in row)
    for sentence in told_by(played):
        assert sentence in cells
    for words in (text, cells):
        assert_one_language(words, played)
        named = {role for role, name in NAMES[played.language].items() if name in words}
        assert named <= {"player", "leader"}, "the owner of an action item, and what the leader typed"
