"""Former ids of services, as far as a transaction knows them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection


def renamed_services(tx: Connection) -> Mapping[str, str]:
    """Former ids of services, mapped to their present ids."""
    current_ids: Mapping[str, str] = tx.get_execution_options().get("renamed", {})
    return current_ids
