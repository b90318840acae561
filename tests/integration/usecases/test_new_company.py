"""A new company gets two files, and a page of its own in every language."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, Facts, NoticeKind, Precision, StartTime, State
from statuspage.domain.services.uptime import uptime_record
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.usecases import new_company, zones
from statuspage.usecases.content import services_without_names
from statuspage.usecases.instance import InstanceExists
from statuspage.usecases.new_company import InvalidCompany, NewCompany
from tests.support.times import at

NOW = at("03:30", "2026-07-04")
"""Still the day before in New York."""

ACME = NewCompany(
    "Acme Payments",
    ("Payments API", "Dashboard", "Webhooks", "Payouts"),
    ("en", "ja", "de", "ko"),
    "America/New_York",
    "saas",
)


def made(home: Path, new: NewCompany) -> Catalog:
    new_company.create_company(home, new, now=NOW)
    catalog, errors = loading.read_content(home / "content")
    assert catalog is not None, errors
    return catalog


@pytest.mark.slow
def test_a_company_is_two_files_of_at_most_sixty_lines(tmp_path: Path) -> None:
    made(tmp_path / "acme", ACME)
    files = sorted(path for path in (tmp_path / "acme" / "content").rglob("*") if path.is_file())
    assert [path.name for path in files] == ["services.toml", "site.toml"]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in files) <= 60


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "day"), [("America/New_York", date(2026, 7, 3)), ("Asia/Tokyo", date(2026, 7, 4))])
def test_the_record_of_a_new_page_begins_today_in_its_zone(tmp_path: Path, zone: str, day: date) -> None:
    catalog = made(tmp_path / "acme", replace(ACME, zone=zone))
    assert catalog.site.history_start == day
    record = uptime_record((), now=NOW, zone=zone, first_day=catalog.site.history_start)
    assert (record.counted_days, record.uptime) == (1, 1.0)


@pytest.mark.slow
def test_a_service_says_in_every_language_that_it_does_not_work(tmp_path: Path) -> None:
    catalog = made(tmp_path / "acme", ACME)
    clauses = {
        language: catalog.packs[language].services["payments-api"].impact_clauses[State.MAJOR].now.replace("|", "")
        for language in catalog.languages
    }
    assert clauses == {
        "en": "Payments API is not working",
        "ja": "Payments APIをご利用いただけません",
        "de": "Payments API ist nicht verfügbar",
        "ko": "Payments API를 이용할 수 없습니다",
    }


@pytest.mark.slow
def test_a_service_plays_the_role_that_its_name_says(tmp_path: Path) -> None:
    catalog = made(tmp_path / "acme", ACME)
    assert catalog.services["payments-api"].role == "api"
    assert [one.service for one in catalog.incident_types["api-errors"].services] == ["payments-api"]


@pytest.mark.slow
def test_japanese_names_play_their_roles_as_well(tmp_path: Path) -> None:
    names = ("オンラインストア", "お支払い", "配送状況", "返品受付", "なんば店レジ")
    catalog = made(tmp_path / "naniwa", NewCompany("なにわ堂", names, ("ja",), "Asia/Tokyo", "shop"))
    roles = {catalog.packs["ja"].services[id].name: service.role or id for id, service in catalog.services.items()}
    assert [roles[name] for name in names[1:4]] == ["payments", "delivery", "returns"]
    assert roles["オンラインストア"] not in ("catalogue", "checkout")


@pytest.mark.slow
@pytest.mark.parametrize("starter", ["general", "saas", "shop"])
def test_email_is_what_messages_of_every_trade_are_about(tmp_path: Path, starter: str) -> None:
    catalog = made(tmp_path / "acme", NewCompany("Acme", ("Portal", "Email"), starter=starter))
    assert [one.service for one in catalog.incident_types["messages"].services] == ["email"]


@pytest.mark.slow
def test_what_a_starter_proposes_is_named_in_each_language(tmp_path: Path) -> None:
    proposed = new_company.proposed_services("shop", "de")
    catalog = made(tmp_path / "shop", NewCompany("Nordlicht", proposed, ("de", "en"), "Europe/Berlin", "shop"))
    names = {language: pack.services["checkout"].name for language, pack in catalog.packs.items()}
    assert names["en"] == "Checkout"
    assert [pack.services[id].name for pack in [catalog.packs["de"]] for id in catalog.services] == list(proposed)


@pytest.mark.slow
@pytest.mark.parametrize(("month", "zone"), [(1, "Eastern"), (7, "Eastern Daylight Time")])
def test_a_first_report_tells_the_time_of_the_companys_zone(tmp_path: Path, month: int, zone: str) -> None:
    catalog = made(tmp_path / "acme", ACME)
    started = datetime(2026, month, 12, 9, 30, tzinfo=ZoneInfo("America/New_York"))
    facts = Facts("other", (Affected("payments-api", State.PARTIAL),), start=StartTime(Precision.EXACT, started))
    texts = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=IncidentContext("a", ""), now=started)
    body = texts["en"].media["page"].body
    assert "9:30" in body
    assert zone in body


def test_everything_that_cannot_be_used_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    wrong = NewCompany(
        "Ac\u202eme", ("API", "api", "x" * 200, " "), ("en", "xx"), "Europa/Berlin", "sas", "status.example.com"
    )
    with pytest.raises(InvalidCompany) as refused:
        new_company.create_company(tmp_path / "acme", wrong, now=NOW)
    assert {(answer.field, answer.reason) for answer in refused.value.answers} == {
        ("company", "unreadable"), ("service", "twice"), ("service", "too_long"), ("service", "empty"),
        ("language", "unknown"), ("zone", "unknown"), ("starter", "unknown"), ("address", "no_url"),
    }  # fmt: skip
    assert not (tmp_path / "acme").exists()
    with pytest.raises(InvalidCompany):
        new_company.create_company(tmp_path / "acme", NewCompany("Acme", ()), now=NOW)


def test_a_folder_in_use_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(InstanceExists):
        new_company.create_company(tmp_path, ACME, now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        new_company.create_company(tmp_path / "acme", ACME, now=NOW)
    assert not (tmp_path / "acme").exists()
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="No space left"):
        new_company.create_company(tmp_path / "there", ACME, now=NOW)
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.slow
def test_an_instance_of_the_demo_company_says_so_and_another_one_does_not(tmp_path: Path) -> None:
    new_company.create_demo(tmp_path / "demo")
    catalog, errors = loading.read_content(tmp_path / "demo" / "content")
    assert catalog is not None, errors
    assert catalog.site.is_demo
    assert new_company.is_demo(tmp_path / "demo")
    assert not made(tmp_path / "acme", ACME).site.is_demo
    assert not new_company.is_demo(tmp_path / "acme")
    assert not new_company.is_demo(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York"),
        ("UTC", "UTC"), (" Asia/Tokyo ", "Asia/Tokyo"),
        ("Istanbul", "Europe/Istanbul"), ("West", "West"), ("Mars", "Mars"),
    ],
)  # fmt: skip
def test_a_zone_is_found_by_its_city_where_only_one_has_it(typed: str, zone: str) -> None:
    assert zones.find_zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Wien", "Europe/Vienna"),
        ("ウィーン", "Europe/Vienna"),
        ("東京", "Asia/Tokyo"),
        ("Zürich", "Europe/Zurich"),
        ("Montréal", "America/Montreal"),
    ],
)
def test_a_city_is_known_by_its_name_in_each_language_of_the_program(typed: str, zone: str) -> None:
    assert zones.find_zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("Veinna", "Europe/Vienna"), ("Europa/Berlin", "Europe/Berlin"), ("New-York", "America/New_York"),
        ("asia/tokio", "Asia/Tokyo"),
    ],
)  # fmt: skip
def test_a_zone_that_is_not_known_is_refused_with_the_nearest(typed: str, nearest: str) -> None:
    (answer,) = new_company.find_invalid(replace(ACME, zone=typed))
    assert (answer.field, answer.reason, answer.choices[0]) == ("zone", "unknown", nearest)


def test_a_zone_that_is_like_no_other_has_no_nearest() -> None:
    assert zones.nearest_zones("Salzburg") == ()


@pytest.mark.slow
def test_an_interrupted_attempt_is_started_over(tmp_path: Path) -> None:
    (tmp_path / "acme" / "content.new").mkdir(parents=True)
    (tmp_path / "acme" / "content.new" / "half.toml").write_text("oops = [", "utf-8")
    made(tmp_path / "acme", ACME)
    assert sorted(path.name for path in (tmp_path / "acme").iterdir()) == ["cache", "content", "intake-secret"]


def test_names_in_another_script_get_ids_of_their_own(tmp_path: Path) -> None:
    new = NewCompany("明星", ("決済API", "予約", "管理画面"), ("ja",), "Asia/Tokyo", "general")
    new_company.create_company(tmp_path / "akari", new, now=NOW)
    services = tomllib.loads((tmp_path / "akari" / "content" / "services.toml").read_text("utf-8"))["service"]
    assert [service["name"] for service in services] == ["決済API", "予約", "管理画面"]
    assert len({service["id"] for service in services}) == 3


def test_the_zone_is_that_of_the_machine(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Paris")
    assert zones.guess_zone({"TZ": "Asia/Seoul"}, link) == "Asia/Seoul"
    assert zones.guess_zone({}, link) == "Europe/Paris"
    assert zones.guess_zone({"TZ": "nonsense"}, tmp_path / "nothing") == "UTC"


@pytest.mark.slow
def test_services_without_a_name_of_their_own_in_a_language_are_listed(tmp_path: Path) -> None:
    new = replace(ACME, services=("Payments API", "Dashboard", "Payouts"), languages=("en", "de", "ja"))
    catalog, content = made(tmp_path / "acme", new), tmp_path / "acme" / "content"
    missing = services_without_names(content, catalog)
    assert missing["de"] == ("Payments API", "Payouts"), "the starter has a German name for its own services"
    (content / "de").mkdir()
    words = '[services.payments-api]\nname = "Payments API"\n\n[services.payouts]\nname = "Auszahlungen"\n'
    (content / "de" / "organisation.toml").write_text(words, "utf-8")
    named, errors = loading.read_content(content)
    assert named is not None, errors
    assert [*services_without_names(content, named)] == ["ja"]
    assert services_without_names(content, replace(named, site=replace(named.site, languages=("en",)))) == {}
