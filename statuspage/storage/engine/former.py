"""What services were called before, as far as a transaction has been told."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection


def renamed_services(tx: Connection) -> Mapping[str, str]:
    """Former ids of services, with those they have today."""
    current_ids: Mapping[str, str] = tx.get_execution_options().get("renamed", {})
    return current_ids
