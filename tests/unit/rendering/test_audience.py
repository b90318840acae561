"""Who is affected, in headline, title and posts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    NoticeKind,
    NoticeText,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.services.impact import Claim
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.golden_stories import CATALOG
from tests.support.lives import worldwide_catalog
from tests.support.times import at

ALL, SOME, CHECKING = (
    Audience(extent) for extent in (AffectedAudience.ALL, AffectedAudience.SOME, AffectedAudience.CHECKING)
)
SHIBUYA = Audience(AffectedAudience.GROUPS, ("shibuya",))
SAID = {
    "ja": "一部のお客様において、",
    "en": "For some people: ",
    "ja-simple": "一部（いちぶ）の 人は、",
    "de": "Für einige Personen: ",
    "es": "Para algunas personas: ",
    "fr": "Pour certaines personnes\u00a0: ",
    "ko": "일부 고객님의 경우 ",
    "pt-BR": "Para algumas pessoas: ",
    "vi": "Một số người dùng: ",
    "zh-Hans": "部分用户：",
}


@pytest.fixture(scope="module")
def worldwide(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The demo company in all ten languages."""
    return worldwide_catalog(tmp_path_factory.mktemp("worldwide") / "content")


def facts(audience: Audience, state: State = State.DEGRADED) -> Facts:
    return Facts("booking", (Affected("booking", state),), audience, StartTime(Precision.ABOUT, at("11:55")))


def titles_of(*steps: Facts, notice: NoticeKind = NoticeKind.UPDATE) -> list[str]:
    """The English title after each notice: a first report, then notices of this kind."""
    context, titles, said = IncidentContext("k7m2p9xa4tq8", "https://status.fitline.example"), [], ()
    for number, step in enumerate(steps):
        kind = notice if number else NoticeKind.FIRST
        texts = compose(kind, step, catalog=CATALOG, incident=context, now=at("12:03"))
        said = (*said, Claim(kind, at("12:03"), step))
        frozen = {language: text.title for language, text in texts.items()}
        context = replace(context, titles=frozen, previous_facts=step, claims=said, corrected_notice_at=at("12:03"))
        titles.append(texts["en"].title)
    return titles


@pytest.mark.parametrize("language", SAID)
def test_some_people_are_in_headline_title_and_post_in_every_language(worldwide: Catalog, language: str):
    text = compose(
        NoticeKind.FIRST, facts(SOME), catalog=worldwide, incident=IncidentContext("a", ""), now=at("12:03")
    )[language]
    said = (text.headline, text.title, *(text.media[name].body for name in ("page", "mail", "x", "mastodon", "short")))
    assert [one for one in said if not one.startswith(SAID[language])] == []
    assert SAID[language] in text.media["mail"].subject


def test_the_page_does_not_say_twice_that_not_everybody_is_affected():
    text = compose(NoticeKind.FIRST, facts(SOME), catalog=CATALOG, incident=IncidentContext("a", ""), now=at("12:03"))
    assert text["en"].media["page"].body.count("ome people") == 1
    assert "We are checking who is affected." in text["en"].media["page"].body


def test_what_works_again_does_so_for_everybody():
    resolved = replace(facts(SOME), ended_at=at("12:30"))
    text = compose(NoticeKind.RESOLVED, resolved, catalog=CATALOG, incident=IncidentContext("a", ""), now=at("12:31"))[
        "en"
    ]
    assert text.headline == "Class booking in the member app is back to its usual speed."
    assert text.title.startswith("For some people: ")


def test_a_title_widens_from_some_people_to_everybody_and_never_narrows():
    now = "Booking a class in the member app is slow (4 July)"
    some = f"For some people: {now}"
    assert titles_of(facts(SOME), facts(CHECKING), facts(ALL)) == [some, some, now]
    assert titles_of(facts(SOME), facts(SHIBUYA)) == [some, some]
    assert titles_of(facts(CHECKING), facts(SOME)) == [now, now]
    assert titles_of(facts(SHIBUYA), facts(SOME)) == [f"Shibuya club: {now}", some]


def test_a_title_for_some_people_says_something_worse_for_some_people():
    titles = titles_of(facts(SOME), facts(CHECKING, State.MAJOR))
    assert titles[1] == "For some people: You cannot book classes in the member app (4 July)"


def test_a_correction_says_anew_who_is_affected():
    titles = titles_of(facts(ALL), facts(SOME), notice=NoticeKind.CORRECTION)
    assert [title.startswith("For some people: ") for title in titles] == [False, True]


def _restored(
    catalog: Catalog, before: Facts, rest: Facts, notice: NoticeKind = NoticeKind.PARTLY_RESTORED
) -> NoticeText:
    """An English notice after these facts, after a partial recovery."""
    said = (Claim(NoticeKind.FIRST, at("11:58"), before), Claim(NoticeKind.PARTLY_RESTORED, at("12:00"), rest))
    is_later = notice is not NoticeKind.PARTLY_RESTORED
    context = IncidentContext(
        "k7m2p9xa4tq8",
        "https://status.fitline.example",
        titles={"en": "Booking classes in the member app is slow (1 July)"},
        previous_facts=rest if is_later else before,
        claims=said if is_later else said[:1],
    )
    return compose(notice, rest, catalog=catalog, incident=context, now=at("12:03"))["en"]


def test_it_got_better_for_those_who_are_not_named(worldwide: Catalog):
    text = _restored(worldwide, facts(CHECKING), facts(SHIBUYA))
    assert text.headline.startswith("Shibuya club: Booking")
    for medium in ("page", "mail", "mastodon", "short"):
        body = text.media[medium].body
        assert not body.startswith("Shibuya club")
        assert "the Shibuya club" in body or "# Who is affected" in body, body
    assert text.media["x"].body.startswith("Shibuya club: Booking")


def test_it_got_better_for_those_who_are_named_if_less_fails_for_them(worldwide: Catalog):
    text = _restored(worldwide, facts(SHIBUYA, State.MAJOR), facts(SHIBUYA))
    assert text.media["page"].body.startswith("Shibuya club: Things have improved.")


@pytest.mark.parametrize("notice", [NoticeKind.PARTLY_RESTORED, NoticeKind.UPDATE])
def test_the_subject_says_for_whom_the_rest_still_does_not_work(worldwide: Catalog, notice: NoticeKind):
    text = _restored(worldwide, facts(CHECKING), facts(SHIBUYA), notice)
    assert "Shibuya club: Booking a class" in text.media["mail"].subject
    assert "For some people: " in _restored(worldwide, facts(ALL), facts(SOME), notice).media["mail"].subject


def test_the_text_to_read_aloud_says_that_the_rest_fails_for_some_people_only(worldwide: Catalog):
    before = replace(facts(ALL), affected=(Affected("login", State.MAJOR), Affected("booking", State.DEGRADED)))
    text = _restored(worldwide, before, facts(SOME))
    assert "For some people: Booking" in text.media["short"].body
