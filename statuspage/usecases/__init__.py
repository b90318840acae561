"""What people do with the program, shared by the desk and the command line."""
