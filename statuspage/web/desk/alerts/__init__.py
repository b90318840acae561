"""Alerts on the desk: where monitors send them, and how they are grouped."""
