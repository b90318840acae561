"""The subscriber pages in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from statuspage.domain.catalog import Catalog
from statuspage.domain.subscriber_links import Purpose, token
from statuspage.domain.subscription import SubscriberStatus, SubscriberType
from statuspage.integrations.channels.public_egress import Egress
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.rendering.site.pages.subscriber import SubscriberPage, render_subscriber_page
from statuspage.storage import subscribers
from statuspage.usecases.bootstrap import signup_context_of
from statuspage.usecases.environment.model import Environment
from tests.support.browser import sideways
from tests.support.bulk_sends import SPEC as SUBSCRIBERS
from tests.support.bulk_sends import channel_to, enqueue_for_all
from tests.support.deliveries import work
from tests.support.desk import Clock, clock
from tests.support.fakes.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.support.public_egress import Stranger, egress, stranger
from tests.support.site import composed
from tests.support.subscribers import databases_of, environment_with_request, link_in, posted, signup_served, write
from tests.support.times import at
from tests.support.webhook_channel import SPEC
from tests.support.webhook_program import Program

__all__ = ["clock", "egress", "stranger"]

WORDS = {
    "ja": (
        "確認メールを送信",
        "メールをご確認ください",
        "受け取る",
        "登録しました",
        "保存しました。",
        "すべて停止する",
        "配信を停止しました",
    ),
    "en": (
        *(
            "Send the confirmation email",
            "Check your inbox",
            "Yes, subscribe",
            "You are subscribed",
            "Your preferences are saved.",
        ),
        *("Unsubscribe from everything", "You are unsubscribed"),
    ),
}
"""What is pressed and read on the way: send, sent, confirm, confirmed, saved, stop, stopped."""


HOOK_WORDS = {
    "ja": ("テストして登録", "Webhookから応答がありました", "受け取る", "登録しました"),
    "en": ("Test and register", "Your program has answered", "Yes, subscribe", "You are subscribed"),
}
"""What is pressed and read when a webhook is registered: try, answered, confirm, confirmed."""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def notice_in(server: MailServer, language: str, env: Environment, catalog: Catalog) -> str:
    """The email of a notice, once it has been sent; it is about what was subscribed to."""
    before = len(server.emails)
    enqueue_for_all(env, composed(catalog, ("12:03", "first")))
    work(env, Clock(at("12:03")))
    (email,) = server.emails[before:]
    assert (email["To"], email["Content-Language"]) == (f"{language}@fitline.example", language)
    (html,) = (part for part in email.iter_parts() if part.get_content_type() == "text/html")
    return str(html.get_content())


def looks_wrong(field: Locator) -> None:
    """The field has a red border, the reason below it in the same red, and still contains what was typed."""
    reason = field.locator("xpath=following-sibling::*[@class='wrong']")
    colours = [
        one.evaluate(f"e => getComputedStyle(e).{what}") for one, what in ((field, "borderColor"), (reason, "color"))
    ]
    assert colours[0] == colours[1]
    assert field.evaluate("e => getComputedStyle(e).borderWidth") == "2px"
    assert reason.bounding_box()["y"] >= field.bounding_box()["y"]
    assert field.input_value() == "somebody@@nowhere"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=True, viewport={"width": 320, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", WORDS)
def test_somebody_asks_confirms_is_told_changes_and_stops(
    tmp_path: Path,
    catalog: Catalog,
    clock: Clock,
    server: MailServer,
    page: Page,
    axe: Callable[[Page], list[str]],
    language: str,
) -> None:
    send, sent, confirm, confirmed, saved, stop, stopped = WORDS[language]
    address = f"{language}@fitline.example"

    def reads(title: str) -> None:
        expect(page.locator("h1")).to_have_text(title, use_inner_text=True)
        assert axe(page) == []
        assert sideways(page) == 0

    spec = replace(SUBSCRIBERS, id=f"subscribers-{language}", language=language)
    channel = channel_to(server.address, spec, user=USER, password=PASSWORD)
    with signup_served(environment_with_request(tmp_path, catalog, {spec.id: channel}), clock) as env:
        page.goto(f"{env.site.signup_url}/{language}/subscribe")
        page.evaluate("document.forms[0].noValidate = true")
        page.locator("#address").fill("somebody@@nowhere")
        page.get_by_role("button", name=send).click()
        looks_wrong(page.locator("#address"))
        page.locator("#address").fill(address)
        page.locator("input[value=incidents]").check()
        page.get_by_role("button", name=send).click()
        reads(sent)
        write(env, clock)
        page.goto(link_in(server))
        page.get_by_role("button", name=confirm).click()
        reads(confirmed)
        page.locator("main a[href*=preferences]").click()
        expect(page.locator("input[value=incidents]")).to_be_checked()
        page.set_content(notice_in(server, language, env, catalog))
        assert catalog.packs[language].site in page.locator("body").inner_text()
        page.locator("a[href*=preferences]").click()
        page.locator("input[value=important]").check()
        page.locator("input[value=booking]").check()
        page.locator("form").first.get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text(saved, use_inner_text=True)
        assert axe(page) == []
        assert sideways(page) == 0
        with databases_of(env).begin() as tx:
            kept = subscribers.find_by_address(tx, SubscriberType.EMAIL, address)
            assert kept is not None
            wish = (kept.preferences.language, kept.preferences.level.value, kept.preferences.services)
            assert wish == (language, "important", ("booking",))
        html = server.emails[-1].get_body(("html",))
        assert html is not None
        page.set_content(html.get_content())
        page.locator("a[href*=unsubscribe]").click()
        page.get_by_role("button", name=stop).click()
        reads(stopped)
        with databases_of(env).begin() as tx:
            left = subscribers.find_by_address(tx, SubscriberType.EMAIL, address)
            assert left is not None
            mine = token(subscribers.signing_key(tx, clock()), Purpose.PREFERENCES, left)
        page.goto(f"{env.site.signup_url}/{language}/preferences/{mine}")
        assert catalog.packs[language].labels["site.signup.silent"] in page.locator("main").inner_text()
        assert page.get_by_role("button", name=stop).count() == 0
        assert axe(page) == []
        assert left.status is SubscriberStatus.UNSUBSCRIBED


@pytest.mark.parametrize("language", HOOK_WORDS)
def test_somebody_registers_a_webhook_in_a_browser(
    tmp_path: Path,
    catalog: Catalog,
    clock: Clock,
    server: MailServer,
    stranger: Stranger,
    egress: Egress,
    page: Page,
    axe: Callable[[Page], list[str]],
    language: str,
) -> None:
    send, answered, confirm, confirmed = HOOK_WORDS[language]
    program = Program(stranger)
    with_webhooks = replace(catalog, channels={**catalog.channels, SPEC.id: SPEC})
    patient = replace(egress, timeouts=Timeouts(connect=20.0, read=20.0, total=30.0))

    def reads(title: str) -> None:
        expect(page.locator("h1")).to_have_text(title, use_inner_text=True)
        assert axe(page) == []
        assert sideways(page) == 0

    with signup_served(environment_with_request(tmp_path, with_webhooks, posted(server)), clock, patient) as env:
        page.goto(f"{env.site.signup_url}/{language}/webhooks")
        page.locator("#url").fill("https://hooks.example/notices")
        page.locator("#address").fill("it@fitline.example")
        page.locator("input[value=maintenance]").check()
        program.says = partial(str.join, "-")
        page.get_by_role("button", name=send).click()
        expect(page.locator("#url")).to_have_attribute("aria-describedby", "url-hint url-wrong")
        expect(page.locator("#url")).to_have_value("https://hooks.example/notices")
        expect(page.locator("input[value=maintenance]")).to_be_checked()
        assert axe(page) == []
        program.says = str
        page.get_by_role("button", name=send).click()
        reads(answered)
        expect(page.locator("code")).to_have_text(re.compile("^whsec_"))
        write(env, clock)
        page.goto(link_in(server))
        page.get_by_role("button", name=confirm).click()
        reads(confirmed)


def test_every_page_in_every_language_is_right_html(
    tmp_path: Path, catalog: Catalog, nu: Callable[[Iterable[Path]], list[str]]
) -> None:
    signup_context = signup_context_of(
        environment_with_request(tmp_path, catalog, {}, "https://own.example")
    ).get_site()
    shown = "form sent confirm confirmed preferences unsubscribe unsubscribed erased expired too_many closed".split()
    files = []
    for language in catalog.languages:
        for name in shown:
            problems = (("address", "wrong_address"),) if name == "form" else ()
            own = SubscriberPage(name, "subscribe", "a@fitline.example", "b", "1.1..x", problems=problems)
            files.append(tmp_path / f"{language}-{name}.html")
            files[-1].write_bytes(render_subscriber_page(signup_context, language, own))
        for name in ("form", "registered", "confirm", "confirmed", "preferences", "unsubscribed", "closed"):
            problems = (("url", "wrong_unreached"), ("address", "wrong_address")) if name == "form" else ()
            own = SubscriberPage(name, "webhooks", "https://a.example/?b=1&c=<>", "b", "1.1..x", problems=problems)
            files.append(tmp_path / f"{language}-hook-{name}.html")
            files[-1].write_bytes(
                render_subscriber_page(
                    signup_context, language, replace(own, kind=SubscriberType.WEBHOOK, secret="whsec_a")
                )
            )
    assert nu(files) == []
