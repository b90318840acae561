"""Opens what live sends with: channels, staff channels, hosts and the issue tracker, with their credentials."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.domain import Catalog
from statuspage.integrations import channels, hosting
from statuspage.integrations.channels import Channel
from statuspage.integrations.hosting import Difference, Folder, Host, UploadBatch, UploadFailed
from statuspage.usecases.environment import Senders

if TYPE_CHECKING:
    from statuspage.integrations.issues import GitHubIssues


def open_senders(catalog: Catalog, home: Path, secrets: Mapping[str, str], *, reachable: bool) -> Senders:
    """Everything that live sends with. ``secrets`` are the effective ones, by the name of their setting; ``reachable``:
    the page has a public address."""
    return Senders(
        *_channels(catalog, secrets, reachable=reachable),
        *_staff_channels(catalog, secrets),
        _open_hosts(catalog, home, secrets),
        _open_tracker(catalog, secrets),
    )


def _channels(
    catalog: Catalog, secrets: Mapping[str, str], *, reachable: bool
) -> tuple[dict[str, Channel], dict[str, str]]:
    """The usable channels, and the reason why the others are not. Social posts need a page that the public can
    reach."""
    unready: dict[str, str] = {}
    for id, spec in catalog.channels.items():
        if channels.missing_settings(spec, secrets):
            unready[id] = "credentials"
        elif not reachable:
            unready[id] = "no_address"
    ready = {id: channels.open_live(spec, secrets) for id, spec in catalog.channels.items() if id not in unready}
    return ready, unready


def _staff_channels(catalog: Catalog, secrets: Mapping[str, str]) -> tuple[dict[str, Channel], dict[str, str]]:
    """The usable staff channels, and the reason why the others are not. They need no public page."""
    specs = catalog.notification_channels
    unready = {id: "notification_unready" for id, spec in specs.items() if channels.missing_settings(spec, secrets)}
    return {id: channels.open_live(spec, secrets) for id, spec in specs.items() if id not in unready}, unready


def _open_hosts(catalog: Catalog, home: Path, secrets: Mapping[str, str]) -> dict[str, Host]:
    """The hosts that mirror the site folder. A host without its secrets reports that at each attempt."""
    following = Folder(home / "site").sync_state
    following.set_hosts(catalog.hosts)
    hosts: dict[str, Host] = {}
    for id, spec in catalog.hosts.items():
        missing = hosting.missing_settings(spec, secrets)
        hosts[id] = _UnavailableHost(missing) if missing else hosting.open_host(spec, secrets, following.folder(id))
    return hosts


def _open_tracker(catalog: Catalog, secrets: Mapping[str, str]) -> GitHubIssues | None:
    """The tracker; None without a repository or a token, or with an address to which no token may be sent."""
    token, api = secrets.get("STATUSPAGE_GITHUB_TOKEN", ""), secrets.get("STATUSPAGE_GITHUB_API", "")
    if catalog.site.issues is None or not token:
        return None
    from statuspage.integrations import issues  # what speaks HTTP takes long to import

    return issues.GitHubIssues(token, api) if issues.is_safe_api(api or issues.API) else None


class _UnavailableHost:
    """A host that cannot be used."""

    gzip_copies = False
    renewal_interval = timedelta(0)

    def __init__(self, missing: tuple[str, ...]) -> None:
        self._missing = missing

    def compare(self, files: Mapping[str, Path]) -> Difference:
        raise UploadFailed("credentials", ", ".join(self._missing))

    def upload(self, batch: UploadBatch) -> int:
        raise UploadFailed("credentials", ", ".join(self._missing))
