"""Checks an instance and reports problems, information, and what could not be checked."""

from statuspage.usecases.diagnostics.diagnose import examine_instance
from statuspage.usecases.diagnostics.findings import Finding, Level

__all__ = ["Finding", "Level", "examine_instance"]
