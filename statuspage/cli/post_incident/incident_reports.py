"""Incident reports for business customers: begin, list, write, approve, PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.domain import REPORT_LANGUAGES, IncidentReport, ReportPart
from statuspage.usecases import incident_reports
from statuspage.usecases.incident_reports import NoSuchReport, PdfUnavailable, ReportChanged

Result = TypeVar("Result")

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)

PARTS = [part.value for part in ReportPart]


@cli_command(
    "begin",
    click.Argument(["incident"], metavar="INCIDENT"),
    Flag(["--to", "recipient"], default="", metavar="NAME", label="report-to"),
    Flag(["--service", "services"], multiple=True, metavar="ID", label="report-service"),
    actor_flag(),
    group="incident-report",
)
def begin_report(command: CommandContext, incident: str, recipient: str, services: tuple[str, ...], by: str) -> None:
    """Begins a report on an incident, for one recipient and the services that it uses."""
    env, actor = command.open_env(), terminal_actor(by)
    report = _guarded(
        command,
        lambda: incident_reports.begin_report(env, incident, recipient, services, actor=actor, now=command.now()),
    )
    _say(command, report)


@cli_command("list", click.Argument(["incident"], metavar="INCIDENT"), group="incident-report")
def list_reports(command: CommandContext, incident: str) -> None:
    """Lists the newest version of each report of an incident."""
    reports = incident_reports.newest_reports(command.open_env(), incident)
    lines = [_line(command, report) for report in reports]
    command.print_result(serialization.to_json_value(reports), lines or [command.text("no_reports")])


@cli_command(
    "write",
    NUMBER,
    click.Argument(["part"], metavar="|".join(PARTS), type=Choice(PARTS)),
    click.Argument(["language"], metavar="|".join(REPORT_LANGUAGES), type=Choice(list(REPORT_LANGUAGES))),
    click.Argument(["text"], metavar="TEXT|-"),
    actor_flag(),
    group="incident-report",
)
def write_part(command: CommandContext, number: int, part: str, language: str, text: str, by: str) -> None:
    """Writes a part of a report in one language; "" empties it. An approved version stays, and a new one is begun."""
    env, actor = command.open_env(), terminal_actor(by)
    words = read_bytes("-").decode("utf-8", "replace") if text == "-" else text

    def write() -> IncidentReport:
        present = incident_reports.find_report(env, number)
        texts = {**present.texts, part: {**present.texts.get(part, {}), language: words}}
        seen = (present.version, present.changes)
        return incident_reports.change_report(env, number, texts, seen=seen, actor=actor, now=command.now())

    _say(command, _guarded(command, write))


@cli_command("approve", NUMBER, actor_flag(), group="incident-report")
def approve_report(command: CommandContext, number: int, by: str) -> None:
    """Approves the newest version of a report, which never changes after that."""
    env, actor = command.open_env(), terminal_actor(by)

    def approve() -> IncidentReport:
        present = incident_reports.find_report(env, number)
        seen = (present.version, present.changes)
        return incident_reports.approve_report(env, number, seen=seen, actor=actor, now=command.now())

    _say(command, _guarded(command, approve))


@cli_command(
    "pdf",
    NUMBER,
    Flag(["--lang", "language"], type=Choice(list(REPORT_LANGUAGES)), required=True, label="report-lang"),
    Flag(["--version"], type=int, default=None, metavar="N", label="report-version"),
    Flag(["--out"], default="", metavar="FILE", label="report-out"),
    group="incident-report",
)
def write_pdf(command: CommandContext, number: int, language: str, version: int | None, out: str) -> None:
    """Writes a report as PDF. A draft is marked on each page."""
    env = command.open_env()

    def make() -> tuple[IncidentReport, bytes]:
        report = incident_reports.find_report(env, number, version)
        return report, incident_reports.report_pdf(env, report, language, now=command.now())

    report, data = _guarded(command, make)
    file = Path(out or f"{report.printed_number}-v{report.version}-{language}.pdf")
    file.write_bytes(data)
    command.print_result({"file": str(file)}, [command.text("pdf_written", file=str(file))])


def _say(command: CommandContext, report: IncidentReport) -> None:
    state = command.messages.label(f"desk.incident_report.states.{report.state}")
    line = command.text("report_saved", number=report.printed_number, version=str(report.version), state=state)
    command.print_result(serialization.to_json_value(report), [line])


def _line(command: CommandContext, report: IncidentReport) -> str:
    label = command.messages.label
    version = label("desk.incident_report.document.version", version=report.version)
    state = label(f"desk.incident_report.states.{report.state}")
    return "  ".join(filter(None, (f"{report.number:>4}", report.printed_number, version, state, report.recipient)))


def _guarded(command: CommandContext, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except NoSuchReport as error:
        raise Refusal(command.text("no_report"), code=WRONG_USE) from error
    except ReportChanged as error:
        raise Refusal(command.text("report_changed")) from error
    except PdfUnavailable as error:
        raise Refusal(command.messages.label("desk.incident_report.unavailable")) from error


COMMANDS = {command.name: command for command in (begin_report, list_reports, write_part, approve_report, write_pdf)}
