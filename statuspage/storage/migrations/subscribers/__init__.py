"""Migrations of the subscribers database."""
