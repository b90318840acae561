"""Incident reports for business customers: only the recipient's services, versions, approval, redaction."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from statuspage.domain import IncidentReport, Notice, ReportPart, ReportState
from statuspage.usecases import audit_log, incident_reports
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incident_reports import NoSuchReport, ReportChanged
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.redaction import redact
from tests.integration.usecases.test_action_items import FIRST, OVER, SECOND, keep
from tests.support.desk import env
from tests.support.environments import with_changes
from tests.support.site import booking, sources
from tests.support.times import at

__all__ = ["env"]

pytestmark = pytest.mark.usefixtures("database")

AYA: dict[str, Any] = {"actor": Actor("a1", "彩"), "now": at("15:00")}
ALL: tuple[str, ...] = ()
TEXTS = {"root_cause": {"ja": "予備の機器への切り替えが、試されていませんでした。", "en": "The spare was never tried."}}


@pytest.fixture
def report(env: Environment) -> IncidentReport:
    """A report for one company that uses one of the two affected services."""
    keep(env, FIRST, OVER, cause="machine")
    return incident_reports.begin_report(env, FIRST, "株式会社サンプル", ["booking"], **AYA)


def words(env: Environment, report: IncidentReport, language: str = "ja") -> str:
    html = incident_reports.report_html(env, report, language, now=at("16:00"))
    body = html.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def seen(report: IncidentReport) -> tuple[int, int]:
    return report.version, report.changes


def test_the_same_facts_stand_in_both_languages(env: Environment, report: IncidentReport):
    report = incident_reports.change_report(env, report.number, TEXTS, seen=seen(report), **AYA)
    japanese, english = words(env, report), words(env, report, "en")
    for part in ("発生日時", "復旧日時", "影響範囲", "経過", "直接原因", "根本原因"):
        assert part in japanese
    assert "株式会社サンプル 御中" in japanese and "To 株式会社サンプル" in english
    for text, language in ((japanese, "ja"), (english, "en")):
        assert "11:55" in text and "13:12" in text and "IR-0001" in text
        assert env.site.catalog.packs[language].lists["cause"]["machine"].text in text
    assert TEXTS["root_cause"]["ja"] in japanese and TEXTS["root_cause"]["en"] in english
    assert TEXTS["root_cause"]["en"] not in japanese


def test_start_and_end_name_their_year_and_what_falls_into_another_one_does_too(env: Environment):
    keep(env, FIRST, OVER)
    report = incident_reports.begin_report(env, FIRST, "", ["booking"], **AYA)
    japanese, english = words(env, report), words(env, report, "en")
    assert "2026年7月4日(土) 11:55" in japanese and "2026年7月4日(土) 13:12" in japanese
    assert "Sat 4 July 2026, 11:55" in english and "Sat 4 July 2026, 13:12" in english
    assert "7月4日(土) 11:55–13:12" in japanese and "Sat 4 July, 12:03" in english
    keep(env, SECOND, OVER, later=at("23:50", "2026-12-31") - at("12:03"))
    across = incident_reports.begin_report(env, SECOND, "", ["booking"], **AYA)
    assert "12月31日(木) 23:50" in words(env, across) and "2027年1月1日(金) 0:17" in words(env, across)
    english = words(env, across, "en")
    assert "Thu 31 December, 23:50" in english and "Fri 1 January 2027, 00:17" in english


def test_a_report_names_only_the_services_of_its_recipient(env: Environment, report: IncidentReport):
    names = {id: pack.name for id, pack in env.site.catalog.packs["ja"].services.items()}
    own, whole = words(env, report), incident_reports.begin_report(env, FIRST, "", ALL, **AYA)
    assert names["booking"] in own and names["desk-booking"] not in own
    assert names["booking"] in words(env, whole) and names["desk-booking"] in words(env, whole)


def test_a_service_that_was_not_affected_is_refused(env: Environment, report: IncidentReport):
    with pytest.raises(ActionRefused):
        incident_reports.begin_report(env, FIRST, "", ["login"], **AYA)


def test_a_draft_is_marked_until_it_is_approved_and_then_never_changes(env: Environment, report: IncidentReport):
    report = incident_reports.change_report(env, report.number, TEXTS, seen=seen(report), **AYA)
    assert "案（未承認）" in words(env, report)
    approved = incident_reports.approve_report(env, report.number, seen=seen(report), **AYA)
    assert approved.state is ReportState.APPROVED and "案" not in words(env, approved)
    later = {"root_cause": {"ja": "別の原因でした。"}}
    second = incident_reports.change_report(env, report.number, later, seen=seen(approved), **AYA)
    assert (second.version, second.state, second.number) == (2, ReportState.DRAFT, approved.number)
    first = incident_reports.find_report(env, report.number, 1)
    assert first.texts == TEXTS and "第1版" in words(env, first) and "第2版" in words(env, second)
    actions = [row["action"] for row in audit_log.list_actions(env.databases.accounts, 3).rows]
    assert actions == ["incident_report.changed", "incident_report.approved", "incident_report.changed"]


def test_of_two_who_write_at_once_the_second_is_told(env: Environment, report: IncidentReport):
    incident_reports.change_report(env, report.number, TEXTS, seen=seen(report), **AYA)
    with pytest.raises(ReportChanged):
        incident_reports.change_report(env, report.number, {}, seen=seen(report), **AYA)
    with pytest.raises(ReportChanged):
        incident_reports.approve_report(env, report.number, seen=seen(report), **AYA)
    assert incident_reports.find_report(env, report.number).texts == TEXTS


def test_a_part_that_one_language_lacks_is_found_before_approval(env: Environment, report: IncidentReport):
    texts = {**TEXTS, "permanent": {"ja": "毎月試します。"}}
    report = incident_reports.change_report(env, report.number, texts, seen=seen(report), **AYA)
    assert report.unequal_parts == ("permanent",)
    with pytest.raises(ActionRefused):
        incident_reports.approve_report(env, report.number, seen=seen(report), **AYA)


def test_an_open_incident_has_a_report_that_cannot_be_approved(env: Environment):
    keep(env, SECOND, booking(("12:03", "first")))
    report = incident_reports.begin_report(env, SECOND, "", ALL, **AYA)
    assert "未復旧" in words(env, report)
    with pytest.raises(ActionRefused):
        incident_reports.approve_report(env, report.number, seen=seen(report), **AYA)


def test_a_redaction_makes_a_new_version_that_waits_for_approval(env: Environment, report: IncidentReport):
    texts = {"root_cause": {"ja": "山田花子さまの設定を確認していませんでした。"}}
    report = incident_reports.change_report(env, report.number, texts, seen=seen(report), **AYA)
    incident_reports.approve_report(env, report.number, seen=seen(report), **AYA)
    places = redact.find_text(env, FIRST, "山田花子")
    assert {place.record_type for place in places.places} == {"report"}
    redact.redact_text(env, FIRST, "山田花子", reason="ご本人の希望", actor="佐藤", now=at("17:00"))
    newest = incident_reports.find_report(env, report.number)
    assert (newest.version, newest.state) == (2, ReportState.DRAFT)
    for version in (1, 2):
        assert "山田" not in words(env, incident_reports.find_report(env, report.number, version))


@pytest.mark.parametrize("text", ["【訓練】予約", "/ja/incidents/drillabcdefg/"])
def test_a_live_report_contains_no_mark_of_a_drill(env: Environment, report: IncidentReport, text: str):
    live = with_changes(env, assets=sources(("【訓練】", "/incidents/drill")))
    with pytest.raises(ActionRefused, match=r"text\.mark_document"):
        incident_reports.change_report(live, report.number, {"summary": {"ja": text}}, seen=seen(report), **AYA)
    with pytest.raises(ActionRefused, match=r"text\.mark_document"):
        incident_reports.begin_report(live, FIRST, text, ALL, **AYA)


def headings(env: Environment, report: IncidentReport) -> list[str]:
    html = incident_reports.report_html(env, report, "en", now=at("16:00"))
    labels = env.site.catalog.packs["en"].labels
    by_heading = {labels[f"desk.incident_report.document.{part}"]: part.value for part in ReportPart}
    return [by_heading[heading] for heading in re.findall(r"<h2>(.*?)</h2>", html) if heading in by_heading]


def test_a_part_that_nobody_wrote_is_left_out_and_an_unknown_cause_is_under_investigation(env: Environment):
    keep(env, SECOND, OVER)
    report = incident_reports.begin_report(env, SECOND, "", ["booking"], **AYA)
    assert headings(env, report) == ["summary", "direct_cause", "root_cause"]
    assert words(env, report).count("調査中です。") == words(env, report, "en").count("Under investigation.") == 2
    texts = {part.value: {"ja": "書いた文。", "en": "Written."} for part in ReportPart}
    report = incident_reports.change_report(env, report.number, texts, seen=seen(report), **AYA)
    assert headings(env, report) == [part.value for part in ReportPart]
    assert "調査中" not in words(env, report)


def test_what_is_over_is_told_in_the_past_and_what_was_being_done_with_its_time(env: Environment):
    *earlier, last = OVER.entries
    (first,) = (entry for entry in earlier if isinstance(entry.entry, Notice))
    assert isinstance(first.entry, Notice)
    told = replace(first.entry, facts=replace(first.entry.facts, current_action="restart"))
    keep(env, FIRST, replace(OVER, entries=(replace(first, entry=told), last)))
    report = incident_reports.begin_report(env, FIRST, "", ["booking"], **AYA)
    japanese, english = words(env, report), words(env, report, "en")
    assert "使えません" not in japanese and "ご利用いただけません。" not in japanese
    assert "をご利用いただけませんでした。" in japanese and "Customers could not use " in english
    assert "12:03時点：止まった部分を動かし直しています。" in japanese
    assert "12:03: We are restarting" in english
    keep(env, SECOND, booking(("12:03", "first")))
    still = incident_reports.begin_report(env, SECOND, "", ["booking"], **AYA)
    assert "をご利用いただけません。" in words(env, still) and "Customers cannot use " in words(env, still, "en")


def test_an_unknown_number_is_no_report(env: Environment):
    with pytest.raises(NoSuchReport):
        incident_reports.find_report(env, 7)
