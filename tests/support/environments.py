"""Environments made of parts, without settings or content files."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from statuspage.domain.catalog import Catalog
from statuspage.integrations.hosting.folder import Folder
from statuspage.rendering.site import SiteAssets, SiteContext
from statuspage.usecases.environment.model import Databases, Environment, LoadedContent, Senders
from statuspage.usecases.subscribers import offered_types

ID = "k3m9p2q7x4ab"


def environment_of(
    home: Path,
    catalog: Catalog,
    databases: Databases,
    assets: SiteAssets,
    senders: Senders,
    *,
    address: str = "",
    signup_url: str = "",
) -> Environment:
    """A live environment of these parts. What subscribers can choose follows from them."""
    env = Environment(
        "live",
        home,
        LoadedContent(SiteContext(catalog, assets, address, signup_url), senders),
        databases,
        Folder(home / "site"),
        lambda: ID,
        b"a secret for tests",
    )
    return with_changes(env)


def with_changes(env: Environment, **changes: Any) -> Environment:
    """The environment with these fields changed, of whichever of its parts they are: ``catalog``, ``channels`` …"""
    site = replace(env.site, **_fields_of(env.site, changes))
    senders = replace(env.senders, **_fields_of(env.senders, changes))
    databases = replace(env.databases, **_fields_of(env.databases, changes))
    content = replace(env.content, **_fields_of(env.content, changes))
    offers = {} if databases.subscribers is None else offered_types(site.catalog, senders, site.signup_url)
    content = replace(content, site=replace(site, offered_kinds=offers), senders=senders)
    own = _fields_of(env, changes)
    left = set(changes) - {field.name for part in (site, senders, databases, content, env) for field in fields(part)}
    assert not left, left
    return replace(env, content=content, databases=databases, **own)


def _fields_of(part: Any, changes: dict[str, Any]) -> dict[str, Any]:
    return {field.name: changes[field.name] for field in fields(part) if field.name in changes}
