"""Storage: one database per environment, one for accounts and one for subscribers, on SQLite or PostgreSQL."""
