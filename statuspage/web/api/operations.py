"""What an operation of the API is, what it is called with, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from statuspage.storage.api import ApiToken
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Claim, Scope
from statuspage.usecases.environment import Environment
from statuspage.web.desk import Translator

BOTH = ("live", "drill")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. ``sequence`` is the incident and its newest notice, for the ETag; ``incident`` the one
    whose texts are in the body; ``target`` what was changed, for the audit log. ``is_kept``: it is kept for the same
    request again; otherwise nothing was stored."""

    body: BaseModel
    sequence: tuple[str, int] | None = None
    version: int | None = None
    incident: str = ""
    target: str = ""
    location: str = ""
    is_kept: bool = True

    @property
    def etag(self) -> str:
        """The ETag without quotes, "" if there is none."""
        if self.sequence is not None:
            return f"{self.sequence[0]}.{self.sequence[1]}"
        return "" if self.version is None else str(self.version)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. ``if_match`` is the ETag without quotes, "" if none was sent."""

    env: Environment
    now: datetime
    token: ApiToken
    translator: Translator
    address: str = ""
    path: Mapping[str, str] = field(default_factory=dict)
    query: BaseModel | None = None
    body: BaseModel | None = None
    if_match: str = ""
    claim: Claim | None = None

    @property
    def actor(self) -> str:
        """Who acts, as the timeline names it: the owner, and the token."""
        return f"{self.token.owner.name} (API: {self.token.name})"

    def body_as(self, model: type[Model]) -> Model:
        """The body, which was checked by this model."""
        return _checked(self.body, model)

    def query_as(self, model: type[Model]) -> Model:
        """The query, which was checked by this model."""
        return _checked(self.query, model)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its address, what it needs, and the function that carries it out.

    ``scope`` is that of the token, ``role`` the minimum role of its owner. ``needs_match``: it requires If-Match.
    ``is_keyed``: it requires an Idempotency-Key. ``problems`` are the statuses it may answer besides those of all.
    """

    id: str
    method: str
    path: str
    tag: str
    summary: str
    answer: type[BaseModel]
    run: Callable[[Call], Answer]
    scope: Scope = Scope.READ
    role: Role = Role.VIEWER
    status: int = 200
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    needs_match: bool = False
    is_keyed: bool = False
    problems: tuple[int, ...] = ()
    environments: tuple[str, ...] = BOTH
    description: str = ""

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


def _checked(value: BaseModel | None, model: type[Model]) -> Model:
    if not isinstance(value, model):
        raise TypeError(f"not checked by {model.__name__}")
    return value
