"""Assembles an environment: live, with credentials, or drill, with only the names and media of channels."""

from __future__ import annotations

import secrets as secrets_module
import string
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.content.compiled import load_drill_marks
from statuspage.domain import DRILL, Catalog, SubscriberType
from statuspage.integrations import channels
from statuspage.integrations.hosting import Folder
from statuspage.rendering.site import SiteContext
from statuspage.settings import ACCOUNTS_FILE, Settings, SharedSecret, Unreadable, reload_secrets
from statuspage.storage.engine import Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases import hosting_check, instance, logging_setup
from statuspage.usecases.content import ContentFolders, active_content, custom_templates
from statuspage.usecases.environment import (
    ContentSource,
    Databases,
    Environment,
    LoadedContent,
    Senders,
    restore_guard,
)
from statuspage.usecases.live_senders import open_senders
from statuspage.usecases.secret_store import SecretStore

if TYPE_CHECKING:
    from statuspage.usecases.subscribers import SignupContext

ID_LENGTH = 12
ROSTERS = "rosters"


def live_environment(settings: Settings, *, now: datetime, address: str = "", signup_url: str = "") -> Environment:
    """The live environment. ``address`` and ``signup_url`` are where it is served now, used if there are no public
    URLs.

    Raises UnusableContent if there is no usable content.
    """
    home, urls = settings.home, settings.databases
    served = instance.served_addresses(home)
    addresses = _Addresses(
        address or served.get("site", ""), settings.signup_address or signup_url or served.get("signup", "")
    )
    store = SecretStore(settings)
    content = _load_live(settings, store, addresses, now)
    return Environment(
        "live",
        home,
        content,
        Databases(
            _open_environment_db(urls.live, home, now),
            _open_database("accounts", urls.accounts, home / ACCOUNTS_FILE),
            _open_database("subscribers", urls.subscribers, home / "subscribers.db"),
        ),
        Folder(home / "site"),
        live_id,
        instance.load_secret(home),
        _live_source(settings, store, addresses),
        drill_status_path=home / DRILL / "summary.json",
        rosters_folder=home / ROSTERS,
        desk_url=settings.desk_addresses.get("live", ""),
        subscriber_copies=settings.subscriber_copies,
        secret_store=store,
    )


def _live_source(settings: Settings, store: SecretStore, addresses: _Addresses) -> ContentSource:
    """Follows the content, the files beside it, and the secrets database."""
    has_files_changed = active_content.ContentReload(settings.content, _followed_files(settings))
    return ContentSource(
        settings.content,
        active_content.ContentCheck(ContentFolders.of_live(settings.home, settings.content), marks=False),
        _content_reload(
            lambda: has_files_changed() or store.has_changed(),
            partial(_reload_live, settings, store, addresses),
        ),
    )


def build_signup_context(settings: Settings, *, now: datetime) -> SignupContext:
    """The context of the sign-up pages: the subscribers database and the content, but no channel credentials and no
    access to the desk's databases.

    Raises UnusableContent if there is no usable content.
    """
    from statuspage.usecases.subscribers import SignupContext

    database = _open_database("subscribers", settings.databases.subscribers, settings.home / "subscribers.db")
    return SignupContext(database, _PublicSite(settings, now))


def signup_context_of(env: Environment) -> SignupContext:
    """The sign-up context of a desk process, from its environment. Raises ValueError without subscribers."""
    from statuspage.usecases.subscribers import SignupContext

    if env.databases.subscribers is None:
        raise ValueError(f"nobody subscribes to {env.name}")
    return SignupContext(env.databases.subscribers, lambda: env.site)


class _PublicSite:
    """The context of the public page, made again when the content changes and is usable."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._settings, self._now = settings, now
        self._has_changed = active_content.ContentReload(settings.content)
        self._site = self._build_site()

    def __call__(self) -> SiteContext:
        if self._has_changed():
            with suppress(active_content.UnusableContent):
                self._site = self._build_site()
        return self._site

    def _build_site(self) -> SiteContext:
        from statuspage.usecases.subscribers import offered_types_by_content

        settings = self._settings
        folders = ContentFolders.of_live(settings.home, settings.content)
        active = active_content.load_active(folders, marks=False, now=self._now)
        address = settings.address or active.catalog.site.address.rstrip("/")
        address = address or instance.served_addresses(settings.home).get("site", "")
        assets, _ = custom_templates.apply_custom_templates(
            active.folder, active.catalog, custom_templates.bundled_assets(()), now=self._now
        )
        offers = offered_types_by_content(active.catalog, is_signup_url_known=bool(address and settings.signup_address))
        return SiteContext(active.catalog, assets, address, settings.signup_address, offers)


def drill_environment(
    home: Path,
    prepared_content: Path,
    *,
    now: datetime,
    address: str = "",
    database: str = "",
    accounts: str = "",
    desk: str = "",
) -> Environment:
    """The drill environment of the instance in ``home``. It neither knows nor accepts live credentials.

    ``database`` and ``accounts`` are the URLs of its own database and the accounts database if they are not in the
    folder; ``desk`` is the external address of its desk. Raises UnusableContent if there is no usable content, and
    OtherUser if the drill of this instance belongs to another user.
    """
    drill_home = home / DRILL
    instance.refuse_other_user(drill_home)
    site_address = address or instance.served_addresses(drill_home).get("site", "")
    load = partial(_load_drill, home, prepared_content, site_address)
    return Environment(
        DRILL,
        drill_home,
        load(now),
        Databases(
            _open_environment_db(database, drill_home, now),
            _open_database("accounts", accounts, home / ACCOUNTS_FILE),
        ),
        Folder(drill_home / "site"),
        drill_id,
        instance.load_secret(drill_home),
        _drill_source(home, prepared_content, load),
        live_status_path=home / "summary.json",
        rosters_folder=home / ROSTERS,
        desk_url=desk,
        follows_up_actions=False,
    )


def _drill_source(home: Path, folder: Path, load: Callable[[datetime], LoadedContent]) -> ContentSource:
    """Follows the content that both environments share."""
    check = active_content.ContentCheck(ContentFolders.of_drill(home, folder), marks=True)
    return ContentSource(folder, check, _content_reload(active_content.ContentReload(folder), load))


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Where the page is read while no public URL is set, and where customers subscribe; "" where unknown."""

    site: str
    signup: str


def _load_live(settings: Settings, store: SecretStore, addresses: _Addresses, now: datetime) -> LoadedContent:
    """The content with the credentials of now, which no log shows from here on. Raises SharedSecret."""
    store.use_settings(settings)
    secrets = store.effective_values()
    effective = replace(settings, secrets=secrets)
    logging_setup.redact_settings(effective)
    folders = ContentFolders.of_live(settings.home, settings.content)
    active = active_content.load_active(folders, marks=False, now=now)
    catalog = active.catalog
    public = settings.address or catalog.site.address.rstrip("/")
    bundled = custom_templates.bundled_assets(_drill_marks(settings.home, active.folder))
    assets, template_errors = custom_templates.apply_custom_templates(active.folder, catalog, bundled, now=now)
    senders = open_senders(catalog, settings.home, secrets, reachable=bool(public))
    offers = _offered_types(catalog, senders, addresses.signup)
    is_seen_apart = hosting_check.is_seen_apart(settings.home, public, catalog.site.product_hosts)
    rosters = [roster for roster in catalog.on_call.rosters.values() if roster.has_address]
    roster_urls = {roster.id: secrets.get(roster.address_setting, "") for roster in rosters}
    return LoadedContent(
        SiteContext(catalog, assets, public or addresses.site, addresses.signup, offers, is_seen_apart),
        senders,
        active.content_errors,
        template_errors,
        {id: address for id, address in roster_urls.items() if address},
        effective.intake_secrets,
    )


def _offered_types(catalog: Catalog, senders: Senders, signup_url: str) -> Mapping[str, frozenset[SubscriberType]]:
    """What subscribers can choose; without channels nothing, which most commands know without loading more."""
    if not signup_url or not senders.channels:
        return {}
    from statuspage.usecases.subscribers import offered_types

    return offered_types(catalog, senders, signup_url)


def _reload_live(settings: Settings, store: SecretStore, addresses: _Addresses, now: datetime) -> LoadedContent:
    """Loads the content with the credentials now in the named files and in the secrets database."""
    return _load_live(reload_secrets(settings), store, addresses, now)


def _followed_files(settings: Settings) -> tuple[Path, ...]:
    """Files outside the content on which the pages or the channels depend."""
    return (settings.home / hosting_check.FILE, *(Path(path) for path in settings.secret_files.values()))


def _load_drill(home: Path, folder: Path, address: str, now: datetime) -> LoadedContent:
    drill_home = home / DRILL
    active = active_content.load_active(ContentFolders.of_drill(home, folder), marks=True, now=now)
    catalog, outbox = active.catalog, drill_home / "outbox"
    senders = Senders(
        {id: channels.open_sandbox(spec, outbox) for id, spec in catalog.channels.items()},
        staff_channels={id: channels.open_sandbox(spec, outbox) for id, spec in catalog.notification_channels.items()},
    )
    assets, template_errors = custom_templates.apply_custom_templates(
        active.folder, catalog, custom_templates.bundled_assets(()), now=now
    )
    site = SiteContext(catalog, assets, address)
    return LoadedContent(site, senders, active.content_errors, template_errors)


def _content_reload(
    has_changed: Callable[[], bool], load: Callable[[datetime], LoadedContent]
) -> Callable[[datetime], LoadedContent | None]:
    """Loads changed content; None while it is unchanged or unusable. It stays due until the database is back."""
    is_due = False

    def reload(now: datetime) -> LoadedContent | None:
        nonlocal is_due
        if not (has_changed() or is_due):
            return None
        try:
            is_due = False
            return load(now)
        except (active_content.UnusableContent, Unreadable, SharedSecret):
            return None
        except (DatabaseBusy, DatabaseBroken):
            is_due = True
            raise

    return reload


def live_id() -> str:
    """Twelve letters and digits, different from every drill id."""
    while (new_id := _random_id(ID_LENGTH)).startswith(DRILL):
        pass
    return new_id


def drill_id() -> str:
    """A drill id, as long as a live id, so that it fits wherever that does."""
    return DRILL + _random_id(ID_LENGTH - len(DRILL))


def _random_id(count: int) -> str:
    return "".join(secrets_module.choice(string.ascii_lowercase + string.digits) for _ in range(count))


def _open_environment_db(url: str, home: Path, now: datetime) -> Database:
    """The database of the environment in this folder, with a send hold if it is older than what was sent."""
    database = _open_database("environment", url, home / "environment.db")
    restore_guard.detect_restored_backup(database, home, now=now)
    return database


def open_accounts(settings: Settings) -> Database:
    """The accounts database of an instance, before anything else of it is open."""
    return _open_database("accounts", settings.databases.accounts, settings.home / ACCOUNTS_FILE)


def _open_database(kind: str, url: str, file: Path) -> Database:
    """The database at this URL, or in the file if the URL is empty, migrated to this program's tables."""
    database = Database(url or f"sqlite:///{instance.make_private(file)}", kind)
    database.migrate()
    return database


def _drill_marks(home: Path, folder: Path) -> tuple[str, ...]:
    """The drill marks and the path of drill pages, which no live page may contain."""
    return (*load_drill_marks(folder, home / active_content.CACHE_FOLDER), f"/incidents/{DRILL}")
