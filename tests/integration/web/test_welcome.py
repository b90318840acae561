"""Welcome: four steps to a page of one's own, without a script, for whoever has the printed link."""

from __future__ import annotations

import tomllib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from werkzeug.test import TestResponse

from statuspage.content import loading
from statuspage.settings import Settings
from statuspage.usecases import accounts, bootstrap, first_run, new_company
from statuspage.usecases.accounts import Role
from statuspage.usecases.new_company import NewCompany
from statuspage.web.welcome import Begun, FirstRun, create_app
from tests.support.desk import NOW, values_of

TOKEN = "a-token-that-was-printed"
PATH = f"/welcome/{TOKEN}"
PREVIEWS: OrderedDict[str, Mapping[str, bytes]] = OrderedDict()
"""Rendered once for all tests."""


@dataclass
class Visitor:
    """A browser without a script, at the form."""

    run: FirstRun
    client: Any
    page: TestResponse
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def tree(self) -> Any:
        return html.fromstring(self.page.get_data(as_text=True))

    @property
    def words(self) -> str:
        return " ".join(self.tree.text_content().split())

    @property
    def fields(self) -> dict[str, list[str]]:
        """What the form would send, without its buttons."""
        kept: dict[str, list[str]] = {}
        for element in self.tree.xpath("//form[@id='welcome']//*[self::input or self::select or self::textarea]"):
            for value in values_of(element):
                kept.setdefault(element.get("name"), []).append(value)
        return kept

    def open(self, language: str = "en") -> Visitor:
        self.headers = {"Accept-Language": language}
        self.page = self.client.get(PATH, headers=self.headers)
        return self

    def send(self, button: Mapping[str, str], /, **typed: str | list[str]) -> Visitor:
        """Types into these fields and presses a button."""
        fields = self.fields | {name: [value] if isinstance(value, str) else value for name, value in typed.items()}
        self.page = self.client.post(PATH, headers=self.headers, data={**fields, **button})
        return self

    def said_beside(self, field: str) -> str:
        """The problems of this field."""
        (element,) = self.tree.xpath(f"//*[@id='problems-{field}']")
        return " ".join(element.text_content().split())

    def is_open(self, step: int) -> bool:
        (panel,) = self.tree.xpath(f"//li[@data-n='{step}']/details")
        return panel.get("open") is not None

    def preview(self, language: str = "") -> str:
        """The page in the frame; in another language by its own link."""
        (frame,) = self.tree.xpath("//iframe/@src")
        address = frame if not language else f"{frame.rsplit('/', 2)[0]}/{language}/"
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.status
        return str(answer.get_data(as_text=True))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "acme", content=tmp_path / "acme" / "content")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(settings: Settings) -> Visit:
    def begin(new: NewCompany | None, language: str, address: str) -> Begun:
        options: dict[str, Any] = {"name": f"first ({language})", "address": address, "now": NOW}
        if new is None:
            return Begun(first_run.demo_home(settings.home), first_run.begin_demo(settings, **options))
        return Begun(settings.home, first_run.begin_company(settings, new, **options))

    def visit(language: str = "en", **changes: Any) -> Visitor:
        run = FirstRun(
            settings.home, first_run.demo_home(settings.home), TOKEN, "Europe/Berlin", lambda: NOW,
            changes.pop("begin", begin), previews=PREVIEWS,
        )  # fmt: skip
        client = create_app(run).test_client()
        return Visitor(run, client, client.get("/")).open(language)

    return visit


FILES = ("site.toml", "services.toml")
SHOW, MAKE, DEMO = {"do": "show"}, {"do": "make"}, {"do": "demo"}


def nothing_was_made(settings: Settings) -> bool:
    return not settings.home.exists() and not first_run.demo_home(settings.home).exists()


@pytest.mark.slow
def test_without_the_printed_link_nobody_gets_in(visit: Visit, settings: Settings) -> None:
    visitor = visit()
    for path in ("/", "/welcome/", "/welcome/a-guess", "/welcome/a-guess/page/x/calm/en/"):
        answer = visitor.client.get(path)
        assert answer.status_code == 404
        assert TOKEN not in answer.get_data(as_text=True)
    assert visitor.client.post("/welcome/a-guess", data={"do": "make", "company": "Acme"}).status_code == 404
    assert "Open the link that was printed" in visitor.client.get("/").get_data(as_text=True)
    assert nothing_was_made(settings)


def test_the_policy_lets_nothing_inline_and_nobody_frame_the_form(visit: Visit) -> None:
    visitor = visit()
    policy = visitor.page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert visitor.page.headers["Referrer-Policy"] == "no-referrer"
    assert not visitor.tree.xpath("//*[@style or @onclick] | //style | //script[not(@src)]")


@pytest.mark.parametrize(
    ("browser", "desk", "main"), [("ja,en;q=0.5", "ja", "ja"), ("de-AT,de;q=0.9", "en", "de"), ("tlh", "en", "en")]
)
def test_all_but_the_name_has_an_answer_and_follows_the_browser(
    visit: Visit, browser: str, desk: str, main: str
) -> None:
    visitor = visit(browser)
    assert visitor.tree.get("lang") == desk
    assert visitor.fields["first"] == visitor.fields["language"] == [main]
    assert visitor.fields["zone"] == ["Europe/Berlin"]
    assert visitor.fields["company"] == [""]
    assert visitor.fields["services"][0].split("\n") == list(new_company.proposed_services("general", main))
    assert [step for step in (1, 2, 3, 4) if visitor.is_open(step)] == [1, 3, 4]


@pytest.mark.slow
def test_another_trade_proposes_its_services_until_somebody_changes_them(visit: Visit) -> None:
    visitor = visit().send({"starter": "saas"}, company="Acme")
    assert visitor.fields["services"][0].split("\n") == list(new_company.proposed_services("saas", "en"))
    assert visitor.send(SHOW, first="de").fields["services"][0].split("\n") == list(
        new_company.proposed_services("saas", "de")
    )
    changed = visitor.send({"starter": "shop"}, services="Only this")
    assert changed.fields["services"] == ["Only this"]
    assert changed.send({"add": "Checkout"}).fields["services"] == ["Only this\nCheckout"]


def test_the_page_beside_the_form_is_what_customers_will_read(visit: Visit) -> None:
    visitor = visit().send(
        SHOW, company="Acme <Pay>", language=["en", "de"], services="For developers:\nAPI\nWebhooks\n\nShop:\nCheckout"
    )
    page = visitor.preview()
    assert "Acme &lt;Pay&gt;" in page
    for name in ("For developers", "API", "Webhooks", "Shop", "Checkout", "Central European"):
        assert name in page, name
    assert "3 services. 2 groups." in visitor.words
    assert 'lang="de"' in visitor.preview("de")[:200]
    incident = html.fromstring(visitor.send(SHOW, view="incident").preview())
    assert incident.xpath("//h1")[0].text_content() == "API is not working."


def test_what_cannot_be_used_does_not_keep_the_page_from_growing(visit: Visit) -> None:
    visitor = visit().send(SHOW, zone="Mars", services="API\napi\n" + "x" * 200)
    assert "Your company" in visitor.preview()
    assert "API" in visitor.preview()
    assert "x" * 61 not in visitor.preview()
    assert visitor.said_beside("company") == "", "nobody is told of what they have not typed yet"
    assert "Mars" in visitor.said_beside("zone")


def test_a_second_language_says_where_its_names_are_written(visit: Visit) -> None:
    visitor = visit().send(SHOW, services="API")
    hint = visitor.tree.xpath("//*[@id='names-hint']")[0]
    assert hint.text_content() == ""
    hint = visitor.send(SHOW, services="API", language=["en", "de"]).tree.xpath("//*[@id='names-hint']")[0]
    assert "Settings, Services" in hint.text_content()


def test_a_city_is_enough_in_any_language(visit: Visit, settings: Settings) -> None:
    visitor = visit().send(SHOW, zone="Veinna")
    assert "Europe/Vienna" in visitor.said_beside("zone")
    visitor.send(MAKE, company="Labor", zone="Wien", services="Befunde")
    site = tomllib.loads((settings.home / "content" / "site.toml").read_text("utf-8"))
    assert site["time_zone"] == "Europe/Vienna"
    assert site["history_start"] == NOW.astimezone(ZoneInfo("Europe/Vienna")).date().isoformat()


def test_the_trades_come_before_something_else(visit: Visit) -> None:
    assert visit().tree.xpath("//button[@name='starter']/@value") == ["saas", "shop", "fitness", "general"]


FAULTS = [
    ("zone", {"zone": "Europa/Berlin"}, "Europe/Berlin", "「Europa/Berlin」というタイムゾーンはありません"),
    ("language", {"language": ["en", "tlh"]}, "tlh", "「tlh」の文はまだありません"),
    ("services", {"services": "API\nＡＰＩ"}, "listed twice", "が2回あります"),
    ("services", {"services": " \n\n"}, "at least one service", "1つ以上入力"),
    ("services", {"services": "x" * 200}, "longer than 60", "60文字を超えています"),
    ("services", {"services": "Pay\u202eouts"}, "“Pay�outs” has invisible", "「Pay�outs」に見えない文字"),
    ("services", {"services": "Pay\x07outs"}, "“Pay�outs” has invisible", "「Pay�outs」に見えない文字"),
    ("services", {"services": "Sh\x85op:\nCheckout"}, "invisible", "見えない文字"),
    ("services", {"services": "Shop:\nCheckout\nEmpty:"}, "“Empty” has no service", "「Empty」にサービスがありません"),
    ("services", {"services": "\n".join(map(str, range(201)))}, "201 services", "201件"),
    ("company", {"company": ""}, "name is missing", "名前を入力"),
    ("company", {"company": "A" * 200}, "longer than 60", "60文字を超えています"),
    ("company", {"company": "Ac\u2067me"}, "“Ac�me”", "「Ac�me」"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("field", "typed", "english", "japanese"), FAULTS)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    visit: Visit, settings: Settings, field: str, typed: dict[str, Any], english: str, japanese: str
) -> None:
    good: dict[str, Any] = {"company": "Acme", "zone": "Europe/Berlin", "services": "API"}
    visitor = visit()
    for language, expected in (("en", english), ("ja", japanese)):
        visitor.send({**MAKE, "desk": language}, **good | typed)
        assert visitor.page.status_code == 422
        assert expected in visitor.said_beside(field)
        assert visitor.is_open({"company": 1, "zone": 1, "language": 2, "services": 4}[field])
        for name, value in (good | typed).items():
            kept = visitor.fields[name][0] if name != "language" else visitor.fields[name]
            assert kept == (value.strip() if name == "services" else value) or name == "language", name
        assert nothing_was_made(settings)


def test_a_made_company_is_as_init_makes_it_and_its_administrator_is_signed_in(
    visit: Visit, settings: Settings
) -> None:
    visitor = visit().send(
        MAKE, company="Acme", zone="new york", first="de", language=["en"], services="Pay:\nPayments API\nOther:\nApp"
    )
    assert visitor.page.status_code == 303
    site, services = (tomllib.loads((settings.content / name).read_text("utf-8")) for name in FILES)
    assert site["languages"] == ["de", "en"]
    assert site["time_zone"] == "America/New_York"
    assert [group["name"] for group in services["group"]] == ["Pay", "Other"]
    assert sorted(path.name for path in settings.content.iterdir()) == sorted(FILES)
    database = bootstrap.open_accounts(settings)
    session = accounts.find_session(database, visitor.client.get_cookie("desk").value, now=NOW)
    database.close()
    assert session is not None
    assert session[1].role == Role.ADMINISTRATOR
    assert visitor.client.get_cookie("desk").http_only


def test_once_it_is_made_welcome_is_gone(visit: Visit, settings: Settings) -> None:
    visitor = visit().send(MAKE, company="Acme")
    before = (settings.content / "site.toml").read_bytes()
    root = visitor.client.get("/")
    assert "Making your status page" in root.get_data(as_text=True)
    assert 'http-equiv="refresh"' in root.get_data(as_text=True)
    assert visitor.client.get(PATH).headers["Location"] == "/"
    again = visitor.client.post(PATH, data={"do": "make", "company": "Other", "services": "API", "zone": "UTC"})
    assert again.headers["Location"] == "/"
    assert (settings.content / "site.toml").read_bytes() == before


@pytest.mark.slow
def test_the_desk_speaks_the_language_in_which_welcome_was_read(visit: Visit, settings: Settings) -> None:
    visit("en").send({"desk": "ja"}).send(MAKE, company="Acme", first="en", language=["en"])
    assert tomllib.loads((settings.content / "site.toml").read_text("utf-8"))["desk_languages"] == ["ja", "en"]


def test_changing_the_language_of_welcome_loses_nothing(visit: Visit) -> None:
    visitor = visit("en").send({"desk": "ja"}, company="Acme", services="API\nWebhooks")
    assert visitor.tree.get("lang") == "ja"
    assert visitor.fields["company"] == ["Acme"]
    assert visitor.fields["services"] == ["API\nWebhooks"]
    assert visitor.open("en").fields["company"] == ["Acme"], "nor does a reload"


def test_a_folder_that_somebody_else_took_meanwhile_stays_as_it_is(visit: Visit, settings: Settings) -> None:
    visitor = visit()
    settings.home.mkdir()
    (settings.home / "mine.txt").write_text("mine", "utf-8")
    visitor.send(MAKE, company="Acme")
    assert visitor.page.status_code == 409
    assert str(settings.home) in visitor.said_beside("folder")
    assert visitor.fields["company"] == ["Acme"]
    assert [path.name for path in settings.home.iterdir()] == ["mine.txt"]


def test_a_full_disk_is_said_and_can_be_tried_again(visit: Visit, settings: Settings) -> None:
    def full(new: NewCompany | None, language: str, address: str) -> Begun:
        raise OSError(28, "No space left on device", str(settings.home))

    visitor = visit(begin=full).send(MAKE, company="Acme")
    assert visitor.page.status_code == 500
    assert "No space left on device" in visitor.said_beside("folder")
    assert visitor.fields["company"] == ["Acme"]
    assert visitor.run.begun is None


def test_looking_around_opens_the_demo_company_in_a_folder_of_its_own(visit: Visit, settings: Settings) -> None:
    visitor = visit()
    assert str(first_run.demo_home(settings.home)) in visitor.words
    visitor.send(DEMO)
    assert visitor.page.status_code == 303
    assert new_company.is_demo(first_run.demo_home(settings.home))
    assert not settings.home.exists(), "the own folder stays free"
    assert visitor.client.get_cookie("desk")
    assert visit().send(DEMO).page.status_code == 303, "a second look opens the same folder"


def test_a_folder_in_use_is_no_place_for_the_demo_company(visit: Visit, settings: Settings) -> None:
    demo = first_run.demo_home(settings.home)
    demo.mkdir()
    (demo / "mine.txt").write_text("mine", "utf-8")
    visitor = visit().send(DEMO)
    assert visitor.page.status_code == 409
    assert str(demo) in visitor.said_beside("folder")
    assert [path.name for path in demo.iterdir()] == ["mine.txt"]


def test_every_starter_has_a_name_for_people(visit: Visit) -> None:
    buttons = visit("ja").tree.xpath("//button[@name='starter']")
    assert {button.get("value") for button in buttons} == set(loading.starters())
    assert all(not button.text_content()[0].isascii() for button in buttons)
