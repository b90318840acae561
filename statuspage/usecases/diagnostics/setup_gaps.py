"""What a fresh company still lacks, the most useful thing first."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from statuspage.settings import Settings
from statuspage.usecases.diagnostics.findings import Finding, info_finding
from statuspage.usecases.environment import Environment

MAIL_TYPES = ("mail", "subscribers")


class SetupGap(StrEnum):
    """Something that is not set up yet, in order of its worth. Each is a label (``doctor.KEY``)."""

    HOST = "no_host"
    ADDRESS = "no_address"
    MAIL = "no_mail"
    MONITOR = "no_monitor"
    ON_CALL = "no_on_call"


def find_setup_gaps(env: Environment, settings: Settings) -> tuple[SetupGap, ...]:
    """What is missing, in order of its worth."""
    catalog = env.site.catalog
    has_mail = any(catalog.channels[id].type in MAIL_TYPES for id in env.senders.channels if id in catalog.channels)
    present = {
        SetupGap.HOST: bool(catalog.hosts),
        SetupGap.ADDRESS: bool(settings.address or catalog.site.address),
        SetupGap.MAIL: has_mail,
        SetupGap.MONITOR: bool(settings.intake_secrets),
        SetupGap.ON_CALL: bool(catalog.on_call.rosters),
    }
    return tuple(gap for gap in SetupGap if not present[gap])


def check_setup(env: Environment, settings: Settings) -> Iterator[Finding]:
    """A note on each missing thing. The address has a finding of its own: nothing is sent without it."""
    yield from (info_finding(gap) for gap in find_setup_gaps(env, settings) if gap is not SetupGap.ADDRESS)
