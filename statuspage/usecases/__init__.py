"""What people do, the same for the desk and the command line."""
