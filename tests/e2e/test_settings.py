"""Settings in a real browser, at a desk and on a phone: a colleague is invited, a service renamed, a sentence changed,
rosters and monitors tried; and what somebody else changed is never overwritten."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect

from statuspage.domain.on_call import OnCallPolicy
from statuspage.storage import alerts, incidents
from statuspage.usecases.accounts import Role
from tests.support.browser import sideways
from tests.support.desk import until
from tests.support.fakes.calendar_server import CalendarServer, calendar_of
from tests.support.fakes.service import running
from tests.support.served_company import ServedCompany, publish, served_company, signed_in

WIDTHS = {1280: ("api", "web"), 390: ("web", "api")}
"""For each width the service that a colleague reports, and the one that is renamed."""

PATIENCE = 150_000
"""Milliseconds within which changed sentences have been checked, also on a busy machine."""

PEOPLE = '[responders.aya]\nname = "Aya Mori"\nemail = "aya@example.com"\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCompany]:
    with served_company(tmp_path_factory.mktemp("company"), "en", "ja", "de") as found:
        yield found


def save(page: Page) -> None:
    """Saves the form, and waits until it is kept."""
    page.set_default_timeout(PATIENCE)
    with page.expect_navigation(timeout=PATIENCE):
        page.click("main .btn.go >> text=Save")
    expect(page.locator("[role=status]").first).to_contain_text("Saved", timeout=PATIENCE)


def undo_last(page: Page, desk: ServedCompany) -> None:
    page.goto(f"{desk.address}/settings/changes")
    with page.expect_navigation(timeout=PATIENCE):
        page.locator("main button").first.click()


def until_shown(page: Page, address: str, text: str) -> None:
    """Waits until the desk has followed a change of its files."""
    for _ in range(150):
        page.goto(address)
        if text in page.inner_text("main"):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{text} never stood on {address}")


def files_of(desk: ServedCompany) -> dict[str, bytes]:
    found = (path for path in desk.content.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(desk.content)): path.read_bytes() for path in found}


@pytest.mark.parametrize("width", WIDTHS)
def test_an_invited_colleague_signs_in_and_publishes(browser: Browser, desk: ServedCompany, width: int):
    administrator = signed_in(browser, desk, width, Role.ADMINISTRATOR)
    administrator.goto(f"{desk.address}/settings/accounts")
    administrator.fill("[name=name]", f"Ken Watanabe {width}")
    administrator.click("text=Make the link")
    link = administrator.input_value("#new-link")
    colleague = browser.new_context(locale="en", viewport={"width": width, "height": 900}).new_page()
    colleague.goto(re.sub(r"^https?://[^/]+", desk.address, link))
    colleague.click("main button")
    colleague.wait_for_url(f"{desk.address}/")
    publish(colleague, desk.address, WIDTHS[width][0])
    assert sideways(administrator) == 0
    administrator.goto(f"{desk.address}/settings/accounts")
    expect(administrator.locator(".side [aria-current]")).to_be_in_viewport(ratio=1)
    expect(administrator.locator(".people")).to_contain_text(f"Ken Watanabe {width}")


def open_incident(page: Page, desk: ServedCompany, service: str) -> str:
    """The open incident of this service; a new one if there is none."""
    with desk.env.databases.environment.read() as tx:
        found = incidents.open_incidents(tx)
    ids = [each.id for each in found if service in each.ever_affected]
    if ids:
        return ids[0]
    publish(page, desk.address, service)
    return open_incident(page, desk, service)


def told_in(page: str) -> str:
    """What the notices on the page of an incident say."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_service_is_renamed_while_an_incident_of_it_is_open(browser: Browser, desk: ServedCompany, width: int):
    service, page = WIDTHS[width][0], signed_in(browser, desk, width, Role.LEAD)
    incident = open_incident(page, desk, service)
    told = f"{desk.page}/en/incidents/{incident}/"
    before = requests.get(told, timeout=30).text
    old = requests.get(f"{desk.page}/en/services/{service}/", timeout=30)
    assert old.status_code == 200
    page.goto(f"{desk.address}/settings/services/{service}")
    name = page.input_value("[name='en.name']") or page.get_attribute("[name='en.name']", "placeholder")
    page.fill("[name='en.name']", f"Renamed {service}")
    expect(page.locator("[data-follows=en]")).to_contain_text(f"Renamed {service}")
    assert sideways(page) == 0
    save(page)
    address = f"{desk.page}/en/services/{service}/"
    for _ in range(150):
        renamed = requests.get(address, timeout=30).text
        if f"Renamed {service}" in renamed:
            break
        page.wait_for_timeout(200)
    assert f"Renamed {service}" in renamed
    assert incident in renamed  # its history is kept
    assert str(name) in told_in(before) == told_in(requests.get(told, timeout=30).text)  # it keeps its words
    undo_last(page, desk)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sentence_is_changed_in_three_languages_and_undone_byte_for_byte(
    browser: Browser, desk: ServedCompany, width: int
):
    before, page = files_of(desk), signed_in(browser, desk, width, Role.LEAD)
    page.goto(f"{desk.address}/settings/words?q=no_change.text")
    page.locator(".found a").first.click()
    for language, text in {"en": "It is as it was.", "ja": "変わりありません。", "de": "Es ist wie zuvor."}.items():
        page.fill(f"[name='text.{language}']", text)
    assert sideways(page) == 0
    save(page)
    changed = {name for name, content in files_of(desk).items() if before.get(name) != content}
    assert changed == {f"{language}/phrases.toml" for language in ("en", "ja", "de")}
    undo_last(page, desk)
    assert files_of(desk) == before


@pytest.mark.parametrize("width", WIDTHS)
def test_a_group_of_customers_is_added_and_what_a_notice_says_of_it_is_seen(
    browser: Browser, desk: ServedCompany, width: int, axe: Callable[[Page], list[str]]
):
    before, page = files_of(desk), signed_in(browser, desk, width, Role.LEAD)
    page.set_default_timeout(PATIENCE)
    for path in ("page", "services", "tokens"):
        page.goto(f"{desk.address}/settings/{path}")
        assert (axe(page), sideways(page)) == ([], 0), path
    page.goto(f"{desk.address}/settings/services")
    page.click("summary >> text=Add customer groups")
    page.fill("[name=customers]", f"Plan {width}")
    page.click("button[value=add_customers]")
    page.get_by_role("link", name=f"Plan {width}", exact=True).click()
    page.fill("[name='en.label']", "Premium customers")
    expect(page.locator("[data-follows=en]")).to_contain_text("Premium customers: Payments API is not working")
    assert (axe(page), sideways(page)) == ([], 0)
    undo_last(page, desk)
    assert files_of(desk) == before


def test_what_is_typed_before_the_script_arrives_is_previewed(browser: Browser, desk: ServedCompany):
    page = signed_in(browser, desk, 390, Role.LEAD)
    held: list[Route] = []
    page.route("**/desk.js*", lambda route: held.append(route))
    page.goto(f"{desk.address}/settings/services/api", wait_until="commit")
    page.fill("[name='en.name']", "Card payments")
    held.pop().continue_()
    expect(page.locator("[data-follows=en]")).to_contain_text("Card payments are not working")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_was_changed_by_hand_meanwhile_is_shown_and_stays(browser: Browser, desk: ServedCompany, width: int):
    page, file = signed_in(browser, desk, width, Role.LEAD), desk.content / "services.toml"
    page.goto(f"{desk.address}/settings/services/api")
    before = file.read_text("utf-8")
    file.write_text(before + "\n# by hand\n", "utf-8")
    try:
        page.fill("[name='en.name']", "Overwritten")
        page.click("main .btn.go >> text=Save")
        expect(page.locator("[role=alert]")).to_contain_text("Somebody changed this in the meantime")
        expect(page.locator("[name='en.name']")).to_have_value("Overwritten")
        assert file.read_text("utf-8") == before + "\n# by hand\n"
        assert sideways(page) == 0
    finally:
        file.write_text(before, "utf-8")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_read_only_folder_says_what_to_put_where(browser: Browser, desk: ServedCompany, width: int):
    assert os.geteuid() == 0, "This test mounts a folder read-only, and for that it must be run as root."
    before, page = files_of(desk), signed_in(browser, desk, width, Role.LEAD)
    with read_only(desk.content):
        page.goto(f"{desk.address}/settings/on-call/rosters")
        expect(page.locator("main")).to_contain_text("The content folder cannot be written here")
        page.fill("[name='name.en']", "Night")
        page.fill("[name=calendar]", calendar_of("Aya Mori"))
        page.click("button[value=keep]")
        expect(page.locator("[role=alert] pre").first).to_contain_text("[rosters.night]", timeout=PATIENCE)
        assert sideways(page) == 0
    assert files_of(desk) == before


@pytest.mark.parametrize("width", WIDTHS)
def test_a_roster_is_tried_from_its_address_and_only_then_kept(browser: Browser, desk: ServedCompany, width: int):
    (desk.content / "on_call.toml").write_text(PEOPLE, "utf-8")
    page, secret = signed_in(browser, desk, width, Role.ADMINISTRATOR), f"secret-of-{width}"

    def on_call() -> OnCallPolicy:
        return desk.env.site.catalog.on_call

    until(lambda: "aya" in on_call().responders and not on_call().rosters)
    with running(CalendarServer()) as calendars:
        calendars.text = calendar_of("Aya Mori")
        page.goto(f"{desk.address}/settings/on-call/rosters")
        page.fill("[name='name.en']", f"Night {width}")
        page.fill("[name=address]", f"{calendars.address}/{secret}.ics")
        page.click("button[value=try]")
        expect(page.locator("main [role=status]")).to_contain_text("Aya Mori")
        assert secret not in page.content()
        assert "rosters" not in (desk.content / "on_call.toml").read_text("utf-8")
        page.click("button[value=keep]")
        page.wait_for_url(f"{desk.address}/settings/on-call")
        until_shown(page, f"{desk.address}/settings/on-call", "Aya Mori")
    assert not [name for name, content in files_of(desk).items() if secret.encode() in content]
    assert sideways(page) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_test_alert_is_marked_and_counts_for_nothing(browser: Browser, desk: ServedCompany, width: int):
    page = signed_in(browser, desk, width, Role.LEAD)
    page.goto(f"{desk.address}/settings/monitors")
    page.click("main >> text=Alertmanager")
    page.fill("[name=labels]", "service = api")
    page.click("text=Send a test alert")
    expect(page.locator("#test .tag").first).to_be_visible()
    page.goto(f"{desk.address}/")
    expect(page.locator("[aria-labelledby=h-te]")).to_be_visible()
    with desk.env.databases.environment.read() as tx:
        assert alerts.open_alerts(tx) == ()
    assert sideways(page) == 0
    page.goto(f"{desk.address}/settings/monitors")
    expect(page.locator("main")).not_to_contain_text("alert in 30 days")
