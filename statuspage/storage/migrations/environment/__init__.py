"""Migrations of an environment's database."""
