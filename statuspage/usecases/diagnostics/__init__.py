"""Checks an instance and reports problems, information, and what could not be checked."""

from statuspage.usecases.diagnostics.diagnose import examine_instance
from statuspage.usecases.diagnostics.findings import Finding, Level
from statuspage.usecases.diagnostics.secret_checks import check_drill_user
from statuspage.usecases.diagnostics.setup_gaps import SetupGap, find_setup_gaps

__all__ = ["Finding", "Level", "SetupGap", "check_drill_user", "examine_instance", "find_setup_gaps"]
