"""Places the public site is written to. A new kind of place is one module here."""
