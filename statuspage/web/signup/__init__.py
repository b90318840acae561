"""The pages on which readers ask for mail or register a webhook."""

from statuspage.web.signup.app import LARGEST_FORM, create_app

__all__ = ["LARGEST_FORM", "create_app"]
