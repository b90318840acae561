"""Commands for what follows an incident or a drill: retrospectives and action items."""

from statuspage.cli.post_incident.action_items import say_recurrences

__all__ = ["say_recurrences"]
