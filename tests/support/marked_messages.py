"""What a drill produces besides its site: messages of every channel type, staff notifications, fact requests, alerts it
fires, its calendar. Used by ``tests/support/marked_site.py``, whose mutants change what is imported here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.support import seen
from tests.support.fakes.hooks import of_card


def notify_staff(env: Any) -> dict[str, str]:
    """An announced drill fires an alert that nobody acknowledges; staff are notified, engineers asked. Returns, by
    name, the texts that are not sent through a channel."""
    from statuspage.storage import alerts, incidents
    from statuspage.usecases import drills
    from statuspage.usecases.drills import calendar
    from statuspage.usecases.on_call import briefing, escalation, fact_requests
    from tests.support.times import at

    catalog = env.site.catalog
    leading, wanted = catalog.leading_pack, drills.RehearsalRequest("booking-phone", "予約できない", "中村", "ja")
    coming = drills.plan_rehearsals(env, wanted, [(at("14:00"), at("15:00"))], chance=lambda: 0.5, now=at("10:06"))
    script = catalog.scenarios["booking-phone"]
    forgotten = tuple(replace(one, subject=dict.fromkeys(one.subject, "予約の応答エラー")) for one in script.injects)
    setup = drills.Setup(replace(script, injects=forgotten), "ja")
    drills.start_drill(env, title="x", leader="中村", goal=catalog.site.notice_goal, setup=setup, now=at("10:06"))
    drills.advance_drill(env, now=at("10:06"))
    for minute in ("10:06", "10:12", "10:17"):
        escalation.run_escalation(env, now=at(minute))
    with env.databases.environment.read() as tx:
        incident, waiting = incidents.open_incidents(tx)[0], alerts.open_alerts(tx)
    briefing.brief_staff(env, incident.id, "受付で名前を聞いています", actor="佐藤", now=at("10:17"))
    fact_requests.ask_engineers(env, incident.id, actor="佐藤", now=at("10:17"))
    return {
        "question": fact_requests.request_message(env, incident, "予約", "https://desk.example/facts/x", "ja"),
        "announcement": drills.mark_announcement("14時から訓練をします。", leading),
        "alert": f"{waiting[0].monitor_alert.title}{leading.marks.end}",
        "drills.ics": calendar.build_calendar(coming, leading, catalog.site.zone, now=at("10:06")).decode(),
    }


def handed_over(env: Any) -> list[dict[str, Any]]:
    """The sandbox's messages of all staff notifications, and of the notices of one incident, in this one thread."""
    from statuspage.storage import deliveries, incidents, staff_notifications

    with env.databases.environment.read() as tx:
        queued = deliveries.deliveries_of_incident(tx, incidents.open_incidents(tx)[0].id)
        made = [
            (env.senders.staff_channels[notification.channel], notification)
            for notification in staff_notifications.newest_notifications(tx, 100)
        ]
    for channel, notification in made:
        channel.deliver(notification, None, page_readable=True)
    for one in queued:
        if one.channel in env.senders.channels:
            env.senders.channels[one.channel].deliver(one, None, page_readable=True)
    return [json.loads(file.read_text("utf-8")) for file in sorted((env.home / "outbox").glob("*/*.json"))]


def lacking(texts: Mapping[str, str], handed: list[dict[str, Any]], marks: seen.Marks) -> Iterator[str]:
    """Texts and messages that lack a mark."""
    every = [*marks.values()]
    for name, text in texts.items():
        wrong = _of_calendar(text, every) if name.endswith(".ics") else _of_text(text, every)
        yield from (f"{name}: {one}" for one in wrong)
    for one in handed:
        yield from (f"{one['channel']}: {wrong}" for wrong in _of_message(one["type"], one["message"], every))


READ: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "discord": lambda message: message["content"].replace("\\", ""),
    "line": lambda message: "".join(one["text"] for one in message["messages"]),
    "mastodon": lambda message: message["status"],
    "teams": lambda message: of_card(message["attachments"][0]["content"]),
    "apprise": lambda message: message["body"],
}
"""Where the text of a message is, if not in ``text``."""


def _of_message(type: str, message: Mapping[str, Any], every: seen.Every) -> Iterator[str]:
    match type:
        case "mail" | "subscribers":
            yield from _of_email(message, every)
        case "webhook" | "subscriber-webhooks":
            yield from _of_body(message["body"], every)
        case _:
            read = READ.get(type, lambda found: str(found["text"]))
            yield from _of_text(read(message), every)
            yield from _of_text(message["title"], every) if "title" in message else ()


def _of_calendar(text: str, every: seen.Every) -> Iterator[str]:
    yield from seen.calendar(text, every)
    texts = {
        line.partition(":")[0].partition(";")[0]: line.partition(":")[2] for line in seen.unfolded(text).splitlines()
    }
    if not seen.begins(texts["X-WR-CALNAME"], every):
        yield f"calendar {texts['X-WR-CALNAME']!r}"
    if not any(texts["DESCRIPTION"].endswith(one["end_mark"].strip()) for one in every):
        yield f"description {texts['DESCRIPTION']!r}"


def _of_text(text: str, every: seen.Every) -> Iterator[str]:
    bare = re.sub(r"^(?:<[@!][\w|@-]+>\s*)+", "", text)  # A mention precedes the text.
    if not seen.at_both_ends(re.sub(r"\s*https?://\S+\s*$", "", bare), every):
        yield text


def _of_email(message: Mapping[str, Any], every: seen.Every) -> Iterator[str]:
    for name in ("name", "subject"):
        if not seen.begins(message[name], every):
            yield f"{name} {message[name]!r}"
    if message["status"] not in [one["cap_status"] for one in every]:
        yield f"for machines: {message['status']!r}"
    below = message["text"].partition("\n-- \n")[2]
    if below and not seen.begins(below, every):
        yield "what stands below the email"
    html = message["html"]
    if "<h1" in html:  # A notice; a staff notification has its text in paragraphs.
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
        if not heading or not seen.begins(heading[1], every):
            yield "the email's heading"
        if not any(f">{one['banner']}<" in html for one in every):
            yield "the letter's banner"
    if not any(f">{one['end_mark'].strip()}</p>" in html for one in every):
        yield "the letter's end"
    if not any(
        one["start_mark"].strip() in message["text"] and one["end_mark"].strip() in message["text"] for one in every
    ):
        yield "the letter's text"


def _of_body(body: Mapping[str, Any], every: seen.Every) -> Iterator[str]:
    if body["cap_status"] not in [one["cap_status"] for one in every]:
        yield f"for machines: {body['cap_status']!r}"
    data = body["data"]
    for words in [data] if "words" not in data else data["words"].values():
        if not seen.begins(words.get("headline", words["title"]), every):
            yield f"title {words['title']!r}"
        yield from _of_text(words["text"] if "words" in data else f"{words['title']}{words['text']}", every)
