"""The store: one database per environment, one for accounts, one for subscribers, on SQLite or PostgreSQL."""
