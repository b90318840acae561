"""The page is set up on the desk: seen as readers would before it is kept, with every fault beside its field."""

from __future__ import annotations

import io
import tomllib

import pytest

from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, as_role, clock, desk_of
from tests.support.settings import content_file, env, lead

__all__ = ["clock", "env", "lead"]

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'


def upload(lead: Browser, **change: object) -> Browser:
    lead.open("/settings/page")
    sent = {key: values[0] for key, values in lead.fields().items() if values and not key.startswith("logo")}
    lead.page = lead.client.post("/settings/page", data={**sent, **change}, follow_redirects=True)
    return lead


def test_the_page_is_seen_as_readers_would_without_scripts_and_nothing_is_written(env: Environment, lead: Browser):
    before = content_file(env, "site.toml").read_bytes()
    lead.open("/settings/page")
    assert "desk.page" not in lead.words
    lead.send({"en.site_name": "Globex", "brand.accent": "#00695c", "do": "preview_incident"})
    assert lead.page.status_code == 200
    assert "Globex" in lead.text and "Payments API is not working" in lead.words
    assert "#00695c" in lead.text
    policy = lead.page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "allow-scripts" not in policy
    assert content_file(env, "site.toml").read_bytes() == before


def test_every_fault_stands_beside_its_field_and_what_was_typed_stays(env: Environment, lead: Browser):
    before = content_file(env, "site.toml").read_bytes()
    wrong = {"brand.accent": "#00b09c", "contact.url": "nowhere", "address": "status example"}
    lead.open("/settings/page").send({**wrong, "do": "preview"})
    assert lead.page.status_code == 422
    for key, text in wrong.items():
        assert lead.tree.xpath(f"//input[@name='{key}'][@aria-invalid='true']"), key
        assert lead.fields()[key] == [text]
    assert "#007b6d would do" in lead.words
    assert content_file(env, "site.toml").read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"no image", b"<svg><script/></svg>", b'<svg xmlns="http://www.w3.org/2000/svg">' + b" " * 5000 + b"</svg>"],
)
def test_a_logo_is_checked_by_what_it_is(env: Environment, lead: Browser, content: bytes):
    upload(lead, do="preview", logo=(io.BytesIO(content), "logo.png"))
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//*[@id='wrong-logo']")
    assert not content_file(env, "logo.svg").exists()


@pytest.mark.slow
def test_name_logo_and_colour_are_kept_and_undone_byte_for_byte(env: Environment, lead: Browser):
    site, names = content_file(env, "site.toml").read_bytes(), content_file(env, "en/organisation.toml").read_bytes()
    change = {"en.site_name": "Globex", "brand.accent": "#00695c", "contact.phone": "+49 30 5550100"}
    upload(lead, do="keep", logo=(io.BytesIO(LOGO), "ours.svg"), **change)
    assert lead.page.status_code == 200, lead.words
    kept = tomllib.loads(content_file(env, "site.toml").read_text("utf-8"))
    assert kept["brand"] == {"accent": "#00695c", "logo": "logo.svg"}
    assert kept["contact"] == {"phone": "+49 30 5550100"}
    assert content_file(env, "logo.svg").read_bytes() == LOGO
    assert tomllib.loads(content_file(env, "en/organisation.toml").read_text("utf-8"))["site_name"] == "Globex"
    lead.open("/settings/changes").send(action="/settings/changes/1")
    assert not content_file(env, "logo.svg").exists()
    assert (content_file(env, "site.toml").read_bytes(), content_file(env, "en/organisation.toml").read_bytes()) == (
        site,
        names,
    )


@pytest.mark.slow
def test_links_and_a_text_of_ones_own_stand_at_the_end_of_each_page_and_are_undone(env: Environment, lead: Browser):
    site, names = content_file(env, "site.toml").read_bytes(), content_file(env, "en/organisation.toml").read_bytes()
    terms = {"link.0.address": "https://acme.example/terms", "link.0.name.en": "Terms"}
    lead.open("/settings/page").send({**terms, "en.footer": "Acme Ltd, Leeds", "do": "preview"})
    assert '<a href="https://acme.example/terms">Terms</a>' in lead.text
    assert "<p>Acme Ltd, Leeds</p>" in lead.text
    lead.open("/settings/page").send({**terms, "en.footer": "Acme Ltd, Leeds", "do": "keep"})
    assert links_in(env) == [{"address": "https://acme.example/terms", "name": {"en": "Terms"}}]
    more = {"link.0.name.en": "Our terms", "link.1.address": "mailto:a@acme.example", "link.1.name.en": "Write to us"}
    lead.open("/settings/page").send({**more, "do": "keep"})
    assert [each["name"] for each in links_in(env)] == [{"en": "Our terms"}, {"en": "Write to us"}]
    lead.open("/settings/page").send({"link.0.address": "", "do": "keep"})
    assert [each["name"] for each in links_in(env)] == [{"en": "Write to us"}]
    lead.open("/settings/page").send({"link.0.address": "", "do": "keep"})
    assert links_in(env) == []
    for change in (4, 3, 2, 1):
        lead.open("/settings/changes").send(action=f"/settings/changes/{change}")
    assert (content_file(env, "site.toml").read_bytes(), content_file(env, "en/organisation.toml").read_bytes()) == (
        site,
        names,
    )


def links_in(env: Environment) -> list[dict[str, object]]:
    brand = tomllib.loads(content_file(env, "site.toml").read_text("utf-8")).get("brand", {})
    return list(brand.get("link", []))


def test_a_link_that_leads_nowhere_is_an_error_beside_its_field(env: Environment, lead: Browser):
    wrong = {"link.0.address": "javascript:alert(1)", "link.0.name.en": "Terms"}
    lead.open("/settings/page").send({**wrong, "do": "preview"})
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@name='link.0.address'][@aria-invalid='true']")
    lead.open("/settings/page").send({"link.0.address": "https://acme.example", "do": "preview"})
    assert lead.tree.xpath("//input[@name='link.0.name.en'][@aria-invalid='true']")


def test_a_hand_edit_meanwhile_is_shown_and_not_overwritten(env: Environment, lead: Browser):
    lead.open("/settings/page")
    by_hand = (
        content_file(env, "site.toml").read_text("utf-8").replace('address = ""', 'address = "https://status.example"')
    )
    content_file(env, "site.toml").write_text(by_hand, "utf-8")
    lead.send({"address": "https://other.example", "do": "keep"})
    assert lead.page.status_code == 409
    assert "https://status.example" in lead.words
    assert lead.fields()["address"] == ["https://other.example"]
    assert content_file(env, "site.toml").read_text("utf-8") == by_hand


def test_without_an_address_the_check_says_so_and_keeps_what_was_typed(lead: Browser):
    lead.open("/settings/page").send({"en.site_name": "Globex", "do": "probe"})
    assert lead.page.status_code == 200
    assert lead.tree.xpath("//p[@class='flash'][@role='status']")
    assert lead.fields()["en.site_name"] == ["Globex"]


def test_who_is_no_lead_does_not_get_in(env: Environment, clock: Clock):
    reporter = as_role(env, clock, Role.REPORTER, desk_of(env, clock))
    assert reporter.open("/settings/page").page.status_code == 403
