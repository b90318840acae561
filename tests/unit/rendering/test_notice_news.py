"""What a notice shows first: what has changed, old beside new, and nothing that was known before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Incident,
    Known,
    Notice,
    NoticeKind,
    Precision,
    StartTime,
    State,
    Unknown,
)
from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.pages.incident_view import view_incident
from statuspage.rendering.site.pages.news import NoticeNews
from tests.support.public_stories import NOW, booking_life, told
from tests.support.site import DRILL, booking, drilled, only, site_context
from tests.support.times import at


def news_of(catalog: Catalog, incident: Incident, language: str = "en") -> list[NoticeNews]:
    """The news of each notice, oldest first."""
    view = view_incident(site_context(catalog), language, incident, now=NOW, compact=False)
    return [item.news for item in reversed(view.timeline)]


def plain(news: NoticeNews) -> list[str]:
    return [f"{one.text} {one.old} > {one.new}" if one.new else one.text for one in news.changes]


def followed_by(catalog: Catalog, kind: NoticeKind, **changes: object) -> NoticeNews:
    """The news of one more notice after the second of the story, with these facts changed."""
    before = booking_life(catalog, 2)
    steps = [(item.notice.notice, item.recorded, item.notice.facts) for item in before.notices]
    facts = replace(steps[-1][2], next_update=at("13:15"), **changes)
    return news_of(catalog, told(catalog, before.id, *steps, (kind, at("12:40"), facts)))[-1]


def test_each_notice_of_a_life_leads_with_what_it_changed(catalog: Catalog):
    news = news_of(catalog, booking_life(catalog, 6))
    assert [plain(one)[0] for one in news] == [
        "You cannot book classes in the member app.",
        "Expected back: We are checking > about 13:00",
        "Started: about 11:55 > about 11:48",
        "Expected back: about 13:00 > about 13:30",
        "You can book classes in the member app again as of 13:12 on Saturday 4 July (Japan Time).",
        "You can book classes in the member app again.",
    ]


def test_what_has_not_changed_is_in_the_whole_notice_alone(catalog: Catalog):
    later = news_of(catalog, booking_life(catalog, 4))[-1]
    assert later.rest == ()
    assert "Booking lists in club admin are slow to open." in later.whole[0]
    assert later.whole[0].startswith("You still cannot book classes")


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [("ja", "13:00", "13:30"), ("en", "13:00", "13:30"), ("ja-simple", "午後1時", "午後1時30分")],
)
def test_a_time_is_shown_old_and_new_in_the_words_of_its_row(catalog: Catalog, language: str, old: str, new: str):
    change = news_of(catalog, booking_life(catalog, 4), language)[-1].changes[0]
    assert old in change.old and new in change.new
    assert change.text.rstrip("：: ") == next(
        row.label for row in booking_life(catalog, 4).notices[-1].notice.texts[language].rows if row.key == "estimate"
    )


def test_without_any_change_it_says_so(catalog: Catalog):
    assert plain(followed_by(catalog, NoticeKind.UPDATE)) == ["Nothing has changed since our last update."]


def test_a_further_service_is_news_and_the_one_known_before_is_not(catalog: Catalog):
    wider = (Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED), Affected("gate", State.MAJOR))
    news = followed_by(catalog, NoticeKind.UPDATE, affected=wider)
    assert "gate" in plain(news)[0].lower()


def test_a_time_that_is_no_longer_known_is_said_in_sentences(catalog: Catalog):
    news = followed_by(catalog, NoticeKind.UPDATE, estimate=Unknown())
    assert [one.new for one in news.changes] == [""]
    assert "13:00" in plain(news)[0]


def test_more_than_times_corrected_is_named_as_a_correction(catalog: Catalog):
    news = followed_by(catalog, NoticeKind.CORRECTION, estimate=Known(at("14:00")), cause=None)
    assert news.changes[0].text.startswith("Correction:")


def test_typed_lines_are_shown_and_keep_their_lines(catalog: Catalog):
    news = followed_by(catalog, NoticeKind.UPDATE, extra={"en": "One.\nTwo.", "ja": "一。", "ja-simple": "一。"})
    assert news.rest[-2:] == ("One.", "Two.")


def test_a_notice_in_another_language_leaves_nothing_out(catalog: Catalog):
    news = news_of(catalog, only(booking(), "ja"))[0]
    assert news.whole == ()
    assert plain(news)[0] == "There is a problem with some of our services."
    assert "日本語" in news.rest[0]


def test_in_a_drill_news_and_whole_notice_begin_and_end_with_the_marks(catalog: Catalog):
    context = site_context(drilled(catalog))
    view = view_incident(context, "ja", booking(marks=DRILL), now=at("12:20"), compact=False)
    for item in view.timeline:
        assert item.news.changes[0].text.startswith(DRILL["ja"].start)
        assert not item.news.changes[0].text.removeprefix(DRILL["ja"].start).startswith(DRILL["ja"].start)
        assert item.news.end == DRILL["ja"].end.strip()
        assert all(paragraph.startswith(DRILL["ja"].start) for paragraph in item.news.whole[:1])


def test_every_sentence_of_every_notice_is_on_the_page(catalog: Catalog):
    incident = booking_life(catalog, 7)
    for language in catalog.languages:
        for item, news in zip(incident.notices, news_of(catalog, incident, language), strict=True):
            assert isinstance(item.notice, Notice)
            shown = "".join([*(one.text for one in news.changes), *news.rest, *news.whole])
            body = item.notice.texts[language].media["page"].body
            assert "".join(body.split()) in "".join(shown.split())


def breach(catalog: Catalog, language: str, **changes: object) -> NoticeNews:
    """The news of an update of a breach that the first report knew to be closed."""
    known = Facts(
        "security",
        (),
        Audience(AffectedAudience.ALL),
        StartTime(Precision.EXACT, at("09:10")),
        workarounds=("watch-mail",),
        next_update=at("10:10"),
        answers={"stopped": "yes", "password": "yes"},
    )
    later = replace(known, next_update=at("11:10"), **changes)
    steps = (NoticeKind.FIRST, at("09:20"), known), (NoticeKind.UPDATE, at("10:05"), later)
    return news_of(catalog, told(catalog, "k7m2p9xa4tq8", *steps), language)[-1]


SEEN = {"stopped": "yes", "information": "card", "password": "yes"}


@pytest.mark.parametrize("cause", [None, "stolen-passwords"])
def test_what_may_have_been_seen_comes_before_what_was_known(catalog: Catalog, cause: str | None):
    for language, expected in (
        ("en", "Card details may have been seen by someone outside."),
        ("ja", "カードの情報が、外部に漏れたおそれがあります。"),
    ):
        news = breach(catalog, language, answers=SEEN, cause=cause)
        assert expected in plain(news)[0]
        assert catalog.packs[language].phrases["incident_type.security.question.stopped.answer.yes.text"] not in (
            plain(news)[0] + "".join(news.rest)
        )
        new = catalog.packs[language].phrases["incident_type.security.question.information.answer.card.text"]
        assert new in "".join(news.rest)


def test_of_several_answers_and_workarounds_only_the_new_ones_are_news(catalog: Catalog):
    answers = {**SEEN, "information": "none"}
    news = breach(catalog, "en", answers=answers, workarounds=("watch-mail", "same-password"))
    shown = "\n".join([*plain(news), *news.rest])
    assert plain(news)[0] == "We have found no sign that members’ information was seen."
    assert "same password" in shown
    assert "cannot be seen from outside" not in shown and "We will never ask" not in shown
    assert "cannot be seen from outside" in "".join(news.whole)
