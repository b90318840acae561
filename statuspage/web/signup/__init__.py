"""The pages on which readers sign up for email or register a webhook."""

from statuspage.web.signup.app import MAX_FORM, create_app

__all__ = ["MAX_FORM", "create_app"]
