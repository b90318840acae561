"""Notices for every channel, and what is queued of them."""

from __future__ import annotations

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE, Delivery
from statuspage.domain.incident import Incident
from statuspage.domain.queue_item import DeliveryStatus, Outcome, Receipt
from statuspage.storage import deliveries, incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices.enqueue import build_deliveries
from tests.support.desk import Clock
from tests.support.site import composed

NOTICES = (("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))


def incident_of(catalog: Catalog, count: int = 1, id: str = "k3m9p2q7x4ab") -> Incident:
    """An incident with this many of its notices."""
    return composed(catalog, *NOTICES[:count], id=id)


AWKWARD = {
    "emoji": "復旧しました 🎉👩‍🚒🏴‍☠️ 1️⃣ 🇯🇵",
    "combining marks": "e\u0301a\u0308 が\u3099 क्षि 🖐🏽",
    "a very long word": "ん" * 60 + "Donaudampfschifffahrtsgesellschaftskapitän" * 2,
    "addresses": "https://status.example/ja/?a=1&b=2#x (https://例え.jp/道) と support@example.com",
    "right to left": "لا يمكن الحجز \u2067abc\u2069 עברית 10:05",
    "brackets and quotes": "<a href=\"x\">&amp; 'q' & </a> *not bold* _nor_ `code` [x](https://a.example/)",
    "several lines": "一行目\n\n二行目",
}


def enqueue_notice(env: Environment, incident: Incident, clock: Clock) -> int:
    """Stores the newest notice and its deliveries, as the desk does; its page is ready at once."""
    with env.databases.environment.begin() as tx:
        if incidents.load_incident(tx, incident.id) is None:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source="alert")
        notice = incident.notices[-1].notice
        sequence = incidents.append_entry(tx, incident.id, notice, happened=clock(), recorded=clock())
        stored = incidents.load_incident(tx, incident.id)
        assert stored is not None
        deliveries.enqueue_deliveries(tx, incident.id, sequence, build_deliveries(env, stored), clock())
        page = deliveries.claim_delivery(tx, "page", clock(), channel=SITE)
        assert page is not None
        seen = dict.fromkeys(("written", "page.ja", "page.en"), clock())
        deliveries.QUEUE.settle(
            tx, page, Outcome(DeliveryStatus.DELIVERED, receipt=Receipt(checked_at=seen)), at=clock()
        )
        deliveries.release_after_site(tx, incident.id, sequence, clock())
    return sequence


def sent_of(env: Environment, incident: Incident) -> list[Delivery]:
    with env.databases.environment.read() as tx:
        return [d for d in deliveries.deliveries_of_incident(tx, incident.id) if d.channel != SITE]
