"""The Retry-After of a response, in all the formats that services use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from statuspage.integrations.channels.base import Wait
from statuspage.integrations.channels.http_limits import parse_wait

NOTHING = Wait()
AT = datetime(2026, 7, 4, 3, 5, tzinfo=UTC)
EPOCH = str(int(AT.timestamp()))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, NOTHING),
        ({"Retry-After": "120"}, Wait(seconds=120)),
        ({"retry-after": " 2.5 "}, Wait(seconds=2.5)),
        ({"Retry-After": "0"}, NOTHING),
        ({"Retry-After": "-30"}, NOTHING),
        ({"Retry-After": "soon"}, NOTHING),
        ({"Retry-After": "inf"}, NOTHING),
        ({"Retry-After": "nan"}, NOTHING),
        ({"Retry-After": "1e9"}, NOTHING),
        ({"Retry-After": "9" * 400}, NOTHING),
        ({"Retry-After": "999999999999999"}, Wait(seconds=999999999999999)),
        ({"Retry-After": "Sat, 04 Jul 2026 03:05:00 GMT"}, Wait(until=AT)),
        ({"Retry-After": "Saturday, 04-Jul-26 03:05:00 GMT"}, Wait(until=AT)),
        ({"Retry-After": "Sat Jul  4 03:05:00 2026"}, Wait(until=AT)),
        ({"Retry-After": "Sat, 99 Jul 2026 03:05:00 GMT"}, NOTHING),
        (
            {"Retry-After": "Sat, 04 Jul 2026 03:05:00 GMT", "Date": "Sat, 04 Jul 2026 03:03:30 GMT"},
            Wait(seconds=90),
        ),
        ({"x-rate-limit-reset": EPOCH}, Wait(until=AT)),
        ({"X-Rate-Limit-Reset": EPOCH + "000"}, Wait(until=AT)),
        ({"x-rate-limit-reset": "soon"}, NOTHING),
        ({"x-rate-limit-reset": "999999999999999"}, Wait(until=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))),
        ({"ratelimit-reset": "30"}, Wait(seconds=30)),
        ({"ratelimit-reset": EPOCH}, Wait(until=AT)),
        ({"X-RateLimit-Reset": "2026-07-04T03:05:00.000Z"}, Wait(until=AT)),
        ({"X-RateLimit-Reset": "2026-07-04T03:05:00"}, Wait(until=AT)),
        ({"X-RateLimit-Reset-After": "0.75"}, Wait(seconds=0.75)),
        ({"Retry-After": "7", "x-rate-limit-reset": EPOCH}, Wait(seconds=7)),
        ({"Retry-After": "-1", "x-rate-limit-reset": EPOCH}, Wait(until=AT)),
    ],
)
def test_what_it_asks_is_understood_or_left_aside(headers: dict[str, str], wait: Wait):
    assert parse_wait(headers) == wait
