"""An environment, live or drill: what use cases render, store and send with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.domain import ContentError

if TYPE_CHECKING:
    from statuspage.integrations.channels import Channel
    from statuspage.integrations.hosting import Folder, Host
    from statuspage.integrations.issues import GitHubIssues
    from statuspage.rendering.site import SiteContext
    from statuspage.storage.engine import Database
    from statuspage.usecases.secret_store import SecretStore


@dataclass(frozen=True, slots=True)
class Databases:
    """What stores: the environment's own database and the accounts, which live and drill share.

    ``subscribers`` is None where nobody subscribes.
    """

    environment: Database
    accounts: Database
    subscribers: Database | None = None


@dataclass(frozen=True, slots=True)
class Senders:
    """What sends: channels, staff channels and the hosts that mirror the site's folder, each by its id.

    ``unready_channels`` and ``unready_staff_channels`` map those that cannot be used to the reason
    (``receipt.reason.KEY``). ``issues`` is the tracker in which action items become issues; None where there is none.
    """

    channels: Mapping[str, Channel]
    unready_channels: Mapping[str, str] = field(default_factory=dict)
    staff_channels: Mapping[str, Channel] = field(default_factory=dict)
    unready_staff_channels: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, Host] = field(default_factory=dict)
    issues: GitHubIssues | None = None


@dataclass(frozen=True, slots=True)
class LoadedContent:
    """What comes from the content: what renders and what sends. It is replaced as a whole when content changes.

    ``errors`` are those of the current content when an older one that passed is in use; ``template_errors`` say which
    of its templates cannot be used.
    ``roster_urls`` is where rosters are fetched from, empty where another environment does that. ``intake_secrets`` are
    those of monitors, by monitor, "" for all others; also those that were entered since the program started.
    """

    site: SiteContext
    senders: Senders
    errors: tuple[ContentError, ...] = ()
    template_errors: tuple[ContentError, ...] = ()
    roster_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    intake_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ContentSource:
    """Where the content lies. ``check`` returns the errors of content that changed since the start; ``reload`` loads
    it where it was changed and passes, else returns None.
    """

    folder: Path | None = None
    check: Callable[[], tuple[ContentError, ...]] = tuple
    reload: Callable[[datetime], LoadedContent | None] = lambda _: None


@dataclass(frozen=True)
class Environment:
    """Everything that use cases need, without telling them which environment it is.

    ``home`` is this environment's folder (a drill's lies under the instance's ``drill/``). ``new_id`` makes incident
    ids. ``live_status_path`` is the file in which another environment writes whether there is a live incident,
    ``drill_status_path`` the one in which it writes whether a drill runs; None where there is no other environment.
    ``rosters_folder`` has the copies of fetched rosters. ``desk_url`` is the desk's external address, "" when not
    known. ``subscriber_copies`` is the folder that gets the list of subscribers each day. ``follows_up_actions``: its
    worker reminds of action items, those of other environments included. ``secret_store`` has the secrets entered on
    the desk; None where none may be known.
    """

    name: str
    home: Path
    content: LoadedContent
    databases: Databases
    site_folder: Folder
    new_id: Callable[[], str]
    secret: bytes = field(repr=False)
    content_source: ContentSource = ContentSource()
    live_status_path: Path | None = None
    drill_status_path: Path | None = None
    rosters_folder: Path = Path("rosters")
    desk_url: str = ""
    subscriber_copies: Path | None = None
    follows_up_actions: bool = True
    secret_store: SecretStore | None = None

    def __post_init__(self) -> None:
        self._rename_services()

    @property
    def site(self) -> SiteContext:
        """What renders: the catalog, the templates and the addresses of the page."""
        return self.content.site

    @property
    def senders(self) -> Senders:
        """What sends."""
        return self.content.senders

    @property
    def worker_lock(self) -> Path:
        """The lock file that the only worker of this environment holds."""
        return self.home / "worker.lock"

    def reload_content(self, now: datetime) -> bool:
        """Loads the current content if it was changed and is valid. Returns whether anything was loaded.

        This is the only part of an environment that changes while a program runs. Work in progress keeps what it began
        with.
        """
        loaded = self.content_source.reload(now)
        if loaded is not None:
            object.__setattr__(self, "content", loaded)
        self._rename_services()
        return loaded is not None

    def _rename_services(self) -> None:
        self.databases.environment.rename_services(self.site.catalog.renamed_services)
