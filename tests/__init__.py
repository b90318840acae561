"""The tests: what the program promises, as sentences. Shared parts are imported as ``from tests.x import y``."""
