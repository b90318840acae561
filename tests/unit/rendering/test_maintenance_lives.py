"""Notices over whole lives of planned maintenance, held against an oracle that must find the bugs planted here."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import pytest

from statuspage.domain import Catalog, NoticeKind, Sentence
from statuspage.rendering.wording import composition, maintenance, scope, titles
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import Clock
from tests.support.lives import BEGINNINGS, worldwide_catalog
from tests.support.maintenance_lives import live_through_maintenance
from tests.support.maintenance_oracle import MAINTENANCE_RULES, maintenance_violations

QUICK = range(6)
MANY = range(100, 160)
PLANTED_IN = range(24)
"""Enough lives for every planted bug to show."""


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return worldwide_catalog(tmp_path_factory.mktemp("maintenance") / "content")


def _read(
    catalog: Catalog, seed: int, languages: tuple[str, ...], rules: tuple[str, ...] = tuple(MAINTENANCE_RULES)
) -> list[str]:
    zone = BEGINNINGS[seed % len(BEGINNINGS)][0]
    spoken = replace(catalog, site=replace(catalog.site, languages=languages, zone=zone))
    return list(maintenance_violations(spoken, live_through_maintenance(spoken, seed), languages, rules))


@pytest.mark.parametrize("seed", QUICK)
def test_nothing_false_is_said_over_a_life_of_maintenance(catalog: Catalog, seed: int):
    others = tuple(language for language in catalog.packs if language not in ("en", "ja"))
    assert _read(catalog, seed, ("en", "ja", others[seed % len(others)])) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", MANY[::20])
def test_nothing_false_is_said_over_many_lives_of_maintenance_in_any_language(catalog: Catalog, first: int):
    languages = tuple(catalog.packs)
    assert [found for seed in range(first, first + 20) for found in _read(catalog, seed, languages)] == []


def test_a_post_names_what_it_leaves_out_of_planned_work(catalog: Catalog):
    spoken = replace(catalog, site=replace(catalog.site, languages=("de",), zone=BEGINNINGS[0][0]))
    steps = live_through_maintenance(spoken, 0)
    assert [step.texts["de"].media["x"].left_out for step in steps[:3]] == [
        ("scope",),
        ("scope",),
        ("planned", "scope"),
    ]


Plant = Callable[[pytest.MonkeyPatch, Catalog], Catalog]


def _titles_it_with_the_day_of_the_notice(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    def format_today(context: WordingContext) -> str:
        return context.clock.format_date(context.now, now=context.now)

    patch.setattr(titles, "_format_planned_date", format_today)
    return catalog


def _gives_the_first_end_for_ever(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    def end_of_the_plan(context: WordingContext) -> datetime:
        told = context.incident.claims[0].facts if context.incident.claims else context.facts
        return told.maintenance_window.end if told.maintenance_window else context.now

    patch.setattr(maintenance, "_window_end", end_of_the_plan)
    return catalog


def _forgets_the_old_plan(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(maintenance, "old_plan_sentence", lambda context: "")
    return _without_sentence(catalog, "old_plan")


def _says_the_planned_state_as_present(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(scope, "state_name", lambda context, state: context.phrases.format_label(f"state.{state}"))
    return catalog


def _leaves_out_what_stops(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    return _without_sentence(catalog, "maintenance_impact")


def _apologises_at_the_end(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    compose = composition.sentences

    def with_apology(context: WordingContext, names: Container[str] | None = None) -> tuple[Sentence, ...]:
        sorry = Sentence("as_usual", context.phrases.format("apology.extended"))
        others = tuple(sentence for sentence in compose(context, names) if sentence.name != "as_usual")
        return (*others, sorry) if context.notice is NoticeKind.FINISHED else compose(context, names)

    patch.setattr(composition, "sentences", with_apology)
    return catalog


def _says_another_zones_times(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    format_time = Clock.format_time
    patch.setattr(Clock, "format_time", lambda clock, at: format_time(replace(clock, zone="Asia/Kolkata"), at))
    return catalog


def _says_the_first_sentence_twice(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    page = catalog.media["page"]
    doubled = {kind: (*names[:1], *names) for kind, names in page.sentences.items()}
    return replace(catalog, media={**catalog.media, "page": replace(page, sentences=doubled)})


def _without_sentence(catalog: Catalog, dropped: str) -> Catalog:
    media = {}
    for id, medium in catalog.media.items():
        kept = {kind: tuple(name for name in names if name != dropped) for kind, names in medium.sentences.items()}
        media[id] = replace(medium, sentences=MappingProxyType(kept))
    return replace(catalog, media=media)


PLANTS: dict[str, Plant] = {
    "has_its_day_in_the_title": _titles_it_with_the_day_of_the_notice,
    "says_when": _gives_the_first_end_for_ever,
    "says_the_old_plan": _forgets_the_old_plan,
    "speaks_of_a_plan_as_a_plan": _says_the_planned_state_as_present,
    "names_what_stops": _leaves_out_what_stops,
    "apologises_for_an_extension_only": _apologises_at_the_end,
    "says_only_times_of_the_work": _says_another_zones_times,
    "says_nothing_twice": _says_the_first_sentence_twice,
}
"""One bug for each rule."""


def test_each_rule_has_a_planted_bug():
    assert PLANTS.keys() == MAINTENANCE_RULES.keys()


@pytest.mark.parametrize("rule", PLANTS)
def test_the_oracle_finds_the_bug_planted_against_each_rule(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, rule: str
):
    planted = PLANTS[rule](monkeypatch, catalog)
    assert any(_read(planted, seed, ("en",), (rule,)) for seed in PLANTED_IN)
