"""A drill's script as an event list in CSV, with the usual columns, and back into a scenario file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from statuspage.domain import ROLES, Inject, InjectKind, Texts

COLUMNS = ("number", "time", "from", "to", "method", "subject", "message", "expected action")
"""As master scenario events lists have them. *time* counts from the start, 0:05; empty: by hand. *method* is the kind.
What more our own files have stands after these."""

OURS = ("id", "after", "source", "labels", "payload", "corrects")


class Unlisted(Exception):
    """This is no event list. ``row`` is the line of the file, ``column`` the column that is wrong."""

    def __init__(self, row: int, column: str, value: str) -> None:
        super().__init__(f"{row}: {column}: {value}")
        self.row, self.column, self.value = row, column, value


def write_csv(script: Sequence[Inject], language: str) -> str:
    """The list in one language, for spreadsheets: with a byte order mark and CRLF."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (*COLUMNS, *OURS))
    writer.writeheader()
    for number, inject in enumerate(script, 1):
        writer.writerow({name: _harmless(text) for name, text in _inject_row(number, inject, language).items()})
    return "\ufeff" + out.getvalue()


def _inject_row(number: int, inject: Inject, language: str) -> dict[str, str]:
    def of(texts: Texts) -> str:
        return texts.get(language, "")

    return {
        "number": str(number),
        "time": _clock_time(inject.at),
        "from": of(inject.sender),
        "to": inject.to,
        "method": inject.kind.value,
        "subject": of(inject.subject),
        "message": of(inject.text),
        "expected action": of(inject.expect),
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


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def scenario_tables(lists: Mapping[str, str], marks: Mapping[str, str]) -> str:
    """The ``[[inject]]`` tables of a scenario file, from one list for each language. A text without its mark gets it.

    Raises Unlisted where a list lacks a column, two differ in their rows, or a time or method cannot be read.
    """
    rows = {language: list(_rows(text)) for language, text in lists.items()}
    first = next(iter(rows.values()))
    for found in rows.values():
        if len(found) != len(first):
            raise Unlisted(len(found) + 1, "number", str(len(found)))
    blocks = []
    for number in range(len(first)):
        blocks.append("\n".join(_table(number, {one: found[number] for one, found in rows.items()}, marks)))
    return "\n\n".join(blocks) + "\n"


def _rows(text: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    for column in COLUMNS:
        if column not in names:
            raise Unlisted(1, column, "")
    for row in reader:
        yield {
            str(name).strip().lower(): (value or "").strip().removeprefix("'") for name, value in row.items() if name
        }


def _table(number: int, row: Mapping[str, Mapping[str, str]], marks: Mapping[str, str]) -> Iterator[str]:
    common = next(iter(row.values()))
    kind = common["method"].lower().replace(" ", "_") or "message"
    if kind not in [*InjectKind]:
        raise Unlisted(number + 2, "method", common["method"])
    receiver = common["to"].lower()
    yield "[[inject]]"
    yield f"id = {_quoted(common.get('id') or f'{kind.replace(chr(95), chr(45))}-{number + 1}')}"
    yield f"kind = {_quoted(kind)}"
    if common["time"]:
        yield f"at = {_minutes(number, common['time'])}"
    yield f"to = {_quoted(receiver if receiver in (*ROLES, 'all') else 'all')}"
    for name in ("after", "source", "payload", "corrects"):
        if common.get(name):
            yield f"{name} = {_quoted(common[name])}"
    if common.get("labels"):
        pairs = [pair.partition("=") for pair in common["labels"].split()]
        yield "labels = { " + ", ".join(f"{_quoted(a)} = {_quoted(b)}" for a, _, b in pairs) + " }"
    for key, column in (("from", "from"), ("subject", "subject"), ("text", "message"), ("expect", "expected action")):
        for language, cells in row.items():
            mark = marks.get(language, "") if key in ("subject", "text") else ""
            text = cells[column]
            yield f"{key}.{language} = {_quoted(text if text.startswith(mark.strip()) else mark + text)}"


def _minutes(number: int, text: str) -> int:
    """``0:05``, ``1:05:00`` or ``5``."""
    parts = text.replace("+", "").split(":")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        raise Unlisted(number + 2, "time", text)
    if len(parts) == 1:
        return int(parts[0])
    return int(parts[0]) * 60 + int(parts[1])


def _quoted(text: str) -> str:
    """A TOML string on one line."""
    inside = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\n").replace("\n", "\\n").replace("\t", " ")
    )
    return f'"{inside}"'
