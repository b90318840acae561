"""Opens the tracker in which action items become issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from statuspage.domain import Catalog

if TYPE_CHECKING:
    from statuspage.integrations.issues import GitHubIssues


def open_tracker(catalog: Catalog, secrets: Mapping[str, str]) -> GitHubIssues | None:
    """The tracker; None without a repository or a token, or with an address to which no token may be sent."""
    token, api = secrets.get("STATUSPAGE_GITHUB_TOKEN", ""), secrets.get("STATUSPAGE_GITHUB_API", "")
    if catalog.site.issues is None or not token:
        return None
    from statuspage.integrations import issues  # what speaks HTTP takes long to import

    return issues.GitHubIssues(token, api) if issues.is_safe_api(api or issues.API) else None
