"""An incident on the desk: its timeline, approvals and what is left over."""
