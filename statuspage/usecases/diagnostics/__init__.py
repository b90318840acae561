"""Examines an instance: problems, useful facts, and what could not be found out."""

from statuspage.usecases.diagnostics.diagnose import examine_instance
from statuspage.usecases.diagnostics.findings import Finding, Level

__all__ = ["Finding", "Level", "examine_instance"]
