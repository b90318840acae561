"""What a fresh company still lacks, the most useful thing first."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from statuspage.domain import Catalog, ContactNeed
from statuspage.settings import Settings
from statuspage.usecases.alerts import monitor_activity
from statuspage.usecases.content import services_without_names
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


def find_setup_gaps(env: Environment, *, has_address: bool) -> tuple[SetupGap, ...]:
    """What is missing, in order of its worth. ``has_address``: the page has a public one. A monitor counts once it was
    heard: a secret to send alerts with, every instance has."""
    catalog = env.site.catalog
    with env.databases.environment.read() as tx:
        has_monitor = monitor_activity.has_heard_any(tx)
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
    gaps = find_setup_gaps(env, has_address=has_address)
    yield from (info_finding(gap) for gap in gaps if gap is not SetupGap.ADDRESS)
    yield from _check_names(env.site.catalog, settings)


def _check_names(catalog: Catalog, settings: Settings) -> Iterator[Finding]:
    """A note on each language of the page in which services have no name of their own."""
    for language, names in services_without_names(settings.content, catalog).items():
        slots = {"language": catalog.packs[language].name, "first": catalog.leading_pack.name}
        yield info_finding("no_names", count=len(names), names=", ".join(names), **slots)
