"""Tell customers what is affected, since when and until when, in one minute."""

__version__ = "0.2.0"
