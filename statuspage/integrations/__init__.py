"""One module per foreign thing."""
