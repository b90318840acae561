"""Facts into words, and words into files. Pure."""
