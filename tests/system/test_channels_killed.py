"""All channels at once: the worker is killed when each has sent and none has recorded it; each service counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations import channels
from statuspage.storage.engine.database import Database
from statuspage.usecases import delivery
from statuspage.usecases.environment.model import Environment
from tests.support.channel_cases import CHANNEL_CASES, HURRIED
from tests.support.channel_notices import enqueue_notice, incident_of, sent_of
from tests.support.content import DEMO
from tests.support.database import url_of
from tests.support.deliveries import environment_in, wait_for, work
from tests.support.desk import Clock
from tests.support.fakes.service import Service
from tests.support.killed import LAUNCHER, watch
from tests.support.times import at

KILLED = -9


@pytest.fixture
def services() -> Iterator[Mapping[str, Service]]:
    """Every service, by the id of its channel."""
    with ExitStack() as until_left:
        yield {channel_case.spec.id: until_left.enter_context(channel_case.serve()) for channel_case in CHANNEL_CASES}


def every_channel(
    home: Path, catalog: Catalog, environ: Mapping[str, str], database: Database | None = None
) -> Environment:
    """An environment with all of them."""
    open_channels = {
        channel_case.spec.id: channels.open_live(channel_case.spec, environ, HURRIED) for channel_case in CHANNEL_CASES
    }
    return environment_in(home, catalog, "https://status.example", open_channels, database)


def killed_worker(home: Path, environ: Mapping[str, str], database_url: str) -> None:
    """What the killed process does: it works through the queue of these databases."""
    catalog, _ = loading.read_content(DEMO)
    assert catalog is not None
    watch("all sent", len(CHANNEL_CASES))
    env = every_channel(home, catalog, environ, Database(database_url, "environment"))
    delivery.drain(env, clock=Clock(at("12:03")), patience=60)


def worked(env: Environment, clock: Clock, incident: Incident) -> bool:
    """Works through the queue; returns whether it took over what the dead worker held. A server notices the end of a
    connection with a delay."""
    work(env, clock)
    return all(one.status is not DeliveryStatus.SENDING for one in sent_of(env, incident))


@pytest.mark.usefixtures("database")
def test_killed_between_sending_and_recording_no_message_is_lost_and_only_the_unguarded_may_come_twice(
    tmp_path: Path, catalog: Catalog, services: Mapping[str, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0)
    environ: dict[str, str] = {}
    for channel_case in CHANNEL_CASES:
        environ |= channel_case.environ(services[channel_case.spec.id])
    env, clock, incident = every_channel(tmp_path, catalog, environ), Clock(at("12:03")), incident_of(catalog)
    enqueue_notice(env, incident, clock)
    process = LAUNCHER.Process(target=killed_worker, args=(tmp_path, environ, url_of(tmp_path / "environment.db")))
    process.start()
    process.join(120)
    assert process.exitcode == KILLED
    assert {id: len(service.received) for id, service in services.items()} == dict.fromkeys(services, 1)
    assert {one.status for one in sent_of(env, incident)} == {DeliveryStatus.SENDING}, (
        "the control: nothing was recorded"
    )
    wait_for(lambda: worked(env, clock, incident), 60)
    found = {one.channel: one for one in sent_of(env, incident)}
    seen = {
        channel_case.spec.id: (len(services[channel_case.spec.id].received), found[channel_case.spec.id].status)
        for channel_case in CHANNEL_CASES
    }
    may = {
        "key": (1, DeliveryStatus.DELIVERED),
        "find": (1, DeliveryStatus.DELIVERED),
        "resend": (2, DeliveryStatus.DELIVERED),
        "review": (1, DeliveryStatus.NEEDS_REVIEW),
    }
    assert seen == {channel_case.spec.id: may[channel_case.on_unsure] for channel_case in CHANNEL_CASES}
    twice = {one.channel for one in found.values() if one.receipt.note_key == "maybe_duplicate"}
    assert twice == {channel_case.spec.id for channel_case in CHANNEL_CASES if channel_case.on_unsure == "resend"}
