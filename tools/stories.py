"""Writes build/stories.md: three incidents of each of five types, from start to end, in every language of the sample.

Run by ``make phrasebook``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from statuspage import bundled
from statuspage.content.loading.loader import read_content
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Estimate,
    Facts,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    NoticeText,
    Precision,
    Range,
    StartTime,
    State,
)
from statuspage.domain.services.impact import Claim
from statuspage.domain.starting_facts import facts_for_remaining
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.times import at

FILE = Path(__file__).resolve().parent.parent / "build" / "stories.md"

HEAD = """# Stories

Three incidents of each of five types, as customers of the sample company read them on the page.
Made from `content/` by `make phrasebook`; the facts are those of `tools/stories.py`. Read them aloud.
"""

EVERYONE, SOME, CHECKING = Audience(AffectedAudience.ALL), Audience(AffectedAudience.SOME), Audience()


@dataclass(frozen=True)
class LaterNotice:
    """One notice at ``clock``: what changed since the previous one."""

    notice: NoticeKind
    clock: str
    changed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Incident:
    """The facts of a first report at ``clock``, and the notices that followed."""

    clock: str
    first: Facts
    later: tuple[LaterNotice, ...]


def hit(*services: str) -> tuple[Affected, ...]:
    """Affected services, written ``hit("booking:major")``."""
    return tuple(Affected(service, State(state)) for service, state in (pair.split(":") for pair in services))


def since(clock: str) -> StartTime:
    """An exact start time on that day."""
    return StartTime(Precision.EXACT, at(clock))


def about(clock: str) -> StartTime:
    """An approximate start time."""
    return StartTime(Precision.ABOUT, at(clock))


def noticed(clock: str) -> StartTime:
    """The time it was noticed."""
    return StartTime(Precision.NOTICED, at(clock))


def clubs(*groups: str) -> Audience:
    """Members of these clubs."""
    return Audience(AffectedAudience.GROUPS, groups)


def update(clock: str, next_update: str, estimate: Estimate | None = None, **changed: object) -> LaterNotice:
    """What is new during the incident."""
    new = {"estimate": estimate} if estimate else {}
    return LaterNotice(NoticeKind.UPDATE, clock, {"next_update": at(next_update), **new, **changed})


def partly(clock: str, next_update: str, left: str, *workarounds: str) -> LaterNotice:
    """Some of it works again; ``left`` does not."""
    still = {"affected": hit(left), "workarounds": workarounds, "next_update": at(next_update)}
    return LaterNotice(NoticeKind.PARTLY_RESTORED, clock, still)


def monitoring(clock: str, next_update: str, cause: str, *workarounds: str) -> LaterNotice:
    """It works again and is being watched."""
    return LaterNotice(
        NoticeKind.MONITORING, clock, {"cause": cause, "workarounds": workarounds, "next_update": at(next_update)}
    )


def resolved(clock: str, ended: str, cause: str | None, *workarounds: str, **changed: object) -> LaterNotice:
    """It has been over since ``ended``; ``workarounds`` are what customers still need to do."""
    over = {
        "cause": cause,
        "workarounds": workarounds,
        "next_update": None,
        "ended_at": at(ended),
        "confirmed_working": (),
    }
    return LaterNotice(NoticeKind.RESOLVED, clock, {**over, **changed})


def first(incident_type: str, services: str, who: Audience, begun: StartTime, next_update: str, *doable: str) -> Facts:
    """The facts of a first report: ``services`` as in "gate:major lock:partial", ``doable`` are workarounds."""
    return Facts(incident_type, hit(*services.split()), who, begun, workarounds=doable, next_update=at(next_update))


def known(facts: Facts, estimate: Estimate | None = None, **answers: str) -> Facts:
    """The same facts with an estimate and answers to the incident type's own questions."""
    return replace(facts, estimate=estimate or facts.estimate, answers=answers)


INCIDENTS = (
    Incident(
        "10:09",
        known(
            first("booking", "booking:major desk-booking:degraded", EVERYONE, since("10:02"), "10:40", "front-desk"),
            made="valid",
            retry="safe",
        ),
        (
            update("10:36", "11:10", Known(at("11:15")), current_action="spare"),
            partly("11:04", "11:35", "desk-booking:degraded"),
            resolved("11:31", "11:22", "storage", "after-book-again"),
        ),
    ),
    Incident(
        "18:24",
        known(
            first("booking", "booking:partial", SOME, noticed("18:20"), "18:55", "front-desk"),
            Range(at("18:50"), at("19:20")),
            retry="wait",
        ),
        (resolved("19:12", "19:05", "crowd", "after-nothing", answers={"made": "valid", "retry": "wait"}),),
    ),
    Incident(
        "07:25",
        known(
            first("booking", "booking:major", clubs("shibuya", "yokohama"), about("07:10"), "07:55", "front-desk"),
            Known(at("08:30")),
        ),
        (
            update(
                "08:31", "09:00", MissedEstimate(at("08:30"), Known(at("09:30"))), current_action="restore-bookings"
            ),
            monitoring("09:20", "10:00", "calendar", "after-check-bookings"),
            resolved("10:02", "09:18", "calendar", "after-missed-class", answers={"made": "some-lost"}),
        ),
    ),
    Incident(
        "12:15",
        first("payment", "checkout:major", EVERYONE, since("12:06"), "12:45", "cash"),
        (
            update("12:41", "13:15", current_action="with-provider", answers={"retry": "safe", "charged": "none"}),
            resolved("13:08", "12:58", "provider", "after-pay-again"),
        ),
    ),
    Incident(
        "20:12",
        known(
            first("payment", "checkout:partial", SOME, about("20:00"), "20:40", "cash"),
            Known(at("21:00")),
            retry="wait",
            charged="possible",
        ),
        (resolved("20:52", "20:44", "paid-twice", "after-statement"),),
    ),
    Incident(
        "09:30",
        known(
            first("fees", "fees:major", CHECKING, noticed("09:20"), "10:30", "no-late-fee"),
            NotBefore(at("15:00")),
            when="later",
            twice="none",
        ),
        (
            update("10:24", "15:00", audience=EVERYONE, cause="bank", current_action="with-provider"),
            resolved("15:20", "15:02", "bank", "after-nothing"),
        ),
    ),
    Incident(
        "08:11",
        known(
            first("login", "login:major", EVERYONE, since("08:03"), "08:40", "stay-logged-in"),
            inside="fine",
            password="no",
        ),
        (
            update("08:26", "08:55", Known(at("08:45")), current_action="undo-change"),
            resolved("08:48", "08:39", "settings", "after-login-again"),
        ),
    ),
    Incident(
        "19:05",
        known(
            first("login", "login:partial", CHECKING, about("18:55"), "19:35", "wait-code"),
            inside="fine",
            password="no",
        ),
        (
            monitoring("19:31", "20:00", "crowd", "after-nothing"),
            resolved("20:00", "19:28", "crowd", "after-nothing"),
        ),
    ),
    Incident(
        "06:20",
        known(
            first("login", "login:major", SOME, noticed("06:12"), "06:50", "front-desk"),
            Range(at("06:40"), at("07:00")),
            inside="affected",
            password="no",
        ),
        (
            update(
                "07:01",
                "07:30",
                MissedEstimate(at("07:00"), is_approximate=False),
                audience=EVERYONE,
                current_action="renew",
            ),
            resolved("07:24", "07:16", "expired", "after-restart-app"),
        ),
    ),
    Incident(
        "17:44",
        known(
            first("entry", "gate:major", clubs("shibuya"), since("17:38"), "18:15", "intercom"),
            exit="free",
            enter="staff",
        ),
        (
            update("18:02", "18:40", Known(at("18:30")), current_action="restart", confirmed_working=("lock",)),
            resolved("18:33", "18:27", "device", "after-nothing"),
        ),
    ),
    Incident(
        "05:50",
        known(
            first("entry", "lock:major", clubs("yokohama"), noticed("05:40"), "06:20", "other-club"),
            NotBefore(at("07:00")),
            exit="manual",
            enter="closed",
        ),
        (
            update("06:18", "07:00", Known(at("07:10")), current_action="battery"),
            resolved("07:05", "06:58", "battery", "after-nothing"),
        ),
    ),
    Incident(
        "14:10",
        known(
            first("entry", "gate:major lock:major", clubs("umeda"), about("14:00"), "14:40", "intercom"),
            exit="staff",
            enter="staff",
        ),
        (
            partly("14:36", "15:10", "lock:major", "intercom"),
            resolved("15:06", "14:55", "power", "after-nothing"),
        ),
    ),
    Incident(
        "11:05",
        known(
            first("messages", "notices:degraded", EVERYONE, about("10:30"), "12:05", "look-in-app"),
            late="arrive",
            saved="yes",
        ),
        (
            update("11:40", "12:40", Known(at("13:00")), current_action="send-rest"),
            resolved("12:38", "12:30", "queue", "after-late-notices"),
        ),
    ),
    Incident(
        "16:20",
        known(first("messages", "notices:partial", SOME, noticed("16:05"), "17:20", "look-in-app"), saved="yes"),
        (resolved("17:02", "16:50", "push-company", "after-resend", answers={"late": "some-lost", "saved": "yes"}),),
    ),
    Incident(
        "21:10",
        known(
            first("messages", "notices:major", EVERYONE, since("20:52"), "22:10", "see-bookings"),
            Known(at("22:00")),
            late="arrive",
            saved="yes",
        ),
        (
            monitoring("21:48", "22:30", "settings", "after-late-notices"),
            resolved("22:28", "21:45", "settings", "after-nothing"),
        ),
    ),
)


def notices(incident: Incident, catalog: Catalog) -> Iterator[Mapping[str, NoticeText]]:
    """The texts of each notice of the incident, by language."""
    facts, incident_context = incident.first, IncidentContext("k7m2p9xa4tq8", "https://status.fitline.example")
    incident_type, claim = (
        catalog.incident_types[facts.incident_type],
        Claim(NoticeKind.FIRST, at(incident.clock), facts),
    )
    yield compose(NoticeKind.FIRST, facts, catalog=catalog, incident=incident_context, now=at(incident.clock))
    for number, notice in enumerate(incident.later, start=1):
        incident_context = replace(
            incident_context,
            previous_facts=facts,
            report_count=number,
            first_notice_at=at(incident.clock),
            claims=(*incident_context.claims, claim),
        )
        partly = notice.notice is NoticeKind.PARTLY_RESTORED
        answers = {**incident.first.answers, **facts.answers} if notice.notice is NoticeKind.RESOLVED else facts.answers
        base = facts_for_remaining(facts, incident_type) if partly else replace(facts, answers=answers)
        facts = replace(base, **notice.changed)
        claim = Claim(notice.notice, at(notice.clock), facts)
        yield compose(notice.notice, facts, catalog=catalog, incident=incident_context, now=at(notice.clock))


def text() -> str:
    """The whole file."""
    catalog, faults = read_content(bundled.folder("content") / "demo")
    assert catalog is not None, faults
    every = [(incident.first.incident_type, list(notices(incident, catalog))) for incident in INCIDENTS]
    parts = [HEAD]
    for language, pack in catalog.packs.items():
        parts += [f"## {pack.name}", ""]
        for number, (notice_kind, notice) in enumerate(every):
            parts += [f"### {pack.phrases[f'incident_type.{notice_kind}.name'].replace('|', '')} {number % 3 + 1}", ""]
            parts += [line for text in notice for line in print_notice(text[language])]
    return "\n".join(parts).rstrip("\n") + "\n"


def print_notice(words: NoticeText) -> Iterator[str]:
    """The lines of one notice."""
    yield f"**{words.label}** · {words.status}"
    yield ""
    yield from (f"{line}  " for line in words.media["page"].body.split("\n"))
    yield ""


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
