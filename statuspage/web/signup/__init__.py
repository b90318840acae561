"""TODO front."""

from statuspage.web.signup.app import LARGEST_FORM, create_app

__all__ = ["LARGEST_FORM", "create_app"]
