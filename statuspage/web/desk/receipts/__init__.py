"""The result of each message of a notice."""
