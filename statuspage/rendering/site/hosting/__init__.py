"""HTTP headers and web server configuration for the site's files."""
