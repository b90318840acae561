"""The store: one database per world, one for people, one for subscribers; SQLAlchemy Core over SQLite or PostgreSQL."""
