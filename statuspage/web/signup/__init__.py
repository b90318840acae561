"""The pages on which readers ask for mail or register a webhook."""

from statuspage.web.signup.app import MAX_FORM, create_app

__all__ = ["MAX_FORM", "create_app"]
