"""Rows of the audit log about emergency sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from statuspage.storage.engine import Connection
from statuspage.storage.tables import audit_log

LINK_USED, LOCAL_SIGN_IN = "emergency.link", "emergency.local"
"""Actions of the audit log: somebody signed in past the provider."""


@dataclass(frozen=True, slots=True)
class EmergencySignIn:
    """Somebody signed in past the provider: who, from where, and with which emergency link ("": with none)."""

    id: int
    at: datetime
    name: str
    origin: str
    link: str


def list_emergency_sign_ins(tx: Connection, since: datetime) -> tuple[EmergencySignIn, ...]:
    """Emergency sign-ins from this time on, the newest first."""
    matches = (audit_log.c.action.in_((LINK_USED, LOCAL_SIGN_IN)), audit_log.c.at >= since)
    rows = tx.execute(select(audit_log).where(*matches).order_by(audit_log.c.id.desc()).limit(100))
    return tuple(
        EmergencySignIn(row.id, row.at, row.account_name, row.origin, str(row.detail.get("link", ""))) for row in rows
    )
