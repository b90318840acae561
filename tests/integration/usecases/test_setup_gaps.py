"""What a fresh company lacks is told in the order of its worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from statuspage.domain.catalog import Catalog, ChannelSpec
from statuspage.domain.site_config import NO_CONTACT, Contact, HostSpec
from statuspage.usecases.diagnostics.setup_gaps import SetupGap, find_setup_gaps
from statuspage.usecases.environment.model import Databases, Senders
from tests.support.database import made
from tests.support.environments import environment_of, with_changes
from tests.support.site import sources


def test_a_fresh_company_lacks_all_of_it_and_then_less_and_less(tmp_path: Path, catalog: Catalog):
    mail = ChannelSpec("mail-staff", "mail", "en", "mail")
    unset = replace(catalog.site, contact=NO_CONTACT)
    bare = replace(catalog, site=unset, on_call=replace(catalog.on_call, rosters={}), channels={mail.id: mail})
    store = made(tmp_path / "environment.db", "environment")
    env = environment_of(tmp_path, bare, Databases(store, store), sources(), Senders({}))
    assert find_setup_gaps(env, has_address=False, has_monitor=False) == tuple(SetupGap)
    hosted = with_changes(env, catalog=replace(bare, hosts={"nas": HostSpec("nas", "folder", {})}))
    assert find_setup_gaps(hosted, has_address=True, has_monitor=False) == (
        SetupGap.CONTACT,
        SetupGap.MAIL,
        SetupGap.MONITOR,
        SetupGap.ON_CALL,
    )
    reachable = replace(hosted.site.catalog, site=replace(unset, contact=Contact(url="https://example.com/help")))
    mailing = with_changes(with_changes(hosted, catalog=reachable), channels={mail.id: object()})
    assert find_setup_gaps(mailing, has_address=False, has_monitor=True) == (SetupGap.ADDRESS, SetupGap.ON_CALL)
    store.close()
