"""The figures of live incidents by month and service, with those of drills beside them."""

from statuspage.usecases.figures.export import FigureFormatter, figures_csv, figures_json, most_frequent
from statuspage.usecases.figures.table import FigureTable, build_figures, years_on_record

__all__ = [
    "FigureFormatter",
    "FigureTable",
    "build_figures",
    "figures_csv",
    "figures_json",
    "most_frequent",
    "years_on_record",
]
