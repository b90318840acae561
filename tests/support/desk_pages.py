"""Shared by the tests of the desk."""

from __future__ import annotations

FIRST = {"kind": "booking", "since": "5m", "do": "publish"}
