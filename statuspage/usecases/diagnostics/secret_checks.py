"""Checks who could read the secrets that are entered on the desk."""

from __future__ import annotations

import pwd
from collections.abc import Iterator
from pathlib import Path

from statuspage.domain import DRILL
from statuspage.settings import SECRET_KEY_FILE, SECRETS_FILE, Settings
from statuspage.usecases.diagnostics.findings import Finding, info_finding, ok_finding, problem_finding
from statuspage.usecases.secret_store import SecretStore

OPEN_TO_OTHERS = 0o077


def check_secrets(settings: Settings, store: SecretStore) -> Iterator[Finding]:
    """Whether every kept secret can be read, and whether the drill runs as a user that cannot open them. Nothing while
    none is kept. Raises DatabaseBusy, DatabaseBroken."""
    kept = store.list_kept()
    unreadable = sorted(name for name, secret in kept.items() if not secret.is_readable)
    if unreadable:
        yield problem_finding("secrets", names=", ".join(unreadable))
    elif kept:
        yield ok_finding("secrets", count=len(kept))
    if kept:
        yield check_drill_user(settings.home)


def check_drill_user(home: Path) -> Finding:
    """Whether the drill's user, the owner of its database or folder, could open the secrets of this instance."""
    own = [path for path in (home / SECRETS_FILE, home / SECRET_KEY_FILE) if path.exists()]
    drill = next((path for path in (home / DRILL / "environment.db", home / DRILL) if path.exists()), None)
    if drill is None:
        return info_finding("drill_user_unknown")
    user = drill.stat().st_uid
    owners = {path.stat().st_uid for path in own} or {home.stat().st_uid}
    can_open = user == 0 or user in owners or any(path.stat().st_mode & OPEN_TO_OTHERS for path in own)
    name = _user_name(user)
    return info_finding("drill_user", user=name) if can_open else ok_finding("drill_user", user=name)


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
