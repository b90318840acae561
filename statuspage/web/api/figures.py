"""The figures of live incidents by month and service."""

from __future__ import annotations

from pydantic import Field

from statuspage.usecases import figures
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import FigureList, FigureRow
from statuspage.web.api.paging import Query, Year


class FiguresQuery(Query):
    """Of which year; without one, of the last twelve months."""

    year: Year | None = Field(None, description="Without it, the last twelve months.")


def show_figures(call: Call) -> Answer:
    """The figures, with the goals beside them."""
    site = call.env.site.catalog.site
    table = figures.build_figures(call.env, year=call.query_as(FiguresQuery).year, now=call.now)
    rows = figures.figures_json(table, site.notice_goal, site.targets)
    return Answer(FigureList(items=[FigureRow.model_validate(row) for row in rows]))


FIGURE_OPERATIONS = (
    Operation(
        "getFigures", "GET", "/figures", "figures", "Get the figures by month and service", FigureList, show_figures,
        query=FiguresQuery, environments=("live",),
        description="Of the last twelve months, or of a year: the numbers of the desk's page and of its CSV.",
    ),
)  # fmt: skip
