"""Local checks: databases, disk, permissions, content, time zones, the worker."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from statuspage.domain import DRILL, Catalog, ContentError
from statuspage.settings import ACCOUNTS_FILE, INTAKE_SECRET_FILE, SECRET_KEY_FILE, SECRETS_FILE, Settings
from statuspage.storage import public_history
from statuspage.storage.engine import integrity
from statuspage.usecases import health as program_health
from statuspage.usecases.alerts import monitor_activity
from statuspage.usecases.diagnostics.findings import Finding, ok_finding, problem_finding
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.instance import is_shared

MIN_FREE_MB = 500
"""Megabytes below which the disk counts as too full: a build writes the whole site once more beside the old one."""

OPEN_TO_OTHERS, OPEN_TO_STRANGERS = 0o077, 0o007
"""Rights of everybody but the owner; and but the group, in a folder that live and the drill share."""


def check_databases(settings: Settings) -> Iterator[Finding]:
    """Whether each database is intact and writable."""
    urls, home = settings.databases, settings.home
    databases = {
        "live": ("environment", urls.live, home / "environment.db"),
        "drill": ("environment", urls.drill, home / DRILL / "environment.db"),
        "accounts": ("accounts", urls.accounts, home / ACCOUNTS_FILE),
        "subscribers": ("subscribers", urls.subscribers, home / "subscribers.db"),
        "secrets": ("secrets", urls.secrets, home / SECRETS_FILE),
    }
    for name, (kind, url, file) in databases.items():
        if not url and not file.exists():
            continue  # It is created when it is first needed.
        result = integrity.check_database(url or f"sqlite:///{file}", kind)
        slots = {"name": name, "version": result.version, "revision": result.revision, "reason": result.code}
        yield problem_finding("database", **slots) if result.code else ok_finding("database", **slots)


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for a second copy of the site."""
    free = shutil.disk_usage(settings.home).free // 1_000_000
    yield problem_finding("disk", free=free, least=MIN_FREE_MB) if free < MIN_FREE_MB else ok_finding("disk", free=free)


def check_permissions(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether only the owner can read the secrets: the databases, both environments' secrets, credential files. In a
    shared folder its group may, too."""
    home = settings.home
    own_files = [
        file
        for folder in (home, home / DRILL, (home / ACCOUNTS_FILE).parent)
        for file in (
            folder / "secret",
            folder / SECRET_KEY_FILE,
            folder / INTAKE_SECRET_FILE,
            *sorted(folder.glob("*.db*")),
        )
    ]
    credential_files = [
        Path(path) for name, path in environ.items() if name.startswith("STATUSPAGE_") and name.endswith("_FILE")
    ]
    existing = [path for path in (*own_files, *credential_files) if path.exists()]
    loose = [path for path in existing if path.stat().st_mode & _not_for(path.parent)]
    for path in loose:
        yield problem_finding("rights", file=path)
    if not loose:
        yield ok_finding("rights", count=len(existing))


def _not_for(folder: Path) -> int:
    return OPEN_TO_STRANGERS if is_shared(folder) else OPEN_TO_OTHERS


def check_content(content_errors: Collection[ContentError]) -> Finding:
    """Whether the current content passed the check."""
    return problem_finding("content", count=len(content_errors)) if content_errors else ok_finding("content")


def check_services(env: Environment) -> Iterator[Finding]:
    """Whether every service that customers were ever told about still has its texts in the content."""
    with env.databases.environment.read() as tx:
        vanished = sorted(public_history.named_services(tx) - set(env.site.catalog.services))
    for id in vanished:
        yield problem_finding("vanished", id=id)


def check_time_zone(catalog: Catalog) -> Iterator[Finding]:
    """Whether this machine knows the site's time zone, and how old the zone data is."""
    name = catalog.site.zone
    try:
        ZoneInfo(name)
        yield ok_finding("zone", name=name, version=version("tzdata"))
    except (ZoneInfoNotFoundError, PackageNotFoundError):
        yield problem_finding("zone", name=name)


def check_worker(env: Environment, now: datetime) -> Iterator[Finding]:
    """Whether a worker is running, and whether there is a send hold."""
    health = program_health.check_health(env, now=now)
    seconds = "" if health.worker_age is None else f"{health.worker_age.total_seconds():.0f}"
    yield ok_finding("worker", seconds=seconds) if health.is_healthy else problem_finding("worker")
    if restore_guard.held_since(env.databases.environment):
        yield problem_finding("send_hold")


def check_monitors(env: Environment, now: datetime) -> Iterator[Finding]:
    """Whether every monitor that sends something is heard."""
    with env.databases.environment.read() as tx:
        problems = monitor_activity.find_problems(tx, now=now)
    for refused in problems.refused:
        slots = {"monitor": refused.source, "reason": refused.outcome, "time": _time(refused.last_at)}
        yield problem_finding("monitors", **slots)
    for heartbeat in problems.silent:
        name = "/".join(filter(None, (heartbeat.source, heartbeat.name)))
        yield problem_finding("monitors", monitor=name, reason="heartbeat", time=_time(heartbeat.last_at))
    if not problems.refused and not problems.silent:
        yield ok_finding("monitors")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
