"""Identity providers, by OpenID Connect."""

from statuspage.integrations.identity.openid import (
    Claims,
    ClientSettings,
    IdentityProvider,
    ProviderAway,
    SignInRejected,
    is_safe_address,
)

__all__ = [
    "Claims",
    "ClientSettings",
    "IdentityProvider",
    "ProviderAway",
    "SignInRejected",
    "is_safe_address",
]
