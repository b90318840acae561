"""Rows of sign-ins that need no password: through an identity provider, and with links on paper."""

from statuspage.storage.identity import emergencies, identities, sealed_links
from statuspage.storage.identity.emergencies import EmergencySignIn
from statuspage.storage.identity.identities import Attempt, BoundAccount
from statuspage.storage.identity.sealed_links import SealedLink

__all__ = ["Attempt", "BoundAccount", "EmergencySignIn", "SealedLink", "emergencies", "identities", "sealed_links"]
