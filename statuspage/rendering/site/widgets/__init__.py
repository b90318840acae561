"""Badges, the embedded banner and pictures for social networks."""
