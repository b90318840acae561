"""RSS, Atom and calendar files."""
