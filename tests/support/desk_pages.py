"""Shared by the tests of the desk."""

from __future__ import annotations

FIRST = {"incident_type": "booking", "start": "5m", "do": "publish"}
