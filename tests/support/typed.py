"""Notices as typed, in the short syntax of the flags, so that tests read like commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from statuspage.cli.notices.short_forms import FIELD_PARSERS, parse_service
from statuspage.domain.notice_input import NoticeInput


def typed_fields(**texts: Any) -> dict[str, Any]:
    """The fields of NoticeInput that these texts mean."""
    return {name: _field(name, text) for name, text in texts.items()}


def typed_input(**texts: Any) -> NoticeInput:
    """The input for these texts: ``typed_input(incident_type="booking", start="about:5m")``."""
    return NoticeInput(**typed_fields(**texts))


def retyped(notice_input: NoticeInput, **texts: Any) -> NoticeInput:
    """The same input with these texts changed."""
    return replace(notice_input, **typed_fields(**texts))


def _field(name: str, text: Any) -> Any:
    if name == "services" and isinstance(text, Iterable):
        return tuple(parse_service(service) for service in text)
    return FIELD_PARSERS[name](text) if name in FIELD_PARSERS else text
