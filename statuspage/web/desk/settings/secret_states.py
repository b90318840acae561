"""What the settings say of a secret: whether it is set outside, kept, or none; never its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.usecases.environment import Environment
from statuspage.usecases.secret_store import KeptSecret
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class SecretState:
    """``state``: outside, kept, unreadable or none. ``text``: since when and by whom it is kept; "" otherwise."""

    setting: str
    state: str
    text: str = ""


def describe_secret(
    env: Environment, translator: Translator, setting: str, kept: Mapping[str, KeptSecret]
) -> SecretState:
    """The state of one secret among those that are kept."""
    if env.secret_store is not None and env.secret_store.is_set_outside(setting):
        return SecretState(setting, "outside")
    if (secret := kept.get(setting)) is None:
        return SecretState(setting, "none")
    at = translator.times.format_day_time(secret.changed_at)
    text = translator.t("channel_settings.kept_since", time=at, name=secret.changed_by)
    return SecretState(setting, "kept" if secret.is_readable else "unreadable", text)


def secret_state(setting: str) -> SecretState:
    """The state of one secret now. Raises DatabaseBusy, DatabaseBroken."""
    env = request_context.env()
    kept = env.secret_store.list_kept() if env.secret_store else {}
    return describe_secret(env, request_context.translator(), setting, kept)


def store_problem() -> str:
    """Why no secret can be kept here, as a sentence; "" if one can."""
    store = request_context.env().secret_store
    problem = store.problem if store else "database"
    return request_context.translator().label(f"cli.secrets_{problem}") if problem else ""
