"""Reads the content folder into a catalog, finding every error of every file in one run."""
