"""Unpublished form contents: the only rows that are overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from statuspage.storage.tables import draft as drafts


def save_draft(tx: Connection, owner: str, account_id: str, form: Any, at: datetime) -> None:
    """Stores the form (any JSON value) of this account for this alert or incident, replacing the previous one."""
    changed = tx.execute(update(drafts).where(_is_draft_of(owner, account_id)).values(form=form, at=at)).rowcount
    if changed == 0:
        tx.execute(insert(drafts).values(owner=owner, account_id=account_id, form=form, at=at))


def find_draft(tx: Connection, owner: str, account_id: str) -> Any | None:
    """The stored form; None if there is none."""
    return tx.execute(select(drafts.c.form).where(_is_draft_of(owner, account_id))).scalar_one_or_none()


def find_saved_at(tx: Connection, owner: str, account_id: str) -> datetime | None:
    """When the stored form was last saved; None if there is none."""
    return tx.execute(select(drafts.c.at).where(_is_draft_of(owner, account_id))).scalar_one_or_none()


def delete_draft(tx: Connection, owner: str, account_id: str) -> None:
    """Deletes the form, if there is one."""
    tx.execute(delete(drafts).where(_is_draft_of(owner, account_id)))


def delete_all_drafts(tx: Connection) -> None:
    """Deletes every form."""
    tx.execute(delete(drafts))


def count_drafts(tx: Connection) -> int:
    """How many forms are stored."""
    return int(tx.execute(select(func.count()).select_from(drafts)).scalar_one())


def _is_draft_of(owner: str, account_id: str) -> Any:
    return (drafts.c.owner == owner) & (drafts.c.account_id == account_id)
