"""What no medium gives up, however little room it has: who is affected if not all are; what a missed estimate owes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice, product

import pytest

from statuspage.domain.catalog import Catalog, LanguagePack
from statuspage.domain.facts import (
    NOTICES_AFTER_END,
    Affected,
    AffectedAudience,
    Audience,
    Estimate,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    NoticeText,
    Precision,
    Range,
    StartTime,
    State,
    Unknown,
)
from statuspage.domain.services.impact import Claim
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.lives import worldwide_catalog
from tests.support.times import at

LANGUAGES = ("ja", "en", "ja-simple", "de", "es", "fr", "ko", "pt-BR", "vi", "zh-Hans")
NOW = at("22:34")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPEN = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
CHANGING = (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED)
AHEAD: tuple[Estimate, ...] = (Unknown(), Known(NOW + DAY), Range(NOW + HOUR, NOW + DAY), NotBefore(NOW + DAY))
SPOKEN = ("short",)
"""Media that are read aloud in two sentences, and answered when somebody asks."""


@pytest.fixture(scope="module", params=["live", "drill"])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The demo company in ten languages; in a drill, whose marks take up room and are never given up."""
    folder = tmp_path_factory.mktemp("room") / "content"
    return worldwide_catalog(folder, with_marks=request.param == "drill")


def _in(catalog: Catalog, language: str) -> tuple[Catalog, LanguagePack]:
    site = replace(catalog.site, languages=(language,))
    return replace(catalog, site=site, packs={language: catalog.packs[language]}), catalog.packs[language]


def _limited(pack: LanguagePack) -> Iterator[Audience]:
    """Some people; the one, two, three and four groups with the longest names; all groups."""
    yield Audience(AffectedAudience.SOME)
    longest = sorted(pack.audience_groups, key=lambda group: -len(pack.audience_groups[group].label))
    for number in (1, 2, 3, 4, len(longest)):
        yield Audience(AffectedAudience.GROUPS, tuple(longest[:number]))


def _composed(catalog: Catalog, notice: NoticeKind, facts: Facts, told: Facts | None = None) -> NoticeText:
    """The text of a notice that follows a report with the facts ``told``."""
    incident = IncidentContext("k7m2p9xa4tq8", "https://status.fitline.example")
    if told:
        claims = (Claim(NoticeKind.FIRST, NOW - HOUR, told),)
        incident = replace(incident, previous_facts=told, report_count=1, claims=claims, first_notice_at=NOW - HOUR)
        incident = replace(incident, corrected_notice_at=NOW - HOUR)
    (text,) = compose(notice, facts, catalog=catalog, incident=incident, now=NOW).values()
    return text


def _says_some(pack: LanguagePack, audience: Audience, body: str) -> bool:
    """Whether it is said that not everybody is affected, of more groups than a post has room for; a correction that has
    no room even for what does not work says it of nobody."""
    lead, _, rest = pack.phrases["limited.some"].replace("|", "").partition("{text}")
    still = pack.services["booking"].impact_clauses[State.MAJOR]
    is_silent = not any(clause.replace("|", "") in body for clause in (still.now, still.still))
    return len(audience.groups) > 1 and ((lead or rest) in body or is_silent)


def _names(pack: LanguagePack, audience: Audience, body: str) -> bool:
    if audience.extent is AffectedAudience.SOME:
        lead, _, rest = pack.phrases["limited.some"].replace("|", "").partition("{text}")
        return (lead or rest).casefold() in body.casefold() or pack.phrases["audience.some_bare"] in body
    groups = [pack.audience_groups[group] for group in audience.groups]
    return all(group.label in body or group.text.split(" ", 1)[-1] in body for group in groups)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_medium_says_who_is_affected(catalog: Catalog, language: str):
    spoken, pack = _in(catalog, language)
    unsaid = []
    for notice, audience in product(OPEN, _limited(pack)):
        told = Facts("booking", (Affected("booking", State.MAJOR),), start=StartTime(Precision.ABOUT, NOW - DAY))
        told = replace(told, audience=audience, estimate=Known(NOW - HOUR / 6), next_update=NOW + HOUR)
        missed = MissedEstimate(NOW - HOUR / 6, Range(NOW + HOUR, NOW + DAY))
        told = replace(told, current_action="spare", answers={"retry": "wait", "made": "valid"})
        facts = replace(told, estimate=missed)
        if notice is NoticeKind.CORRECTION:
            told = replace(told, start=StartTime(Precision.EXACT, NOW - HOUR))
        text = _composed(spoken, notice, facts, None if notice is NoticeKind.FIRST else told)
        for name, medium in text.media.items():
            said = f"{medium.subject} {medium.body}"
            if name not in SPOKEN and not _names(pack, audience, said) and not _says_some(pack, audience, said):
                unsaid.append((notice, audience, name, medium.body))
    assert unsaid == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_follows_the_end_says_in_every_medium_who_was_affected(catalog: Catalog, language: str):
    spoken, pack = _in(catalog, language)
    unsaid = []
    for notice, audience in product(NOTICES_AFTER_END, islice(_limited(pack), 2)):
        told = Facts("booking", (Affected("booking", State.MAJOR),), audience, StartTime(Precision.ABOUT, NOW - DAY))
        told = replace(told, ended_at=NOW - HOUR, cause="storage")
        text = _composed(spoken, notice, replace(told, answers={"made": "some-lost"}), told)
        for name, medium in text.media.items():
            if not _names(pack, audience, medium.body) or "|" in medium.body:
                unsaid.append((notice, audience, name, medium.body))
    assert unsaid == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_medium_says_at_the_end_what_may_have_been_seen_and_what_to_do(catalog: Catalog, language: str):
    spoken, pack = _in(catalog, language)
    told = Facts("security", (), start=StartTime(Precision.NOTICED, NOW - DAY), cause="access", ended_at=NOW - HOUR)
    text = _composed(
        spoken, NoticeKind.RESOLVED, replace(told, answers={"information": "card", "password": "yes"}), told
    )
    question = "incident_type.security.question"
    seen = [pack.phrases[f"{question}.information.answer.card.{form}"] for form in ("resolved", "resolved_short")]
    customers = {name: medium.body for name, medium in text.media.items() if not name.startswith("colleagues")}
    change = pack.phrases[f"{question}.password.answer.yes.resolved"]
    assert [body for body in customers.values() if change not in body] == []
    if not pack.marks.start:  # the marks of a drill take the room
        assert [body for body in customers.values() if not any(sentence in body for sentence in seen)] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_post_says_what_does_not_work_for_whom_and_what_a_missed_estimate_owes(catalog: Catalog, language: str):
    """For the groups with the longest names, with every estimate that may follow."""
    spoken, pack = _in(catalog, language)
    spoken = replace(spoken, media={name: spoken.media[name] for name in ("page", "x", "bluesky")})
    apology, unsaid = pack.locale_rules.apology.casefold(), []
    for notice, incident_type, state in product(CHANGING, ("other", "data"), (State.PARTIAL, State.DEGRADED)):
        for audience, estimate in product(_limited(pack), AHEAD):
            told = Facts(incident_type, (Affected("booking", state),), audience, StartTime(Precision.ABOUT, NOW - DAY))
            told = replace(told, estimate=Known(NOW - HOUR / 6))
            facts = replace(told, estimate=MissedEstimate(NOW - HOUR / 6, estimate))
            for name, medium in _composed(spoken, notice, facts, told).media.items():
                clause = pack.services["booking"].impact_clauses[state].still.replace("|", "")
                is_said = incident_type != "other" or clause.casefold() in medium.body.casefold()
                is_named = _names(pack, audience, medium.body) or _says_some(pack, audience, medium.body)
                if not (is_said and is_named and apology in medium.body.casefold()):
                    unsaid.append((name, audience.groups, medium.body))
    assert unsaid == []
