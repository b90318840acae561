"""Turns facts into words, and words into files. Pure."""
