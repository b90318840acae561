"""Removes published personal data from everything stored or published."""

from statuspage.usecases.redaction import cleanup, redact
from statuspage.usecases.redaction.redact import RedactionPlace, RedactionPlaces

__all__ = ["RedactionPlace", "RedactionPlaces", "cleanup", "redact"]
