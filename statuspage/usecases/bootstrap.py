"""Assembles a world: live, with credentials, or a drill, which is given names and media only."""

from __future__ import annotations

import secrets as chance
import string
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from statuspage.domain import DRILL, Catalog, ContentError
from statuspage.integrations import channels, hosting
from statuspage.integrations.channels import Channel
from statuspage.integrations.hosting import Difference, Folder, NotCarried, Target, UploadBatch
from statuspage.rendering.site import SiteAssets, SiteContext
from statuspage.settings import Settings, Unreadable, afresh
from statuspage.storage.engine import Database
from statuspage.usecases import instance, logging_setup
from statuspage.usecases.content import active_content, custom_templates
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.publishing import site_files
from statuspage.usecases.subscribers import SignupContext, offered_apart

ID_LENGTH = 12
PASSED = "content-passed"
ROSTERS = "rosters"


def live_world(settings: Settings, *, now: datetime, address: str = "", own_pages: str = "") -> Environment:
    """The world that customers read. ``address`` and ``own_pages`` are where it is served just now, for want of public
    ones.

    Raises prepared.Unusable when there is no content to work with.
    """
    home, taken, databases = settings.home, _of_live(settings, now), settings.databases
    store = _world_books(databases.live, home, now)
    people = _books("people", databases.people, home / "people.db")
    return replace(
        _world("live", home, taken, store, people, new_id=live_id, address=address),
        content=settings.content,
        today=active_content.ContentCheck(settings.content, marks=False),
        again=_content_reload(
            active_content.ContentReload(settings.content, _template_files(settings)), partial(_of_live_again, settings)
        ),
        drill_summary=home / DRILL / "summary.json",
        subscribers=_books("subscribers", databases.subscribers, home / "subscribers.db"),
        rosters=home / ROSTERS,
        copies=settings.copies,
        own_pages=settings.own_pages or own_pages or instance.served_at(home).get("own_pages", ""),
        desk=settings.desks.get("live", ""),
    )


def build_signup_context(settings: Settings, *, now: datetime) -> SignupContext:
    """Where people ask to be told: the subscribers' books and the content. It is given no credential of a channel, and
    knows nothing of the desk's books.

    Raises prepared.Unusable when there is no content to work with.
    """
    books = _books("subscribers", settings.databases.subscribers, settings.home / "subscribers.db")
    return SignupContext(books, _Printed(settings, now))


def counter_of(world: Environment) -> SignupContext:
    """The same beside a desk, with that world's books and content. Raises ValueError where nobody subscribes."""
    if world.subscribers is None:
        raise ValueError(f"nobody subscribes to {world.name}")
    return SignupContext(world.subscribers, partial(site_files.edition, world))


class _Printed:
    """What the public page is printed from; afresh once the content has changed and can be used."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._settings, self._now = settings, now
        self._changed = active_content.ContentReload(settings.content)
        self._edition = self._read()

    def __call__(self) -> SiteContext:
        if self._changed():
            with suppress(active_content.Unusable):
                self._edition = self._read()
        return self._edition

    def _read(self) -> SiteContext:
        settings = self._settings
        used = active_content.in_use(settings.content, settings.home / PASSED, marks=False, now=self._now)
        address = settings.address or used.catalog.site.address.rstrip("/")
        address = address or instance.served_at(settings.home).get("site", "")
        sources, _ = custom_templates.dressed(
            used.folder, used.catalog, custom_templates.bundled_assets(()), now=self._now
        )
        offers = offered_apart(used.catalog, known=bool(address and settings.own_pages))
        return SiteContext(used.catalog, sources, address, settings.own_pages, offers)


def drill_world(
    home: Path,
    prepared_content: Path,
    *,
    now: datetime,
    address: str = "",
    database: str = "",
    accounts: str = "",
    desk: str = "",
) -> Environment:
    """The world of drills of the instance in ``home``. It knows no credential of live's and takes none.

    ``database`` and ``accounts`` are where its own books and those of the people are kept, when not in the folder;
    ``desk`` is where its desk is reached.

    Raises prepared.Unusable when there is no content to work with.
    """
    own, taken = home / DRILL, _of_drill(home, prepared_content, now)
    store = _world_books(database, own, now)
    people = _books("people", accounts, home / "people.db")
    return replace(
        _world(DRILL, own, taken, store, people, new_id=drill_id, address=address),
        content=prepared_content,
        today=active_content.ContentCheck(prepared_content, marks=True),
        again=_content_reload(
            active_content.ContentReload(prepared_content), partial(_of_drill, home, prepared_content)
        ),
        live_summary=home / "summary.json",
        rosters=home / ROSTERS,
        desk=desk,
    )


def _world(
    name: str, home: Path, taken: _Taken, store: Database, people: Database, *, new_id: Callable[[], str], address: str
) -> Environment:
    """What every world is made of: its folder, its books, and what it takes of content."""
    return Environment(
        name=name,
        home=home,
        catalog=taken.catalog,
        store=store,
        people=people,
        target=Folder(home / "site"),
        sources=taken.sources,
        channels=taken.channels,
        unready=taken.unready,
        address=taken.address or address or instance.served_at(home).get("site", ""),
        new_id=new_id,
        secret=instance.secret(home),
        faults=taken.faults,
        by_hand=taken.by_hand,
        mirrors=taken.mirrors,
        callers=taken.callers,
        not_callers=taken.not_callers,
        roster_addresses=taken.roster_addresses,
        undressed=taken.undressed,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """What of a world comes from content; ``address`` is "" where content names none."""

    catalog: Catalog
    faults: tuple[ContentError, ...]
    by_hand: bool
    sources: SiteAssets
    channels: Mapping[str, Channel]
    unready: Mapping[str, str]
    undressed: tuple[ContentError, ...]
    address: str = ""
    mirrors: Mapping[str, Target] = field(default_factory=dict)
    callers: Mapping[str, Channel] = field(default_factory=dict)
    not_callers: Mapping[str, str] = field(default_factory=dict)
    roster_addresses: Mapping[str, str] = field(default_factory=dict, repr=False)


def _of_live(settings: Settings, now: datetime) -> _Taken:
    used = active_content.in_use(settings.content, settings.home / PASSED, marks=False, now=now)
    public = settings.address or used.catalog.site.address.rstrip("/")
    ready, unready = _channels(used.catalog, settings.secrets, reachable=bool(public))
    ours = custom_templates.bundled_assets(_foreign_marks(used.folder))
    sources, undressed = custom_templates.dressed(used.folder, used.catalog, ours, now=now)
    mirrors = _mirrors(used.catalog, settings)
    callers, dumb = _callers(used.catalog, settings.secrets)
    rosters = {one.id: settings.secrets.get(one.setting, "") for one in used.catalog.duty.rosters.values()}
    return _Taken(
        *(used.catalog, used.faults, used.by_hand, sources, ready, unready, undressed),
        *(public, mirrors, callers, dumb),
        roster_addresses={id: address for id, address in rosters.items() if address},
    )


def _of_live_again(settings: Settings, now: datetime) -> _Taken:
    """With the credentials that the named files hold now, which no log may show either."""
    fresh = afresh(settings)
    logging_setup.hide(fresh)
    return _of_live(fresh, now)


def _template_files(settings: Settings) -> tuple[Path, ...]:
    return tuple(Path(path) for path in settings.files.values())


def _of_drill(home: Path, folder: Path, now: datetime) -> _Taken:
    own = home / DRILL
    used = active_content.in_use(folder, own / PASSED, marks=True, now=now, others=(home / PASSED,))
    ways = {id: channels.open_sandbox(spec, own / "outbox") for id, spec in used.catalog.channels.items()}
    callers = {id: channels.open_sandbox(spec, own / "outbox") for id, spec in used.catalog.ways_inside.items()}
    sources, undressed = custom_templates.dressed(
        used.folder, used.catalog, custom_templates.bundled_assets(()), now=now
    )
    return _Taken(used.catalog, used.faults, used.by_hand, sources, ways, {}, undressed, callers=callers)


def _content_reload(
    changed: Callable[[], bool], made: Callable[[datetime], _Taken]
) -> Callable[[datetime], dict[str, object]]:
    """Gives what was made afresh of changed content; nothing while it is as it was, or cannot be used at all."""

    def again(now: datetime) -> dict[str, object]:
        try:
            taken = made(now) if changed() else None
        except (active_content.Unusable, Unreadable):
            return {}
        fresh = {one.name: getattr(taken, one.name) for one in fields(_Taken)} if taken else {}
        return {name: value for name, value in fresh.items() if name != "address" or value}

    return again


def live_id() -> str:
    """Twelve letters and digits; never such as a drill's."""
    while (made := _letters(ID_LENGTH)).startswith(DRILL):
        pass
    return made


def drill_id() -> str:
    """As long as a live one, so that it fits wherever that does."""
    return DRILL + _letters(ID_LENGTH - len(DRILL))


def _letters(count: int) -> str:
    return "".join(chance.choice(string.ascii_lowercase + string.digits) for _ in range(count))


def _channels(
    catalog: Catalog, secrets: Mapping[str, str], *, reachable: bool
) -> tuple[dict[str, Channel], dict[str, str]]:
    """The ways out that can be used, and why the others cannot. A post needs a page that its readers can reach."""
    unready: dict[str, str] = {}
    for id, spec in catalog.channels.items():
        if channels.missing(spec, secrets):
            unready[id] = "credentials"
        elif not reachable:
            unready[id] = "no_address"
    ready = {id: channels.open_live(spec, secrets) for id, spec in catalog.channels.items() if id not in unready}
    return ready, unready


def _callers(catalog: Catalog, secrets: Mapping[str, str]) -> tuple[dict[str, Channel], dict[str, str]]:
    """The ways to colleagues that can be used, and why the others cannot. They need no page."""
    ways = catalog.ways_inside
    dumb = {id: "call_unready" for id, spec in ways.items() if channels.missing(spec, secrets)}
    return {id: channels.open_live(spec, secrets) for id, spec in ways.items() if id not in dumb}, dumb


def _mirrors(catalog: Catalog, settings: Settings) -> dict[str, Target]:
    """The targets that follow the folder from now on. One whose secrets are missing says so each time it is tried."""
    following = Folder(settings.home / "site").following
    following.follow(catalog.targets)
    found: dict[str, Target] = {}
    for id, spec in catalog.targets.items():
        lacking = hosting.missing(spec, settings.secrets)
        found[id] = _Closed(lacking) if lacking else hosting.opened(spec, settings.secrets, following.folder(id))
    return found


class _Closed:
    """A target that cannot be used."""

    twins = False
    pace = timedelta(0)

    def __init__(self, lacking: tuple[str, ...]) -> None:
        self._lacking = lacking

    def compare(self, files: Mapping[str, Path]) -> Difference:
        raise NotCarried("credentials", ", ".join(self._lacking))

    def carry(self, load: UploadBatch) -> int:
        raise NotCarried("credentials", ", ".join(self._lacking))


def _world_books(url: str, home: Path, now: datetime) -> Database:
    """The books of the world in this folder; on hold when they are older than what was sent."""
    store = _books("world", url, home / "world.db")
    restore_guard.detect_restored_backup(store, home, now=now)
    return store


def _books(books: str, url: str, file: Path) -> Database:
    """These books, in the shape this program needs: at that URL, or in the file when it is empty."""
    store = Database(url or f"sqlite:///{_private(file)}", books)
    store.migrate()
    return store


def _private(path: Path) -> Path:
    """The same file, made so that only its owner reads it; what SQLite puts beside it takes after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    return path


def _foreign_marks(folder: Path) -> tuple[str, ...]:
    """The exact marks of drills and the way to its pages, none of which a live page may carry."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("drill/*.toml"))]
    marks = [str(table[name]).strip() for table in tables for name in ("start", "end", "banner") if table.get(name)]
    return (*marks, f"/incidents/{DRILL}")
