"""An environment, live or drill: everything that use cases work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.domain import Catalog, ContentError

if TYPE_CHECKING:
    from statuspage.integrations.channels import Channel
    from statuspage.integrations.hosting import Folder, Host
    from statuspage.rendering.site import SiteAssets
    from statuspage.storage.engine import Database


@dataclass(frozen=True)
class Environment:
    """Everything that use cases need, without telling them which environment it is.

    ``home`` is this environment's folder (a drill's is in the instance's ``drill/``). ``address`` is the public page's
    URL, without a slash at the end, "" if unknown. ``new_id`` makes incident ids. ``channels`` are the usable channels;
    ``unready_channels`` maps the others to the reason (``receipt.reason.KEY``). ``content_errors`` are those of the
    current content if an older, valid one is in use; ``check_content`` checks content changed since the start;
    ``load_changes`` returns what to reload of it. ``live_status_path`` is the file in which the other environment
    writes whether there is a live incident, ``drill_status_path`` the one in which it writes whether a drill is
    running; None if there is no other environment. ``is_manual_only``: the content is so broken that only typed text
    may be published. ``hosts`` mirror ``site_folder``. ``subscribers_db`` is None if there are no subscribers.
    ``signup_url`` is the URL of the subscriber pages, without a slash at the end, "" if unknown. ``subscriber_copies``
    is the folder for daily copies of the subscriber list. ``staff_channels`` are the usable staff channels,
    ``unready_staff_channels`` maps the others to the reason. ``rosters_folder`` has the copies of fetched rosters;
    ``roster_urls`` are their sources, empty if the other environment fetches them. ``desk_url`` is the desk's external
    address, "" if unknown. ``content_folder`` is the folder of the current content, ``template_errors`` say which of
    its templates cannot be used.
    """

    name: str
    home: Path
    catalog: Catalog
    database: Database
    accounts_db: Database
    site_folder: Folder
    assets: SiteAssets
    channels: Mapping[str, Channel]
    unready_channels: Mapping[str, str]
    address: str
    new_id: Callable[[], str]
    secret: bytes = field(repr=False)
    content_errors: tuple[ContentError, ...] = ()
    check_content: Callable[[], tuple[ContentError, ...]] = tuple
    load_changes: Callable[[datetime], Mapping[str, object]] = lambda _: {}
    live_status_path: Path | None = None
    drill_status_path: Path | None = None
    is_manual_only: bool = False
    hosts: Mapping[str, Host] = field(default_factory=dict)
    subscribers_db: Database | None = None
    staff_channels: Mapping[str, Channel] = field(default_factory=dict)
    unready_staff_channels: Mapping[str, str] = field(default_factory=dict)
    rosters_folder: Path = Path("rosters")
    roster_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    signup_url: str = ""
    desk_url: str = ""
    subscriber_copies: Path | None = None
    content_folder: Path | None = None
    template_errors: tuple[ContentError, ...] = ()

    def __post_init__(self) -> None:
        self.database.rename_services(self.catalog.renamed_services)

    def reload_content(self, now: datetime) -> bool:
        """Loads the current content if it was changed and is valid. Returns whether anything was loaded.

        This is the only part of an environment that changes while a program runs. Work in progress keeps what it began
        with.
        """
        changes = self.load_changes(now)
        self.__dict__.update(changes)
        self.database.rename_services(self.catalog.renamed_services)
        return bool(changes)

    @property
    def worker_lock(self) -> Path:
        """The lock file held by the only worker of this environment."""
        return self.home / "worker.lock"
