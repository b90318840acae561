"""The content in use: checked, kept in its last valid version, and upgraded to new program versions."""

from typing import TYPE_CHECKING

from statuspage.usecases.content import active_content, custom_templates
from statuspage.usecases.content.active_content import ContentFolders, UnusableContent
from statuspage.usecases.content.unavailable_choices import unavailable_choices

if TYPE_CHECKING:
    from statuspage.usecases.content.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.usecases.content import on_use

        return getattr(on_use, name)


__all__ = [
    "ContentFolders",
    "UnusableContent",
    "active_content",
    "custom_templates",
    "services_without_names",
    "starter_change",
    "unavailable_choices",
]
