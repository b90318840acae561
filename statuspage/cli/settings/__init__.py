"""Commands for what the desk sets up: channels, secrets."""
