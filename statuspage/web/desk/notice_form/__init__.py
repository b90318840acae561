"""The form on which a notice is written, and its preview."""
