"""What the desk sets up: changes of content files, checked before they are kept, recorded, and undone byte for byte."""

from statuspage.usecases.settings import (
    channel_fields,
    channel_settings,
    customer_groups,
    json_mappings,
    kept_secrets,
    language_settings,
    monitor_snippets,
    on_call_settings,
    page_settings,
    service_settings,
    word_settings,
)
from statuspage.usecases.settings.content_files import (
    Conflict,
    ContentStore,
    FileChange,
    Kept,
    NotWritable,
    Outcome,
    Rejected,
    keep,
    list_changes,
    undo,
)
from statuspage.usecases.settings.kept_secrets import SecretOwner

__all__ = [
    "Conflict",
    "ContentStore",
    "FileChange",
    "Kept",
    "NotWritable",
    "Outcome",
    "Rejected",
    "SecretOwner",
    "channel_fields",
    "channel_settings",
    "customer_groups",
    "json_mappings",
    "keep",
    "kept_secrets",
    "language_settings",
    "list_changes",
    "monitor_snippets",
    "on_call_settings",
    "page_settings",
    "service_settings",
    "undo",
    "word_settings",
]
