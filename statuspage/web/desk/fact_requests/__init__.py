"""Fact requests: the panel on an incident, and the page behind the link."""
