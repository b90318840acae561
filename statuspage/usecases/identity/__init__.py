"""Sign-in without a password of ours: through an identity provider, and with links on paper.

What speaks HTTP takes long to import: ``provider_sign_in`` and ``provider_check`` are imported as modules, by the desk
and by ``doctor``.
"""

from statuspage.usecases.identity.provider_settings import SignInProvider, open_provider

__all__ = ["SignInProvider", "open_provider"]
