"""An incident on the desk: its timeline, approvals, and messages that still contain redacted text."""
