"""Notices over whole lives of incidents, held against an oracle, which must itself find the bugs planted here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from statuspage.domain import Catalog, NoticeKind, starting_facts
from statuspage.rendering.wording import context, corrections, fact_rows, scope, titles
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import Clock
from statuspage.rendering.wording.times import estimates
from tests.support.life_oracle import RULES, violations
from tests.support.lives import BEGINNINGS, live, worldwide_catalog

QUICK = range(8)
MANY = range(100, 280)
PLANTED_IN = range(48)
"""Enough lives for every planted bug to show."""


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return worldwide_catalog(tmp_path_factory.mktemp("lives") / "content")


def _read(catalog: Catalog, seed: int, languages: tuple[str, ...], rules: tuple[str, ...] = tuple(RULES)) -> list[str]:
    spoken = replace(
        catalog, site=replace(catalog.site, languages=languages, zone=BEGINNINGS[seed % len(BEGINNINGS)][0])
    )
    return list(violations(spoken, live(spoken, seed), languages, rules))


@pytest.mark.parametrize("seed", QUICK)
def test_nothing_false_is_said_over_a_life(catalog: Catalog, seed: int):
    others = tuple(language for language in catalog.packs if language not in ("en", "ja"))
    assert _read(catalog, seed, ("en", "ja", others[seed % len(others)])) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", MANY[::20])
def test_nothing_false_is_said_over_many_lives_in_any_language(catalog: Catalog, first: int):
    languages = tuple(catalog.packs)
    assert [found for seed in range(first, first + 20) for found in _read(catalog, seed, languages)] == []


Plant = Callable[[pytest.MonkeyPatch, Catalog], Catalog]


def _forgets_what_recovered(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(context, "impacts", lambda claims: ())
    return catalog


def _gives_all_services_one_time(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(fact_rows, "service_period", lambda context, impact: "")
    return catalog


def _narrows_the_title(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(titles, "_says_anew", lambda context, frozen: True)
    patch.setattr(WordingContext, "all_affected", property(lambda context: context.affected))
    return catalog


def _keeps_the_facts_of_the_recovered(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(starting_facts, "facts_for_remaining", lambda facts, incident_type: facts)
    return catalog


def _leaves_out_the_old_estimate(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(estimates, "replaced_estimate", lambda context: None)
    return catalog


def _corrects_without_the_old_time(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(corrections, "_changed_times", lambda context, previous, corrected, **_: {})
    return catalog


def _misses_an_estimate_in_silence(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    post = catalog.media["x"]
    names = tuple(name for name in post.sentences[NoticeKind.UPDATE] if name != "missed_short")
    return replace(
        catalog, media={**catalog.media, "x": replace(post, sentences={**post.sentences, NoticeKind.UPDATE: names})}
    )


def _corrects_what_nobody_changed(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(
        corrections, "_corrected_facts", lambda context, previous: corrections.changed_facts(previous, context.facts)
    )
    return catalog


def _drops_the_customers(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    opening = sys.modules["statuspage.rendering.wording.opening"]  # the package may export a function of this name
    for module in (opening, scope, titles, corrections):
        patch.setattr(module, "name_audience", lambda context, text, **_: text)
    return catalog


def _apologises_in_every_update(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    def sorry(context: WordingContext) -> str:
        return context.phrases.format("apology.first")

    sentences = sys.modules["statuspage.rendering.wording.sentences"]  # the package exports a function of this name
    patch.setattr(sentences, "_BUILDERS", MappingProxyType({**sentences._BUILDERS, "current_action": sorry}))
    return catalog


def _says_the_first_sentence_twice(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    page = catalog.media["page"]
    doubled = {kind: (*names[:1], *names) for kind, names in page.sentences.items()}
    return replace(catalog, media={**catalog.media, "page": replace(page, sentences=doubled)})


def _keeps_the_old_subject(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(titles, "_present_title", titles.incident_title)
    return catalog


def _says_another_zones_times(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    format_time = Clock.format_time
    patch.setattr(Clock, "format_time", lambda clock, at: format_time(replace(clock, zone="Asia/Kolkata"), at))
    return catalog


def _forgets_what_we_do(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    page = catalog.media["page"]
    said = {kind: tuple(name for name in names if name != "current_action") for kind, names in page.sentences.items()}
    return replace(catalog, media={**catalog.media, "page": replace(page, sentences=said)})


def _keeps_the_title_in_the_present(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(titles, "_in_its_tense", lambda context, frozen: frozen)
    return catalog


def _limits_what_works_again(patch: pytest.MonkeyPatch, catalog: Catalog) -> Catalog:
    patch.setattr(scope, "works_again_for_others", lambda context: False)
    return catalog


PLANTS: dict[str, Plant] = {
    "names_everything_worst_first": _forgets_what_recovered,
    "gives_each_service_its_own_time": _gives_all_services_one_time,
    "keeps_the_title_at_the_worst": _narrows_the_title,
    "drops_what_belongs_to_the_recovered": _keeps_the_facts_of_the_recovered,
    "says_what_changed_first": _leaves_out_the_old_estimate,
    "says_what_was_wrong": _corrects_without_the_old_time,
    "owns_up_to_a_missed_estimate": _misses_an_estimate_in_silence,
    "corrects_only_what_a_person_changed": _corrects_what_nobody_changed,
    "names_the_customers": _drops_the_customers,
    "apologises_in_its_places_only": _apologises_in_every_update,
    "says_nothing_twice": _says_the_first_sentence_twice,
    "has_a_subject_that_fits": _keeps_the_old_subject,
    "speaks_of_the_past_in_the_past": _keeps_the_title_in_the_present,
    "says_every_fact_or_names_its_loss": _forgets_what_we_do,
    "says_only_times_that_are_so": _says_another_zones_times,
    "says_of_the_rest_only_what_is_so": _limits_what_works_again,
}
"""One bug for each rule."""


@pytest.mark.parametrize("rule", PLANTS)
def test_the_oracle_finds_the_bug_planted_against_each_rule(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, rule: str
):
    planted = PLANTS[rule](monkeypatch, catalog)
    assert any(_read(planted, seed, ("en",), (rule,)) for seed in PLANTED_IN)
