"""Form contents that are not published: the only rows that are overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from statuspage.storage.tables import draft


def save_draft(tx: Connection, owner: str, account_id: str, form: Any, at: datetime) -> None:
    """Stores the form (anything JSON can hold) of this account for this alert or incident, in place of the last one."""
    changed = tx.execute(update(draft).where(_is_draft_of(owner, account_id)).values(form=form, at=at)).rowcount
    if changed == 0:
        tx.execute(insert(draft).values(owner=owner, person=account_id, form=form, at=at))


def find_draft(tx: Connection, owner: str, account_id: str) -> Any | None:
    """The stored form; None if there is none."""
    return tx.execute(select(draft.c.form).where(_is_draft_of(owner, account_id))).scalar_one_or_none()


def delete_draft(tx: Connection, owner: str, account_id: str) -> None:
    """Deletes the form, if there is one."""
    tx.execute(delete(draft).where(_is_draft_of(owner, account_id)))


def delete_all_drafts(tx: Connection) -> None:
    """Deletes every form."""
    tx.execute(delete(draft))


def count_drafts(tx: Connection) -> int:
    """How many forms are stored."""
    return int(tx.execute(select(func.count()).select_from(draft)).scalar_one())


def _is_draft_of(owner: str, account_id: str) -> Any:
    return (draft.c.owner == owner) & (draft.c.person == account_id)
