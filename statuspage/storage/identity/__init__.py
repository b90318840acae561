"""Rows of sign-ins that need no password: through an identity provider, and with links on paper."""

from statuspage.storage.identity import emergencies, emergency_links, identities
from statuspage.storage.identity.emergencies import EmergencySignIn
from statuspage.storage.identity.emergency_links import EmergencyLink
from statuspage.storage.identity.identities import Attempt, BoundAccount

__all__ = [
    "Attempt",
    "BoundAccount",
    "EmergencyLink",
    "EmergencySignIn",
    "emergencies",
    "emergency_links",
    "identities",
]
