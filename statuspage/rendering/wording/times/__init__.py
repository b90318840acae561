"""Times in sentences: the names of zones, the grammar and layout of a time, and sentences for estimates."""
