"""Places the public site is written to: the folder on this machine, and targets that follow it.

A new type of target is one module here and a line below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.domain import TargetSpec
from statuspage.integrations.hosting import git, rsync, s3
from statuspage.integrations.hosting.base import Target
from statuspage.integrations.hosting.options import Option

__all__ = ["TYPES", "missing", "opened"]


@dataclass(frozen=True, slots=True)
class HostType:
    """What is particular about one type of target: what content says of it, the settings it needs, how it is opened
    (its content, the settings, a folder of its own on this machine)."""

    options: Mapping[str, Option]
    secrets: tuple[str, ...]
    optional: tuple[str, ...]
    open: Callable[[TargetSpec, Mapping[str, str], Path], Target]


TYPES: Mapping[str, HostType] = {
    "s3": HostType(s3.OPTIONS, ("access_key", "secret_key"), ("session_token",), s3.Bucket),
    "git": HostType(git.OPTIONS, (), ("token",), git.Branch),
    "rsync": HostType(rsync.OPTIONS, (), (), rsync.Server),
}


def missing(spec: TargetSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the settings that are not there (STATUSPAGE_BUCKET_ACCESS_KEY); none when the target can be used."""
    names = (_setting(spec, name) for name in TYPES[spec.type].secrets)
    return tuple(name for name in names if not environ.get(name))


def opened(spec: TargetSpec, environ: Mapping[str, str], folder: Path) -> Target:
    """The target itself; ``folder`` is for what it has to remember."""
    place = TYPES[spec.type]
    names = {short: _setting(spec, short) for short in (*place.secrets, *place.optional)}
    return place.open(spec, {short: environ[name] for short, name in names.items() if environ.get(name)}, folder)


def _setting(spec: TargetSpec, short: str) -> str:
    return f"STATUSPAGE_{spec.id.upper().replace('-', '_')}_{short.upper()}"
