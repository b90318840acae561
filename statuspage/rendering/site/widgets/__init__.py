"""Badges, the embeddable banner and images for social networks."""
