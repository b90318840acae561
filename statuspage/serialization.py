"""Converts our frozen dataclasses to JSON and back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def to_json_value(value: object) -> Any:
    """The value as dicts, lists, strings and numbers.

    Times become UTC in ISO 8601 (``2026-07-04T03:05:00Z``), durations become seconds, enums become their value. Raises
    ValueError for a time without a zone, because it could not be read back correctly.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return _format_instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {to_json_value(key): to_json_value(inner) for key, inner in value.items()}
        case tuple() | list():
            return [to_json_value(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_json_value(getattr(value, name)) for name in _field_names(type(value))}
    raise TypeError(f"{type(value).__name__} has no plain form")


def to_json(value_type: type[T], value: T) -> str:
    """The JSON text of a value, much faster than via ``to_json_value``. The value must not contain durations."""
    return _adapter(cast(Hashable, value_type)).dump_json(value).decode()


def from_json_value(value_type: type[T], json_value: object) -> T:
    """Converts the output of ``to_json_value`` back. Raises pydantic's ValidationError (a ValueError) for invalid
    input.

    Unknown keys are ignored, so that an older program can read what a newer one wrote.
    """
    value: T = _adapter(cast(Hashable, value_type)).validate_python(json_value)
    return value


def from_json(value_type: type[T], text: str) -> T:
    """Like ``from_json_value``, but parses JSON text directly."""
    value: T = _adapter(cast(Hashable, value_type)).validate_json(text)
    return value


def _format_instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@cache
def _field_names(value_type: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(value_type))


@cache
def _adapter(value_type: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # Only what reads stored values needs it.

    return TypeAdapter(value_type)
