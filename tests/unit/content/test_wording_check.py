"""Everything that could go wrong with prepared texts is found before they are needed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from statuspage.content import loading
from statuspage.content.validation.generated_cases import generate_trials, longest_day
from statuspage.content.validation.wording_check import check_wording
from statuspage.domain.catalog import Catalog, ContentError
from statuspage.domain.facts import (
    IMPACT_STATES,
    AffectedAudience,
    MissedEstimate,
    NoticeKind,
    Precision,
    notice_kinds_of,
)
from tests.support.content import drill_catalog, whole_copy
from tests.support.times import TOKYO, at

NOW = at("12:00")


@pytest.fixture(scope="module")
def drill() -> Catalog:
    """The shipped content with drill marks, which take up room."""
    return drill_catalog()


@pytest.fixture(scope="module")
def small(drill: Catalog) -> Catalog:
    """The same with one incident type, which is quickly checked."""
    return replace(
        drill,
        incident_types={"booking": drill.incident_types["booking"]},
        services=dict(list(drill.services.items())[:5]),
    )


def with_phrases(catalog: Catalog, language: str, phrases: Mapping[str, str | None]) -> Catalog:
    """The catalog with other phrases in one language; None removes one."""
    pack = catalog.packs[language]
    merged = {**pack.phrases, **phrases}
    kept = {key: text for key, text in merged.items() if text is not None}
    return replace(catalog, packs={**catalog.packs, language: replace(pack, phrases=kept)})


def fault_keys(faults: tuple[ContentError, ...]) -> set[tuple[str, str]]:
    return {(fault.file, fault.key) for fault in faults}


@pytest.mark.slow
def test_the_shipped_content_passes_with_a_drills_marks_and_in_good_time(drill: Catalog):
    began = time.perf_counter()
    assert check_wording(drill, now=NOW) == ()
    print(f"checking all words: {time.perf_counter() - began:.1f} s")


@pytest.mark.slow
def test_the_shipped_content_passes_just_before_midnight_and_at_the_turn_of_the_year(small: Catalog):
    assert check_wording(small, now=at("23:50")) == ()
    assert check_wording(small, now=at("23:59", "2026-12-31")) == ()


def test_every_shape_of_every_fact_is_tried(drill: Catalog):
    every = list(generate_trials(drill, NOW))
    facts = [trial.facts for trial in every]
    now_missed = {(f.estimate.shape, f.estimate.current.shape) for f in facts if isinstance(f.estimate, MissedEstimate)}
    assert {(f.incident_type, t.notice) for f, t in zip(facts, every, strict=True)} == {
        (incident_type, notice) for incident_type in drill.incident_types for notice in notice_kinds_of(incident_type)
    }
    assert {f.estimate.shape for f in facts} == {"unknown", "known", "range", "not_before", "missed"}
    assert now_missed == {("missed", shape) for shape in ("unknown", "known", "range", "not_before")}
    assert {f.start.precision for f in facts if f.start} == set(Precision)
    assert {f.audience.extent for f in facts} == set(AffectedAudience)
    assert {(a.service, a.state) for f in facts for a in f.affected} >= {
        (s, e) for s in drill.services for e in IMPACT_STATES
    }


def test_every_entry_of_every_list_and_every_answer_is_tried(drill: Catalog):
    facts = [trial.facts for trial in generate_trials(drill, NOW)]
    for incident_type in drill.incident_types.values():
        own = [f for f in facts if f.incident_type == incident_type.id]
        assert {f.cause for f in own} >= set(incident_type.causes)
        assert {f.current_action for f in own} >= set(incident_type.current_actions)
        assert {w for f in own for w in f.workarounds} >= set(incident_type.workarounds)
        for question in incident_type.questions:
            assert {f.answers.get(question.id, "checking") for f in own} >= {"checking", *question.answers}


def test_the_fullest_words_are_tried_on_a_day_with_a_long_name(drill: Catalog):
    english = replace(drill, site=replace(drill.site, languages=("en",)))
    day = longest_day(english, NOW).astimezone(TOKYO)
    assert day.strftime("%A %B") == "Wednesday September"
    year_on = longest_day(english, NOW) + timedelta(days=364)
    full = [
        trial.facts.start.at for trial in generate_trials(english, NOW) if trial.facts.start and trial.now == year_on
    ]
    assert {at.astimezone(TOKYO).strftime("%A %B") for at in full} == {"Wednesday September"}


def test_the_trials_are_the_same_each_time(small: Catalog):
    assert list(generate_trials(small, NOW)) == list(generate_trials(small, NOW))


@pytest.mark.slow
def test_a_missing_sentence_is_told_once_with_its_name(small: Catalog):
    faults = check_wording(with_phrases(small, "en", {"next_update.text": None}), now=NOW)
    assert [(f.file, f.key, f.message) for f in faults] == [
        ("en/phrases.toml", "next_update.text", "“next_update.text” is missing; add it.")
    ]


@pytest.mark.slow
def test_a_slot_that_a_sentence_is_not_given_is_told(small: Catalog):
    broken = with_phrases(small, "ja", {"estimate.known": "{start}ごろに直ります。"})
    assert [(f.file, f.key, f.message) for f in check_wording(broken, now=NOW)] == [
        ("ja/phrases.toml", "estimate.known", "The slot {start} is not filled in this sentence; delete it.")
    ]


@pytest.mark.slow
def test_a_sentence_that_leaves_no_room_on_x_is_told(small: Catalog):
    long = "とても長い文です" * 20 + "。"
    faults = check_wording(
        with_phrases(small, "ja", {"opening_short.monitoring.plain": "{as_of}の時点で、{again}。" + long}), now=NOW
    )
    assert ("media.toml", "x.drop_order.monitoring") in fault_keys(faults)
    message = next(fault.message for fault in faults if fault.key == "x.drop_order.monitoring")
    assert "too long for “x” in ja" in message
    assert "of 280 at most" in message


@pytest.mark.slow
def test_marks_that_leave_no_room_on_x_are_told(small: Catalog):
    pack = small.packs["en"]
    marked = replace(pack, marks=replace(pack.marks, end="This is a drill. " * 12))
    faults = check_wording(replace(small, packs={**small.packs, "en": marked}), now=NOW)
    assert ("media.toml", "x.drop_order.first") in fault_keys(faults)


@pytest.mark.slow
def test_a_name_in_a_medium_that_no_sentence_has_is_told(small: Catalog):
    short = small.media["short"]
    first = {**short.sentences, NoticeKind.FIRST: ("spokn", "outlook")}
    faults = check_wording(replace(small, media={**small.media, "short": replace(short, sentences=first)}), now=NOW)
    assert [(f.key, f.message) for f in faults] == [
        ("short.sentences.first", "No notice has a sentence “spokn”; correct the name.")
    ]


@pytest.mark.slow
def test_a_medium_that_says_nothing_is_told(small: Catalog):
    short = small.media["short"]
    first = {**short.sentences, NoticeKind.FIRST: ("period",)}
    faults = check_wording(replace(small, media={**small.media, "short": replace(short, sentences=first)}), now=NOW)
    assert fault_keys(faults) == {("media.toml", "short.sentences.first")}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "次は、{next_update}まで。。",
        "次は、、{next_update}まで。",
        "次は {next_update} まで , です。",
        "次は|{next_update}まで。",
    ],
)
def test_punctuation_that_went_wrong_is_told(small: Catalog, text: str):
    faults = check_wording(with_phrases(small, "ja", {"next_update.text": text}), now=NOW)
    assert ("ja/phrases.toml", "next_update") in fault_keys(faults)


@pytest.mark.slow
def test_an_empty_title_is_told(small: Catalog):
    bare = replace(small.packs["en"].marks, start="", end="")
    live = {**small.packs, "en": replace(small.packs["en"], marks=bare)}
    faults = check_wording(with_phrases(replace(small, packs=live), "en", {"title.text": ""}), now=NOW)
    assert ("en/phrases.toml", "title.first") in fault_keys(faults)


@pytest.mark.slow
def test_whatever_else_goes_wrong_is_told_and_stops_nothing(small: Catalog):
    pack = small.packs["ja"]
    broken = replace(pack, lists={**pack.lists, "workaround": {}}, services={})
    faults = check_wording(replace(small, packs={**small.packs, "ja": broken}), now=NOW)
    assert any("cannot be worded (KeyError(" in fault.message for fault in faults)


@pytest.mark.slow
def test_all_faults_are_told_together(small: Catalog):
    broken = with_phrases(small, "en", {"next_update.text": None, "zone.text": "{group}", "expired.known": None})
    broken = with_phrases(broken, "ja", {"period.same.exact": "{eta}"})
    assert fault_keys(check_wording(broken, now=NOW)) >= {
        ("en/phrases.toml", "next_update.text"),
        ("ja/phrases.toml", "period.same.exact"),
    }


@pytest.mark.slow
def test_faults_are_given_their_lines(tmp_path: Path, small: Catalog):
    folder = whole_copy(tmp_path / "content")
    faults = check_wording(with_phrases(small, "ja", {"estimate.known": "{start}"}), now=NOW)
    (placed,) = loading.locate_errors(folder, faults)
    lines = (folder / "ja" / "phrases.toml").read_text(encoding="utf-8").splitlines()
    header = lines.index("[estimate]")
    assert placed.line == next(n for n, text in enumerate(lines, 1) if n > header and text.startswith("known ="))


class Unread:
    """Fails whoever looks at it."""

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"{name} was read")

    def __iter__(self) -> NoReturn:
        raise AssertionError("it was read")

    __len__ = __bool__ = __contains__ = __getitem__ = __iter__


@pytest.mark.slow
def test_no_sentence_depends_on_the_files_that_are_left_out_of_its_version(small: Catalog):
    fields = ("channels", "disabled_channels", "hosts", "on_call", "notification_channels", "alert_rules")
    unread: dict[str, Any] = dict.fromkeys((*fields, "grouping", "json_mappings"), Unread())
    assert check_wording(replace(small, **unread), now=NOW) == check_wording(small, now=NOW) == ()


def test_a_roster_an_alert_rule_and_a_reading_leave_the_version_of_the_wording(tmp_path: Path):
    folder = whole_copy(tmp_path)
    before, _ = loading.read_content(folder)
    for name in ("on_call.toml", "alerts.toml"):
        (folder / name).write_text((folder / name).read_text("utf-8") + "\n# ours\n", "utf-8")
    (folder / "en" / "review.toml").write_text('[[read]]\nby = "Aya"\non = 2026-07-04\nsentences = "x"\n', "utf-8")
    after, errors = loading.read_content(folder)
    assert before is not None
    assert after is not None, errors
    assert (after.version != before.version, after.wording_version) == (True, before.wording_version)
