"""What the front of the content imports when it is first asked for: what reads the files themselves."""

from statuspage.usecases.content import starter_change
from statuspage.usecases.content.missing_names import services_without_names

__all__ = [
    "services_without_names",
    "starter_change",
]
