"""The figures of live incidents by month and service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.show import clock_of, pack_of
from statuspage.domain import FIGURED_STATES, Figures, format_duration
from statuspage.rendering.wording import Clock
from statuspage.usecases import figures
from statuspage.usecases.figures import FigureFormatter, FigureTable


@cli_command(
    "figures",
    Flag(["--year"], type=click.IntRange(1970, 9999), default=None, metavar="2026", label="figures-year"),
    Flag(["--csv", "as_csv"], is_flag=True, label="figures-csv"),
    group="incident",
)
def show_figures(command: CommandContext, year: int | None, as_csv: bool) -> None:
    """Shows the figures of the last twelve months, or of a year; ``--csv`` writes every month and service."""
    env = command.open_env()
    if command.is_drill:
        raise Refusal(command.text("figures_drill"), code=WRONG_USE)
    site, table = env.site.catalog.site, figures.build_figures(env, year=year, now=command.now())
    formatter = FigureFormatter(command.messages.label, pack_of(command, env.site.catalog))
    if as_csv:
        click.echo(figures.figures_csv(table, site.notice_goal, site.targets, formatter), nl=False)
        return
    command.print_result(
        figures.figures_json(table, site.notice_goal, site.targets),
        [*_lines(command, table, formatter, clock_of(command, env.site.catalog))]
        or [command.messages.label("desk.figures.none")],
    )


def _lines(command: CommandContext, table: FigureTable, formatter: FigureFormatter, clock: Clock) -> Iterator[str]:
    """All services by month, then each service over the whole time."""
    if not table.months:
        return
    names = [clock.format_month(month.year, month.month) for month in table.months]
    for name, month in zip(names, table.months, strict=True):
        yield _line(command, name, table.month(month))
    yield _line(command, command.messages.label("desk.figures.total"), table.total())
    yield ""
    for service in table.services:
        yield _line(command, formatter.service(service), table.total(service))


def _line(command: CommandContext, name: str, counted: Figures) -> str:
    label = command.messages.label
    minutes = [
        f"{label(f'desk.state.{state}')} {label('desk.figures.count_minutes', minutes=counted.minutes[state])}"
        for state in FIGURED_STATES
        if counted.minutes[state]
    ]
    parts = (
        command.text("figures_incidents", count=counted.incidents),
        *minutes,
        _report_times(command, "figures_reports", (counted.alerted.median, counted.alerted.worst)),
        _report_times(command, "figures_by_form", (counted.clocked_by_form.median, counted.clocked_by_form.worst)),
        command.text("list_promises", kept=counted.promises_kept, made=counted.promises_made)
        if counted.promises_made
        else "",
        command.text("list_corrections", count=counted.corrections) if counted.corrections else "",
    )
    return "  ".join((name, *filter(None, parts)))


def _report_times(command: CommandContext, key: str, times: Sequence[timedelta | None]) -> str:
    median, worst = times
    if median is None or worst is None:
        return ""
    return command.text(key, median=format_duration(median), worst=format_duration(worst))


COMMANDS = {command.name: command for command in (show_figures,)}
