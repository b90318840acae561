"""Checks who could read the secrets that are entered on the desk, and what else the drill must not open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from statuspage.domain import DRILL
from statuspage.settings import INTAKE_SECRET_FILE, SECRET_KEY_FILE, SECRETS_FILE, Settings
from statuspage.usecases.diagnostics.findings import Finding, info_finding, ok_finding, problem_finding
from statuspage.usecases.instance import user_name
from statuspage.usecases.secret_store import SecretStore

OPEN_TO_OTHERS = 0o077

LIVE_ONLY = ("environment.db", "subscribers.db", SECRETS_FILE, SECRET_KEY_FILE, "secret", INTAKE_SECRET_FILE)
"""What no drill may open, in the folder of the instance."""


def check_secrets(settings: Settings, store: SecretStore) -> Iterator[Finding]:
    """Whether every kept secret can be read. Nothing while none is kept. Raises DatabaseBusy, DatabaseBroken."""
    kept = store.list_kept()
    unreadable = sorted(name for name, secret in kept.items() if not secret.is_readable)
    if unreadable:
        yield problem_finding("secrets", names=", ".join(unreadable))
    elif kept:
        yield ok_finding("secrets", count=len(kept))


def check_drill_user(home: Path) -> Finding:
    """Whether the drill's user, the owner of its database or folder, could open live's databases and secrets."""
    own = [path for path in (home / name for name in LIVE_ONLY) if path.exists()]
    drill = next((path for path in (home / DRILL / "environment.db", home / DRILL) if path.exists()), None)
    if drill is None:
        return info_finding("drill_user_unknown")
    user = drill.stat().st_uid
    owners = {path.stat().st_uid for path in own} or {home.stat().st_uid}
    can_open = user == 0 or user in owners or any(path.stat().st_mode & OPEN_TO_OTHERS for path in own)
    name = user_name(user)
    return info_finding("drill_user", user=name) if can_open else ok_finding("drill_user", user=name)
