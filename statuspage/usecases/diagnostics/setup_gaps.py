"""What a fresh company still lacks, the most useful thing first."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from statuspage.domain import ContactNeed
from statuspage.settings import Settings
from statuspage.usecases.diagnostics.findings import Finding, info_finding
from statuspage.usecases.environment import Environment

MAIL_TYPES = ("mail", "subscribers")


class SetupGap(StrEnum):
    """Something that is not set up yet, in order of its worth."""

    HOST = "no_host"
    ADDRESS = "no_address"
    CONTACT = "no_contact"
    MAIL = "no_mail"
    MONITOR = "no_monitor"
    ON_CALL = "no_on_call"

    @property
    def label_prefix(self) -> str:
        """Where its labels are: what is missing (``found``), why it matters (``why``), what to do (``do``)."""
        return "doctor.address" if self is SetupGap.ADDRESS else f"doctor.{self}"


def find_setup_gaps(env: Environment, *, has_address: bool, has_monitor: bool) -> tuple[SetupGap, ...]:
    """What is missing, in order of its worth. ``has_address``: the page has a public one; ``has_monitor``: one has a
    secret to send alerts with."""
    catalog = env.site.catalog
    has_mail = any(catalog.channels[id].type in MAIL_TYPES for id in env.senders.channels if id in catalog.channels)
    present = {
        SetupGap.HOST: bool(catalog.hosts),
        SetupGap.ADDRESS: has_address,
        SetupGap.CONTACT: catalog.site.contact.meets(ContactNeed.CONTACT),
        SetupGap.MAIL: has_mail,
        SetupGap.MONITOR: has_monitor,
        SetupGap.ON_CALL: bool(catalog.on_call.rosters),
    }
    return tuple(gap for gap in SetupGap if not present[gap])


def check_setup(env: Environment, settings: Settings) -> Iterator[Finding]:
    """A note on each missing thing. The address has a finding of its own: nothing is sent without it."""
    has_address = bool(settings.address or env.site.catalog.site.address)
    gaps = find_setup_gaps(env, has_address=has_address, has_monitor=bool(settings.intake_secrets))
    yield from (info_finding(gap) for gap in gaps if gap is not SetupGap.ADDRESS)
