"""The secret of a monitor in the settings: which one counts, and one of its own, entered or made here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from statuspage.settings import intake_setting
from statuspage.usecases.settings import SecretOwner, kept_secrets
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import FieldProblem
from statuspage.web.desk.settings.secret_states import SecretState, secret_state, store_problem

MAKE_THEIRS = ("pagerduty", "sentry")
"""Monitors that make their secret themselves and sign with it."""

SHORTEST, LONGEST = 8, 500
"""How many characters a secret has."""


@dataclass(frozen=True, slots=True)
class MonitorSecret:
    """Which secret a monitor sends. ``kind``: its ``own``, the ``shared`` one, or ``none`` as long as there is none.
    ``own`` is the state of its own one; ``is_theirs``: the monitor makes it."""

    kind: str
    own: SecretState
    is_theirs: bool

    @property
    def can_be_shown(self) -> bool:
        """Whether an administrator can read it here: not what is kept encrypted, and not what the monitor made."""
        return not self.is_theirs and (self.kind == "shared" or (self.kind == "own" and self.own.state == "outside"))


def describe(source: str) -> MonitorSecret:
    """The secret of this monitor. What was entered a moment ago counts already."""
    known, is_theirs = request_context.intake().secrets, source in MAKE_THEIRS
    own = secret_state(intake_setting(source))
    if own.state in ("kept", "unreadable") or source in known:
        return MonitorSecret("own", own, is_theirs)
    return MonitorSecret("shared" if "" in known and not is_theirs else "none", own, is_theirs)


def keep_own(source: str, value: str) -> FieldProblem | None:
    """Keeps the monitor's own secret; "" leaves the one that is kept. Returns what is wrong with it."""
    setting = intake_setting(source)
    if not value and secret_state(setting).state == "kept":
        return None
    if problem := _problem(setting, value):
        return FieldProblem("value", problem)
    env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
    kept_secrets.keep_secrets(env, SecretOwner("monitor", source), {setting: value}, by=by, now=now)
    return None


def make_own(source: str) -> tuple[str, FieldProblem | None]:
    """Makes and keeps the monitor's own secret. Returns it, which is shown once, or why it cannot be kept."""
    value = secrets.token_urlsafe(32)
    problem = keep_own(source, value)
    return ("" if problem else value), problem


def forget_own(source: str) -> None:
    """Deletes the monitor's own secret, if one is kept."""
    by, now = request_context.audit_actor(), request_context.now()
    settings = [intake_setting(source)]
    kept_secrets.forget_secrets(request_context.env(), SecretOwner("monitor", source), settings, by=by, now=now)


def _problem(setting: str, value: str) -> str:
    translator, store = request_context.translator(), request_context.env().secret_store
    if secret_state(setting).state == "outside":
        return translator.t("channel_settings.outside", setting=setting)
    if problem := store_problem():
        return problem
    if not SHORTEST <= len(value) <= LONGEST or not all("!" <= character <= "~" for character in value):
        return translator.t("monitor_settings.wrong_secret")
    is_of_drill = store is not None and store.is_of_drill(value)
    return translator.t("monitor_settings.secret_of_drill") if is_of_drill else ""
