"""Reads the content folder into a catalog, finding every fault of every file in one run."""
