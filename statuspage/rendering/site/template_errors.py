"""Locates the template and line of an error."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType

from jinja2 import TemplateSyntaxError


def locate_error(error: BaseException, names: Collection[str]) -> tuple[str, int]:
    """The template among these, and its line, from which the error came; ("", 1) if it came from none of them."""
    if isinstance(error, TemplateSyntaxError) and error.name in names:
        return error.name or "", error.lineno
    location, trace = ("", 1), error.__traceback__
    while trace is not None:
        location = _locate_frame(trace, names) or location
        trace = trace.tb_next
    return location


def _locate_frame(trace: TracebackType, names: Collection[str]) -> tuple[str, int] | None:
    """Jinja compiles a template into a function; some of its tracebacks are in the template's own lines already."""
    template = trace.tb_frame.f_globals.get("__jinja_template__")
    name = template.name if template is not None else trace.tb_frame.f_code.co_filename
    if name not in names:
        return None
    return name, trace.tb_lineno if template is None else template.get_corresponding_lineno(trace.tb_lineno)
