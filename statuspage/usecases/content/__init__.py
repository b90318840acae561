"""The content in use: checked, kept as it last passed, and upgraded to a new version."""

from statuspage.usecases.content import active_content, custom_templates
from statuspage.usecases.content.active_content import UnusableContent

__all__ = ["UnusableContent", "active_content", "custom_templates"]
