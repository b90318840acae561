"""Webhooks to other programs: signatures, key rotation, and both formats of the body."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery
from statuspage.domain.facts import AffectedAudience, Audience, NoticeKind
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, NoticeContext
from statuspage.integrations.channels.webhook import signature_headers
from tests.support.channel_cases import HURRIED
from tests.support.fakes.hooks import SECRET, Subscriber
from tests.support.fakes.service import running
from tests.support.paths import ROOT
from tests.support.site import ADDRESS, DRILL, composed, maintenance
from tests.support.times import at

PAGE = ROOT / "docs" / "guides" / "channels" / "webhook.md"
OTHER = "whsec_" + "b3RoZXIg" * 4
NOTICES = (("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))
SPEC = ChannelSpec(
    "webhook-partner", "webhook", "en", "webhook", "Partner", tuple(NoticeKind), options={"format": "own"}
)


@pytest.fixture
def partner() -> Iterator[Subscriber]:
    with running(Subscriber()) as service:
        yield service


def opened(partner: Subscriber, format: str = "own", **secrets: str) -> Channel:
    given = {"url": partner.url, "secret": SECRET, **secrets}
    environ = {f"STATUSPAGE_WEBHOOK_PARTNER_{name.upper()}": value for name, value in given.items()}
    return channels.open_live(replace(SPEC, options={"format": format}), environ, HURRIED)


def notice_context_of(catalog: Catalog, count: int = 1, **more: Any) -> NoticeContext:
    return NoticeContext(composed(catalog, *NOTICES[:count]), catalog, ADDRESS, **more)


def delivery_of(channel: Channel, what: NoticeContext) -> Delivery:
    sequence = what.incident.notices[-1].sequence
    fields = (sequence, what.incident.id, sequence, channel.spec.id, "en")
    return Delivery(*fields, channels.freeze_payload(what, channel.spec), queued_at=at("12:03"), started_at=at("12:03"))


def body_of(partner: Subscriber) -> Any:
    return partner.received[-1].body


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md."""
    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    headers = signature_headers(id, datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}', (secret,))
    assert headers == {
        "webhook-id": id,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def example() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function that the guide gives for verifying our signatures."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    space: dict[str, Any] = {}
    exec(code, space)
    found: Callable[[str, dict[str, str], bytes], bool] = space["is_ours"]
    return found


def test_the_example_in_the_page_takes_what_we_send_and_nothing_else(partner: Subscriber, catalog: Catalog) -> None:
    channel = opened(partner)
    channel.deliver(delivery_of(channel, notice_context_of(catalog)), None, page_readable=True)
    is_ours, headers, body = example(), dict(partner.deliveries[0]), partner.bodies[0]
    assert is_ours(SECRET, headers, body)
    assert not is_ours(OTHER, headers, body)
    assert not is_ours(SECRET, headers, body + b" ")
    assert not is_ours(SECRET, {**headers, "webhook-id": "msg_another"}, body)
    assert not is_ours(SECRET, {**headers, "webhook-timestamp": str(int(time.time()) - 301)}, body)


def test_the_id_is_the_same_in_every_attempt_and_another_for_another_notice(
    partner: Subscriber, catalog: Catalog
) -> None:
    channel = opened(partner)
    for count in (1, 1, 2):
        channel.deliver(delivery_of(channel, notice_context_of(catalog, count)), None, page_readable=True)
    first, again, second = (headers["webhook-id"] for headers in partner.deliveries)
    assert first == again != second
    assert len(partner.received) == 2


@pytest.mark.parametrize("theirs", [SECRET, OTHER])
def test_while_the_secret_changes_both_hold(partner: Subscriber, catalog: Catalog, theirs: str) -> None:
    partner.secret = theirs
    channel = opened(partner, secret=OTHER, old_secret=SECRET)
    channel.deliver(delivery_of(channel, notice_context_of(catalog)), None, page_readable=True)
    assert len(partner.deliveries[0]["webhook-signature"].split()) == 2


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not Base64!", "whsec_" + "QUJD" * 30])
def test_what_is_no_secret_signs_nothing(partner: Subscriber, catalog: Catalog, secret: str) -> None:
    channel = opened(partner, secret=secret or "whsec_")
    with pytest.raises(CredentialsInvalid):
        channel.deliver(delivery_of(channel, notice_context_of(catalog)), None, page_readable=True)
    assert partner.requests == []


def test_our_own_shape_is_the_one_the_page_describes(partner: Subscriber, catalog: Catalog) -> None:
    channel = opened(partner)
    channel.deliver(delivery_of(channel, notice_context_of(catalog)), None, page_readable=True)
    (described,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    sent, page = body_of(partner), json.loads(described)
    assert list(sent) == list(page)
    assert list(sent["data"]) == list(page["data"])
    assert {name: sent["data"][name] for name in sent["data"] if name not in ("words", "services")} == {
        name: page["data"][name] for name in page["data"] if name not in ("words", "services")
    }
    assert list(sent["data"]["services"][0]) == list(page["data"]["services"][0])
    assert list(sent["data"]["words"]) == ["ja", "en", "ja-simple"]
    assert sent["data"]["words"]["en"]["text"].startswith("You cannot book classes in the member app.")


def test_planned_work_names_its_services_before_it_begins(partner: Subscriber, catalog: Catalog) -> None:
    channel = opened(partner)
    what = NoticeContext(maintenance(catalog, "announced"), catalog, ADDRESS)
    channel.deliver(delivery_of(channel, what), None, page_readable=True)
    sent = body_of(partner)["data"]
    assert sent["services"] == []
    assert [service["id"] for service in sent["planned"]["services"]] == ["booking"]
    assert sent["planned"]["services"][0]["name"]["en"] == "Class booking"


def test_groups_of_customers_are_named_for_programs_too(partner: Subscriber, catalog: Catalog) -> None:
    channel, incident = opened(partner), composed(catalog, *NOTICES[:1])
    notice, newest = incident.notices[-1].notice, incident.entries[-1]
    limited = replace(notice.facts, audience=Audience(AffectedAudience.GROUPS, ("shibuya", "gone")))
    incident = replace(incident, entries=(replace(newest, entry=replace(notice, facts=limited)),))
    channel.deliver(delivery_of(channel, NoticeContext(incident, catalog, ADDRESS)), None, page_readable=True)
    audience = body_of(partner)["data"]["audience"]
    assert (audience["extent"], [group["id"] for group in audience["groups"]]) == ("groups", ["shibuya"])
    assert audience["groups"][0]["name"]["en"] == catalog.packs["en"].audience_groups["shibuya"].label


def test_the_other_shape_is_statuspages(partner: Subscriber, catalog: Catalog) -> None:
    channel = opened(partner, "statuspage")
    other = composed(catalog, ("12:01", "first"), id="n5p8q2r7s4cd")
    channel.deliver(
        delivery_of(channel, notice_context_of(catalog, 3, open_incidents=(other,))), None, page_readable=True
    )
    body = body_of(partner)
    assert set(body) == {"cap_status", "meta", "page", "incident"}
    assert set(body["meta"]) == {"unsubscribe", "documentation", "generated_at"}
    assert set(body["page"]) == {"id", "status_indicator", "status_description"}
    assert body["page"]["status_indicator"] == "major"
    incident = body["incident"]
    assert (incident["status"], [one["status"] for one in incident["incident_updates"]]) == (
        "resolved",
        ["resolved", "identified", "investigating"],
    )
    assert {"postmortem_body", "scheduled_auto_completed", "backfilled", "shortlink", "impact"} <= set(incident)
    assert all(one["wants_twitter_update"] is False for one in incident["incident_updates"])


@pytest.mark.parametrize("format", ["own", "statuspage"])
def test_a_drills_message_says_so_to_programs_and_to_people(partner: Subscriber, catalog: Catalog, format: str) -> None:
    packs = {language: replace(pack, marks=DRILL.get(language, pack.marks)) for language, pack in catalog.packs.items()}
    channel = opened(partner, format)
    channel.deliver(delivery_of(channel, notice_context_of(replace(catalog, packs=packs))), None, page_readable=True)
    body = body_of(partner)
    assert body["cap_status"] == "Exercise"
    texts = (
        [body["data"]["words"][code][name] for code in DRILL for name in ("title", "headline", "text")]
        if format == "own"
        else [
            body["page"]["status_description"],
            body["incident"]["name"],
            body["incident"]["incident_updates"][0]["body"],
        ]
    )
    starts = tuple(marks.start.strip() for marks in DRILL.values())
    assert [text for text in texts if not text.startswith(starts)] == []


def test_a_test_of_the_settings_is_signed_and_tells_nothing(partner: Subscriber) -> None:
    opened(partner).probe()
    assert partner.received == []
    assert example()(SECRET, dict(partner.deliveries[0]), partner.bodies[0])
    assert json.loads(partner.bodies[0]) == {"version": 1, "type": "test"}
