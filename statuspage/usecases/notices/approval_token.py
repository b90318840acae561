"""The token that a preview is approved with: signed, so that what was seen is what goes out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

from statuspage import serialization
from statuspage.domain import NoticeInput, NoticeKind
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.results import NoticeTarget


@dataclass(frozen=True, slots=True)
class Approval:
    typed: NoticeInput
    notice: NoticeKind
    place: NoticeTarget
    now: datetime
    version: str
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    met: tuple[str, ...] = ()


def _signer(world: Environment) -> URLSafeSerializer:
    return URLSafeSerializer(world.secret, salt=f"preview-{world.name}")


def sign(world: Environment, approval: Approval) -> str:
    return str(_signer(world).dumps(serialization.to_json_value(approval)))


def open_token(world: Environment, token: str) -> Approval | None:
    try:
        return serialization.load(Approval, _signer(world).loads(token))
    except (BadSignature, ValueError):
        return None
