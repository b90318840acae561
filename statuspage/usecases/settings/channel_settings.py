"""Channels as the desk sets them up: tables of ``channels.toml``, their order, their secrets, and a test of each."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from statuspage.content.compiled import Reading, load_content
from statuspage.content.editing import Edit, ReorderSections, SetValue, Unset
from statuspage.domain import DRILL, ChannelSpec, escape_control_characters
from statuspage.integrations import channels
from statuspage.integrations.channels import Unsent
from statuspage.storage import audit_log
from statuspage.storage.audit_log import Actor
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import Environment
from statuspage.usecases.settings import kept_secrets
from statuspage.usecases.settings.channel_fields import FORMS, NOTICE_CHOICES, Field, field_problem, secret_problem
from statuspage.usecases.settings.content_files import ContentStore, FileChange
from statuspage.usecases.settings.kept_secrets import SecretOwner

CHANNELS_FILE = "channels.toml"


class UnknownChannel(Exception):
    """There is no channel with this id in the file."""


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """A channel as the file has it."""

    id: str
    values: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its type; "" if the file names none."""
        return str(self.values.get("type", ""))

    @property
    def is_enabled(self) -> bool:
        """Whether it is switched on."""
        return self.values.get("enabled", True) is not False

    def text_of(self, key: Field) -> str:
        """The value of a key as the form shows it."""
        value = self.values.get(key.key, key.default)
        return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class TypedChannel:
    """What was typed: ``values`` by key, ``notices`` (a choice of NOTICE_CHOICES, or "" to leave it), ``secrets`` by
    short name; an empty one is left as it is."""

    language: str
    values: Mapping[str, str]
    notices: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """What the other side said. ``reason`` is a label's key (``receipt.reason.KEY``), "" if it worked; ``text`` are its
    own words."""

    reason: str
    text: str

    @property
    def is_ok(self) -> bool:
        """Whether the channel works."""
        return not self.reason


def list_channels(store: ContentStore) -> tuple[ChannelEntry, ...]:
    """All channels of the file in their order, also those that are switched off."""
    with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):
        tables = tomllib.loads((store.read(CHANNELS_FILE) or b"").decode("utf-8-sig"))
        return tuple(ChannelEntry(id, values) for id, values in tables.items() if isinstance(values, dict))
    return ()


def find_channel(store: ContentStore, id: str) -> ChannelEntry:
    """The channel with this id. Raises UnknownChannel."""
    entry = next((each for each in list_channels(store) if each.id == id), None)
    if entry is None:
        raise UnknownChannel(id)
    return entry


def new_id(store: ContentStore, type: str, language: str, taken: Collection[str] = ()) -> str:
    """An id for a new channel, made from its type and language: ``mastodon-en``, then ``mastodon-en-2``. ``taken`` are
    ids of others that have secrets."""
    taken = {*taken, *(each.id for each in list_channels(store))}
    base = f"{type}-{language}".lower()
    numbered = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(id for id in numbered if id not in taken)


def find_problems(
    type: str, typed: TypedChannel, languages: Sequence[str], *, kept: frozenset[str], required: Mapping[str, bool]
) -> dict[str, str]:
    """What is wrong with what was typed: field → key of a sentence. ``required`` are the secrets, each with whether it
    is required; ``kept`` those that are there already."""
    problems = {} if typed.language in languages else {"language": "choice"}
    for each in FORMS[type].fields if type in FORMS else ():
        if problem := field_problem(each, typed.values.get(each.key, "").strip()):
            problems[each.key] = problem
    for name, is_required in required.items():
        value = typed.secrets.get(name, "")
        if value and (problem := secret_problem(type, name, value)):
            problems[name] = problem
        elif not value and is_required and name not in kept:
            problems[name] = "missing"
    return problems


def add_channel(
    store: ContentStore, type: str, typed: TypedChannel, *, seen: str, taken: Collection[str] = ()
) -> tuple[str, FileChange]:
    """A new table at the end of the file, and its id; ``taken`` as in ``new_id``."""
    id, form = new_id(store, type, typed.language, taken), FORMS[type]
    values: dict[str, Any] = {"type": type, "language": typed.language, "medium": form.medium}
    values |= {each.key: _value(each, typed) for each in form.fields if _value(each, typed) != _default(each)}
    values |= {"notices": list(NOTICE_CHOICES.get(typed.notices, form.notices)), **(form.fixed or {})}
    edits = [SetValue((id, key), value) for key, value in values.items()]
    return id, FileChange({CHANNELS_FILE: edits}, (CHANNELS_FILE,), seen, "channel.added", id, None, values)


def change_channel(store: ContentStore, id: str, typed: TypedChannel, *, seen: str) -> FileChange:
    """New values of a channel; what the form does not show stays."""
    entry = find_channel(store, id)
    wanted: dict[str, Any] = {"language": typed.language}
    if typed.notices in NOTICE_CHOICES:
        wanted["notices"] = list(NOTICE_CHOICES[typed.notices])
    for each in FORMS[entry.type].fields if entry.type in FORMS else ():
        value = _value(each, typed)
        is_absent = value == _default(each) and each.key not in entry.values
        if not is_absent:
            wanted[each.key] = value
    changed = {key: value for key, value in wanted.items() if entry.values.get(key) != value}
    edits = [SetValue((id, key), value) for key, value in changed.items()]
    before = {key: entry.values.get(key) for key in changed}
    return FileChange({CHANNELS_FILE: edits}, (CHANNELS_FILE,), seen, "channel.changed", id, before, changed)


def switch_channel(store: ContentStore, id: str, *, on: bool, seen: str) -> FileChange:
    """Switches a channel on or off."""
    find_channel(store, id)
    edit: Edit = Unset((id, "enabled")) if on else SetValue((id, "enabled"), False)
    action = "channel.switched_on" if on else "channel.switched_off"
    before, after = {"enabled": not on}, {"enabled": on}
    return FileChange({CHANNELS_FILE: [edit]}, (CHANNELS_FILE,), seen, action, id, before, after)


def move_channel(store: ContentStore, id: str, *, by: int, seen: str) -> FileChange:
    """Moves a channel up (-1) or down (1); the form and the receipts follow this order."""
    find_channel(store, id)
    ids = [each.id for each in list_channels(store)]
    place = ids.index(id)
    order = [each for each in ids if each != id]
    order.insert(max(place + by, 0), id)
    return FileChange(
        {CHANNELS_FILE: [ReorderSections(tuple(order))]}, (CHANNELS_FILE,), seen, "channel.moved", id, ids, order
    )


def remove_channel(store: ContentStore, id: str, *, seen: str) -> FileChange:
    """Removes a channel's table."""
    entry = find_channel(store, id)
    return FileChange(
        {CHANNELS_FILE: [Unset((id,))]}, (CHANNELS_FILE,), seen, "channel.removed", id, dict(entry.values), None
    )


def _value(key: Field, typed: TypedChannel) -> str | bool:
    text = typed.values.get(key.key, "").strip()
    return text == "true" if key.kind == "flag" else text or key.default


def _default(key: Field) -> str | bool:
    return key.default == "true" if key.kind == "flag" else key.default


def current_spec(env: Environment, store: ContentStore, id: str) -> ChannelSpec | None:
    """The channel as the files have it now, which every process has within two seconds; of the staff's too."""
    read, _ = load_content(Reading(store.folders.current, with_marks=False), store.folders.cache)
    catalog = read or env.site.catalog
    return catalog.find_channel(id) or catalog.notification_channels.get(id)


def setting_names(id: str, type: str) -> Mapping[str, str]:
    """The secrets of a channel: short name → name of the setting."""
    return channels.all_secret_settings(id, type)


def keep_secrets(env: Environment, id: str, type: str, typed: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Keeps the secrets that were typed. Raises NoSecretStore, DatabaseBusy, DatabaseBroken."""
    names = setting_names(id, type)
    values = {names[name]: value for name, value in typed.items() if value and name in names}
    kept_secrets.keep_secrets(env, SecretOwner("channel", id), values, by=by, now=now)


def forget_secrets(
    env: Environment, id: str, type: str, *, by: Actor, now: datetime, only: Collection[str] | None = None
) -> None:
    """Deletes the kept secrets of a channel: all, or ``only`` those with these short names."""
    names = [setting for name, setting in setting_names(id, type).items() if only is None or name in only]
    kept_secrets.forget_secrets(env, SecretOwner("channel", id), names, by=by, now=now)


def probe_channel(env: Environment, spec: ChannelSpec, *, by: Actor, now: datetime) -> ProbeAnswer:
    """Asks the channel's service whether the settings work; nothing reaches customers. If they do, what waits for the
    channel is tried at once."""
    secrets = env.secret_store.effective_values() if env.secret_store else {}
    if channels.missing_settings(spec, secrets):
        return ProbeAnswer("credentials", "")
    try:
        answer = ProbeAnswer("", escape_control_characters(channels.open_live(spec, secrets).probe()))
    except Unsent as error:
        answer = ProbeAnswer(error.reason, escape_control_characters(error.detail))
    with env.databases.accounts.begin() as tx:
        audit_log.record_action(tx, "channel.tested", at=now, by=by, target=spec.id, answer=answer.reason or "ok")
    if answer.is_ok:
        admin.resume_channel(env.databases.environment, spec.id, now=now)
    return answer


def last_drill_message(home: Path, id: str) -> Mapping[str, Any] | None:
    """What a drill wrote to its sandbox last for this channel, as its file has it; None if there is nothing to read."""
    with suppress(OSError, ValueError):
        files = list((home / DRILL / "outbox" / id).glob("[!.]*.json"))
        if files:
            record = json.loads(max(files, key=lambda path: path.stat().st_mtime_ns).read_text("utf-8"))
            return record if isinstance(record, dict) else None
    return None
