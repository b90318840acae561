"""Says in plain words why a text is not TOML: what the parser found, on which line, and what to write instead."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable

from statuspage.domain import ContentError


def syntax_error(name: str, text: str, error: tomllib.TOMLDecodeError) -> ContentError:
    """The first error in this text, as the parser reports it."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
    reason = re.sub(r"\s*\(at [^)]*\)$", "", str(error))
    written = text.split("\n")[line - 1].strip()
    at = f" at character {place[2]}" if place else ""
    return ContentError(name, line, "", f"This is not valid TOML{at}: {_describe(reason, written)}")


def _describe(reason: str, written: str) -> str:
    """The parser's reason in plain words; in its own, where there are none."""
    for pattern, describe in _REASONS:
        if match := pattern.fullmatch(reason):
            return describe(match, written)
    return f"{reason}. Fix this line or the one above it."


def _describe_statement_end(_: re.Match[str], written: str) -> str:
    if written.count('"') % 2:
        return "a quotation mark is missing or one too many; a text begins and ends with one."
    return "something follows the value; write it on a line of its own."


def _describe_value(_: re.Match[str], written: str) -> str:
    equals, value = written.partition("=")[1:]
    if equals and not value.strip():
        return f"nothing follows “{written}”; write the value, or delete the line."
    return (
        "the value is missing or is no value; write text in straight quotation marks, a number, a date, true or false."
    )


def _fixed(sentence: str) -> Callable[[re.Match[str], str], str]:
    return lambda match, _: sentence.format(*match.groups())


_REASONS = tuple(
    (re.compile(pattern, re.DOTALL), describe if callable(describe) else _fixed(describe))
    for pattern, describe in (
        (r"Illegal character '\\n'", "the text does not end on its line; write the closing quotation mark."),
        (r"Unterminated string", "a text does not end; write the closing quotation mark."),
        (r"Illegal character (.+)", "the character {0} cannot stand here; delete it."),
        (r"Found invalid character (.+)", "the character {0} cannot stand here; delete it."),
        (r"Unescaped '\\' in a string", "a backslash in quotation marks is written twice."),
        (r"Expected newline or end of document after a statement", _describe_statement_end),
        (r"Expected '=' after a key in a key/value pair", "“=” is missing between a key and its value."),
        (r"Expected '\]' at the end of a table declaration", "the name of a table ends with “]”."),
        (r"Expected '\]\]' at the end of an array declaration", "this line begins with “[[” and must end with “]]”."),
        (r"Unclosed array", "a list does not end; write “]” after its last value, and commas between them."),
        (r"Unclosed inline table", "a “{{” has no end; write “}}” after its last value, and commas between them."),
        (r"Invalid value", _describe_value),
        (r"Invalid date or datetime", "there is no such day or time; write it like 2026-04-01."),
        (r"Cannot overwrite a value|Duplicate inline table key .+", "this key has a value already; write it once."),
        (r"Cannot declare \((.+?),?\) twice", "the table {0} is already above; put its keys together there."),
        (
            r"Invalid initial character for a key part",
            "a key is missing here, or has a character that keys cannot have.",
        ),
        (r"Invalid statement", "this is neither a key with a value nor a table in square brackets."),
    )
)
"""What the parser says, and what a person should do."""
