"""What became of each message of a notice."""
