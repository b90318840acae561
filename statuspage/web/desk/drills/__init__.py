"""Drills on the desk: set-up, the leader's console, scorecard and trend."""
