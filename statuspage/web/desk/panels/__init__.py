"""Parts shared by several pages of the desk."""
