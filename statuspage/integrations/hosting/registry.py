"""Host types by name. To add one, write a module and add a line below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting.base import Host
from statuspage.integrations.hosting.options import HostType
from statuspage.integrations.registry import Registry

TYPES: Registry[HostType] = Registry(
    "statuspage.integrations.hosting", "HOST_TYPE", {"s3": "s3", "git": "git", "rsync": "rsync"}
)


def missing_settings(spec: HostSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the missing settings (STATUSPAGE_BUCKET_ACCESS_KEY); empty if the host can be used."""
    names = (_setting(spec, name) for name in TYPES[spec.type].secrets)
    return tuple(name for name in names if not environ.get(name))


def open_host(spec: HostSpec, environ: Mapping[str, str], folder: Path) -> Host:
    """Opens the host; it stores its state in ``folder``."""
    host_type = TYPES[spec.type]
    names = {key: _setting(spec, key) for key in (*host_type.secrets, *host_type.optional_secrets)}
    return host_type.open(spec, {key: environ[name] for key, name in names.items() if environ.get(name)}, folder)


def _setting(spec: HostSpec, key: str) -> str:
    return f"STATUSPAGE_{spec.id.upper().replace('-', '_')}_{key.upper()}"
