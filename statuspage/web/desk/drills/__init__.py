"""Drills on the desk: set-up, the leader's console, the scorecard and the trend."""
