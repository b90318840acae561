"""What a fresh company lacks is told in the order of its worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from statuspage.domain.catalog import Catalog
from statuspage.domain.site_config import NO_CONTACT, ChannelSpec, Contact, HostSpec
from statuspage.usecases.alerts.monitor_activity import TAKEN, IntakeCounter
from statuspage.usecases.diagnostics.setup_gaps import SetupGap, find_setup_gaps
from statuspage.usecases.environment.model import Databases, Senders
from tests.support.database import made
from tests.support.environments import environment_of, with_changes
from tests.support.site import sources
from tests.support.times import at


def test_a_fresh_company_lacks_all_of_it_and_then_less_and_less(tmp_path: Path, catalog: Catalog):
    mail = ChannelSpec("mail-staff", "mail", "en", "mail")
    unset = replace(catalog.site, contact=NO_CONTACT)
    bare = replace(catalog, site=unset, on_call=replace(catalog.on_call, rosters={}), channels={mail.id: mail})
    store = made(tmp_path / "environment.db", "environment")
    env = environment_of(tmp_path, bare, Databases(store, store), sources(), Senders({}))
    assert find_setup_gaps(env, has_address=False) == tuple(SetupGap)
    hosted = with_changes(env, catalog=replace(bare, hosts={"nas": HostSpec("nas", "folder", {})}))
    assert find_setup_gaps(hosted, has_address=True) == (
        SetupGap.CONTACT,
        SetupGap.MAIL,
        SetupGap.MONITOR,
        SetupGap.ON_CALL,
    )
    reachable = replace(hosted.site.catalog, site=replace(unset, contact=Contact(url="https://example.com/help")))
    IntakeCounter(store).count_message("grafana", TAKEN, network="192.0.2.1", now=at("12:00"))
    mailing = with_changes(with_changes(hosted, catalog=reachable), channels={mail.id: object()})
    assert find_setup_gaps(mailing, has_address=False) == (SetupGap.ADDRESS, SetupGap.ON_CALL)
    store.close()


def test_a_refused_message_is_no_monitor_that_was_heard(tmp_path: Path, catalog: Catalog):
    store = made(tmp_path / "environment.db", "environment")
    env = environment_of(tmp_path, catalog, Databases(store, store), sources(), Senders({}))
    IntakeCounter(store).count_message("grafana", "secret", network="192.0.2.1", now=at("12:00"))
    assert SetupGap.MONITOR in find_setup_gaps(env, has_address=True)
    store.close()
