"""Reads an instance's settings from the environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "STATUSPAGE_"

PROVIDER_SETTINGS = (
    "STATUSPAGE_OIDC_ISSUER",
    "STATUSPAGE_OIDC_NAME",
    "STATUSPAGE_OIDC_SCOPE",
    "STATUSPAGE_OIDC_GROUPS",
    "STATUSPAGE_OIDC_GROUPS_CLAIM",
    "STATUSPAGE_OIDC_PASSWORDS",
    "STATUSPAGE_DRILL_OIDC_CLIENT_ID",
)
"""What both environments know about the identity provider. None of it is secret."""

DRILL_MAY_SEE = (
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_TIME",
    "TZ",
    "TERM",
    "STATUSPAGE_HOME",
    "STATUSPAGE_CONTENT",
    "STATUSPAGE_LANGUAGE",
    "STATUSPAGE_LOG_LEVEL",
    "STATUSPAGE_DRILL_ADDRESS",
    "STATUSPAGE_DRILL_INTAKE_SECRET",
    "STATUSPAGE_DRILL_INTAKE_SECRET_FILE",
    "STATUSPAGE_DESK_ADDRESS",
    "STATUSPAGE_DRILL_DESK_ADDRESS",
    "STATUSPAGE_PROXIES",
    "STATUSPAGE_SECURE",
    *PROVIDER_SETTINGS,
    "STATUSPAGE_DRILL_OIDC_CLIENT_SECRET",
    "STATUSPAGE_DRILL_OIDC_CLIENT_SECRET_FILE",
    "STATUSPAGE_DRILL_DATABASE_URL",
    "STATUSPAGE_DRILL_DATABASE_URL_FILE",
    "STATUSPAGE_ACCOUNTS_DATABASE_URL",
    "STATUSPAGE_ACCOUNTS_DATABASE_URL_FILE",
)
"""The only variables passed on to a drill process. None of them can hold a live credential: the drill's own databases,
accounts database and monitor secret give no access to anything live."""


SECRET_NAMES = re.compile(r"passw|secret|token|authori[sz]ation|cookie|credential|api_?key|signature", re.IGNORECASE)
"""Names of variables that hold a credential, ours or another program's."""

_URL_WITH_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
"""A URL that contains a password."""


_INTAKE_SECRET = re.compile(r"STATUSPAGE_INTAKE_(?:([A-Z0-9_]+)_)?SECRET")
"""The secret of one monitor (its name in capitals), or of all monitors without their own."""


def intake_setting(monitor: str) -> str:
    """The setting with the secret of this monitor alone."""
    return f"STATUSPAGE_INTAKE_{monitor.upper().replace('-', '_')}_SECRET"


INTAKE_SECRET_FILE = "intake-secret"  # noqa: S105 - the name of a file, not a secret
"""The file in the instance folder, made by ``init``, with the secret of monitors that no setting gives one."""


LOG_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
"""The levels of the log, as in Python's ``logging``."""


ACCOUNTS_FILE = "shared/accounts.db"
"""The file in the instance folder with the accounts, in a folder of its own: both environments write to it."""


SECRETS_FILE, SECRET_KEY_FILE = "secrets.db", "secret-key"
"""The files in the instance folder with the secrets entered on the desk, and with the key that encrypts them."""


class NoInstance(Exception):
    """No instance folder was given. Use --home or STATUSPAGE_HOME."""


class Unreadable(Exception):
    """A file named in the environment cannot be read. The message names the variable, never the content."""


class SharedDatabase(Exception):
    """Two databases share a URL or credentials. Live, drill, accounts, subscribers and secrets each need their own
    database. Only the live environment may open the live database; a drill opens neither subscribers nor secrets."""


class SharedSecret(Exception):
    """The drill's intake secret must differ from every live one."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The URL of each of the five databases; "" for a file in the instance folder."""

    live: str = field(default="", repr=False)
    drill: str = field(default="", repr=False)
    accounts: str = field(default="", repr=False)
    subscribers: str = field(default="", repr=False)
    secrets: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """One database: its name, its tables, its file if it is SQLite, and its URL otherwise ("" for the file)."""

    name: str
    schema: str
    file: Path
    url: str = field(default="", repr=False)

    @property
    def current_url(self) -> str:
        """The URL in use: the configured one, else that of the file."""
        return self.url or f"sqlite:///{self.file}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The paths and settings of an instance. ``home`` is the instance folder, shared by both environments.

    ``address`` is the public URL of the page ("" if only the content sets it), ``signup_address`` that of the
    subscriber pages. ``subscriber_copies`` is the folder that receives a daily copy of the subscriber list. ``secrets``
    are the ``STATUSPAGE_`` variables by full name; ``secret_files`` maps those read from a file to its path.
    """

    home: Path
    content: Path
    address: str = ""
    drill_address: str = ""
    signup_address: str = ""
    subscriber_copies: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_files: Mapping[str, str] = field(default_factory=dict)

    @property
    def databases(self) -> DatabaseUrls:
        """The database URLs. Raises SharedDatabase."""
        databases = DatabaseUrls(
            live=self.secrets.get("STATUSPAGE_DATABASE_URL", ""),
            drill=self.secrets.get("STATUSPAGE_DRILL_DATABASE_URL", ""),
            accounts=self.secrets.get("STATUSPAGE_ACCOUNTS_DATABASE_URL", ""),
            subscribers=self.secrets.get("STATUSPAGE_SUBSCRIBERS_DATABASE_URL", ""),
            secrets=self.secrets.get("STATUSPAGE_SECRETS_DATABASE_URL", ""),
        )
        _refuse_shared(databases)
        return databases

    @property
    def desk_addresses(self) -> dict[str, str]:
        """The external address of each environment's desk, where set."""
        variables = {"live": "STATUSPAGE_DESK_ADDRESS", "drill": "STATUSPAGE_DRILL_DESK_ADDRESS"}
        return {
            env_name: self.secrets[name].rstrip("/") for env_name, name in variables.items() if self.secrets.get(name)
        }

    @property
    def log_level(self) -> int:
        """The lowest level that is logged. Raises Unreadable."""
        name = self.secrets.get("STATUSPAGE_LOG_LEVEL", "info").lower()
        if name not in LOG_LEVELS:
            raise Unreadable(f"STATUSPAGE_LOG_LEVEL is one of {', '.join(LOG_LEVELS)}.")
        return LOG_LEVELS[name]

    @property
    def trusted_proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of our reverse proxies, whose forwarded client address is trusted. Raises Unreadable."""
        names = self.secrets.get("STATUSPAGE_PROXIES", "").replace(",", " ").split()
        try:
            return tuple(ip_network(name) for name in names)
        except ValueError as error:
            raise Unreadable(f"STATUSPAGE_PROXIES needs addresses or networks such as 10.0.0.0/8; {error}.") from error

    @property
    def intake_secrets(self) -> Mapping[str, str]:
        """The secrets that live monitors must send, by monitor name; "" for monitors without their own.

        Raises SharedSecret.
        """
        matches = ((_INTAKE_SECRET.fullmatch(name), value) for name, value in self.secrets.items() if value)
        secrets = {(name[1] or "").lower().replace("_", "-"): value for name, value in matches if name}
        if set(secrets.values()) & set(self.drill_intake_secrets.values()):
            raise SharedSecret
        return secrets

    @property
    def drill_intake_secrets(self) -> Mapping[str, str]:
        """The secret that drill monitors must send; one for all of them."""
        secret = self.secrets.get("STATUSPAGE_DRILL_INTAKE_SECRET", "")
        return {"": secret} if secret else {}

    @property
    def database_urls(self) -> tuple[DatabaseUrl, ...]:
        """All databases of the instance: those of both environments and the shared ones. Raises SharedDatabase."""
        databases = self.databases
        return (
            DatabaseUrl("live", "environment", self.home / "environment.db", databases.live),
            DatabaseUrl("drill", "environment", self.home / "drill" / "environment.db", databases.drill),
            DatabaseUrl("accounts", "accounts", self.home / ACCOUNTS_FILE, databases.accounts),
            DatabaseUrl("subscribers", "subscribers", self.home / "subscribers.db", databases.subscribers),
            DatabaseUrl("secrets", "secrets", self.home / SECRETS_FILE, databases.secrets),
        )


def read_settings(environ: Mapping[str, str], *, home: str = "", content: str = "") -> Settings:
    """The settings of this process. Flags override the environment.

    Raises NoInstance if neither gives the folder, Unreadable if a named file cannot be read.
    """
    home_path = home or environ.get("STATUSPAGE_HOME", "")
    if not home_path:
        raise NoInstance
    folder = Path(home_path).expanduser().absolute()
    environ = {**_intake_secret_file(folder, environ), **environ}
    subscriber_copies = environ.get("STATUSPAGE_SUBSCRIBERS_COPIES", "")
    content_path = content or environ.get("STATUSPAGE_CONTENT", "")
    return Settings(
        home=folder,
        content=Path(content_path).expanduser().absolute() if content_path else folder / "content",
        address=environ.get("STATUSPAGE_ADDRESS", "").rstrip("/"),
        drill_address=environ.get("STATUSPAGE_DRILL_ADDRESS", "").rstrip("/"),
        signup_address=environ.get("STATUSPAGE_PUBLIC_ADDRESS", "").rstrip("/"),
        subscriber_copies=Path(subscriber_copies).expanduser().absolute() if subscriber_copies else None,
        secrets=_secrets(environ),
        secret_files=_values_from_files(environ),
    )


def _intake_secret_file(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The setting for the secret that ``init`` made, unless there is another one. A drill never has it."""
    path, names = home / INTAKE_SECRET_FILE, ("STATUSPAGE_INTAKE_SECRET", "STATUSPAGE_INTAKE_SECRET_FILE")
    if any(name in environ for name in names) or environ.get("STATUSPAGE_ENVIRONMENT") == "drill":
        return {}
    return {"STATUSPAGE_INTAKE_SECRET_FILE": str(path)} if path.exists() else {}


def reload_secrets(current: Settings) -> Settings:
    """The settings with the secret files read again. Raises Unreadable."""
    new_secrets = {name: _from_file(f"{name}_FILE", path) for name, path in current.secret_files.items()}
    return replace(current, secrets={**current.secrets, **new_secrets})


def _refuse_shared(databases: DatabaseUrls) -> None:
    """Raises SharedDatabase if a drill or the public pages would know a password that opens the live database or the
    secrets, or a drill one that opens the subscribers database."""
    own = (databases.live, databases.drill, databases.accounts, databases.subscribers, databases.secrets)
    urls = [urlsplit(url) for url in own if url]
    locations = [(url.hostname, url.port, url.path, url.query) for url in urls]
    drill_credentials = _credentials(databases.drill, databases.accounts)
    shared_credentials = (
        _credentials(databases.live, databases.secrets) & (drill_credentials | _credentials(databases.subscribers))
        | _credentials(databases.subscribers) & drill_credentials
    )
    if len(set(locations)) < len(locations) or shared_credentials:
        raise SharedDatabase


def _credentials(*urls: str) -> set[tuple[str | None, str]]:
    """The user names and passwords in these URLs."""
    return {(url.username, url.password) for url in map(urlsplit, urls) if url.password}


def _secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """``STATUSPAGE_X`` as it is; ``STATUSPAGE_X_FILE`` as ``STATUSPAGE_X``, read from that file."""
    from_files = {name: _from_file(f"{name}_FILE", path) for name, path in _values_from_files(environ).items()}
    set_directly = {
        name: value for name, value in environ.items() if name.startswith(PREFIX) and not name.endswith("_FILE")
    }
    return {**from_files, **set_directly}


def _values_from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables whose value is in a file, unless they are also set directly."""
    candidates = {
        name.removesuffix("_FILE"): path
        for name, path in environ.items()
        if name.startswith(PREFIX) and name.endswith("_FILE")
    }
    return {name: path for name, path in candidates.items() if name not in environ}


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name} names a file that cannot be read: {path}") from error


def drill_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a drill process: the allowed variables, plus the one that marks it as a drill."""
    visible = {name: environ[name] for name in DRILL_MAY_SEE if name in environ}
    return {**visible, "STATUSPAGE_ENVIRONMENT": "drill"}


def is_visible_to_drill(name: str) -> bool:
    """Whether a drill process may have this variable. Names added by the operating system (``__…``) are harmless."""
    return name in DRILL_MAY_SEE or name == "STATUSPAGE_ENVIRONMENT" or name.startswith("__")


def credentials_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of variables that a drill process must not have: our settings that are not allowed, and other programs'
    secrets."""
    foreign = {name: value for name, value in environ.items() if not is_visible_to_drill(name)}
    names = (
        name
        for name, value in foreign.items()
        if name.startswith(PREFIX) or SECRET_NAMES.search(name) or _URL_WITH_PASSWORD.search(value)
    )
    return tuple(sorted(names))


def is_drill_environ(environ: Mapping[str, str]) -> bool:
    """Whether this is the environment of a drill process."""
    return environ.get("STATUSPAGE_ENVIRONMENT") == "drill" and all(is_visible_to_drill(name) for name in environ)
