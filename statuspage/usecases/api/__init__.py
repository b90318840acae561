"""What programs need to use the API: tokens, and keys that make a repeated request count once."""

from statuspage.usecases.api import idempotency, tokens
from statuspage.usecases.api.idempotency import Claim, KeptAnswer, KeyReused, RequestInterrupted, RequestRunning
from statuspage.usecases.api.tokens import MAX_LIFETIME_DAYS, NewToken, Scope, TokenRefused

__all__ = [
    "MAX_LIFETIME_DAYS",
    "Claim",
    "KeptAnswer",
    "KeyReused",
    "NewToken",
    "RequestInterrupted",
    "RequestRunning",
    "Scope",
    "TokenRefused",
    "idempotency",
    "tokens",
]
