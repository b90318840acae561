"""Paths in this repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "statuspage"
NODE_MODULES = ROOT / "node_modules"
