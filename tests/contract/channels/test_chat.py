"""Slack, Teams and Discord: what is specific to each. What they share is in test_channels.py."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery, Thread
from statuspage.domain.facts import NoticeKind
from statuspage.domain.queue_item import Receipt
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, NoticeContext, Refused, Unreachable
from statuspage.integrations.channels.discord import Discord, discord_payload
from statuspage.integrations.channels.slack import Slack
from tests.support.channel_cases import HURRIED
from tests.support.fakes.hooks import DiscordHook, TeamsFlow
from tests.support.fakes.service import running
from tests.support.fakes.slack_server import CHANNEL_ID, SCOPES, TOKEN, SlackServer
from tests.support.paths import ROOT
from tests.support.site import ADDRESS, composed
from tests.support.times import at

CLIENTS = ROOT / ".clients" / "bin" / "python"
NOTICES = (("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with running(SlackServer()) as server:
        yield server


def spec(type: str, **options: str) -> ChannelSpec:
    return ChannelSpec(f"{type}-ja", type, "ja", type, "#status", tuple(NoticeKind), options=options)


def in_slack(server: SlackServer) -> Slack:
    found = channels.open_live(
        spec("slack", channel_id=CHANNEL_ID),
        {"STATUSPAGE_SLACK_JA_TOKEN": TOKEN, "STATUSPAGE_SLACK_API": server.address},
        HURRIED,
    )
    assert isinstance(found, Slack)
    return found


def hooked(type: str, service: TeamsFlow | DiscordHook) -> Channel:
    return channels.open_live(spec(type), {f"STATUSPAGE_{type.upper()}_JA_URL": service.url}, HURRIED)


def delivery_of(channel: Channel, catalog: Catalog, count: int = 1) -> Delivery:
    notice_context = NoticeContext(composed(catalog, *NOTICES[:count]), catalog, ADDRESS)
    sequence = notice_context.incident.notices[-1].sequence
    fields = (sequence, notice_context.incident.id, sequence, channel.spec.id, "ja")
    return Delivery(
        *fields, channels.freeze_payload(notice_context, channel.spec), queued_at=at("12:03"), started_at=at("12:03")
    )


def publish_to_all(channel: Channel, catalog: Catalog) -> list[Receipt]:
    receipts: list[Receipt] = []
    for count in (1, 2, 3):
        thread = Thread(tuple(receipts)) if receipts else None
        receipts.append(channel.deliver(delivery_of(channel, catalog, count), thread, page_readable=True))
    return receipts


def test_the_whole_room_sees_the_first_message_and_that_it_is_over(slack: SlackServer, catalog: Catalog) -> None:
    publish_to_all(in_slack(slack), catalog)
    first, update, resolved = (one.body for one in slack.received)
    assert ("thread_ts" in first, update["reply_broadcast"], resolved["reply_broadcast"]) == (False, False, True)
    assert update["thread_ts"] == resolved["thread_ts"] == slack.received[0].id


def test_a_message_in_a_thread_is_found_again_and_no_other(slack: SlackServer, catalog: Catalog) -> None:
    channel = in_slack(slack)
    receipts = publish_to_all(channel, catalog)
    for count, receipt in enumerate(receipts, 1):
        found = channel.find(delivery_of(channel, catalog, count), page_readable=True)
        assert [one.remote_id for one in found] == [receipt.remote_id]
    unsent = replace(delivery_of(channel, catalog, 3), sequence=9)
    assert channel.find(unsent, page_readable=True) == ()


def test_where_the_first_message_was_deleted_the_next_stands_alone_and_says_so(
    slack: SlackServer, catalog: Catalog
) -> None:
    channel = in_slack(slack)
    first = channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
    channel.delete(first)
    second = channel.deliver(delivery_of(channel, catalog, 2), Thread((first,)), page_readable=True)
    assert second.note_key == "standalone"
    assert [(one.id, one.parent) for one in slack.received] == [(second.remote_id, "")]


def test_an_app_that_may_not_read_the_room_is_told_so_when_its_settings_are_tried(slack: SlackServer) -> None:
    slack.scopes = SCOPES - {"channels:history"}
    with pytest.raises(CredentialsInvalid) as raised:
        in_slack(slack).probe()
    assert raised.value.detail == "missing_scope channels:history"


ORACLE = """
import json, sys
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
address, token, room = sys.argv[1:]
client = WebClient(token=token, base_url=address + "/")
posted = client.chat_postMessage(
    channel=room, text="by the vendor's own library", unfurl_links=False, unfurl_media=False, link_names=False,
    metadata={"event_type": "statuspage_notice", "event_payload": {"delivery": "d", "incident": "i"}},
)
reply = client.chat_postMessage(channel=room, text="below", thread_ts=posted["ts"], reply_broadcast=True)
client.chat_update(channel=room, ts=posted["ts"], text="rewritten")
history = client.conversations_history(channel=room, include_all_metadata=True, limit=100)["messages"]
link = client.chat_getPermalink(channel=room, message_ts=posted["ts"])["permalink"]
client.chat_delete(channel=room, ts=reply["ts"])
try:
    WebClient(token="xoxb-another", base_url=address + "/").auth_test()
    error = ""
except SlackApiError as refused:
    error = refused.response["error"]
print(json.dumps({"who": client.auth_test()["user"], "history": len(history), "link": link, "error": error}))
"""


@pytest.mark.system
def test_slacks_own_library_speaks_with_our_server_and_sends_what_we_send(slack: SlackServer, catalog: Catalog) -> None:
    asked = [str(CLIENTS), "-c", ORACLE, slack.address, TOKEN, CHANNEL_ID]
    answer = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert answer == {
        "who": "statuspage",
        "history": 2,
        "link": f"https://fitline.slack.com/archives/{CHANNEL_ID}/p{slack.received[0].id.replace('.', '')}",
        "error": "invalid_auth",
    }
    theirs = slack.received[0]
    in_slack(slack).deliver(delivery_of(in_slack(slack), catalog), None, page_readable=True)
    ours = slack.received[1]
    assert theirs.text == "rewritten"
    assert set(ours.body) == set(theirs.body)
    assert {name: type(value) for name, value in ours.body.items()} == {
        name: type(value) for name, value in theirs.body.items()
    }


def test_a_card_larger_than_teams_takes_is_refused_before_it_is_sent(catalog: Catalog) -> None:
    with running(TeamsFlow()) as teams:
        channel = hooked("teams", teams)
        delivery = delivery_of(channel, catalog)
        text = "あ" * 9500
        with pytest.raises(Refused) as raised:
            channel.deliver(replace(delivery, payload={**delivery.payload, "text": text}), None, page_readable=True)
        assert (raised.value.reason, teams.requests) == ("too_long", [])


def test_a_card_has_its_first_line_in_bold_and_a_button_to_the_page(catalog: Catalog) -> None:
    with running(TeamsFlow()) as teams:
        channel = hooked("teams", teams)
        channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
        card = teams.received[0].body["attachments"][0]["content"]
    link = f"{ADDRESS}/ja/incidents/k3m9p2q7x4ab/"
    weights = [block["inlines"][0].get("weight") for block in card["body"]]
    assert weights == ["Bolder", *[None] * (len(weights) - 1)]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "最新の状況を見る", "url": link}]
    assert link not in json.dumps(card["body"])


def test_what_discord_asks_to_wait_in_its_answer_goes_before_its_headers(catalog: Catalog) -> None:
    with running(DiscordHook()) as discord:
        discord.next("429-json")
        channel = hooked("discord", discord)
        with pytest.raises(Unreachable) as raised:
            channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
    assert raised.value.wait.seconds == 0.75


def test_a_text_for_discord_that_only_fits_without_backslashes_goes_without_them(catalog: Catalog) -> None:
    with running(DiscordHook()) as discord:
        channel = hooked("discord", discord)
        delivery = delivery_of(channel, catalog)
        text = "*" * 1999
        channel.deliver(replace(delivery, payload={**delivery.payload, "text": text}), None, page_readable=True)
        assert discord.received[0].body["content"] == text


def test_in_a_forum_each_incident_is_a_post_with_its_notices_below(catalog: Catalog) -> None:
    with running(DiscordHook()) as discord:
        discord.posts = {}
        channel = hooked("discord", discord)
        receipts = publish_to_all(channel, catalog)
        post = discord.received[0].id
        assert discord.posts == {post: "会員アプリでレッスンを予約できません。予約の管理にも影響があります（7月4日）"}
        assert [one.parent for one in discord.received] == [post] * 3
        assert isinstance(channel, Discord)
        channel.edit(receipts[0], delivery_of(channel, catalog, 3), page_readable=True)
        assert discord.received[0].text == discord.received[2].text
        channel.delete(receipts[1])
        assert [one.id for one in discord.received] == [post, receipts[2].remote_id]


def test_where_a_forums_post_was_deleted_the_next_message_begins_another(catalog: Catalog) -> None:
    with running(DiscordHook()) as discord:
        discord.posts = {}
        channel = hooked("discord", discord)
        first = channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
        discord.posts.clear()
        second = channel.deliver(delivery_of(channel, catalog, 2), Thread((first,)), page_readable=True)
        assert (second.note_key, list(discord.posts)) == ("standalone", [second.remote_id])
        assert isinstance(channel, Discord)
        discord.received.clear()
        channel.delete(first)


def test_a_name_too_long_for_a_forums_post_gives_way_to_the_companys(catalog: Catalog) -> None:
    notice_context = NoticeContext(composed(catalog, NOTICES[0]), catalog, ADDRESS)
    words = {lang: replace(one, title="長" * 101) for lang, one in notice_context.notice.texts.items()}
    incident = notice_context.incident
    (first,) = (one for one in incident.entries if one.entry is notice_context.notice)
    long = replace(incident, entries=(replace(first, entry=replace(notice_context.notice, texts=words)),))
    assert discord_payload(replace(notice_context, incident=long), spec("discord"))["name"] == catalog.packs["ja"].site


def test_a_message_that_somebody_deleted_already_is_deleted(catalog: Catalog) -> None:
    with running(DiscordHook()) as discord:
        channel = hooked("discord", discord)
        receipt = channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
        for _ in range(2):
            assert isinstance(channel, channels.Deletes)
            channel.delete(receipt)
        assert discord.received == []


@pytest.mark.parametrize(
    "address", ["", "hooks.slack.com/services/x", "http://[broken", "ftp://a.example/x", "https://"]
)
def test_an_address_that_is_none_is_said_when_it_is_used_and_keeps_nothing_from_starting(
    catalog: Catalog, address: str
) -> None:
    channel = channels.TYPES["discord"].open(spec("discord"), {"url": address}, "", HURRIED)
    with pytest.raises(CredentialsInvalid):
        channel.deliver(delivery_of(channel, catalog), None, page_readable=True)


def test_the_check_of_content_names_a_room_that_is_no_id() -> None:
    channel_type = channels.TYPES["slack"]
    assert channel_type.check_options(spec("slack", channel_id="C0123456789")) == {}
    assert channel_type.check_options(spec("slack", channel_id="#status"))["channel_id"].startswith(
        "“#status” is not a channel ID"
    )
