"""The queue of deliveries on both databases: who may settle what."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain import DeliveryStatus, NewDelivery
from statuspage.storage import deliveries, incidents
from tests.support.database import made
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

NOON = at("12:00")


def test_a_worker_presumed_dead_does_not_settle_what_its_successor_is_sending(tmp_path: Path) -> None:
    database = made(tmp_path / "environment.db", "environment")
    with database.begin() as tx:
        incidents.open_incident(tx, "k3m9p2q7x4ab", at=NOON, t0=NOON, t0_source="form")
        deliveries.enqueue_deliveries(tx, "k3m9p2q7x4ab", 1, [NewDelivery("x-ja", "ja", {"text": "…"})], NOON)
        abandoned = deliveries.claim_delivery(tx, "slow", NOON, channel="x-ja")
        deliveries.recover_abandoned(tx, "slow", ["x-ja"], NOON)
        claimed = deliveries.claim_delivery(tx, "successor", NOON + timedelta(minutes=1), channel="x-ja")
        assert abandoned is not None
        assert claimed is not None
        assert not deliveries.settle_delivery(tx, abandoned, DeliveryStatus.FAILED, at=NOON, reason="refused")
        assert deliveries.settle_delivery(tx, claimed, DeliveryStatus.DELIVERED, at=NOON)
