"""The figures on the desk."""
