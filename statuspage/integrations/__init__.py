"""Foreign systems, one module for each."""
