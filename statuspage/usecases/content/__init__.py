"""The content in use: checked, kept in its last valid version, and upgraded to new program versions."""

from statuspage.usecases.content import active_content, custom_templates, starter_change
from statuspage.usecases.content.active_content import ContentFolders, UnusableContent
from statuspage.usecases.content.missing_names import services_without_names
from statuspage.usecases.content.unavailable_choices import unavailable_choices

__all__ = [
    "ContentFolders",
    "UnusableContent",
    "active_content",
    "custom_templates",
    "services_without_names",
    "starter_change",
    "unavailable_choices",
]
