"""What a program of somebody else is told of a notice: in a shape of our own, or as Statuspage would tell it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from statuspage.domain import Estimate, Incident, Known, MissedEstimate, NotBefore, NoticeText, Range, Unknown
from statuspage.rendering.site.api import Recent
from statuspage.rendering.site.api.objects import Json, components, incident_link, incident_object, key, moment
from statuspage.rendering.site.api.status_codes import CODES
from statuspage.rendering.site.api.v2 import how_it_stands
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages.incident_view import displayed_state

VERSION = 1
"""Of our own shape. A key may be added; one that is taken away or means something else makes another version."""

PUBLISHED = "notice.published"


def own_payload(edition: SiteContext, story: Incident) -> Json:
    """The newest notice of an incident, as docs/channels/webhook.md describes it."""
    newest = story.notices[-1]
    facts = newest.notice.facts
    catalog = edition.catalog
    data: Json = {
        "incident": story.id,
        "sequence": newest.sequence,
        "notice": newest.notice.notice.value,
        "kind": facts.kind,
        "status": story.status,
        "over": story.over,
        "services": [
            {
                "id": one.service,
                "state": CODES[displayed_state(story, one.state)],
                "name": {code: book.services[one.service].name for code, book in catalog.books.items()},
            }
            for one in story.affected
            if one.service in catalog.services
        ],
        "started": {"precision": facts.started.precision.value, "at": moment(facts.started.at)}
        if facts.started
        else None,
        "estimate": _estimate_json(facts.estimate),
        "planned": {"from": moment(facts.planned.start), "to": moment(facts.planned.end)} if facts.planned else None,
        "next_update": _moment(facts.next_update),
        "ended": _moment(facts.ended),
        "link": incident_link(edition, story),
        "words": {code: _words_json(words) for code, words in newest.notice.words.items()},
    }
    top = {"version": VERSION, "type": PUBLISHED, "timestamp": moment(newest.recorded)}
    return {**top, "cap_status": catalog.leading.marks.machine, "data": data}


def _words_json(words: NoticeText) -> Json:
    """A notice in one language."""
    return {
        "label": words.label,
        "status": words.status,
        "title": words.title,
        "headline": words.headline,
        "text": words.media["webhook" if "webhook" in words.media else "feed"].body,
    }


def _estimate_json(estimate: Estimate) -> Json:
    match estimate:
        case Unknown():
            return {"shape": "unknown"}
        case Known(at=at) | NotBefore(at=at):
            return {"shape": estimate.shape, "at": moment(at)}
        case Range(earliest=earliest, latest=latest):
            return {"shape": "range", "earliest": moment(earliest), "latest": moment(latest)}
        case MissedEstimate(was=was, now=now):
            return {"shape": "missed", "was": moment(was), "now": _estimate_json(now)}


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None


def as_statuspage(edition: SiteContext, story: Incident, open: Sequence[Incident]) -> Json:
    """The same as Statuspage tells its subscribers: the page's state, and the incident with all its updates."""
    going = {one.id: one for one in (*open, story)}
    changed: dict[str, datetime] = {}
    for one in going.values():
        if one.notices:
            latest = one.notices[-1].recorded
            changed |= {service: max(latest, changed.get(service, latest)) for service in one.touched}
    first = min(one.notices[0].recorded for one in going.values() if one.notices)
    recent = Recent(open=tuple(going.values()), lately=(story,), first=first, changed=changed)
    found = components(edition, recent)
    state = how_it_stands(edition, found)
    return {
        "cap_status": edition.catalog.leading.marks.machine,
        "meta": {
            "unsubscribe": edition.reach(""),
            "documentation": edition.reach(""),
            "generated_at": moment(story.notices[-1].recorded),
        },
        "page": {
            "id": key(edition, "page"),
            "status_indicator": state["indicator"],
            "status_description": state["description"],
        },
        "incident": _sent_json(incident_object(edition, story, found)),
    }


def _sent_json(body: Json) -> Json:
    """With the keys that only what is sent has, of which none means anything to us."""
    nothing: dict[str, Any] = dict.fromkeys(
        """impact_override postmortem_body postmortem_body_last_updated_at postmortem_published_at
        scheduled_remind_prior scheduled_reminded_at""".split()
    )
    no = dict.fromkeys(
        """backfilled postmortem_ignored postmortem_notified_subscribers postmortem_notified_twitter
        scheduled_auto_in_progress scheduled_auto_completed""".split(),
        False,
    )
    updates = [{**one, "wants_twitter_update": False, "twitter_updated_at": None} for one in body["incident_updates"]]
    return {**body, **nothing, **no, "incident_updates": updates}


def printed(body: Json) -> str:
    """JSON, the same for the same content."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
