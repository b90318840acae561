"""The audit log: page by page, filtered, as JSON lines, and the counts of refused sign-ins."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, stream_with_context

from statuspage.domain import escape_control_characters
from statuspage.usecases import account_administration, audit_log
from statuspage.usecases.audit_log import COMMAND_LINE, LogFilter
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator

pages = Blueprint("audit_log", __name__)

LINES_PER_PAGE = 100
"""The number of lines on one page of the log."""

FILTERS = ("person", "action", "target", "since", "until")
"""The names of the filters in the address."""

_COMMAND = "command."


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the audit log. ``before`` and ``after`` are lines of text; none where there was or is nothing."""

    time: str
    actor: str
    action: str
    detail: str
    target: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@pages.get("/audit-log")
def show_log() -> str:
    """Shows the audit log, newest first."""
    translator, database = request_context.translator(), request_context.env().databases.accounts
    people = _People()
    page = audit_log.list_actions(database, LINES_PER_PAGE, **_page_position(), only=_asked(translator))
    lines = [
        LogLine(
            time=_day_and_clock(row["at"], translator),
            actor=people.name(row["account_id"], row["account_name"]),
            action=_action_text(row["action"], translator),
            target=row["target"],
            before=_value_lines(row["before"], translator),
            after=_value_lines(row["after"], translator),
            detail=translator.t("join").join(
                [
                    *(_detail_text(key, str(value), translator) for key, value in row["detail"].items()),
                    *filter(None, [_origin_text(row["origin"], translator)]),
                ]
            ),
        )
        for row in page.rows
    ]
    return render_template(
        "audit_log.html",
        section="settings",
        lines=lines,
        page=page,
        asked=_asked_filters(),
        people=people.choices(),
        actions=sorted(
            ((action, _action_text(action, translator)) for action in audit_log.actions_and_people(database)[0]),
            key=lambda choice: str(choice[1]),
        ),
    )


@pages.get("/audit-log/export")
def export() -> Response:
    """The same rows, oldest first, as one JSON object for each line."""
    lines = audit_log.export_lines(request_context.env().databases.accounts, _asked(request_context.translator()))
    response = Response(stream_with_context(lines), mimetype="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="audit-log.jsonl"'
    return response


@pages.get("/audit-log/refused")
def show_refusals() -> str:
    """Shows refused sign-ins by hour, newest first."""
    translator, people = request_context.translator(), _People()
    page = audit_log.list_refusals(request_context.env().databases.accounts, LINES_PER_PAGE, **_page_position())
    lines = [
        LogLine(
            time=_day_and_clock(row["last_at"], translator),
            actor=people.name(row["account_id"], ""),
            action=translator.tn("audit.times", row["count"], what=_action_text(row["action"], translator)),
            detail=translator.t("join").join(
                escape_control_characters(network) for network in reversed(row["networks"]) if network
            ),
        )
        for row in page.rows
    ]
    return render_template("audit_log.html", section="settings", lines=lines, page=page, asked={})


class _People:
    """Names of accounts and of whoever stands in the log; with the login where several accounts have one name."""

    def __init__(self) -> None:
        database = request_context.env().databases.accounts
        accounts = [each.account for each in account_administration.list_people(database)]
        self._logins = {account.id: account.login for account in accounts}
        self._present = {account.id: account.name for account in accounts}
        self._names = {**self._present, **audit_log.actions_and_people(database)[1]}
        self._count = Counter(self._names.values())

    def name(self, id: str, name: str) -> str:
        """How the log calls this account, which had this name then ("": its present one)."""
        shown = name or self._present.get(id, "")
        login = self._logins.get(id, id[:8])
        return f"{shown} ({login})" if login and self._count[shown] > 1 else shown

    def choices(self) -> list[tuple[str, str]]:
        """Everybody in the log, by name."""
        recorded = audit_log.actions_and_people(request_context.env().databases.accounts)[1]
        return sorted(((id, self.name(id, name)) for id, name in recorded.items()), key=lambda choice: choice[1])


def _asked_filters() -> dict[str, str]:
    """The filters of the address, for another address; nothing else that is in it."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _asked(translator: Translator) -> LogFilter:
    """What was asked for; what is not understood lets everything through. Days are those of the company's zone."""
    typed = request.args

    def midnight(day: date | None) -> datetime | None:
        return datetime.combine(day, time(), ZoneInfo(translator.times.zone)) if day else None

    last_day = _day(typed.get("until", ""))
    return LogFilter(
        person=typed.get("person", "")[:128],
        action=typed.get("action", "")[:64],
        target=typed.get("target", "").strip()[:256],
        since=midnight(_day(typed.get("since", ""))),
        until=midnight(last_day and last_day + timedelta(days=1)),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _page_position() -> dict[str, int | None]:
    """The requested page of the log, as arguments of the query."""
    return {name: request.args.get(name, type=_row_number) for name in ("before", "after")}


def _row_number(text: str) -> int:
    """The number of a row, within the range of the column. Raises ValueError."""
    if (number := int(text)) >= 2**31:
        raise ValueError
    return number


def _action_text(action: str, translator: Translator) -> str:
    if action.startswith(_COMMAND):
        return translator.t("audit.command", command=action.removeprefix(_COMMAND).replace(".", " "))
    key = f"audit.{action.replace('.', '_')}"
    return translator.t(key) if f"desk.{key}" in translator.pack.labels else translator.t("audit.other", action=action)


def _detail_text(key: str, value: str, translator: Translator) -> str:
    """A detail of an action, in the reader's language."""
    label_key = f"desk.role.{value}" if key == "role" else f"desk.audit.{key}.{value}"
    return translator.label(label_key) if label_key in translator.pack.labels else escape_control_characters(value)


def _origin_text(origin: str, translator: Translator) -> str:
    return translator.t("audit.command_line") if origin == COMMAND_LINE else escape_control_characters(origin)


def _value_lines(value: object, translator: Translator) -> tuple[str, ...]:
    """A value before or after a change: one line for each key, long ones in full."""
    if not isinstance(value, dict):
        return () if value is None else (escape_control_characters(str(value)),)
    return tuple(
        _detail_text(key, str(each), translator) if key in ("role", "language") else f"{key}: {_flat(each)}"
        for key, each in value.items()
    )


def _flat(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape_control_characters(text)


def _day_and_clock(at: datetime, translator: Translator) -> str:
    return translator.times.format_day_time(at)
