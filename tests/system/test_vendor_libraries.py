"""The fake servers on loopback behave like the real services: the vendors' own libraries work with them.

The libraries are installed separately (tests/clients.in, package.json). What a library sends and what our channel sends
must look alike to the server.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from statuspage.domain.delivery import Delivery
from statuspage.integrations.channels import bluesky
from statuspage.rendering.wording.text_length import graphemes, utf8
from tests.support.channel_cases import CHANNEL_CASES
from tests.support.fakes import bluesky_server, line_server, mastodon_server
from tests.support.fakes.service import running
from tests.support.paths import ROOT
from tests.support.times import at

TEXT = "🎉予約ができません（https://例え.jp/道?a=1）。\nhttps://status.example/ja/"


def by_library(script: str, *args: str) -> Any:
    """The output of a script that runs with the vendors' libraries."""
    return printed([str(ROOT / ".clients" / "bin" / "python"), "-W", "ignore", "-c", script, *args])


def printed(command: list[str]) -> Any:
    """The JSON output of a program."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


def delivery(channel: str) -> Delivery:
    """The message that our own channel sends."""
    return Delivery(7, "k3m9p2q7x4ab", 3, channel, "ja", {"text": TEXT, "plain": TEXT}, queued_at=at("12:03"))


MASTODON = """
import json, sys
from mastodon import Mastodon, MastodonUnauthorizedError, MastodonNotFoundError
address, token, text = sys.argv[1:]
client = Mastodon(access_token=token, api_base_url=address, version_check_mode="none")
first = client.status_post(text, idempotency_key="a key", language="ja", visibility="unlisted")
again = client.status_post(text, idempotency_key="a key", language="ja", visibility="unlisted")
reply = client.status_post("復旧しました。", in_reply_to_id=first.id)
edited = client.status_update(reply.id, "復旧しています。")
client.status_delete(reply.id)
try:
    client.status_delete(reply.id)
    gone = False
except MastodonNotFoundError:
    gone = True
try:
    Mastodon(access_token="wrong", api_base_url=address, version_check_mode="none").me()
    known = True
except MastodonUnauthorizedError:
    known = False
print(json.dumps([str(first.id), str(again.id), str(reply.in_reply_to_id), str(edited.id) == str(reply.id), gone, known,
                  client.me().acct]))
"""


def test_mastodon_py_gets_along_with_our_mastodon() -> None:
    with running(mastodon_server.Server()) as server:
        first, again, above, edited, gone, known, name = by_library(
            MASTODON, server.address, mastodon_server.TOKEN, TEXT
        )
        assert (first, above, edited, gone, known, name) == (again, first, True, True, False, "fitline")
        (channel_case,) = (channel_case for channel_case in CHANNEL_CASES if channel_case.type == "mastodon")
        channel_case.open(server).deliver(delivery("mastodon-ja"), None, page_readable=True)
        theirs, ours = server.received
        assert (theirs.text, theirs.body["language"]) == (ours.text, ours.body["language"])


BLUESKY = """
const { AtpAgent, RichText } = require("@atproto/api");
const [address, identifier, password, given] = process.argv.slice(1);
const record = JSON.parse(given), collection = "app.bsky.feed.post", rkey = "3mps35tzmk2il";
(async () => {
  const agent = new AtpAgent({ service: address });
  await agent.login({ identifier, password });
  const put = async () => (await agent.com.atproto.repo.putRecord({ repo: agent.did, collection, rkey, record })).data;
  const first = await put(), again = await put();
  const theirs = new RichText({ text: record.text });
  theirs.detectFacetsWithoutResolution();
  const valid = require("@atproto/api").AppBskyFeedPost.validateRecord(record).success;
  const links = theirs.facets.map((facet) => [facet.index, facet.features[0].uri]);
  const { graphemeLength, length } = theirs;
  console.log(JSON.stringify({ handle: agent.session.handle, first, again, valid, links, graphemeLength, length }));
})();
"""


def test_blueskys_own_library_gets_along_with_our_bluesky_and_finds_our_record_right() -> None:
    record = bluesky.bluesky_record(delivery("bluesky-ja"), None, page_readable=True)
    with running(bluesky_server.Server()) as server:
        given = (server.address, bluesky_server.HANDLE, bluesky_server.PASSWORD, json.dumps(record))
        answer = printed(["node", "-e", BLUESKY, *given])
        assert (answer["handle"], answer["valid"]) == (bluesky_server.HANDLE, True)
        assert (answer["first"]["uri"], answer["first"]["cid"]) == (answer["again"]["uri"], answer["again"]["cid"])
        assert [message.id for message in server.received] == [answer["first"]["uri"]]
        ours = [[facet["index"], facet["features"][0]["uri"]] for facet in record["facets"]]
        assert answer["links"] == ours[1:], "theirs sees no address where a bracket of full width stands before it"
        assert (answer["graphemeLength"], answer["length"]) == (graphemes(TEXT), utf8(TEXT))


LINE = """
import json, sys, uuid
from linebot.v3.messaging import ApiClient, BroadcastRequest, Configuration, MessagingApi, TextMessage
from linebot.v3.messaging.exceptions import ApiException
address, token, text = sys.argv[1:]
with ApiClient(Configuration(access_token=token, host=address)) as client:
    api, key = MessagingApi(client), str(uuid.uuid4())
    send = lambda: api.broadcast_with_http_info(
        BroadcastRequest(messages=[TextMessage(text=text)]), x_line_retry_key=key)
    first = send().headers["x-line-request-id"]
    try:
        send()
        status = accepted = None
    except ApiException as error:
        status, accepted = error.status, error.headers["x-line-accepted-request-id"]
    print(json.dumps([first, status, accepted, api.get_bot_info().basic_id]))
"""


def test_the_line_bot_sdk_gets_along_with_our_line() -> None:
    with running(line_server.Server()) as server:
        first, status, accepted, name = by_library(LINE, server.address, line_server.TOKEN, TEXT)
        assert (status, accepted, name) == (409, first, "@216ru003")
        (channel_case,) = (channel_case for channel_case in CHANNEL_CASES if channel_case.type == "line")
        channel_case.open(server).deliver(delivery("line-ja"), None, page_readable=True)
        theirs, ours = server.received
        kept = [{key: value for key, value in m.items() if value is not None} for m in theirs.body["messages"]]
        assert kept == ours.body["messages"]
