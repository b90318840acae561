"""The incident report as PDF, read back by another program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from statuspage.domain import Section
from statuspage.integrations.pdf import write_pdf
from statuspage.storage import incidents
from statuspage.usecases import action_items, incident_reports, retrospectives
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.redaction import redact
from tests.integration.usecases.test_action_items import FIRST, OVER, keep
from tests.integration.usecases.test_incident_reports import AYA, TEXTS
from tests.support.desk import env
from tests.support.site import reported
from tests.support.times import at

__all__ = ["env"]


def read(pdf: bytes, folder: Path) -> str:
    file = folder / "report.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ja",
            ["障害報告書", "株式会社サンプル 御中", "発生日時", "根本原因", TEXTS["root_cause"]["ja"], "案（未承認）"],
        ),
        (
            "en",
            [
                "Incident report",
                "To 株式会社サンプル",
                "Occurred",
                "Root cause",
                TEXTS["root_cause"]["en"],
                "Draft, not approved",
            ],
        ),
    ],
)
def test_a_report_is_read_back_from_its_pdf(env: Environment, tmp_path: Path, language: str, expected: list[str]):
    keep(env, FIRST, OVER, cause="machine")
    report = incident_reports.begin_report(env, FIRST, "株式会社サンプル", ["booking"], **AYA)
    report = incident_reports.change_report(env, report.number, TEXTS, seen=(1, 1), **AYA)
    text = read(incident_reports.report_pdf(env, report, language, now=at("16:00")), tmp_path)
    for words in [*expected, "IR-0001", "11:55", "13:12"]:
        assert words in text
    approved = incident_reports.approve_report(env, report.number, seen=(1, 2), **AYA)
    text = read(incident_reports.report_pdf(env, approved, language, now=at("16:00")), tmp_path)
    assert "Draft" not in text and "案" not in text


def test_one_redaction_reaches_everything_that_was_written_afterwards(env: Environment, tmp_path: Path):
    name = "A disk failed"
    keep(env, FIRST, reported())
    retrospectives.write_note(env, FIRST, Section.WHY, f"{name} at night.", **AYA)
    action_items.add_item(env, FIRST, ActionInput(f"{name}: replace it"), **AYA)
    texts = {"root_cause": {"ja": f"{name}。", "en": f"{name}."}}
    report = incident_reports.begin_report(env, FIRST, "", ["booking"], **AYA)
    report = incident_reports.change_report(env, report.number, texts, seen=(1, 1), **AYA)
    incident_reports.approve_report(env, report.number, seen=(1, 2), **AYA)
    assert name in read(incident_reports.report_pdf(env, report, "en", now=at("16:00")), tmp_path)

    redact.redact_text(env, FIRST, name, reason="asked for", actor="Sato", now=at("17:00"))
    found = retrospectives.find_retrospective(env, FIRST, now=at("18:00"))
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, FIRST)
    assert incident is not None
    public = [text.postmortem for notice in incident.notices for text in notice.notice.texts.values()]
    assert any(public)
    for written in (found.record, found.actions, public):
        assert name not in repr(written)
    for version in (1, 2):
        stored = incident_reports.find_report(env, report.number, version)
        for language in ("ja", "en"):
            assert name not in read(incident_reports.report_pdf(env, stored, language, now=at("18:00")), tmp_path)


def test_a_document_fetches_nothing(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = read(write_pdf(f'<p>a</p><object data="file://{secret}"></object><img src="file://{secret}">'), tmp_path)
    assert "secret" not in text
