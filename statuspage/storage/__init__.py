"""Storage: one database per environment, one for accounts, one for subscribers; SQLAlchemy Core over SQLite or
PostgreSQL."""
