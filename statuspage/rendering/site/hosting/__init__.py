"""What web servers have to be told about the site's files."""
