"""The settings: everything that is set up in the browser."""
