"""A company that writes only the names of its services has every sentence in every language."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.content.validation.wording_check import check_wording
from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Facts,
    NoticeKind,
    Precision,
    Service,
    StartTime,
    State,
)
from statuspage.rendering.wording import IncidentContext, compose
from tests.support.content import whole_copy
from tests.support.language_grammar import LANGUAGES
from tests.support.times import at

NAMES = ("Payments API", "決済API", "Webhooks", "Órdenes", "대시보드", "Acme Inc.", "E-Mail", "Apps", "Umsätze", "24/7")
COMPANY = 'site_name = "Acme"\ntagline = "status"\ndesk_name = "Desk"\n'


def write_company(folder: Path) -> None:
    """A company that has written its names in English, and nothing else in any language."""
    whole_copy(folder)
    services = tomllib.loads((folder / "services.toml").read_text(encoding="utf-8"))["service"]
    group_names = {"app": "App", "desk": "Admin", "pay": "Payments", "door": "Doors"}
    groups = "".join(f'[groups.{id}]\nname = "{name}"\n' for id, name in group_names.items())
    audience = "".join(
        f'[audience_groups.{group}]\nlabel = "{group.title()} customers"\n'
        for group in ("shibuya", "umeda", "iphone", "android", "staff")
    )
    named = (
        f'[services.{service["id"]}]\nname = "{name}"\n' for service, name in zip(services, NAMES * 2, strict=False)
    )
    for language in LANGUAGES:
        own = f"{groups}{audience}{''.join(named)}" if language == "en" else ""
        (folder / language / "organisation.toml").write_text(COMPANY + own, encoding="utf-8")
    site = folder / "site.toml"
    spoken = ", ".join(f'"{language}"' for language in ("en", *(other for other in LANGUAGES if other != "en")))
    lines = site.read_text(encoding="utf-8")
    lines = lines.replace('starter = "fitness"\n', "")  # Its names for services are not wanted here.
    site.write_text(re.sub(r"(?m)^languages = .*$", f"languages = [{spoken}]", lines), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "content"
    write_company(folder)
    return folder


@pytest.fixture(scope="module")
def company(folder: Path) -> Catalog:
    catalog, errors = loading.read_content(folder)
    assert errors == ()
    assert catalog is not None
    return catalog


def first_report(
    catalog: Catalog, language: str, *services: Affected, type: str = "login", groups: tuple[str, ...] = ()
):
    facts = Facts(
        incident_type=type,
        affected=services,
        audience=Audience(AffectedAudience.GROUPS if groups else AffectedAudience.ALL, groups),
        start=StartTime(Precision.EXACT, at("11:55")),
    )
    words = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=IncidentContext("x", ""), now=at("12:00"))
    return words[language]


HEADLINES = {
    "en": "Webhooks are not working.",
    "ja": "Webhooksをご利用いただけません。",
    "ja-simple": "Webhooksが つかえません。",
    "de": "Der Dienst Webhooks ist nicht verfügbar.",
    "fr": "Le service Webhooks ne fonctionne pas.",
    "es": "El servicio Webhooks no funciona.",
    "pt-BR": "O serviço Webhooks não está funcionando.",
    "ko": "Webhooks를 이용할 수 없습니다.",
    "vi": "Webhooks không hoạt động.",
    "zh-Hans": "Webhooks无法使用。",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_without_words_for_a_service_names_it(company: Catalog, language: str):
    webhooks = next(id for id, words in company.packs["en"].services.items() if words.name == "Webhooks")
    report = first_report(company, language, Affected(webhooks, State.MAJOR))
    assert report.headline.replace("|", "") == HEADLINES[language]


IN_A_GROUP = {
    "en": "Payments API cannot be reached.",
    "ja": "Payments APIにつながりません。",
    "de": "Der Zugriff auf Payments API ist nicht möglich.",
    "fr": "L’accès au service Payments API est impossible.",
    "es": "La conexión con el servicio Payments API no funciona.",
    "pt-BR": "O acesso ao serviço Payments API não está funcionando.",
    "ko": "Payments API에 접속할 수 없습니다.",
}


@pytest.mark.parametrize("language", IN_A_GROUP)
def test_a_group_that_is_only_a_heading_does_not_stand_for_its_service(company: Catalog, language: str):
    services: dict[str, Service] = {**company.services}
    in_app = next(id for id, service in services.items() if service.group == "app")
    report = first_report(company, language, Affected(in_app, State.MAJOR), type="unreachable")
    assert report.headline.replace("|", "") == IN_A_GROUP[language]


def test_groups_of_customers_with_a_label_alone_are_listed(company: Catalog):
    webhooks = Affected(next(iter(company.services)), State.MAJOR)
    report = first_report(company, "de", webhooks, groups=("shibuya", "umeda"))
    assert "Betroffen: Shibuya customers, Umeda customers." in report.media["page"].body


@pytest.mark.slow
def test_one_state_of_its_own_leaves_the_others_to_the_language(folder: Path, tmp_path: Path):
    own = Path(shutil.copytree(folder, tmp_path / "content")) / "de" / "organisation.toml"
    login = '[services.login]\nname = "Anmeldung"\nnoun = "die Anmeldung"\n\n[services.login.major]\n'
    own.write_text(f'{COMPANY}{login}now = "Niemand kommt hinein"\nstill = "Immer noch niemand"\nagain = "Alle"\n')
    catalog, errors = loading.read_content(own.parent.parent)
    assert errors == ()
    words = catalog.packs["de"].services["login"]
    assert words.impact_clauses[State.MAJOR].now == "Niemand kommt hinein"
    assert words.impact_clauses[State.DEGRADED].now == "Die Anmeldung ist langsam"
    assert (words.noun, words.noun_capitalized) == ("die Anmeldung", "Die Anmeldung")
    assert catalog.packs["fr"].services["login"].name == "Payments API"


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_with_names_alone(company: Catalog, language: str):
    alone = replace(company, site=replace(company.site, languages=(language,)))
    assert check_wording(alone, now=at("12:00")) == ()
