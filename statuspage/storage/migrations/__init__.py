"""The migrations of both databases, run by Alembic through our own command."""
