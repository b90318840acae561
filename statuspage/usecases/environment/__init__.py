"""The environments, live and drill, and the summary of live that a drill reads."""

from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.environment.shared_status import ResponseFigure

__all__ = ["Environment", "ResponseFigure", "restore_guard", "shared_status"]
