"""The token of a request: for whom it acts, and what it may do."""

from __future__ import annotations

from statuspage.web.api.limits import REQUESTS_PER_MINUTE
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import TokenOut


def show_token(call: Call) -> Answer:
    """The token of this request."""
    token = call.token
    shown = TokenOut(
        name=token.name,
        owner=token.owner.login,
        role=token.owner.role,
        scope=token.scope,
        environment=token.environment,
        expires_at=token.expires,
        requests_per_minute=REQUESTS_PER_MINUTE,
    )
    return Answer(shown)


TOKEN_OPERATIONS = (
    Operation(
        "getToken", "GET", "/token", "token", "Get the token of this request", TokenOut, show_token,
        description="For whom it acts, what it may do, and until when. Its secret is not shown again.",
    ),
)  # fmt: skip
