"""Migrations of the secrets database."""
