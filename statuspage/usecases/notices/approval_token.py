"""The signed token of a preview, so that only what was previewed can be published."""

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
    """What a person saw and may publish. After any of ``deadlines`` its text is no longer true."""

    notice_input: NoticeInput
    notice_kind: NoticeKind
    target: NoticeTarget
    previewed_at: datetime
    content_version: str
    deadlines: tuple[datetime, ...] = ()
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    warning_classes: tuple[str, ...] = ()


def _signer(env: Environment) -> URLSafeSerializer:
    return URLSafeSerializer(env.secret, salt=f"preview-{env.name}")


def sign_approval(env: Environment, approval: Approval) -> str:
    return str(_signer(env).dumps(serialization.to_json_value(approval)))


def parse_token(env: Environment, token: str) -> Approval | None:
    try:
        return serialization.from_json_value(Approval, _signer(env).loads(token))
    except (BadSignature, ValueError):
        return None
