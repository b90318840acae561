"""The shape of a world: live or drill, everything the verbs work with."""

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
    """Everything the verbs need, and nothing that tells them which world it is.

    ``home`` is this world's folder (a drill's lies under the instance's ``drill/``). ``address`` is where the
    public page is read, without a slash at the end, "" when not known. ``new_id`` makes incident ids.
    ``channels`` are the ways out that can be used; ``unready`` maps the others to the reason (``receipt.reason.KEY``).
    ``faults`` are those of today's content when an older, passed one is in use; ``today`` looks whether content that
    was changed since the start can be read; ``again`` gives what is to be taken up of it. ``worker_lock`` is the lock
    file that the one worker of this world holds. ``live_summary`` is the file in which another
    world writes whether something real is going on, ``drill_summary`` that in which one writes whether a drill runs;
    None where there is no other world to ask about. ``by_hand``: content is so broken that
    only typed words may be published. ``mirrors`` are the targets that follow ``target``, the folder. ``subscribers``
    are the books of those who asked to be told; None where nobody is. ``own_pages`` is where those find their own
    pages, without a slash at the end, "" when not known. ``copies`` is the folder that gets their list each day.
    ``callers`` are the ways to colleagues that can be used, ``not_callers`` maps the others to the reason.
    ``rosters`` is where copies of fetched rosters lie; ``roster_addresses`` where they are fetched from, none where
    another world does that. ``desk`` is where the desk is reached from outside, "" when not known.
    ``content`` is the folder of today's content, ``undressed`` say which of its templates cannot be used.
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
        """Goes on with today's content where that was changed and passes. Whether anything was taken up.

        The only thing of a world that changes while a program runs; what is under way ends with what it began with.
        """
        changes = self.load_changes(now)
        self.__dict__.update(changes)
        self.database.rename_services(self.catalog.renamed_services)
        return bool(changes)

    @property
    def worker_lock(self) -> Path:
        """The file whose lock the one worker holds."""
        return self.home / "worker.lock"
