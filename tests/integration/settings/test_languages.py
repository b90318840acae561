"""Languages are switched on and off on the desk; what customers read of an open incident stays true; and each language
says who has read it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from statuspage.content.loading.loader import read_content
from statuspage.domain.facts import NoticeKind
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from statuspage.usecases.subscribers import admin
from tests.support.bulk_sends import subscribe
from tests.support.desk import NOW, Browser, Clock, as_role, clock, desk_of
from tests.support.live_company import checked, env, home
from tests.support.publishing import site
from tests.support.storm import publish_first, publish_next

__all__ = ["checked", "clock", "env", "home"]

LANGUAGES = "/settings/languages"


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.LEAD, desk_of(env, clock))


def site_file(env: Environment) -> Path:
    return env.home / "content" / "site.toml"


def save(lead: Browser, *languages: str, leading: str = "en", **more: str) -> Browser:
    lead.open(LANGUAGES)
    (form,) = lead.tree.xpath("//main//form[.//input[@name='language'][@type='checkbox']]")
    hidden = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    sent = {**hidden, "language": list(languages), "leading": leading, **more}
    lead.page = lead.client.post(LANGUAGES, data=sent, follow_redirects=True)
    return lead


def reload(env: Environment) -> None:
    """What every process does within two seconds."""
    env.reload_content(NOW)
    env.reload_content(NOW)
    site_updates.prepare_site(env, now=NOW)


@pytest.mark.slow
def test_a_language_is_switched_on_leads_and_is_undone_byte_for_byte(env: Environment, lead: Browser):
    before = site_file(env).read_bytes()
    save(lead, "en", "ja", "de", leading="de")
    assert lead.page.status_code == 200, lead.words
    table = tomllib.loads(site_file(env).read_text("utf-8"))
    assert (table["languages"], table["desk_languages"]) == (["de", "en", "ja"], ["en", "ja"])
    reload(env)
    assert env.site.catalog.languages == ("de", "en", "ja")
    assert "de/index.html" in site(env)
    assert "Deutsch" in lead.open(LANGUAGES).words
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert site_file(env).read_bytes() == before


@pytest.mark.slow
def test_with_an_incident_open_a_language_goes_only_after_it_was_confirmed(env: Environment, lead: Browser):
    before = site_file(env).read_bytes()
    told = {"incident_type": "unreachable", "services": ("api",), "next_update": "30m"}
    incident = publish_first(env, NOW, **told, start="5m")
    site_updates.build_site(env, now=NOW)
    ours = f"incidents/{incident}/index.html"
    assert f"ja/{ours}" in site(env)
    save(lead, "en")
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@name='confirmed']")
    assert site_file(env).read_bytes() == before
    save(lead, "en", confirmed="1")
    assert lead.page.status_code == 200, lead.words
    reload(env)
    assert (f"ja/{ours}" in site(env), f"en/{ours}" in site(env)) == (False, True)
    publish_next(env, incident, NoticeKind.UPDATE, NOW + timedelta(minutes=9), **told, start="14m")
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert site_file(env).read_bytes() == before
    reload(env)
    page = html.fromstring(site(env)[f"ja/{ours}"].decode("utf-8")).text_content()
    assert "詳しいお知らせはEnglishでご覧ください。" in page  # instead of what was told meanwhile


def mail_channel(env: Environment, language: str) -> None:
    """A channel for email in this language."""
    file, lines = env.home / "content" / "channels.toml", (f"[mail-{language}]", 'type = "subscribers"')
    more = f'language = "{language}"\nmedium = "mail"\nsender = "status@example.com"\nnotices = ["all"]\n'
    file.write_text("\n".join([*lines, more]), "utf-8")
    reload(env)
    assert env.content.errors == ()


def languages_of_readers(env: Environment) -> list[str]:
    return sorted(count.language for count in admin.subscriber_counts(env) for _ in range(count.count))


@pytest.mark.slow
def test_subscribers_of_a_language_that_goes_are_counted_and_get_the_next_one(env: Environment, clock: Clock):
    mail_channel(env, "en")
    database = admin.subscribers_database(env.databases.subscribers)
    subscribe(database, ["a@mail.example", "b@mail.example"], language="ja")
    subscribe(database, ["c@mail.example"], language="en")
    lead = as_role(env, clock, Role.LEAD, desk_of(env, clock))
    before = site_file(env).read_bytes()
    save(lead, "en")
    assert lead.page.status_code == 422
    assert "日本語の購読者が2人います。今後はEnglishで届きます" in lead.words
    assert site_file(env).read_bytes() == before
    assert languages_of_readers(env) == ["en", "ja", "ja"]
    save(lead, "en", confirmed="1")
    assert lead.page.status_code == 200, lead.words
    assert languages_of_readers(env) == ["en", "en", "en"]


@pytest.mark.slow
def test_without_another_channel_for_email_they_are_kept_and_it_is_said(env: Environment, clock: Clock):
    subscribe(admin.subscribers_database(env.databases.subscribers), ["a@mail.example"], language="ja")
    lead = as_role(env, clock, Role.LEAD, desk_of(env, clock))
    save(lead, "en")
    assert (lead.page.status_code, "今後は何も届きません" in lead.words) == (422, True)
    save(lead, "en", confirmed="1")
    assert lead.page.status_code == 200, lead.words
    assert languages_of_readers(env) == ["ja"], "they are back when the language is"


def test_who_has_read_a_language_is_kept_and_a_sheet_has_every_sentence(env: Environment, lead: Browser):
    assert (env.home / "content" / "ja" / "review.toml").exists() is False
    lead.open(LANGUAGES).send(language="ja", action=f"{LANGUAGES}/read")
    assert lead.page.status_code == 200, lead.words
    (entry,) = tomllib.loads((env.home / "content" / "ja" / "review.toml").read_text("utf-8"))["read"]
    reload(env)
    assert entry["by"] in lead.open(LANGUAGES).words
    catalog, errors = read_content(env.home / "content")
    assert catalog is not None, errors
    answer = lead.client.get(f"{LANGUAGES}/ja.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "no_change.text" in answer.get_data(as_text=True)
    assert lead.open(f"{LANGUAGES}/xx.csv").page.status_code == 404


@pytest.mark.parametrize(
    ("languages", "leading", "field"),
    [((), "en", "leading"), (("ja",), "en", "leading"), (("en", "ja"), "de", "leading")],
)
def test_the_first_language_must_be_on(lead: Browser, languages: tuple[str, ...], leading: str, field: str):
    save(lead, *languages, leading=leading)
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//select[@name='leading'][@aria-invalid='true']")


def test_a_language_in_which_a_channel_posts_stays_and_the_channel_is_named(env: Environment, clock: Clock):
    table = {"type": "mastodon", "language": "ja", "medium": "mastodon", "server": "https://social.example"}
    lines = [f'{key} = "{value}"' for key, value in table.items()]
    (env.home / "content" / "channels.toml").write_text(
        "\n".join(["[toots]", *lines, 'notices = ["all"]', ""]), "utf-8"
    )
    reload(env)
    lead = as_role(env, clock, Role.LEAD, desk_of(env, clock))
    save(lead, "en")
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@value='ja'][@aria-invalid='true']")
    assert "Mastodon" in lead.tree.xpath("//*[@id='wrong-language-ja']")[0].text_content()


def test_a_hand_edit_meanwhile_is_a_conflict(env: Environment, lead: Browser):
    lead.open(LANGUAGES)
    site_file(env).write_text(site_file(env).read_text("utf-8") + "# ours\n", "utf-8")
    (form,) = lead.tree.xpath("//main//form[.//input[@type='checkbox']]")
    sent = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    lead.page = lead.client.post(LANGUAGES, data={**sent, "language": ["en", "ja"], "leading": "ja"})
    assert lead.page.status_code == 409
    assert site_file(env).read_text("utf-8").endswith("# ours\n")
