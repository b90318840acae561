"""Renders facts as words, and words as files. Pure."""
