"""Alerts on the desk: where monitors post them, and how they are grouped."""
