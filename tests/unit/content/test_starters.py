"""A new company of every starter can speak at once, and what every company shares names no trade and no place."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.content.validation.sample_incidents import generate_sample_notices
from statuspage.content.validation.wording_check import check_wording
from statuspage.domain.catalog import Catalog
from statuspage.rendering.wording.composition import compose
from tests.support.content import LANGUAGES, SHIPPED
from tests.support.times import at
from tests.support.trial_company import CONTACT, STARTERS, write_company

NOW = at("12:00")
SHIPPED_LANGUAGES = loading.shipped_languages()


@pytest.fixture(scope="module", params=loading.starters())
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A company of this starter in all languages, with the marks of a drill, which take room."""
    place = tmp_path_factory.mktemp("company") / "content"
    folder = write_company(place, request.param, SHIPPED_LANGUAGES, contact=CONTACT)
    catalog, errors = loading.read_content(folder, with_marks=True)
    assert errors == ()
    assert catalog is not None
    return catalog


@pytest.mark.slow
@pytest.mark.parametrize("language", SHIPPED_LANGUAGES)
def test_every_sentence_of_a_new_company_can_be_said_and_fits(company: Catalog, language: str):
    alone = replace(company, site=replace(company.site, languages=(language,)))
    assert [f"{error.file} {error.key}: {error.message}" for error in check_wording(alone, now=NOW)] == []


def test_a_new_company_has_the_types_of_incident_of_every_company(company: Catalog):
    shared = tomllib.loads((LANGUAGES / "incident_types.toml").read_text("utf-8"))
    assert set(shared) <= set(company.incident_types)
    assert set(company.runbooks) >= set(shared)


@pytest.mark.parametrize("starter", loading.starters())
def test_a_company_needs_none_of_the_services_that_its_starter_proposes(starter: str, tmp_path: Path):
    own = '[[service]]\nid = "lighthouse"\nname = "Lighthouse"\n'
    catalog, errors = loading.read_content(write_company(tmp_path / "content", starter, ["en"], services=own))
    assert errors == ()
    assert catalog is not None
    assert [*catalog.services] == ["lighthouse"]


@pytest.mark.parametrize("starter", loading.starters())
def test_a_starter_names_each_service_that_it_proposes_in_every_language(starter: str):
    ids = [entry["id"] for entry in tomllib.loads((STARTERS / starter / "services.toml").read_text("utf-8"))["service"]]
    for language in SHIPPED_LANGUAGES:
        words = tomllib.loads((STARTERS / starter / language / "organisation.toml").read_text("utf-8"))
        assert [*words["services"]] == ids, language


@pytest.mark.parametrize("starter", loading.starters())
@pytest.mark.parametrize("language", SHIPPED_LANGUAGES)
def test_a_starter_says_only_what_it_says_otherwise_than_every_company(starter: str, language: str):
    for name in ("phrases", "lists"):
        own = _texts(STARTERS / starter / language / f"{name}.toml")
        shared = _texts(LANGUAGES / language / f"{name}.toml")
        assert [key for key, text in own.items() if shared.get(key) == text] == []


OF_A_TRADE = {
    "fitness": {
        "en": r"gyms?|clubs?|classes|lessons?|members?|front desk",
        "ja": r"ジム|会員|レッスン|入館|来館",
        "ja-simple": r"ジム|会員|レッスン",
        "zh-Hans": r"健身|会员|课程|进店",
        "ko": r"헬스|회원|수업|수강",
        "de": r"Fitness\w*|Studios?|Mitglied\w*|Kurse?|Kursen",
        "fr": r"salles? de sport|clubs?|membres?|cours collectifs?",
        "es": r"gimnasios?|clubs?|clubes|socios?|socias?|clases?",
        "pt-BR": r"academias?|alunos?|alunas?|aulas?",
        "vi": r"phòng tập|câu lạc bộ|hội viên|lớp học",
    },
    "shop": {
        "en": r"parcels?|baskets?|catalogue",
        "ja": r"商品|配送|買い物",
        "ja-simple": r"商品|買い物",
        "zh-Hans": r"商品|包裹|购物车",
        "ko": r"상품|택배|장바구니",
        "de": r"Paket\w*|Warenkorb\w*|Retouren?",
        "fr": r"colis|panier",
        "es": r"paquetes?|cesta|carrito",
        "pt-BR": r"encomendas?|carrinho",
        "vi": r"kiện hàng|giỏ hàng",
    },
    "saas": {
        "en": r"webhooks?|dashboards?|endpoints?",
        "ja": r"Webhook|ダッシュボード",
        "ja-simple": r"Webhook|ダッシュボード",
        "zh-Hans": r"Webhook|控制台",
        "ko": r"Webhook|대시보드",
        "de": r"Webhooks?|Dashboards?",
        "fr": r"webhooks?|tableaux? de bord",
        "es": r"webhooks?|panel de control",
        "pt-BR": r"webhooks?|painel de controle",
        "vi": r"webhook|bảng điều khiển",
    },
}
"""What customers read only of companies of one trade."""

ALSO_OF = {"shop": ("会員", "회원")}
"""Words of another trade that a trade uses too: shops call the holders of accounts so."""


def _of_other_trades(starter: str, language: str) -> re.Pattern[str]:
    words = "|".join(words[language] for trade, words in OF_A_TRADE.items() if trade != starter)
    return re.compile(words if language in NO_WORD_BOUNDARIES else rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


@pytest.mark.slow
def test_no_notice_of_a_company_has_a_word_of_another_trade(company: Catalog, request: pytest.FixtureRequest):
    starter, found, seen = request.node.callspec.params["company"], set(), set()
    for one in generate_sample_notices(company, at("00:00"), "https://status.acme.example"):
        texts = compose(one.notice, one.facts, catalog=company, incident=one.context, now=one.now)
        for language, text in texts.items():
            words = _of_other_trades(starter, language)
            said = "\n".join([text.title, text.headline, *(medium.body for medium in text.media.values())])
            seen.add(language)
            found |= {(language, one.facts.incident_type, hit[0]) for hit in words.finditer(said)}
    found = {hit for hit in found if hit[2] not in ALSO_OF.get(starter, ())}
    assert seen == set(SHIPPED_LANGUAGES)
    assert found == set()


TRADE_WORDS = {
    "en": r"gyms?|clubs?|class|classes|members?|lessons?|students?|patients?|guests?|passengers?|"
    r"(the|our|your) stores?|shops?|front desk|opening hours|Japan(ese)?|Tokyo|yen|119|911|112|Fitline",
    "ja": r"ジム|店舗|お店|店頭|会員|来館|入館|レッスン|患者|生徒|乗客|宿泊|営業時間|日本の|東京|渋谷|119|110番|円",
    "ja-simple": r"ジム|店|会員|レッスン|生徒|患者|日本の|東京|119|円",
    "zh-Hans": r"健身|门店|会员|课程|店里|进店|到店|学员|患者|乘客|前台|营业时间|日本|东京|日元|119|110",
    "ko": r"헬스|매장|회원|수업|수강|환자|승객|투숙|영업시간|접수처|일본|도쿄|엔화|119",
    "de": r"Fitness\w*|Studios?|Mitglied\w*|Kurse?|Kursen|Filialen?|Schüler\w*|Patient\w*|Fahrg(a|ä)st\w*|Empfang|"
    r"Öffnungszeit\w*|Japan\w*|Tokio|Yen|119|110|112",
    "fr": r"salle de sport|clubs?|membres?|cours|magasins?|élèves?|patients?|passagers?|accueil|"
    r"heures d’ouverture|Japon|japonais\w*|Tokyo|yens?|119|112",
    "es": r"gimnasios?|clubs?|clubes|socios?|socias?|clases?|tiendas?|alumnos?|pacientes?|pasajeros?|recepción|"
    r"horario de apertura|Japón|japones\w*|Tokio|yenes|119|112",
    "pt-BR": r"academias?|unidades?|alunos?|alunas?|aulas?|lojas?|pacientes?|passageiros?|recepção|"
    r"horário de abertura|Japão|japones\w*|Tóquio|ienes|119|190",
    "vi": r"phòng tập|câu lạc bộ|hội viên|lớp|cửa hàng|học viên|bệnh nhân|hành khách|tại quầy|giờ mở cửa|"
    r"Nhật Bản|Tokyo|yên Nhật|119",
}
"""Words that only one trade uses, places, currencies and emergency numbers."""

NO_WORD_BOUNDARIES = ("ja", "ja-simple", "zh-Hans", "ko")
"""Languages that write words together, or with endings."""

KNOWN_TO_EVERYBODY = "everyday.toml"
"""Lists the words of every trade that need no explanation."""

GLOSSARY, PROPOSED = "glossary.toml", "replacement"
"""A glossary finds what companies of any trade write; only what it proposes instead must fit every trade."""

EXCEPTIONS = {
    "en": (
        "app shop",
        "guideline for Japanese",
        "in Japanese and English",
        "general, saas, shop, fitness",
        "Online shop",
    ),
    "es": ("tienda de aplicaciones",),
    "pt-BR": ("loja de aplicativos",),
    "fr": ("en cours", "page d’accueil"),
}
"""The shops of apps, the source of a figure, the languages of a document, the names of the starters, and idioms."""


@pytest.mark.parametrize("language", SHIPPED_LANGUAGES)
def test_what_every_company_shares_names_no_trade_and_no_place(language: str):
    found = [
        f"{file.relative_to(SHIPPED)}: {word[0]} in {text}"
        for file, text in _shared_texts(language)
        for word in _trade_words(language).finditer(_without_exceptions(language, text))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please call 119 or your club."),
        ("ja", "お店にお電話ください。"),
        ("de", "Am Empfang können Sie bar bezahlen."),
        ("ko", "매장에 전화해 주십시오."),
    ],
)
def test_a_word_of_a_trade_is_found(language: str, text: str):
    assert _trade_words(language).search(text)


def test_what_every_company_can_choose_speaks_of_no_payment_and_no_app():
    texts = _texts(LANGUAGES / "en" / "lists.toml")
    words = re.compile(r"\b(?:pay\w*|charge\w*|refund\w*|cards?|banks?|prices?|fees?|apps?)\b", re.IGNORECASE)
    assert {key.rpartition(".")[0] for key, text in texts.items() if words.search(text)} == {
        "workaround.watch-mail",
        "workaround.check-statement",
    }, "Only a security notice speaks of cards."


def test_a_word_within_another_is_none_of_a_trade():
    assert not _trade_words("en").search("What we remember is restored; the classification is 1190.")


def _trade_words(language: str) -> re.Pattern[str]:
    words = TRADE_WORDS[language]
    if language in NO_WORD_BOUNDARIES:
        return re.compile(rf"(?<!\d)(?:{words})(?!\d)")
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def _without_exceptions(language: str, text: str) -> str:
    for phrase in EXCEPTIONS.get(language, ()):
        text = re.sub(re.escape(phrase), "", text, flags=re.IGNORECASE)
    return text


def _shared_texts(language: str) -> Iterator[tuple[Path, str]]:
    """All texts of this language that every company gets, those of the general starter included."""
    for folder in (LANGUAGES, STARTERS / "general"):
        for file in sorted((folder / language).glob("*.toml")):
            yield from ((file, text) for key, text in _texts(file).items() if _must_fit(file.name, key))
        for file in sorted((folder / "runbooks").glob(f"*.{language}.md")):
            yield file, file.read_text("utf-8")
        for file in sorted((folder / "scenarios").glob("*.toml")):
            yield from ((file, text) for key, text in _texts(file).items() if key.split(".")[-1] == language)


def _must_fit(file: str, key: str) -> bool:
    return file != KNOWN_TO_EVERYBODY and (file != GLOSSARY or key.endswith(f".{PROPOSED}"))


def _texts(file: Path) -> dict[str, str]:
    return dict(_flatten(tomllib.loads(file.read_text("utf-8")))) if file.exists() else {}


def _flatten(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flatten(inner, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _flatten(inner, f"{key}.{number}")
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize("starter", loading.starters())
def test_a_drill_without_a_scenario_has_an_alert_to_fire_in_every_starter(starter: str, tmp_path: Path):
    folder = write_company(tmp_path / "content", starter, ["en"])
    alerts = json.loads(loading.sample_alert(folder))["alerts"]
    assert [alert["status"] for alert in alerts] == ["firing"]
