"""Exports and imports a drill scenario as a CSV event list with the usual columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from statuspage.domain import ROLES, Inject, InjectKind, Texts

COLUMNS = ("number", "time", "from", "to", "method", "subject", "message", "expected action")
"""The columns of a master scenario events list (MSEL). *time* counts from the start, 0:05; empty: triggered by hand.
*method* is the kind of inject. Our own columns follow."""

OWN_COLUMNS = ("id", "after", "source", "labels", "payload", "corrects")

_TEXT_COLUMNS = {"sender": "from", "subject": "subject", "text": "message", "expected_action": "expected action"}
"""The column for each text of an inject."""


class ScenarioCsvError(Exception):
    """The event list is not valid. ``row`` is the line of the file, ``column`` the invalid column."""

    def __init__(self, row: int, column: str, value: str) -> None:
        super().__init__(f"{row}: {column}: {value}")
        self.row, self.column, self.value = row, column, value


def write_csv(script: Sequence[Inject], language: str) -> str:
    """The list in one language, for spreadsheets: with a byte order mark and CRLF line ends."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, (*COLUMNS, *OWN_COLUMNS))
    writer.writeheader()
    for number, inject in enumerate(script, 1):
        writer.writerow({name: _escape_formula(text) for name, text in _inject_row(number, inject, language).items()})
    return "\ufeff" + buffer.getvalue()


def _inject_row(number: int, inject: Inject, language: str) -> dict[str, str]:
    def in_language(texts: Texts) -> str:
        return texts.get(language, "")

    return {
        "number": str(number),
        "time": _clock_time(inject.at),
        "from": in_language(inject.sender),
        "to": inject.recipient_role,
        "method": inject.kind.value,
        "subject": in_language(inject.subject),
        "message": in_language(inject.text),
        "expected action": in_language(inject.expected_action),
        "id": inject.id,
        "after": inject.after,
        "source": inject.source,
        "labels": " ".join(f"{name}={value}" for name, value in inject.labels.items()),
        "payload": inject.payload,
        "corrects": inject.corrects,
    }


def _clock_time(at: timedelta | None) -> str:
    if at is None:
        return ""
    hours, minutes = divmod(int(at.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"


def _escape_formula(text: str) -> str:
    """Puts an apostrophe before a cell that a spreadsheet would interpret as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def scenario_tables(csv_by_language: Mapping[str, str], marks: Mapping[str, str]) -> str:
    """The ``[[inject]]`` tables of a scenario file, from one list for each language. Missing drill marks are added.

    Raises ScenarioCsvError if a list lacks a column, the rows of two lists differ, or a time or method cannot be
    parsed.
    """
    rows_by_language = {language: list(_read_rows(text)) for language, text in csv_by_language.items()}
    first_rows = next(iter(rows_by_language.values()))
    for rows in rows_by_language.values():
        if len(rows) != len(first_rows):
            raise ScenarioCsvError(len(rows) + 1, "number", str(len(rows)))
    blocks = []
    for number in range(len(first_rows)):
        blocks.append(
            "\n".join(
                _inject_table(
                    number,
                    {language: language_rows[number] for language, language_rows in rows_by_language.items()},
                    marks,
                )
            )
        )
    return "\n\n".join(blocks) + "\n"


def _read_rows(text: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    for column in COLUMNS:
        if column not in names:
            raise ScenarioCsvError(1, column, "")
    for row in reader:
        yield {
            str(name).strip().lower(): (value or "").strip().removeprefix("'") for name, value in row.items() if name
        }


def _inject_table(
    number: int, cells_by_language: Mapping[str, Mapping[str, str]], marks: Mapping[str, str]
) -> Iterator[str]:
    common = next(iter(cells_by_language.values()))
    kind = common["method"].lower().replace(" ", "_") or "message"
    if kind not in [*InjectKind]:
        raise ScenarioCsvError(number + 2, "method", common["method"])
    recipient = common["to"].lower()
    yield "[[inject]]"
    yield f"id = {_toml_string(common.get('id') or f'{kind.replace(chr(95), chr(45))}-{number + 1}')}"
    yield f"kind = {_toml_string(kind)}"
    if common["time"]:
        yield f"at_minute = {_parse_minutes(number, common['time'])}"
    yield f"recipient_role = {_toml_string(recipient if recipient in (*ROLES, 'all') else 'all')}"
    for key, column in (("after_stage", "after"), *((name, name) for name in ("source", "payload", "corrects"))):
        if common.get(column):
            yield f"{key} = {_toml_string(common[column])}"
    if common.get("labels"):
        pairs = [pair.partition("=") for pair in common["labels"].split()]
        yield (
            "labels = { "
            + ", ".join(f"{_toml_string(label)} = {_toml_string(value)}" for label, _, value in pairs)
            + " }"
        )
    for key, column in _TEXT_COLUMNS.items():
        for language, cells in cells_by_language.items():
            mark = marks.get(language, "") if key in ("subject", "text") else ""
            text = cells[column]
            yield f"{key}.{language} = {_toml_string(text if text.startswith(mark.strip()) else mark + text)}"


def _parse_minutes(number: int, text: str) -> int:
    """``0:05``, ``1:05:00`` or ``5``."""
    parts = text.replace("+", "").split(":")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        raise ScenarioCsvError(number + 2, "time", text)
    if len(parts) == 1:
        return int(parts[0])
    return int(parts[0]) * 60 + int(parts[1])


def _toml_string(text: str) -> str:
    """A TOML string on one line."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\n").replace("\n", "\\n").replace("\t", " ")
    )
    return f'"{escaped}"'
