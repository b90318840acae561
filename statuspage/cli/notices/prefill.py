"""The initial values of a notice's flags: an alert's proposal, or the last notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from statuspage.cli.errors import flag_of
from statuspage.cli.framework import Flag
from statuspage.cli.notices.short_forms import FIELD_PARSERS, parse_service
from statuspage.domain import Alert, NoticeInput, Precision, StartInput, service_input

FACTS = (
    "incident_type",
    "services",
    "audience",
    "start",
    "estimate",
    "workarounds",
    "current_action",
    "cause",
    "next_update",
    "ended",
    "answers",
)
"""Fields for the facts of an incident."""

TIMES = ("start", "estimate", "next_update", "ended", "begins", "ends")
"""Fields with a time, which has a grammar of its own on the command line."""

WINDOW_FIELDS = ("begins", "ends", "remind")
"""Fields of maintenance only."""

AFTERWARDS = ("preventions", "report_by")
"""Fields of the postmortem, and of the notice that promises it."""

PAIRS = ("answers", "extra", "text")
"""Fields whose flag has the form NAME=VALUE."""


def fact_flags(*left_out: str) -> list[click.Parameter]:
    """The flags for the facts of a notice, except these."""
    flags = [
        Flag(["--incident-type"], metavar="ID"),
        Flag(["--service", "services"], label="service", multiple=True, metavar="ID[:STATE]"),
        Flag(["--audience"]),
        Flag(["--start"], metavar="5m|10:05|about:10:05|noticed:10:05"),
        Flag(["--estimate"], metavar="unknown|30m|13:30|12:30..13:30|not-before:13:30"),
        Flag(["--workaround", "workarounds"], label="workaround", multiple=True, metavar="ID"),
        Flag(["--current-action"], metavar="ID"),
        Flag(["--cause"], metavar="ID"),
        Flag(["--next-update"], metavar="30m|12:45"),
        Flag(["--prevention", "preventions"], label="prevention", multiple=True, metavar="ID"),
        Flag(["--report-by"], metavar="2026-12-04"),
        Flag(["--ended"], metavar="now|13:30"),
        *window_flags(),
        Flag(["--answer", "answers"], label="answer", multiple=True, metavar="Q=A"),
        Flag(["--extra"], multiple=True, metavar="LANG=TEXT"),
        Flag(["--text"], multiple=True, metavar="LANG=TEXT"),
        Flag(["--only"], multiple=True, metavar="LANG"),
        Flag(["--reason"]),
    ]
    return [flag for flag in flags if flag.name not in left_out]


def window_flags() -> list[click.Parameter]:
    """The flags for the maintenance window."""
    return [
        Flag(["--from", "begins"], label="from", metavar="M/D HH:MM"),
        Flag(["--to", "ends"], label="till", metavar="M/D HH:MM|2h"),
        Flag(["--remind"], metavar="1d|2h|none"),
    ]


def apply_flags(base: NoticeInput, options: Mapping[str, object]) -> NoticeInput:
    """The base, replaced by everything that was given by flag."""
    changes: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == ():
            continue
        if name in PAIRS:
            changes[name] = {**getattr(base, name), **parse_pairs(flag_of(name), _texts(value))}
        elif name == "services":
            changes[name] = tuple(parse_service(text) for text in _texts(value) if text)
        elif name in ("workarounds", "preventions"):
            changes[name] = tuple(text for text in _texts(value) if text)
        elif name in FIELD_PARSERS:
            changes[name] = FIELD_PARSERS[name](str(value))
        else:
            changes[name] = tuple(_texts(value)) if name == "only" else value
    return replace(base, **changes)


def _texts(value: object) -> Sequence[str]:
    return [str(text) for text in value] if isinstance(value, tuple | list) else [str(value)]


def parse_pairs(flag: str, texts: Sequence[str]) -> dict[str, str]:
    """Parses ``NAME=VALUE`` texts; a usage error if the sign is missing."""
    values = dict[str, str]()
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"NAME=VALUE: {text[:60]}", param_hint=flag)
        values[name.strip()] = value
    return values


def input_from_alert(alert: Alert) -> NoticeInput:
    """What the instance's rules and the monitor propose for a first report; no start if its is implausible."""
    proposal = alert.proposal
    services = tuple(service_input(affected) for affected in proposal.services)
    start = StartInput(Precision.ABOUT, alert.proposed_start) if alert.proposed_start else None
    return NoticeInput(incident_type=proposal.incident_type, services=services or None, start=start)
