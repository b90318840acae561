"""Whether the identity provider can be used now. Apart from its settings: what speaks HTTP takes long to import."""

from __future__ import annotations

from statuspage.integrations.identity import ProviderAway
from statuspage.usecases.identity.provider_settings import SignInProvider


def provider_failure(provider: SignInProvider) -> str:
    """What keeps people from signing in through the provider, in its own words; "" if nothing does."""
    if provider.connection is None:
        return provider.problem
    try:
        provider.connection.check()
    except ProviderAway as error:
        return str(error) or "no answer"
    return ""
