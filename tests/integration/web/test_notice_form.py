"""Writing a notice on the form without scripts: what counts, what is shown, what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain.facts import AffectedAudience, Known, MissedEstimate, NoticeKind, Range, State, Unknown
from statuspage.domain.incident import Incident, RecordedNotice
from statuspage.storage import alerts, incidents
from statuspage.usecases.alerts import group
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, alert_arrives, clock, env, signed_in
from tests.support.times import at

__all__ = ["clock", "env"]

pytestmark = pytest.mark.usefixtures("database")

PLAN = {"service": ["booking"], "begins": "2026-07-08T02:00", "ends": "2h"}
FIRST = {"incident_type": "booking", "start": "5m", "do": "publish"}


def newest(env: Environment) -> RecordedNotice:
    with env.databases.environment.read() as tx:
        ((_, notice),) = incidents.latest_notices(tx, 1)
    return notice


def only_incident(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    return incident


def nothing_public(env: Environment) -> bool:
    with env.databases.environment.read() as tx:
        return incidents.latest_notices(tx, 1) == ()


def shown(env: Environment, clock: Clock, path: str = "/incidents/new") -> Browser:
    return signed_in(env, clock).open(path)


def beside(browser: Browser, field: str) -> str:
    """The text beside this field."""
    (box,) = browser.tree.xpath(f"//*[@id='f-{field}']")
    return " ".join(wrong.text_content() for wrong in box.xpath(".//p[contains(@class, 'wrong')]"))


def test_effect_and_since_when_are_enough(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST)
    assert browser.path.endswith("/notices/5")
    facts = newest(env).notice.facts
    assert [(a.service, a.state) for a in facts.affected] == [("booking", "major"), ("desk-booking", "degraded")]
    assert facts.start is not None
    assert facts.start.at == at("11:57")
    assert facts.audience.extent is AffectedAudience.CHECKING
    assert facts.estimate == Unknown()
    assert facts.next_update == clock() + timedelta(minutes=30)


def test_the_clock_of_a_report_from_nothing_runs_from_when_its_form_was_opened(env: Environment, clock: Clock):
    browser = shown(env, clock)
    clock.later(minutes=3)
    browser.send(FIRST)
    incident = only_incident(env)
    assert incident.t0 == clock() - timedelta(minutes=3)
    assert incident.t0_source == "form"


def test_everything_that_can_be_typed_is_what_is_published(env: Environment, clock: Clock):
    shown(env, clock).send(
        {
            "incident_type": "payment", "service": ["fees"], "state-fees": "partial", "group": ["shibuya", "umeda"],
            "start_at": "11:20", "precision": "noticed", "estimate_from": "13:00", "estimate_to": "14:00",
            "workaround": ["cash"], "next_update_at": "12:50", "extra-ja": "現金で承ります。", "answer-retry": "wait",
            "do": "publish",
        }
    )  # fmt: skip
    facts = newest(env).notice.facts
    assert [(a.service, a.state) for a in facts.affected] == [("fees", State.PARTIAL)]
    assert facts.audience.groups == ("shibuya", "umeda")
    assert facts.start is not None
    assert (facts.start.at, facts.start.precision) == (at("11:20"), "noticed")
    assert facts.estimate == Range(at("13:00"), at("14:00"))
    assert facts.workarounds == ("cash",)
    assert facts.next_update == at("12:50")
    assert facts.extra == {"ja": "現金で承ります。"}


def test_a_filled_box_chooses_its_own_button_without_script(env: Environment, clock: Clock):
    shown(env, clock).send({**FIRST, "start": None, "start_at": "11:40", "estimate_minutes": "４０"})
    facts = newest(env).notice.facts
    assert facts.start is not None
    assert facts.start.at == at("11:40")
    assert facts.estimate == Known(at("12:42"))


def test_a_button_pressed_after_the_box_was_shown_filled_counts(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "start": "", "start_at": "11:40", "do": "preview"})
    browser.send({"start": "15m", "do": "preview"}).send({"do": "publish"})
    facts = newest(env).notice.facts
    assert facts.start is not None
    assert facts.start.at == at("11:47")


@pytest.mark.parametrize(
    ("field", "both"),
    [
        ("start", {"start": "now", "start_at": "11:40"}),
        ("estimate", {"estimate": "minutes", "estimate_at": "13:30"}),
        ("estimate", {"estimate_at": "13:30", "estimate_not_before": "14:00"}),
        ("next_update", {"next_update": "15m", "next_update_at": "12:50"}),
    ],
)
def test_of_two_answers_to_one_question_neither_is_taken_in_silence(
    env: Environment, clock: Clock, field: str, both: dict[str, str]
):
    browser = shown(env, clock).send({**FIRST, "do": "preview"})
    browser.send({**both, "do": "publish"})
    assert (browser.page.status_code, nothing_public(env)) == (422, True)
    assert "一致していません" in beside(browser, field)
    for name, value in both.items():
        if name.startswith(f"{field}_"):
            assert browser.fields()[name] == [value], "what was typed is still there"


def test_another_incident_type_brings_its_own_services_until_some_are_ticked_by_hand(env: Environment, clock: Clock):
    browser = shown(env, clock).send({"incident_type": "booking", "do": "preview"})
    assert browser.fields()["service"] == ["booking", "desk-booking"]
    browser.send({"incident_type": "payment", "do": "preview"})
    assert browser.fields()["service"] == ["checkout"]
    browser.send({"service": ["checkout", "fees"], "do": "preview"}).send({"incident_type": "login", "do": "preview"})
    assert browser.fields()["service"] == ["fees", "checkout"]


def test_the_preview_shows_every_language_and_medium_with_what_is_left(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "do": "preview"})
    (pane,) = browser.tree.xpath("//aside[@id='preview']")
    assert {e.get("lang") for e in pane.xpath(".//div[contains(@class, 'pv-page')]")} == set(env.site.catalog.languages)
    tabs = [e.text_content().strip() for e in pane.xpath(".//fieldset[@class='tabs']/label")]
    assert [*tabs[:2], *tabs[3:]] == ["ページ", "メール", "フィード", "社内用"]
    assert "会員アプリでレッスンを予約できません" in pane.text_content()
    assert pane.xpath(".//progress[@max='280']")
    assert "未接続のため、送信されません" in pane.text_content()


def test_the_preview_of_a_post_names_the_facts_that_are_on_the_page_alone(env: Environment, clock: Clock):
    browser = shown(env, clock).send(
        {**FIRST, "workaround": ["phone"], "extra-ja": "通路は開いています。", "do": "preview"}
    )
    (post,) = browser.tree.xpath("//div[contains(@class, 'pv-x') and @data-l='0'][.//progress[@max='280']][1]")
    assert "この文面には入らず、ページにだけ載る項目：今できること、補足" in post.text_content()


def test_what_is_previewed_is_published_word_for_word_even_minutes_later(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "do": "preview"})
    clock.later(minutes=9)
    browser.send({"do": "publish"})
    facts = newest(env).notice.facts
    assert facts.start is not None
    assert facts.start.at == at("11:57")
    assert facts.next_update == at("12:32")


@pytest.mark.parametrize(
    ("minutes", "change", "message"),
    [(11, {}, "10分たった"), (0, {"audience": "all"}, "更新しました"), (0, {"token": "made.up"}, "更新しました")],
)
def test_a_preview_that_no_longer_holds_is_shown_afresh(
    env: Environment, clock: Clock, minutes: int, change: dict[str, str], message: str
):
    browser = shown(env, clock).send({**FIRST, "do": "preview"})
    clock.later(minutes=minutes)
    browser.send({**change, "do": "publish"})
    assert nothing_public(env)
    assert browser.page.status_code == 409
    assert message in browser.words
    browser.send({"do": "publish"})
    assert newest(env).notice.notice is NoticeKind.FIRST


@pytest.mark.parametrize("path", ["/incidents/new", "/maintenance/new"])
@pytest.mark.parametrize("do", ["publish", "preview", "follow"])
def test_a_form_whose_place_was_altered_is_refused_and_nothing_typed_is_lost(
    env: Environment, clock: Clock, path: str, do: str
):
    browser = shown(env, clock, path).send({"text-ja": "受付は電話で行っています。", "target": "made.up", "do": do})
    assert browser.page.status_code == 409
    assert "すでに公開されていない" in browser.words
    assert nothing_public(env)
    assert browser.fields(path)["text-ja"] == ["受付は電話で行っています。"]
    again = browser.resume(path)
    assert again.fields(path)["text-ja"] == ["受付は電話で行っています。"], "the draft is kept"


@pytest.mark.parametrize("target", ["made.up", "", None])
def test_a_report_whose_place_was_altered_opens_no_incident_until_somebody_says_so(
    env: Environment, clock: Clock, target: str | None
):
    browser = shown(env, clock).send({**FIRST, "target": target})
    for _ in range(2):
        assert (browser.page.status_code, nothing_public(env)) == (409, True)
        browser.send({"do": "publish"})
    browser.resume("/incidents/new").send({"do": "publish"})
    assert (browser.page.status_code, nothing_public(env)) == (409, True)
    browser.send({"do": "renew"})
    assert (browser.page.status_code, nothing_public(env)) == (200, True)
    browser.send({"do": "publish"})
    assert newest(env).notice.notice is NoticeKind.FIRST


@pytest.mark.parametrize(("path", "typed"), [("/incidents/new", FIRST), ("/maintenance/new", PLAN)])
def test_a_form_opened_more_than_a_day_ago_opens_nothing_by_itself(
    env: Environment, clock: Clock, path: str, typed: dict[str, object]
):
    browser = shown(env, clock, path).send({**typed, "do": "preview"})
    clock.later(hours=24, minutes=1)
    browser = signed_in(env, clock).resume(path)
    assert "24時間" in browser.words
    browser.send({"do": "publish"})
    assert (browser.page.status_code, nothing_public(env)) == (409, True)
    browser.send({"do": "renew"}).send({"do": "publish"})
    old = [str(box.get("value")) for box in browser.tree.xpath("//input[@name='confirmed']")]
    if old:  # it started more than a day ago
        browser.send({"confirmed": old, "do": "publish"})
    incident = only_incident(env)
    assert incident.t0 == clock(), "its clock starts when somebody began anew"


def test_a_place_of_another_incident_is_refused(env: Environment, clock: Clock):
    shown(env, clock).send(FIRST)
    path = f"/incidents/{only_incident(env).id}/notices/new/update"
    elsewhere = shown(env, clock).fields()["target"]
    browser = shown(env, clock, path).send({"audience": "all", "target": elsewhere, "do": "publish"})
    assert browser.page.status_code == 409
    assert "別のインシデント" in browser.words
    assert len(only_incident(env).notices) == 1
    browser.send({"do": "publish"})
    assert len(only_incident(env).notices) == 2


def test_a_notice_on_record_whose_place_was_altered_hides_no_colleagues_words(env: Environment, clock: Clock):
    shown(env, clock).send(FIRST)
    path = f"/incidents/{only_incident(env).id}/notices/new/update"
    before = newest(env)
    browser = shown(env, clock, path).send({"target": "made.up", "do": "publish"})
    assert (browser.page.status_code, newest(env)) == (409, before)


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("incident_type", {"incident_type": None}, "種類を選んで"),
        ("incident_type", {"incident_type": "meteor"}, "meteor"),
        ("services", {"shown_incident_type": "booking", "service": None}, "1つ以上"),
        ("services", {"service": ["booking", "moon"]}, "「moon」"),
        ("services", {"service": ["booking"], "state-booking": "exploded"}, "exploded"),
        ("audience", {"audience": "all", "group": ["shibuya"]}, "どちらか一方"),
        ("audience", {"group": ["atlantis"]}, "atlantis"),
        ("start", {"start": None, "start_at": ""}, "いつから"),
        ("start", {"start_at": "きのう"}, "「きのう」"),
        ("start", {"start_at": "12:40"}, "現在時刻より後"),
        ("estimate", {"estimate_at": "11:30"}, "発生時刻より前"),
        ("estimate", {"estimate_at": "25:00"}, "「25:00」"),
        ("estimate", {"estimate_from": "14:00", "estimate_to": "13:00"}, "開始時刻より前"),
        ("estimate", {"estimate_minutes": "soon"}, "「soon」"),
        ("next_update", {"next_update_at": "11:59"}, "すでに過ぎて"),
        ("next_update", {"next_update_at": "2026-07-20 10:00"}, "7日以内"),
        ("workaround", {"workaround": ["pray"]}, "pray"),
        ("extra-ja", {"extra-ja": "あ\u202eい"}, "使用できない文字"),
        ("extra-ja", {"extra-ja": "a\x07b"}, "使用できない文字"),
        ("extra-en", {"extra-en": "x" * 100_000}, "100000"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_is_kept(
    env: Environment, clock: Clock, field: str, change: dict[str, object], message: str
):
    browser = shown(env, clock)
    sent = {**FIRST, "start": "at", "precision": "exact", "start_at": "11:50", "extra-en": "Thank you.", **change}
    browser.send(sent)
    assert browser.page.status_code == 422
    assert nothing_public(env)
    assert message in beside(browser, field)
    assert browser.tree.xpath(f"//div[@id='errs']//a[@href='#f-{field}']")
    kept = browser.fields()
    for name, value in sent.items():
        if (
            name in ("do", "start", "shown_incident_type", "incident_type", "service", "group", "workaround")
            or value is None
        ):
            continue
        if name.startswith("state-"):
            continue
        assert kept[name] == [value]


def test_problems_are_said_in_english_to_who_reads_english(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new").send({"do": "publish"})
    assert "2 things need your attention" in browser.words
    assert "Choose" in beside(browser, "incident_type")


def test_a_problem_names_its_field_to_screen_readers(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "extra-ja": "a\x07"})
    (area,) = browser.tree.xpath("//textarea[@name='extra-ja']")
    assert area.get("aria-invalid") == "true"
    assert browser.tree.xpath(f"//*[@id='{area.get('aria-describedby')}']")


def test_text_is_text_and_never_markup(env: Environment, clock: Clock):
    evil = "<script>alert(1)</script><b>x</b>"
    browser = shown(env, clock).send({**FIRST, "extra-ja": evil, "do": "preview"})
    assert "<script>alert" not in browser.text
    assert evil in browser.tree.xpath("//aside[@id='preview']")[0].text_content()
    browser.send({"do": "publish"})
    incident = only_incident(env)
    for path in (browser.path, f"/incidents/{incident.id}", "/"):
        assert "<script>alert" not in browser.open(path).text


@pytest.mark.slow
def test_everything_typed_is_there_again_after_closing_the_page(env: Environment, clock: Clock):
    browser = shown(env, clock)
    opened = clock()
    browser.send({"incident_type": "login", "extra-ja": "途中", "do": "preview"})
    clock.later(minutes=30)
    again = signed_in(env, clock).resume("/incidents/new")
    assert again.fields()["extra-ja"] == ["途中"]
    again.send({"start": "now", "do": "publish"})
    assert only_incident(env).t0 == opened
    assert signed_in(env, clock).open("/incidents/new").fields()["extra-ja"] == [""]


def described(browser: Browser) -> str:
    """What the page says of a draft."""
    (draft,) = browser.tree.xpath("//section[@id='draft']")
    return " ".join(draft.text_content().split())


def test_a_draft_says_whose_when_and_about_what_before_it_fills_anything(env: Environment, clock: Clock):
    browser = signed_in(env, clock, language="en").open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "extra-en": "The front desk can help.", "do": "preview"})
    clock.later(hours=20)
    browser = signed_in(env, clock, language="en").open("/incidents/new")
    assert not browser.tree.xpath("//form[@id='notice-form']")
    said = described(browser)
    assert "Draft by 佐藤, last saved Sat 4 July, 12:02." in said
    assert "Sat 4 July, 11:57" in said
    for part in ("Booking", "Class booking", "The front desk can help."):
        assert part in said
    (link,) = browser.tree.xpath("//a[@id='continue-draft']/@href")
    browser.open(link)
    assert browser.fields()["extra-en"] == ["The front desk can help."]
    assert "Draft by 佐藤, last saved Sat 4 July, 12:02." in browser.words


def test_a_draft_can_be_thrown_away(env: Environment, clock: Clock):
    browser = shown(env, clock).send({"incident_type": "login", "extra-ja": "途中", "do": "preview"})
    assert browser.open("/incidents/new").send({"do": "discard"}).fields()["extra-ja"] == [""]
    browser.send({"extra-ja": "途中", "do": "preview"})
    assert browser.resume("/incidents/new").send({"do": "discard"}).fields()["extra-ja"] == [""]


def test_a_draft_on_record_says_what_it_is_about_and_that_others_were_faster(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST)
    path = f"/incidents/{only_incident(env).id}/notices/new/update"
    browser.open(path).send({"extra-ja": "途中", "do": "preview"})
    assert "別のお知らせが公開されています" not in browser.open(path).words
    assert "会員アプリでレッスンを予約できません" in browser.words
    signed_in(env, clock, "kim", "Kim", "en").open(path).send({"audience": "all", "do": "publish"})
    assert "別のお知らせが公開されています" in browser.open(path).words


def test_changing_the_language_does_not_close_a_draft(env: Environment, clock: Clock):
    browser = shown(env, clock).send(
        {"incident_type": "login", "extra-ja": "途中", "do": "refresh", "has_changes": "1"}
    )
    (back,) = browser.tree.xpath("//form[@action='/language']//input[@name='return_path']/@value")
    assert browser.open(back).fields()["extra-ja"] == ["途中"]


def test_a_draft_is_its_writers_own(env: Environment, clock: Clock):
    shown(env, clock).send({"incident_type": "login", "extra-ja": "途中", "do": "preview"})
    other = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new")
    assert other.fields()["extra-ja"] == [""]


def test_pressing_twice_publishes_once(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "do": "preview"})
    fields = {**browser.fields(), "do": "publish"}
    first = browser.post("/incidents/new", fields)
    second = browser.post("/incidents/new", fields)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(only_incident(env).notices) == 1


@pytest.mark.slow
def test_of_two_people_typing_the_later_sees_what_the_earlier_said_and_loses_nothing(env: Environment, clock: Clock):
    shown(env, clock).send(FIRST)
    path = f"/incidents/{only_incident(env).id}/notices/new/update"
    sato, kim = shown(env, clock, path), signed_in(env, clock, "kim", "Kim", "en").open(path)
    sato.send({"estimate_at": "13:30", "extra-ja": "復旧作業中です。", "do": "publish"})
    clock.later(minutes=1)
    kim.send({"extra-en": "We called the vendor.", "do": "publish"})
    assert kim.page.status_code == 409
    assert "佐藤 published first" in kim.words
    assert "13:30" in kim.tree.xpath("//section[@class='newer']")[0].text_content()
    assert kim.fields()["extra-en"] == ["We called the vendor."]
    assert len(only_incident(env).notices) == 2
    kim.send({"do": "publish"})
    notices = only_incident(env).notices
    assert [n.notice.actor for n in notices] == ["佐藤", "佐藤", "Kim"]
    assert newest(env).notice.facts.estimate == Known(at("13:30")), "nobody has taken it back"


@pytest.mark.slow
def test_of_two_people_who_change_lists_neither_takes_away_what_the_other_added(env: Environment, clock: Clock):
    shown(env, clock).send({**FIRST, "workaround": ["phone"]})
    path = f"/incidents/{only_incident(env).id}/notices/new/update"
    sato, kim = shown(env, clock, path), signed_in(env, clock, "kim", "Kim", "en").open(path)
    sato.send({"workaround": ["phone", "paper"], "service": ["booking", "gate"], "do": "publish"})
    kim.send({"workaround": ["front-desk"], "service": ["booking", "desk-booking", "login"], "do": "publish"})
    kim.send({"do": "publish"})
    facts = newest(env).notice.facts
    assert newest(env).notice.actor == "Kim"
    assert set(facts.workarounds) == {"paper", "front-desk"}
    assert {item.service for item in facts.affected} == {"booking", "gate", "login"}


@pytest.mark.slow
def test_pressing_twice_on_a_form_without_its_preview_publishes_once(env: Environment, clock: Clock):
    shown(env, clock).send(FIRST)
    browser = shown(env, clock, f"/incidents/{only_incident(env).id}/notices/new/update")
    fields = {**browser.fields(), "audience": "all", "do": "publish"}
    answers = [browser.post(browser.path, fields)]
    clock.later(seconds=2)
    answers.append(browser.post(browser.path, fields))
    assert [answer.headers.get("Location") for answer in answers] == [answers[0].headers["Location"]] * 2
    assert len(only_incident(env).notices) == 2


@pytest.mark.slow
def test_a_form_says_that_an_alert_which_joined_later_was_before_the_start(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST)
    incident = only_incident(env)
    path = f"/incidents/{incident.id}/notices/new/update"
    assert "late-alert" not in shown(env, clock, path).text
    clock.later(minutes=1)
    alert_arrives(browser, at("11:51"))
    with env.databases.environment.read() as tx:
        (alert,) = alerts.latest_alerts(tx, 1)
    group(env, alert.id, incident.id, actor="佐藤", now=clock())
    browser = shown(env, clock, path)
    (said,) = browser.tree.xpath("//div[@data-hint='late-alert']")
    assert "11:51" in said.text_content() and "11:57" in said.text_content()
    assert newest(env).notice.facts.start is not None and newest(env).notice.facts.start.at == at("11:57")
    browser.send({"start": "at", "start_at": "11:51", "do": "preview"})
    assert browser.tree.xpath("//div[@data-hint='late-alert']")[0].text_content() == ""
    browser.send({"do": "publish"})
    page = newest(env).notice.texts["en"].media["page"].body
    assert "11:51" in page and "11:57" in page, "the old start beside the new"


@pytest.mark.slow
def test_of_two_first_reports_about_one_alert_the_later_becomes_an_update(env: Environment, clock: Clock):
    sato, kim = signed_in(env, clock), signed_in(env, clock, "kim", "Kim", "en")
    alert_arrives(sato)
    for browser in (sato, kim):
        browser.open("/")
    kim.send({"do": "write"})
    kim_path = kim.path
    sato.send({"do": "write"})
    assert sato.path == kim_path
    sato.send({"do": "publish"})
    kim.send({"audience": "all", "do": "publish"})
    assert "published first" in kim.words
    assert kim.form().get("action").endswith("/notices/new/update")
    kim.send({"do": "publish"})
    assert [n.notice.notice for n in only_incident(env).notices] == ["first", "update"]


def test_a_required_question_is_asked_before_anything_is_published(env: Environment, clock: Clock):
    browser = shown(env, clock).send({"incident_type": "entry", "start": "now", "do": "publish"})
    assert nothing_public(env)
    assert browser.tree.xpath("//fieldset[starts-with(@id, 'f-answer-') and @aria-invalid='true']")
    assert not browser.tree.xpath("//details//fieldset[@id='f-answer-exit']"), "it is not folded away"


def test_an_alert_with_a_right_proposal_needs_nothing_but_the_estimate(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/").send({"do": "write"})
    browser.send({"estimate_at": "13:30", "do": "publish"})
    facts = newest(env).notice.facts
    assert (facts.incident_type, facts.estimate) == ("booking", Known(at("13:30")))
    assert facts.start is not None
    assert facts.start.at == at("11:55")
    incident = only_incident(env)
    assert (incident.t0_source, incident.t0) == ("alert", at("11:55"))


def test_an_update_opens_with_the_facts_as_they_stand(env: Environment, clock: Clock):
    browser = shown(env, clock).send({**FIRST, "audience": "all", "estimate_at": "13:30", "workaround": ["phone"]})
    clock.later(minutes=10)
    fields = browser.open(f"/incidents/{only_incident(env).id}/notices/new/update").fields()
    assert fields["service"] == ["booking", "desk-booking"]
    assert fields["state-desk-booking"] == ["degraded"]
    assert (fields["audience"], fields["start_at"], fields["estimate_at"]) == (["all"], ["11:57"], ["13:30"])
    assert fields["workaround"] == ["phone"]


@pytest.mark.slow
def test_a_recovery_asks_when_it_worked_again(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST)
    clock.later(minutes=40)
    browser.open(f"/incidents/{only_incident(env).id}/notices/new/resolved")
    browser.send({"ended": None, "do": "publish"})
    assert "復旧した時刻" in beside(browser, "ended")
    browser.send({"ended_at": "11:30", "do": "publish"})
    assert "発生時刻より前" in beside(browser, "ended")
    browser.send({"ended_at": "12:30", "cause": "machine", "do": "publish"})
    facts = newest(env).notice.facts
    assert (facts.ended_at, facts.cause) == (at("12:30"), "machine")


def test_there_is_no_form_for_what_does_not_exist(env: Environment, clock: Clock):
    browser = shown(env, clock)
    assert browser.open("/incidents/abcdefghijkl/notices/new/update").page.status_code == 404
    browser.open("/incidents/new").send(FIRST)
    id = only_incident(env).id
    assert browser.open(f"/incidents/{id}/notices/new/reminder").page.status_code == 404
    assert browser.open(f"/incidents/{id}/notices/new/first").path == f"/incidents/{id}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"incident_type": "booking", "start": "5m"}, ""),
        ({"incident_type": "booking"}, ""),
        ({"incident_type": "booking", "start": None}, "いつから起きているか"),
        ({"incident_type": "booking", "start_at": "11:50", "estimate_at": "11:40"}, "発生時刻より前"),
        ({"incident_type": "entry", "start": "5m"}, "未回答："),
    ],
)
def test_the_gate_is_green_only_when_publishing_would_be_accepted(
    env: Environment, clock: Clock, change: dict[str, str | None], message: str
):
    browser = shown(env, clock).send({**change, "do": "refresh"})
    (gate,) = browser.tree.xpath("//*[@id='gate']")
    assert ("ready" in gate.get("class").split()) is (not message)
    assert (message or "公開できます") in gate.text_content()
    assert bool(browser.tree.xpath("//input[@name='token']")) is (not message)


def test_recovery_opens_with_now_and_its_whole_preview(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST)
    clock.later(minutes=40)
    browser.open(f"/incidents/{only_incident(env).id}/notices/new/resolved")
    (gate,) = browser.tree.xpath("//*[@id='gate']")
    assert "ready" in gate.get("class").split()
    assert browser.fields()["ended"] == ["now"]
    assert "12:42" in browser.tree.xpath("//aside[@id='preview']//div[contains(@class, 'pv-page')]")[0].text_content()
    browser.send({"ended": None, "do": "refresh"})
    (gate,) = browser.tree.xpath("//*[@id='gate']")
    assert "ready" not in gate.get("class").split()
    assert "復旧した時刻を入力" in gate.text_content()
    assert browser.tree.xpath("//button[@id='publish']/@data-jump") == ["f-ended"]


def test_while_writing_only_what_is_wrong_stands_beside_its_field(env: Environment, clock: Clock):
    browser = shown(env, clock).send({"incident_type": "booking", "estimate_at": "2.15...", "do": "refresh"})
    assert browser.page.status_code == 200
    assert "時刻として認識できません" in beside(browser, "estimate")
    assert browser.tree.xpath("//input[@name='estimate_at'][@aria-invalid='true']")
    assert beside(browser, "start") == ""


def test_an_estimate_that_has_passed_is_owned_up_to_in_its_own_words_and_the_form_says_so(
    env: Environment, clock: Clock
):
    browser = shown(env, clock).send(FIRST | {"estimate_at": "12:20"})
    clock.later(minutes=10)
    update = f"/incidents/{only_incident(env).id}/notices/new/update"
    assert "時刻を過ぎた" not in browser.open(update).words
    assert "状況は変わっていません" in browser.words
    clock.later(minutes=20)
    (hint,) = browser.open(update).tree.xpath("//*[@id='f-estimate']//*[@data-hint='missed']")
    assert "12:20ごろに復旧する見込みとお伝えしましたが" in hint.text_content()
    assert "状況は変わっていません" not in browser.words
    assert browser.fields()["estimate"] == ["unknown"]
    browser.send(do="publish")
    assert newest(env).notice.facts.estimate == MissedEstimate(at("12:20"))
    assert "12:20ごろに復旧する見込みとお伝えしましたが" in newest(env).notice.texts["ja"].media["page"].body
    clock.later(minutes=10)
    assert "時刻を過ぎた" not in browser.open(update).words  # given once


def test_of_several_incidents_the_key_opens_the_one_whose_promise_is_due_first(env: Environment, clock: Clock):
    browser = shown(env, clock).send(FIRST | {"next_update": "60m"})
    first = only_incident(env).id
    browser.open("/incidents/new").send(FIRST | {"incident_type": "login", "next_update": "15m"})
    (link,) = set(browser.open("/").tree.xpath("//a[@aria-keyshortcuts='n']/@href"))
    assert link.endswith("/notices/new/update") and first not in link
