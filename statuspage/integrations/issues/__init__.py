"""Trackers in which action items become issues."""

from statuspage.integrations.issues.github import API, GitHubIssues, TrackerIssue, is_safe_api

__all__ = ["API", "GitHubIssues", "TrackerIssue", "is_safe_api"]
