"""What a new version of the program brings, beside a company's own content."""

from statuspage.content.upgrade import diff, toml_insert
from statuspage.content.upgrade.diff import ContentKey, MissingContent, Own, chosen
from statuspage.content.upgrade.toml_insert import at

__all__ = ["ContentKey", "MissingContent", "Own", "at", "chosen", "diff", "toml_insert"]
