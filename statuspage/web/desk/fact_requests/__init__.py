"""Questions to engineers: the panel on an incident, and the page behind the link."""
