"""Migrations of the database of subscribers."""
