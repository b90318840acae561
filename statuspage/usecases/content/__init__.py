"""The content in use: checked, kept in its last valid version, and upgraded to new program versions."""

from statuspage.usecases.content import active_content, custom_templates, upgrade
from statuspage.usecases.content.active_content import UnusableContent, sample_names

__all__ = ["UnusableContent", "active_content", "custom_templates", "sample_names", "upgrade"]
