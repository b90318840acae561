"""The settings of sign-in through an identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from statuspage.domain import DRILL
from statuspage.settings import Settings
from statuspage.usecases.accounts import RANKS, Role

if TYPE_CHECKING:
    from statuspage.integrations.identity import IdentityProvider

# What speaks HTTP takes long to import, and most commands ask no provider.

CLIENT_NAMES = {
    "live": ("STATUSPAGE_OIDC_CLIENT_ID", "STATUSPAGE_OIDC_CLIENT_SECRET"),
    DRILL: ("STATUSPAGE_DRILL_OIDC_CLIENT_ID", "STATUSPAGE_DRILL_OIDC_CLIENT_SECRET"),
}
"""The settings of each environment's own client."""


@dataclass(frozen=True)
class SignInProvider:
    """How people sign in through a provider. ``roles`` are those of its groups; ``takes_passwords``: passwords work
    beside it. ``problem`` is the setting that cannot be used, "" for none; with one there is no ``connection``, and a
    drill desk has none without a client of its own."""

    name: str
    issuer: str
    roles: Mapping[str, Role] = field(default_factory=dict)
    takes_passwords: bool = True
    connection: IdentityProvider | None = None
    problem: str = ""

    def role_of(self, groups: tuple[str, ...]) -> Role | None:
        """The highest role of these groups; None if none of them has one."""
        roles = [self.roles[group] for group in groups if group in self.roles]
        return max(roles, key=RANKS.index, default=None)


def open_provider(settings: Settings, environment: str) -> SignInProvider | None:
    """The provider for this environment's desk; None without one."""
    values = settings.secrets
    issuer, (client_id, client_secret) = (
        values.get("STATUSPAGE_OIDC_ISSUER", ""),
        (values.get(name, "") for name in CLIENT_NAMES[environment]),
    )
    if not issuer:
        return None
    from statuspage.integrations import identity

    roles = parse_group_roles(values.get("STATUSPAGE_OIDC_GROUPS", ""))
    name = values.get("STATUSPAGE_OIDC_NAME", "") or urlsplit(issuer).hostname or issuer
    problem = _find_problem(values, environment, client_id, roles) or (
        "" if identity.is_safe_address(issuer) else "STATUSPAGE_OIDC_ISSUER"
    )
    client = identity.ClientSettings(
        issuer,
        client_id,
        client_secret,
        values.get("STATUSPAGE_OIDC_SCOPE", "") or "openid profile email",
        values.get("STATUSPAGE_OIDC_GROUPS_CLAIM", "") or "groups",
    )
    return SignInProvider(
        name,
        issuer,
        roles or {},
        takes_passwords=values.get("STATUSPAGE_OIDC_PASSWORDS", "1") != "0",
        connection=None if problem or not client_id else identity.IdentityProvider(client),
        problem=problem,
    )


def parse_group_roles(text: str) -> Mapping[str, Role] | None:
    """The role of each group: ``GROUP=ROLE`` separated by commas or lines; None if it cannot be read."""
    roles = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        group, _, role = (side.strip() for side in part.rpartition("="))
        if not group or role not in list(Role):
            return None
        roles[group] = Role(role)
    return roles


def _find_problem(values: Mapping[str, str], environment: str, client_id: str, roles: Mapping[str, Role] | None) -> str:
    if not client_id and environment != DRILL:
        return CLIENT_NAMES[environment][0]
    if roles is None:
        return "STATUSPAGE_OIDC_GROUPS"
    is_shared = environment != DRILL and values.get(CLIENT_NAMES[DRILL][0]) == client_id
    return CLIENT_NAMES[DRILL][0] if is_shared else ""
