"""Groups of customers are added, named in each language and removed on the desk; what a notice says is seen first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Incident,
    Notice,
    NoticeKind,
    State,
    TimelineEntry,
)
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import ContentSource, Environment
from tests.support.desk import Browser, Clock, as_role, clock, desk_of, environment_in
from tests.support.publishing import store_incident
from tests.support.settings import store_in

__all__ = ["clock"]

GROUP = '\n[audience_groups.eu]   # all of the Union\nlabel = "European customers"\n'


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    """A company in English and German with one group."""
    store = store_in(tmp_path)
    folder = store.folders.current
    words = folder / "en" / "organisation.toml"
    words.write_text(words.read_text("utf-8") + GROUP, "utf-8")
    site = (folder / "site.toml").read_text("utf-8").replace('languages = ["en"]', 'languages = ["en", "de"]')
    (folder / "site.toml").write_text(site, "utf-8")
    catalog, errors = read_content(folder)
    assert catalog is not None, errors
    env = replace(environment_in(tmp_path, catalog), content_source=ContentSource(folder))
    with closing(env.databases.environment), closing(env.databases.accounts):
        yield env


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.LEAD, desk_of(env, clock))


def words_of(env: Environment, language: str) -> dict[str, dict[str, str]]:
    assert env.content_source.folder is not None
    file = env.content_source.folder / language / "organisation.toml"
    return dict(tomllib.loads(file.read_text("utf-8")).get("audience_groups", {})) if file.exists() else {}


def bytes_of(env: Environment) -> dict[str, bytes]:
    assert env.content_source.folder is not None
    files = (path for path in env.content_source.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(env.content_source.folder)): path.read_bytes() for path in files}


def test_what_a_notice_says_of_a_group_follows_what_is_typed_and_nothing_is_written(env: Environment, lead: Browser):
    before = bytes_of(env)
    lead.open("/settings/customers/eu")
    assert "European customers: Payments API is not working" in lead.words
    lead.send({"en.label": "Customers in Europe", "de.text": "die Kunden in Europa", "do": "preview"})
    assert "Customers in Europe: Payments API is not working" in lead.words
    assert "die Kunden in Europa" in lead.words
    assert bytes_of(env) == before


@pytest.mark.slow
def test_groups_are_added_once_each_and_only_the_first_language_has_them(env: Environment, lead: Browser):
    before = bytes_of(env)
    (form,) = lead.open("/settings/services").tree.xpath("//form[.//textarea[@name='customers']]")
    hidden = {each.get("name"): each.get("value") for each in form.xpath(".//input")}
    typed = {"do": "add_customers", "customers": "european customers\nAll\nAsian customers\n"}
    lead.page = lead.client.post("/settings/services", data={**hidden, **typed}, follow_redirects=True)
    assert lead.page.status_code == 200, lead.words
    assert {id: each["label"] for id, each in words_of(env, "en").items()} == {
        "eu": "European customers",
        "all-2": "All",
        "asian-customers": "Asian customers",
    }
    assert {name for name, content in bytes_of(env).items() if before.get(name) != content} == {"en/organisation.toml"}


@pytest.mark.slow
def test_words_are_kept_where_they_were_typed_and_undone_byte_for_byte(env: Environment, lead: Browser):
    before = bytes_of(env)
    lead.open("/settings/customers/eu").send({"de.label": "Kunden in Europa"})
    assert lead.page.status_code == 200, lead.words
    assert words_of(env, "de") == {"eu": {"label": "Kunden in Europa"}}
    assert {name for name, content in bytes_of(env).items() if before.get(name) != content} == {"de/organisation.toml"}
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert bytes_of(env) == before


@pytest.mark.slow
def test_a_group_without_a_name_in_the_first_language_is_an_error_beside_the_field(env: Environment, lead: Browser):
    before = bytes_of(env)
    lead.open("/settings/customers/eu").send({"en.label": ""})
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@name='en.label'][@aria-invalid='true']")
    assert bytes_of(env) == before


@pytest.mark.slow
def test_a_group_is_removed_in_every_language(env: Environment, lead: Browser):
    lead.open("/settings/customers/eu").send({"de.label": "Kunden in Europa"})
    lead.open("/settings/customers/eu").send(do="remove")
    assert lead.page.status_code == 200, lead.words
    assert (words_of(env, "en"), words_of(env, "de")) == ({}, {})


def test_a_group_that_an_open_incident_names_stays(env: Environment, lead: Browser, clock: Clock):
    before, affected = bytes_of(env), (Affected("api", State.MAJOR),)
    facts = Facts("other", affected, audience=Audience(AffectedAudience.GROUPS, ("eu",)))
    context = IncidentContext("k3m9p2q7x4ab", "")
    texts = compose(NoticeKind.FIRST, facts, catalog=env.site.catalog, incident=context, now=clock())
    entry = TimelineEntry(1, clock(), clock(), Notice(NoticeKind.FIRST, facts, texts))
    store_incident(env, Incident("k3m9p2q7x4ab", clock(), clock(), "form", (entry,)))
    lead.open("/settings/customers/eu").send(do="remove")
    assert lead.page.status_code == 422
    assert "An open incident names this group." in lead.words
    assert bytes_of(env) == before


def test_a_hand_edit_meanwhile_is_a_conflict_and_who_is_no_lead_does_not_get_in(
    env: Environment, lead: Browser, clock: Clock
):
    lead.open("/settings/customers/eu")
    assert env.content_source.folder is not None
    file = env.content_source.folder / "en" / "organisation.toml"
    by_hand = file.read_text("utf-8").replace("European customers", "Europe")
    file.write_text(by_hand, "utf-8")
    lead.send({"en.label": "The Union"})
    assert lead.page.status_code == 409
    assert "Now in the file: Europe" in lead.words and "Changed: en/organisation.toml" in lead.words
    assert "ja/organisation.toml" not in lead.words
    assert file.read_text("utf-8") == by_hand
    reporter = as_role(env, clock, Role.REPORTER, desk_of(env, clock))
    assert reporter.open("/settings/customers/eu").page.status_code == 403
