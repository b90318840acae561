"""Retry delays and circuit-breaker rules for channels, without a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
"""The ceiling of a message's first pause, which doubles with each attempt, and the last one."""

LONGEST_OF_SITE = timedelta(minutes=1)
"""The page is retried sooner: it costs nobody anything, and everything else waits for it."""

LONGEST_OF_CHANNEL = timedelta(minutes=5)
"""A failed channel is tried at least this often, with one message."""

SOONEST, LATEST = timedelta(seconds=1), timedelta(hours=1)
"""Bounds for a Retry-After of the other side: never at once, and never a day later."""

FAILURE_THRESHOLD = 3
"""After so many failures in a row a channel rests for a while."""

PROBE = timedelta(minutes=1)
"""How long one message may try whether a channel has recovered before another may."""

HORIZON, LEAST = timedelta(hours=24), 5
"""After this long and so many attempts without success we give up and say so."""

NOTIFICATION_PAUSE, NOTIFICATION_ATTEMPTS = timedelta(seconds=10), 4
"""A staff notification's first pause, which doubles with each attempt, and the attempts before it is given up: by then
the next escalation step has used another channel."""

EMAIL_HORIZON, EMAIL_ATTEMPTS_IN_DOUBT = timedelta(days=1), 2
"""How long an email about a subscription is tried: its reader may ask again by then. And how many attempts may have
gone out: a second email does no harm, a missing one leaves somebody waiting; two are enough."""

KEY_LIFETIME = timedelta(hours=23)
"""How long the other side surely knows a message by its key; LINE forgets it after 24 hours."""

CLOCK_TOLERANCE = timedelta(minutes=1)
"""What is dated so far in the future was written before the clock was set back."""

NEEDS_PERSON: tuple[str, ...] = (
    "credentials",
    "credits",
    "no_destination",
    "no_tls",
    "gone",
    "not_installed",
    "no_channel",
)
NEEDS_PERSON += ("no_address", "all_refused", "no_signup_pages", "no_subscribers")
"""Reasons that only a person can end. One message tries every half hour, when a worker starts or a person says so."""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How a channel fares. Without ``closed_until`` it is open to all; before that time nothing is tried; after it one
    message is, and what becomes of that one decides for all.

    ``failures`` in a row, the last of them at ``last_failure_at``, the first at ``failing_since``; ``reason`` a label's
    key (``receipt.reason.KEY``).
    """

    channel: str
    failures: int = 0
    last_failure_at: datetime | None = None
    closed_until: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""
    detail: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether a person is needed."""
        return self.reason in NEEDS_PERSON

    def is_resting(self, now: datetime) -> bool:
        """Whether nothing of this channel is to be tried now. A clock that was set back does not lengthen it."""
        return (
            self.closed_until is not None
            and now < self.closed_until
            and not (self.last_failure_at and clock_moved_back(self.last_failure_at, now))
        )


def clock_moved_back(written_at: datetime, now: datetime) -> bool:
    """Whether a time recorded as past lies in the future: the clock was set back meanwhile."""
    return written_at > now + CLOCK_TOLERANCE


def pause_before(attempts: int, jitter: float, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after so many attempts: anything up to 5 seconds, doubling with each up to ``longest``.

    ``jitter`` is a number from 0 to 1: all of the pause is left to it, so that many who failed together do not come
    back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
    """
    ceiling = min(FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)), longest)
    return max(ceiling * jitter, SOONEST)


def pause_of_notification(attempts: int) -> timedelta:
    """How long a staff notification waits after so many attempts; there are too few to be spread."""
    return NOTIFICATION_PAUSE * (1 << (attempts - 1))


def clamp_retry_after(retry_after: timedelta | None) -> timedelta | None:
    """The other side's wish, between a second and an hour; None if there is none, or a senseless one."""
    if retry_after is None or retry_after <= timedelta(0):
        return None
    return min(max(retry_after, SOONEST), LATEST)


def should_give_up(queued: datetime, attempts: int, now: datetime) -> bool:
    """Whether it is time to give up. A machine that slept for two days still tries a few times."""
    return now - queued > HORIZON and attempts >= LEAST


def idempotency_key_expired(queued: datetime, now: datetime) -> bool:
    """Whether the other side may have forgotten the key of a message that was queued so long ago."""
    return now - queued > KEY_LIFETIME


def after_failure(
    health: ChannelHealth, reason: str, detail: str, *, now: datetime, jitter: float, retry_after: timedelta | None
) -> ChannelHealth:
    """The channel's health after a failed attempt. A Retry-After holds for the whole channel."""
    failures = health.failures + 1
    pause = retry_after or (
        pause_before(failures, jitter, LONGEST_OF_CHANNEL) if failures >= FAILURE_THRESHOLD else None
    )
    closed_until = now + pause if pause else None
    return ChannelHealth(health.channel, failures, now, closed_until, health.failing_since or now, reason, detail)


def after_permanent_failure(health: ChannelHealth, reason: str, detail: str, *, now: datetime) -> ChannelHealth:
    """The channel's health once it needs a person."""
    failing_since = health.failing_since if health.needs_person else None
    return ChannelHealth(
        health.channel, health.failures + 1, now, now + LONGEST_PAUSE, failing_since or now, reason, detail
    )


def half_open(health: ChannelHealth, now: datetime) -> ChannelHealth:
    """The channel's health while one message tries whether it has recovered."""
    return replace(health, last_failure_at=now, closed_until=now + PROBE)
