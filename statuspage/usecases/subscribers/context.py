"""What the pages on which people ask to be told work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from statuspage.domain import Catalog
from statuspage.rendering.site import SiteContext
from statuspage.storage.engine import Database


@dataclass(frozen=True, slots=True)
class SignupContext:
    """The subscribers' database, the content, and nothing else."""

    database: Database
    get_site: Callable[[], SiteContext]

    @property
    def catalog(self) -> Catalog:
        """The current languages, services and words."""
        return self.get_site().catalog
