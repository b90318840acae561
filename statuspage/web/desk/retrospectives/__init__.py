"""Retrospectives on the desk."""
