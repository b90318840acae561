"""Changes single values of an instance's TOML files; comments, order and blank lines stay as they were."""

from statuspage.content.editing.toml_edits import (
    AppendTable,
    Edit,
    EditFailed,
    ReorderSections,
    ReorderTables,
    SetValue,
    Unset,
    apply_edits,
)

__all__ = ["AppendTable", "Edit", "EditFailed", "ReorderSections", "ReorderTables", "SetValue", "Unset", "apply_edits"]
