"""The rules of wording, one by one, on the booking incident."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.content.validation.sample_incidents import Trial
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Known,
    MaintenanceWindow,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    NoticeText,
    Precision,
    Range,
    StartTime,
    State,
    TimeText,
    Unknown,
)
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from statuspage.rendering.wording.phrases import BadPhrase
from tests.support.content import drill_catalog
from tests.support.golden_stories import CATALOG, SAMPLE_NOTICES
from tests.support.times import at

FACTS = Facts(
    incident_type="booking",
    affected=(Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED)),
    audience=Audience(AffectedAudience.ALL),
    start=StartTime(Precision.ABOUT, at("11:55")),
    workarounds=("front-desk",),
    next_update=at("12:35"),
    answers={"made": "valid"},
)
INCIDENT_CONTEXT = IncidentContext("k7m2p9xa4tq8", "https://status.fitline.example")
FIRST, UPDATE, RESOLVED = NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.RESOLVED


@pytest.fixture(scope="module")
def drill() -> Catalog:
    return drill_catalog()


def words(
    catalog: Catalog,
    facts: Facts = FACTS,
    notice: NoticeKind = FIRST,
    *,
    now: str = "12:03",
    incident_context: IncidentContext = INCIDENT_CONTEXT,
) -> dict[str, NoticeText]:
    return compose(notice, facts, catalog=catalog, incident=incident_context, now=at(now))


def page(text: NoticeText) -> list[str]:
    return text.media["page"].body.splitlines()


def row(text: NoticeText, key: str):
    return next((row for row in text.rows if row.key == key), None)


def test_a_first_report_says_what_cannot_be_done_since_when_and_for_whom(catalog: Catalog):
    texts = words(catalog)
    assert page(texts["ja"])[:3] == [
        "7月4日(土)11:55ごろから、会員アプリでレッスンを予約できません。",
        "ほかに、お店の管理画面で予約の一覧が開きにくくなっています。",
        "ご利用のすべてのお客様に影響が出ています。",
    ]
    assert page(texts["en"])[:3] == [
        "You cannot book classes in the member app. This started at about 11:55 on Saturday 4 July (Japan Time).",
        "Booking lists in club admin are slow to open.",
        "This affects everyone who uses the service.",
    ]


def test_facts_stand_in_the_guides_order_with_large_times(catalog: Catalog):
    facts = replace(FACTS, estimate=Known(at("13:30")))
    texts = words(catalog, facts)
    keys = [row.key for row in texts["ja"].rows]
    assert keys == ["scope", "start", "estimate", "workaround", "answers", "next_update"]
    assert row(texts["ja"], "start").time == TimeText("11:55", "7月4日(土)", "ごろ")
    assert row(texts["en"], "start").time == TimeText("11:55", "about", "Sat 4 July")
    assert row(texts["ja"], "estimate").time == TimeText("13:30", "", "ごろ")
    assert row(texts["en"], "next_update").time == TimeText("12:35", "By ", "")


def test_an_unknown_estimate_has_a_sentence_and_a_word_of_its_own(catalog: Catalog):
    texts = words(catalog)
    assert "復旧の見込みは、まだ立っていません。" in page(texts["ja"])
    assert "We do not know yet when it will be fixed." in page(texts["en"])
    assert row(texts["ja"], "estimate").placeholder == "確認中"


@pytest.mark.parametrize(
    ("estimate", "ja", "en"),
    [
        (Known(at("13:30")), "13:30ごろの復旧を見込んでいます。", "We expect it to be fixed at about 13:30."),
        (
            Range(at("23:30"), at("01:00", "2026-07-05")),
            "23:30から7月5日(日)1:00までの間の復旧を見込んでいます。",
            "We expect it to be fixed between 23:30 on Saturday 4 July and 01:00 on Sunday 5 July.",
        ),
        (
            NotBefore(at("18:00")),
            "復旧は、早くても18:00になる見込みです。",
            "We do not expect it to be fixed before 18:00.",
        ),
    ],
)
def test_every_state_of_an_estimate_has_its_sentence(catalog: Catalog, estimate, ja: str, en: str):
    texts = words(catalog, replace(FACTS, estimate=estimate))
    assert ja in texts["ja"].media["page"].body
    assert en in texts["en"].media["page"].body


def test_a_missed_estimate_is_owned_up_to_once(catalog: Catalog):
    facts = replace(FACTS, estimate=MissedEstimate(at("13:30"), Known(at("15:00"))), next_update=at("14:00"))
    texts = words(catalog, facts, UPDATE, now="13:31", incident_context=replace(INCIDENT_CONTEXT, previous_facts=FACTS))
    assert page(texts["en"])[1:3] == [
        "We had expected it to be fixed at about 13:30, but it is not fixed yet. We are sorry.",
        "We now expect it to be fixed at about 15:00.",
    ]
    again = words(catalog, facts, UPDATE, now="13:50", incident_context=replace(INCIDENT_CONTEXT, previous_facts=facts))
    assert "15:00ごろの復旧を見込んでいます。見込みが変わる場合は、その時刻までにお知らせします。" in page(again["ja"])
    assert "申し訳" not in again["ja"].media["page"].body


def test_the_end_of_a_range_that_was_missed_is_not_called_about_a_time(catalog: Catalog):
    facts = replace(FACTS, estimate=MissedEstimate(at("13:30"), is_approximate=False), next_update=at("14:00"))
    texts = words(catalog, facts, UPDATE, now="13:31")
    assert "We had expected it to be fixed by 13:30, but it is not fixed yet." in texts["en"].media["page"].body
    assert "13:30までに復旧する見込みとお伝えしましたが、まだ復旧できていません。" in texts["ja"].media["page"].body


def test_a_time_before_which_it_would_not_be_fixed_was_no_promise_to_miss(catalog: Catalog):
    before = replace(FACTS, estimate=NotBefore(at("13:30")))
    facts = replace(FACTS, estimate=MissedEstimate(at("13:30"), Unknown()))
    texts = words(
        catalog, facts, UPDATE, now="13:31", incident_context=replace(INCIDENT_CONTEXT, previous_facts=before)
    )
    assert "sorry" not in texts["en"].media["page"].body


def test_words_for_the_time_after_the_estimate_are_approved_with_it(catalog: Catalog):
    texts = words(catalog, replace(FACTS, estimate=Known(at("13:30"))))
    assert texts["ja"].expired_wording is not None and texts["en"].expired_wording is not None
    assert texts["ja"].expired_wording.at == at("13:30")
    assert texts["ja"].expired_wording.sentence == "13:30を過ぎました。復旧の見込みを確認しています。"
    assert texts["en"].expired_wording.sentence == "It is past 13:30. We are checking when it will be fixed."
    assert texts["en"].expired_wording.row.placeholder == "We are checking"


def test_words_that_cannot_pass_do_not_age(catalog: Catalog):
    assert words(catalog)["ja"].expired_wording is None
    over = replace(FACTS, estimate=Known(at("13:30")), ended_at=at("13:12"))
    assert words(catalog, over, RESOLVED, now="13:15")["ja"].expired_wording is None


def test_a_start_that_was_noticed_is_not_told_as_the_beginning(catalog: Catalog):
    texts = words(catalog, replace(FACTS, start=StartTime(Precision.NOTICED, at("11:55"))))
    assert page(texts["ja"])[0] == (
        "会員アプリでレッスンを予約できません。7月4日(土)11:55に気づきました。いつ始まったかは、調べています。"
    )
    assert "checking when it started" in page(texts["en"])[0]


def test_the_title_is_frozen_at_effect_and_date(catalog: Catalog):
    first = words(catalog)
    titles = {language: text.title for language, text in first.items()}
    assert titles["ja"] == "会員アプリでレッスンを予約できません。予約の管理にも影響があります（7月4日）"
    assert titles["en"] == "You cannot book classes in the member app; also affected: Managing bookings (4 July)"
    milder = replace(FACTS, affected=(Affected("desk-booking", State.DEGRADED),))
    later = words(
        catalog,
        milder,
        UPDATE,
        now="12:30",
        incident_context=replace(INCIDENT_CONTEXT, titles=titles, previous_facts=FACTS),
    )
    assert later["ja"].title == titles["ja"]
    assert later["ja"].headline == "お店の管理画面で予約の一覧が開きにくくなっています。"


def test_the_title_is_in_the_past_once_it_is_over_and_in_the_present_when_it_comes_back(catalog: Catalog):
    told = replace(INCIDENT_CONTEXT, titles={"en": "Umeda club: You cannot book classes in the member app (3 July)"})
    facts = replace(FACTS, affected=(Affected("booking", State.MAJOR),))
    told = replace(told, previous_facts=facts)
    over = words(catalog, replace(facts, ended_at=at("13:12")), RESOLVED, now="13:20", incident_context=told)["en"]
    assert over.title == "Umeda club: You could not book classes in the member app (3 July)"
    again = replace(told, titles={"en": over.title}, is_reopened=True)
    assert words(catalog, facts, UPDATE, now="13:40", incident_context=again)["en"].title == told.titles["en"]


def test_only_a_correction_changes_the_title(catalog: Catalog):
    titles = {language: text.title for language, text in words(catalog).items()}
    other = replace(FACTS, affected=(Affected("login", State.MAJOR),))
    incident_context = replace(INCIDENT_CONTEXT, titles=titles, previous_facts=FACTS, corrected_notice_at=at("12:03"))
    texts = words(catalog, other, NoticeKind.CORRECTION, now="12:20", incident_context=incident_context)
    assert texts["ja"].title == "会員アプリにログインできません（7月4日）"
    assert page(texts["ja"])[:3] == [
        "7月4日(土)12:03に出したお知らせに誤りがあったため、訂正します。",
        "影響の範囲を訂正します。正しくは、次のとおりです。",
        "11:55ごろから、会員アプリにログインできません。",
    ]


def test_an_update_without_news_says_so(catalog: Catalog):
    facts = replace(FACTS, next_update=at("13:05"))
    texts = words(catalog, facts, UPDATE, now="12:34", incident_context=replace(INCIDENT_CONTEXT, previous_facts=FACTS))
    assert page(texts["ja"])[:2] == [
        "7月4日(土)12:34現在、引き続き会員アプリでレッスンを予約できません。",
        "前のお知らせから、状況は変わっていません。",
    ]
    assert "Nothing has changed since our last update." in page(texts["en"])


def test_a_resolved_notice_says_how_long_it_was_why_and_what_is_left_to_do(catalog: Catalog):
    over = replace(FACTS, ended_at=at("13:12"), cause="storage", workarounds=("front-desk", "after-check-bookings"))
    texts = words(catalog, over, RESOLVED, now="13:15")
    assert page(texts["ja"]) == [
        "7月4日(土)13:12に、会員アプリでレッスンを予約できるようになりました。",
        "お店の管理画面で予約の一覧がいつもどおり開くようになりました。",
        "不具合が続いた時間は、11:55ごろからの1時間17分です。",
        "原因は、予約の情報を保管している機器の故障です。",
        "予約済みのレッスンは、すべて有効です。",
        "お手数ですが、会員アプリの「予約の一覧」で、ご自分の予約をお確かめください。",
        "ご迷惑をおかけし、申し訳ございませんでした。",
    ]
    assert "The problem lasted 1 hour 17 minutes, from about 11:55." in page(texts["en"])


@pytest.mark.parametrize("precision", Precision)
def test_a_resolved_notice_says_once_when_it_was_over(catalog: Catalog, precision: Precision):
    over = replace(FACTS, start=StartTime(precision, at("11:55")), ended_at=at("13:12"), affected=FACTS.affected[:1])
    for text in words(catalog, over, RESOLVED, now="13:14").values():
        body = text.media["page"].body
        assert sum(body.count(shown) for shown in ("13:12", "午後1時12分")) == 1, body
        (line,) = row(text, "period").lines
        assert sum(line.count(shown) for shown in ("13:12", "午後1時12分")) == 1, "the row says it by itself"


RESOLVED_SAMPLES = [one for one in SAMPLE_NOTICES if one.notice is RESOLVED and one.facts.incident_type != "security"]
"""What is said once it is over; a security incident has no length."""


@pytest.mark.parametrize("one", RESOLVED_SAMPLES, ids=lambda one: one.facts.incident_type)
def test_an_email_says_once_from_when_to_when_it_was(one: Trial):
    for text in compose(one.notice, one.facts, catalog=CATALOG, incident=one.context, now=one.now).values():
        period = row(text, "period")
        assert period is not None
        assert text.media["mail"].body.count(period.lines[-1]) == 1


def test_a_resolved_notice_admits_that_the_cause_is_not_known(catalog: Catalog):
    texts = words(catalog, replace(FACTS, ended_at=at("13:12")), RESOLVED, now="13:15")
    assert "We do not know the cause yet and are still looking into it." in page(texts["en"])


def test_a_first_report_never_says_a_cause(catalog: Catalog):
    texts = words(catalog, replace(FACTS, cause="storage"))
    assert "cause" not in texts["en"].media["page"].body
    assert row(texts["ja"], "cause") is None


def test_what_came_back_is_told_as_having_come_back(catalog: Catalog):
    texts = words(
        catalog,
        FACTS,
        UPDATE,
        now="14:05",
        incident_context=replace(INCIDENT_CONTEXT, previous_facts=FACTS, is_reopened=True),
    )
    assert (
        page(texts["ja"])[0]
        == "一度復旧しましたが、7月4日(土)14:05現在、ふたたび会員アプリでレッスンを予約できません。"
    )
    assert page(texts["en"])[0].startswith("The problem has come back.")


def test_a_partial_recovery_says_what_works_and_what_does_not(catalog: Catalog):
    left = replace(FACTS, affected=(Affected("desk-booking", State.DEGRADED),))
    texts = words(
        catalog,
        left,
        NoticeKind.PARTLY_RESTORED,
        now="12:50",
        incident_context=replace(INCIDENT_CONTEXT, previous_facts=FACTS),
    )
    assert page(texts["ja"])[:2] == [
        "7月4日(土)12:50の時点で、会員アプリでレッスンを予約できるようになりました。",
        "引き続きお店の管理画面で予約の一覧が開きにくくなっています。",
    ]


STAFF = Audience(AffectedAudience.GROUPS, ("staff",))


@pytest.mark.parametrize(
    ("told", "now", "begins"),
    [
        (Audience(AffectedAudience.ALL), STAFF, ("You can book", "Club staff: Booking lists")),
        (STAFF, STAFF, ("Club staff: You can book", "Booking lists")),
        (STAFF, Audience(AffectedAudience.ALL), ("You can book", "Booking lists")),
    ],
)
def test_what_works_again_names_no_customers_of_whom_only_the_rest_is_true(
    catalog: Catalog, told: Audience, now: Audience, begins: tuple[str, str]
):
    left = replace(FACTS, affected=(Affected("desk-booking", State.DEGRADED),), audience=now)
    context = replace(INCIDENT_CONTEXT, previous_facts=replace(FACTS, audience=told))
    text = words(catalog, left, NoticeKind.PARTLY_RESTORED, now="12:50", incident_context=context)["en"]
    again, still = begins
    for said in (" ".join(page(text)), text.media["x"].body, text.media["short"].body):
        assert said.startswith(again)
        assert f". {still}" in said.replace("\n", " ")


def test_only_what_somebody_made_sure_of_is_called_working(catalog: Catalog):
    assert not any(s.name == "working" for s in words(catalog)["en"].sentences)
    sure = replace(FACTS, confirmed_working=("login", "gate"))
    texts = words(catalog, sure)
    assert "You can use sign-in and the entry gates as usual." in page(texts["en"])
    assert "ログインと入館ゲートは、いつもどおり使えます。" in row(texts["ja"], "scope").lines


def test_services_of_another_open_incident_are_not_called_working(catalog: Catalog):
    sure = replace(FACTS, confirmed_working=("login", "fees", "gate"))
    texts = words(catalog, sure, incident_context=replace(INCIDENT_CONTEXT, affected_elsewhere=("login", "fees")))
    assert "You can use the entry gates as usual." in page(texts["en"])


def test_a_security_matter_names_no_time_by_which_it_is_over(catalog: Catalog):
    facts = replace(FACTS, incident_type="security", answers={}, estimate=Known(at("13:30")))
    texts = words(catalog, facts)
    assert "13:30" not in texts["en"].media["page"].body + texts["ja"].media["x"].body
    assert row(texts["ja"], "estimate") is None and texts["ja"].expired_wording is None
    assert texts["en"].media["short"].body.endswith("There will be an update by 12:35.")


def test_the_way_out_is_told_in_every_medium_of_a_door_that_does_not_open(catalog: Catalog):
    facts = replace(
        FACTS,
        incident_type="entry",
        affected=(Affected("gate", State.MAJOR),),
        workarounds=(),
        answers={"exit": "staff"},
    )
    texts = words(catalog, facts)
    assert "119番" in texts["ja"].media["page"].body
    for medium in ("x", "x_nolink", "short"):
        assert "中から出られないとき" in texts["ja"].media[medium].body
        assert "cannot get out" in texts["en"].media[medium].body


def test_free_text_stays_in_its_own_language(catalog: Catalog):
    texts = words(catalog, replace(FACTS, extra={"ja": "臨時の受付を設けました。"}))
    assert "臨時の受付を設けました。" in page(texts["ja"])
    assert row(texts["ja"], "extra").lines == ("臨時の受付を設けました。",)
    assert row(texts["en"], "extra") is None


def test_the_link_leads_to_this_language_and_is_left_out_without_an_address(catalog: Catalog):
    texts = words(catalog)
    assert texts["en"].media["x"].body.endswith("\nhttps://status.fitline.example/en/incidents/k7m2p9xa4tq8/")
    assert (
        "://" not in words(catalog, incident_context=replace(INCIDENT_CONTEXT, site_address=""))["en"].media["x"].body
    )
    assert "://" not in texts["en"].media["x_nolink"].body


def test_a_drill_marks_every_text_at_both_ends(drill: Catalog):
    shown = words(drill)["ja"]
    texts = [shown.title, shown.headline, *(text.body for text in shown.media.values()), shown.media["feed"].subject]
    for text in texts:
        assert text.startswith("【訓練】"), text
        assert text.endswith("※これは訓練です。実際の不具合ではありません。"), text
    assert shown.sentences[0].text.startswith("【訓練】")
    assert shown.sentences[-1].text.endswith("※これは訓練です。実際の不具合ではありません。")


def test_a_frozen_title_is_not_marked_twice(drill: Catalog):
    titles = {language: text.title for language, text in words(drill).items()}
    later = words(
        drill,
        FACTS,
        UPDATE,
        now="12:30",
        incident_context=replace(INCIDENT_CONTEXT, titles=titles, previous_facts=FACTS),
    )
    assert {language: text.title for language, text in later.items()} == titles


def test_headlines_are_escaped_and_break_only_between_phrases(catalog: Catalog):
    assert words(catalog)["ja"].headline_html == (
        "会員アプリで<wbr>レッスンを<wbr>予約できません。<wbr>予約の管理にも<wbr>影響があります。"
    )
    pack = catalog.packs["en"]
    effects = pack.services["booking"].impact_clauses
    sharp = replace(effects[State.MAJOR], now="Booking <b> & more fails")
    service = replace(pack.services["booking"], impact_clauses={**effects, State.MAJOR: sharp})
    odd = replace(pack, services={**pack.services, "booking": service})
    texts = words(replace(catalog, packs={**catalog.packs, "en": odd}))
    assert texts["en"].headline_html == ("Booking &lt;b&gt; &amp; more fails; also affected: Managing bookings.")


def test_a_missing_sentence_is_named(catalog: Catalog):
    pack = catalog.packs["en"]
    phrases = {key: text for key, text in pack.phrases.items() if key != "next_update.text"}
    broken = replace(catalog, packs={**catalog.packs, "en": replace(pack, phrases=phrases)})
    with pytest.raises(BadPhrase, match=r"en: next_update\.text is missing"):
        words(broken)


def test_a_slot_that_nobody_fills_is_named(catalog: Catalog):
    pack = catalog.packs["en"]
    odd = replace(pack, phrases={**pack.phrases, "next_update.text": "By {when}."})
    with pytest.raises(BadPhrase, match=r"next_update\.text has a slot \{when\}"):
        words(replace(catalog, packs={**catalog.packs, "en": odd}))


def test_colleagues_read_what_is_known_what_is_not_and_what_customers_were_told(catalog: Catalog):
    lines = words(catalog)["en"].media["colleagues"].body.splitlines()
    assert lines[0] == "[Internal] You cannot book classes in the member app; also affected: Managing bookings."
    assert "- Started: about 11:55, Sat 4 July" in lines
    assert "Not known yet: when it will be fixed and the cause" in lines
    assert "What customers were told (First report):" in lines
    assert lines[-1] == "We are sorry for the trouble."


def test_the_phone_agent_reads_what_is_affected_and_until_when(catalog: Catalog):
    assert words(catalog)["ja"].media["short"].body == (
        "7月4日(土)11:55ごろから、会員アプリでレッスンを予約できません。"
        "ほかに、お店の管理画面で予約の一覧が開きにくくなっています。"
        "復旧の見込みはまだ立っていませんが、12:35までに次のお知らせをします。"
    )


def test_an_email_has_the_facts_in_sections_and_where_the_newest_state_is(catalog: Catalog):
    email = words(catalog)["ja"].media["mail"]
    assert email.subject == "第一報：会員アプリでレッスンを予約できません。予約の管理にも影響があります（7月4日）"
    parts = email.body.split("\n\n")
    assert parts[0] == "会員アプリでレッスンを予約できません。予約の管理にも影響があります。"
    assert "■ 発生時刻\n7月4日(土)11:55ごろ" in parts
    assert parts[-2:] == [
        "時刻はすべて日本時間です。",
        "最新の状況\nhttps://status.fitline.example/ja/incidents/k7m2p9xa4tq8/",
    ]


@pytest.mark.parametrize(
    ("precision", "time"), [(Precision.NOTICED, "Noticed at"), (Precision.ABOUT, "About"), (Precision.EXACT, "")]
)
def test_a_time_in_an_email_begins_with_a_capital_letter(catalog: Catalog, precision: Precision, time: str):
    facts = replace(FACTS, start=StartTime(precision, at("11:55")), estimate=NotBefore(at("13:30")))
    parts = words(catalog, facts)["en"].media["mail"].body.split("\n\n")
    assert f"# Started\n{time} 11:55, Sat 4 July".replace("\n ", "\n") in parts
    assert "# Expected back\nNot before 13:30" in parts


def test_a_company_may_number_its_reports(catalog: Catalog):
    numbering = replace(catalog, site=replace(catalog.site, numbers_notices=True))
    labels = [
        {
            language: text.label
            for language, text in words(numbering, FACTS, notice, incident_context=incident_context).items()
        }
        for notice, incident_context in (
            (FIRST, INCIDENT_CONTEXT),
            (UPDATE, replace(INCIDENT_CONTEXT, report_count=1, previous_facts=FACTS)),
            (UPDATE, replace(INCIDENT_CONTEXT, report_count=21, previous_facts=FACTS)),
            (RESOLVED, replace(INCIDENT_CONTEXT, report_count=2, previous_facts=FACTS)),
            (NoticeKind.CORRECTION, replace(INCIDENT_CONTEXT, report_count=2, previous_facts=FACTS)),
        )
    ]
    assert [text["ja"] for text in labels] == ["第一報", "第二報", "第22報", "最終報", "訂正"]
    assert [text["en"] for text in labels] == ["Report 1", "Report 2", "Report 22", "Final report", "Correction"]


def test_a_report_on_a_past_problem_says_which_one(catalog: Catalog):
    over = replace(FACTS, ended_at=at("13:12"), cause="storage")
    texts = words(catalog, over, NoticeKind.POSTMORTEM, now="15:00")
    assert page(texts["en"])[0] == (
        "Here is our report on the problem of Saturday 4 July. You could not book classes in the member app."
    )


def test_a_post_never_leaves_out_what_still_does_not_work(drill: Catalog):
    left = tuple(Affected(service, State.MAJOR) for service in list(drill.services)[1:])
    incident_context = replace(
        INCIDENT_CONTEXT, previous_facts=replace(FACTS, affected=(Affected("login", State.MAJOR), *left))
    )
    texts = words(
        drill, replace(FACTS, affected=left), NoticeKind.PARTLY_RESTORED, now="12:50", incident_context=incident_context
    )
    assert "まだ復旧できていません" in texts["ja"].media["x"].body
    assert "still not working" in texts["en"].media["x"].body


def test_a_security_notice_names_no_state_and_says_what_is_known_to_be_exposed(catalog: Catalog):
    facts = replace(
        FACTS,
        incident_type="security",
        affected=(),
        start=StartTime(Precision.NOTICED, at("11:55")),
        workarounds=(),
        answers={"information": "contact", "password": "yes"},
    )
    text = words(catalog, facts)["en"]
    assert text.headline == "Names and contact details may have been seen by someone outside."
    assert [row.label for row in text.rows][:2] == ["What is affected", "Found"]
    assert not any("navailable" in line for row in text.rows for line in row.lines)
    for medium in ("page", "mail", "x", "mastodon", "bluesky", "short", "slack"):
        assert "please change your password" in text.media[medium].body, medium


def test_the_title_of_a_security_notice_widens_once_it_is_known_what_was_seen(catalog: Catalog):
    first = replace(FACTS, incident_type="security", affected=(), workarounds=(), answers={})
    titles = {language: text.title for language, text in words(catalog, first).items()}
    told = replace(INCIDENT_CONTEXT, titles=titles, previous_facts=first)
    known = words(catalog, replace(first, answers={"information": "card"}), UPDATE, now="12:34", incident_context=told)
    assert known["en"].title == "Card details may have been seen by someone outside (4 July)"


def test_the_cause_of_what_lasts_is_in_the_present(catalog: Catalog):
    told = replace(INCIDENT_CONTEXT, previous_facts=FACTS)
    facts = replace(FACTS, cause="storage")
    lasting = words(catalog, facts, UPDATE, now="12:34", incident_context=told)["en"]
    over = words(catalog, replace(facts, ended_at=at("13:12")), RESOLVED, now="13:15", incident_context=told)["en"]
    assert "The cause is a fault" in lasting.media["page"].body and row(lasting, "cause").lines[0].startswith("A fault")
    assert "The cause was a fault" in over.media["page"].body


def test_a_changed_plan_stands_beside_the_old_one(catalog: Catalog):
    before = Facts(
        "maintenance",
        (Affected("booking", State.MAJOR),),
        maintenance_window=MaintenanceWindow(at("01:00", "2026-07-12"), at("04:00", "2026-07-12")),
    )
    after = replace(before, maintenance_window=MaintenanceWindow(at("02:00", "2026-07-12"), at("05:00", "2026-07-12")))
    told = replace(INCIDENT_CONTEXT, previous_facts=before)
    text = words(catalog, after, NoticeKind.ANNOUNCED, incident_context=told)["en"]
    assert "It had been planned for 01:00 to 04:00." in text.media["page"].body.splitlines()
    for medium in ("x", "mail", "short"):
        assert "01:00 to 04:00" in text.media[medium].body
    assert text.media["mail"].subject == "Planned maintenance: Class booking (12 July)"
