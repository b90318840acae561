"""What is kept of the time after an incident: retrospectives, action items with their issues, incident reports."""

from statuspage.storage.post_incident import action_issues, action_items, incident_reports, retrospectives

__all__ = ["action_issues", "action_items", "incident_reports", "retrospectives"]
