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
    """Everything that use cases need, and nothing that tells them which environment it is.

    ``home`` is this environment's folder (a drill's lies under the instance's ``drill/``). ``address`` is the public
    page's URL, without a slash at the end, "" when not known. ``new_id`` makes incident ids. ``channels`` are the
    usable channels; ``unready_channels`` maps the others to the reason (``receipt.reason.KEY``). ``content_errors`` are
    those of the current content when an older, passed one is in use; ``check_content`` checks content that was changed
    since the start; ``load_changes`` returns what to reload of it. ``live_status_path`` is the file in which another
    environment writes whether there is a live incident, ``drill_status_path`` the one in which it writes whether a
    drill runs; None where there is no other environment. ``is_manual_only``: content is so broken that only typed text
    may be published. ``hosts`` mirror ``site_folder``. ``subscribers_db`` is None where nobody subscribes.
    ``signup_url`` is where subscribers find their own pages, without a slash at the end, "" when not known.
    ``subscriber_copies`` is the folder that gets their list each day. ``staff_channels`` are the usable staff channels,
    ``unready_staff_channels`` maps the others to the reason. ``rosters_folder`` has the copies of fetched rosters;
    ``roster_urls`` is where they are fetched from, empty where another environment does that. ``desk_url`` is the
    desk's external address, "" when not known. ``content_folder`` is the folder of the current content,
    ``template_errors`` say which of its templates cannot be used.
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
        """Loads the current content where it was changed and passes. Whether anything was loaded.

        The only part of an environment that changes while a program runs; what is under way ends with what it began
        with.
        """
        changes = self.load_changes(now)
        self.__dict__.update(changes)
        self.database.rename_services(self.catalog.renamed_services)
        return bool(changes)

    @property
    def worker_lock(self) -> Path:
        """The lock file that the only worker of this environment holds."""
        return self.home / "worker.lock"
