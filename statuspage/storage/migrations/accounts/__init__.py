"""Migrations of the database of accounts."""
