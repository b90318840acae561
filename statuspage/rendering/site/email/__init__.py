"""The HTML part of emails."""
