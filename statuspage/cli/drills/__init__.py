"""Commands for drills."""
