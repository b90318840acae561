"""Incident reports for business customers on the desk."""
