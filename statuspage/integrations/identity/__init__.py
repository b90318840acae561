"""Identity providers, by OpenID Connect."""

from statuspage.integrations.identity.openid import (
    AuthorizationRequest,
    Claims,
    ClientSettings,
    IdentityProvider,
    ProviderAway,
    SignInRejected,
    is_safe_address,
)

__all__ = [
    "AuthorizationRequest",
    "Claims",
    "ClientSettings",
    "IdentityProvider",
    "ProviderAway",
    "SignInRejected",
    "is_safe_address",
]
