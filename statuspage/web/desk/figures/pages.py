"""The page of the figures, and the same numbers as CSV."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import State
from statuspage.usecases import figures
from statuspage.usecases.figures import FigureFormatter, FigureTable
from statuspage.web.desk import request_context
from statuspage.web.desk.figures.charts import figure_charts
from statuspage.web.desk.figures.view import FigureTargets, FigureView
from statuspage.web.desk.translations import Translator

pages = Blueprint("figures", __name__)


@pages.get("/figures")
def show_figures() -> str:
    """Shows the figures of the last twelve months or of a year, for all services or for one."""
    translator, env = request_context.translator(), request_context.env()
    site, year, table = env.site.catalog.site, _asked_year(), _table()
    asked = request.args.get("service", "")
    service = asked if asked in table.services else ""
    total = table.total(service)
    view = FigureView(
        table, FigureTargets(site.notice_goal, site.targets), table.total().clocked_by_form.count > 0, translator
    )
    formatter = formatter_of(translator)
    return render_template(
        "figures.html",
        section="incidents",
        heading=formatter.service(service),
        span=_span(table, translator),
        service=service,
        services=[(id, formatter.service(id)) for id in ("", *table.services)],
        year=str(year or ""),
        years=[str(year) for year in figures.years_on_record(env, now=request_context.now())],
        charts=figure_charts(table, service, site.notice_goal, site.targets, translator),
        states=[translator.t(f"state.{state}") for state in (State.MAJOR, State.PARTIAL, State.DEGRADED)],
        months=view.month_rows(service),
        total=view.total_row(service),
        by_service=view.service_rows(lambda id: url_for("figures.show_figures", **_asked(service=id)), formatter),
        causes=view.cause_rows(service, formatter),
        contributing=view.contributing_rows(service, formatter),
        withdrawn=total.withdrawn,
        has_form_clock=view.has_form_clock,
        has_drills=table.drills is not None and not service,
        export=url_for("figures.download", **_asked()),
    )


@pages.get("/figures.csv")
def download() -> Response:
    """Downloads the same numbers for every month and service."""
    site, formatter = request_context.env().site.catalog.site, formatter_of(request_context.translator())
    response = make_response(figures.figures_csv(_table(), site.notice_goal, site.targets, formatter))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="figures-{request_context.now():%Y-%m-%d}.csv"'
    return response


def formatter_of(translator: Translator) -> FigureFormatter:
    """Names as plain text: the page escapes them, and files take them unchanged."""

    def say(key: str, **slots: object) -> str:
        return translator.pack.labels.get(key, key).format(**slots)

    return FigureFormatter(say, translator.pack)


def _table() -> FigureTable:
    return figures.build_figures(request_context.env(), year=_asked_year(), now=request_context.now())


def _asked_year() -> int | None:
    """The year in the address; None for the last twelve months."""
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 and int(text) else None


def _asked(**changed: str) -> dict[str, Any]:
    """What the address asks for, with changes."""
    asked = {name: request.args.get(name, "") for name in ("year", "service")}
    return {name: value for name, value in {**asked, **changed}.items() if value}


def _span(table: FigureTable, translator: Translator) -> str:
    names = [translator.times.format_month(month.year, month.month) for month in table.months]
    return f"{names[0]} – {names[-1]}" if len(names) > 1 else "".join(names)
