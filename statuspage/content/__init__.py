"""Reads the content folder into a catalog and reports all errors of all files in one run."""
