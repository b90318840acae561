"""What the pages on which people ask to be told work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from statuspage.domain import Catalog
from statuspage.rendering.site import SiteContext
from statuspage.storage.engine import Database


@dataclass(frozen=True, slots=True)
class SignupContext:
    """Where somebody asks to be told: the subscribers' books, the content to speak with, and nothing else.

    ``edition`` gives what the public page is printed from just now.
    """

    database: Database
    get_site: Callable[[], SiteContext]

    @property
    def catalog(self) -> Catalog:
        """Languages, services and words, as they are just now."""
        return self.get_site().catalog
