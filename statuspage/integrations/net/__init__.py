"""What can be seen of other machines from here: their names, their certificates, their pages."""
