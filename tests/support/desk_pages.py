"""Shared by the tests of desk."""

from __future__ import annotations

FIRST = {"kind": "booking", "since": "5m", "do": "publish"}
