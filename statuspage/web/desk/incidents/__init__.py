"""An incident on the desk: its timeline, approvals and leftover messages."""
