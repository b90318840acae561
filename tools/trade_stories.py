"""Writes build/trade_stories.md: four incidents of each of three trades, from start to end, in four languages.

Run by ``make phrasebook``. The fitness club's are the first four of ``tools/stories.py``; a shop and a software service
are those that the starters propose.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from statuspage.content.loading.loader import read_content
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Known, MissedEstimate, Range
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company
from tools.stories import (
    CHECKING,
    EVERYONE,
    INCIDENTS,
    SOME,
    Incident,
    about,
    first,
    known,
    monitoring,
    noticed,
    notices,
    partly,
    print_notice,
    resolved,
    since,
    update,
)

FILE = Path(__file__).resolve().parent.parent / "build" / "trade_stories.md"
LANGUAGES = ("ja", "en", "de", "ko")

HEAD = """# Stories of three trades

Four incidents each of a fitness club, a shop and a software service, as customers read them on the page.
Made from `content/` by `make phrasebook`; the facts are those of `tools/trade_stories.py`. Read them aloud.
"""

SHOP = (
    Incident(
        "10:09",
        first("order", "checkout:major", EVERYONE, since("10:02"), "10:40", "order-by-phone"),
        (
            update("10:36", "11:10", Known(at("11:15")), current_action="undo-change", cause="change"),
            monitoring("11:04", "11:40", "change", "after-order-again"),
            resolved(
                "11:40",
                "11:02",
                "change",
                "after-check-orders",
                answers={"made": "safe", "basket": "kept", "retry": "safe"},
            ),
        ),
    ),
    Incident(
        "18:20",
        known(
            first("payment", "payments:partial", SOME, about("18:05"), "18:50", "order-kept-open"),
            retry="wait",
            charged="possible",
        ),
        (
            update(
                "18:48", "19:20", Range(at("19:15"), at("19:45")), cause="bank-check", current_action="with-provider"
            ),
            resolved(
                "19:32",
                "19:25",
                "bank-check",
                "after-both-entries",
                answers={"refund": "back", "retry": "safe", "charged": "possible"},
            ),
        ),
    ),
    Incident(
        "07:30",
        known(
            first("delivery", "delivery:partial", CHECKING, noticed("07:10"), "09:30", "carrier-page"),
            moving="slow",
            arrive="all",
        ),
        (
            update("09:25", "12:00", audience=SOME, cause="weather", current_action="catch-up"),
            resolved("15:10", "15:00", "weather", "after-late-parcels"),
        ),
    ),
    Incident(
        "13:12",
        known(
            first("prices-stock", "catalogue:partial", EVERYONE, since("12:50"), "14:00", "wait-price"),
            Known(at("14:00")),
            right="stock",
            orders="kept",
        ),
        (
            update("14:01", "14:40", MissedEstimate(at("14:00"), Known(at("14:30"))), current_action="correct-prices"),
            resolved("14:35", "14:28", "discount", "after-reload-price"),
        ),
    ),
)

SERVICE = (
    Incident(
        "09:14",
        known(
            first("api-errors", "api:major", EVERYONE, since("09:06"), "09:45", "pause-requests"),
            retry="wait",
            processed="none",
        ),
        (
            update("09:40", "10:10", Known(at("10:00")), cause="api-version", current_action="undo-change"),
            monitoring("10:02", "10:40", "api-version"),
            resolved("10:40", "09:58", "api-version", answers={"retry": "safe", "processed": "none"}),
        ),
    ),
    Incident(
        "16:05",
        known(
            first("webhooks-late", "webhooks:degraded", SOME, about("15:40"), "17:00", "use-api"),
            resent="all",
            order="mixed",
        ),
        (
            update("16:55", "17:45", cause="webhook-queue", current_action="send-webhooks"),
            resolved("17:38", "17:30", "webhook-queue", "after-webhooks-twice"),
        ),
    ),
    Incident(
        "11:20",
        first("unreachable", "api:major dashboard:major login:major", EVERYONE, since("11:12"), "11:50", "wait"),
        (
            update("11:46", "12:20", Known(at("12:30")), cause="network", current_action="spare"),
            partly("12:10", "12:40", "dashboard:degraded"),
            resolved("12:36", "12:28", "network", "after-nothing"),
        ),
    ),
    Incident(
        "08:40",
        known(
            first("login", "login:partial", CHECKING, noticed("08:30"), "09:10", "stay-logged-in"),
            inside="fine",
            password="no",
        ),
        (
            monitoring("09:05", "09:40", "expired", "after-login-again"),
            resolved("09:38", "09:03", "expired", "after-nothing"),
        ),
    ),
)

TRADES: Mapping[str, tuple[Incident, ...]] = {"fitness": INCIDENTS[:4], "shop": SHOP, "saas": SERVICE}


def read_trade(starter: str, folder: Path) -> Catalog:
    """A new company of this starter, in the languages and the zone of the stories."""
    content = write_company(folder / starter, starter, LANGUAGES, contact=CONTACT)
    catalog, faults = read_content(content)
    assert catalog is not None, faults
    return replace(catalog, site=replace(catalog.site, zone="Asia/Tokyo"))


def text() -> str:
    """The whole file."""
    parts = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        catalogs = {starter: read_trade(starter, Path(folder)) for starter in TRADES}
    for language in LANGUAGES:
        parts += [f"## {language}", ""]
        for starter, incidents in TRADES.items():
            for incident in incidents:
                catalog = catalogs[starter]
                first_notice, *later = notices(incident, catalog)
                parts += [f"### {starter}: {first_notice[language].title}", ""]
                for notice in (first_notice, *later):
                    parts += print_notice(notice[language])
    return "\n".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
