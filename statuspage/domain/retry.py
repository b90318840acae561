"""Retry delays and circuit-breaker rules for channels, without a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
"""The upper limit of a message's first pause, which doubles with each attempt, and of the last one."""

LONGEST_OF_SITE = timedelta(minutes=1)
"""The page is retried sooner: it costs nothing, and everything else waits for it."""

LONGEST_OF_CHANNEL = timedelta(minutes=5)
"""A failed channel is tried at least this often, with one message."""

SOONEST, LATEST = timedelta(seconds=1), timedelta(hours=1)
"""Limits for the other side's Retry-After: at least a second, at most an hour."""

FAILURE_THRESHOLD = 3
"""After this many consecutive failures a channel is paused."""

PROBE = timedelta(minutes=1)
"""How long one message may test whether a channel has recovered before another one may."""

HORIZON, LEAST = timedelta(hours=24), 5
"""After this long and this many attempts without success, a message is given up."""

NOTIFICATION_PAUSE, NOTIFICATION_ATTEMPTS = timedelta(seconds=10), 4
"""A staff notification's first pause, which doubles with each attempt, and its number of attempts: by then the next
escalation step has used another channel."""

EMAIL_HORIZON, EMAIL_ATTEMPTS_IN_DOUBT = timedelta(days=1), 2
"""How long an email about a subscription is tried: by then its recipient may have asked again. And how many attempts
with an unknown result are allowed: a second email does no harm, while a missing one leaves somebody waiting."""

KEY_LIFETIME = timedelta(hours=23)
"""How long the other side reliably remembers a message's idempotency key; LINE forgets it after 24 hours."""

CLOCK_TOLERANCE = timedelta(minutes=1)
"""A timestamp this far in the future was written before the clock was set back."""

NEEDS_PERSON: tuple[str, ...] = (
    "credentials",
    "credits",
    "no_destination",
    "no_tls",
    "gone",
    "not_installed",
    "no_channel",
    "no_address",
    "all_refused",
    "no_signup_pages",
    "no_subscribers",
)
"""Failures that only a person can fix. One message is tried every half hour, when a worker starts, or on request."""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """The health of a channel. Without ``closed_until`` it is open. Until that time nothing is tried; after it one
    message is tried, and its result decides for all.

    ``failures`` is the number of consecutive failures, the first at ``failing_since``, the last at ``last_failure_at``.
    ``reason`` is a label's key (``receipt.reason.KEY``).
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
        """Whether only a person can fix it."""
        return self.reason in NEEDS_PERSON

    def is_resting(self, now: datetime) -> bool:
        """Whether the channel is paused now. A clock that was set back does not lengthen the pause."""
        return (
            self.closed_until is not None
            and now < self.closed_until
            and not (self.last_failure_at and clock_moved_back(self.last_failure_at, now))
        )


def clock_moved_back(written_at: datetime, now: datetime) -> bool:
    """Whether a recorded past time lies in the future because the clock was set back since."""
    return written_at > now + CLOCK_TOLERANCE


def pause_before(attempts: int, jitter: float, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after this many attempts: up to 5 seconds at first, doubling each time up to ``longest``.

    ``jitter`` is a number from 0 to 1 that scales the whole pause, so that messages that failed together are not all
    retried together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
    """
    ceiling = min(FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)), longest)
    return max(ceiling * jitter, SOONEST)


def pause_of_notification(attempts: int) -> timedelta:
    """How long a staff notification waits after this many attempts, without jitter: there are too few to need it."""
    return NOTIFICATION_PAUSE * (1 << (attempts - 1))


def clamp_retry_after(retry_after: timedelta | None) -> timedelta | None:
    """The other side's Retry-After, limited to between a second and an hour; None if there is none or it is invalid."""
    if retry_after is None or retry_after <= timedelta(0):
        return None
    return min(max(retry_after, SOONEST), LATEST)


def should_give_up(queued: datetime, attempts: int, now: datetime) -> bool:
    """Whether to give up. Both age and attempts must be exceeded: a machine that slept for two days still tries a few
    times."""
    return now - queued > HORIZON and attempts >= LEAST


def idempotency_key_expired(queued: datetime, now: datetime) -> bool:
    """Whether the other side may have forgotten the idempotency key of a message queued at this time."""
    return now - queued > KEY_LIFETIME


def after_failure(
    health: ChannelHealth, reason: str, detail: str, *, now: datetime, jitter: float, retry_after: timedelta | None
) -> ChannelHealth:
    """The channel's health after a failed attempt. A Retry-After applies to the whole channel."""
    failures = health.failures + 1
    pause = retry_after or (
        pause_before(failures, jitter, LONGEST_OF_CHANNEL) if failures >= FAILURE_THRESHOLD else None
    )
    closed_until = now + pause if pause else None
    return ChannelHealth(health.channel, failures, now, closed_until, health.failing_since or now, reason, detail)


def after_permanent_failure(health: ChannelHealth, reason: str, detail: str, *, now: datetime) -> ChannelHealth:
    """The channel's health after a failure that needs a person."""
    failing_since = health.failing_since if health.needs_person else None
    return ChannelHealth(
        health.channel, health.failures + 1, now, now + LONGEST_PAUSE, failing_since or now, reason, detail
    )


def half_open(health: ChannelHealth, now: datetime) -> ChannelHealth:
    """The channel's health while one message tests whether it has recovered."""
    return replace(health, last_failure_at=now, closed_until=now + PROBE)
