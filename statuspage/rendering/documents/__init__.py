"""Renders documents that are sent as files: the incident report for business customers. Pure."""

from statuspage.rendering.documents.incident_report import render_incident_report

__all__ = ["render_incident_report"]
