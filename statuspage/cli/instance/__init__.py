"""Commands that make, check, build and run an instance."""
