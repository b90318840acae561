"""TODO front."""

from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.environment.shared_status import Figure

__all__ = ["Environment", "Figure", "restore_guard", "shared_status"]
