"""The Alembic migrations of all databases, run by our own command."""
