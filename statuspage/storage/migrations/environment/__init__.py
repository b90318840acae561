"""Migrations of a database of incidents."""
