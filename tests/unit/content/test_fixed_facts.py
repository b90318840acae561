"""No prepared sentence names one time zone or one country's emergency number; each company says its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.content.validation.fixed_facts import find_emergency_number, find_errors
from statuspage.content.validation.wording_check import check_wording
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, Facts, NoticeKind, State
from statuspage.rendering.wording import IncidentContext, compose
from tests.support.content import LANGUAGES
from tests.support.times import at
from tests.support.trial_company import STARTERS, write_company

ALL_LANGUAGES = loading.shipped_languages()


def read(folder: Path) -> Catalog:
    catalog, errors = loading.read_content(folder)
    assert errors == ()
    assert catalog is not None
    return catalog


def own(folder: Path, file: str, text: str) -> Path:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("starter", loading.starters())
def test_what_comes_with_the_program_names_no_zone_and_no_emergency_number(starter: str, tmp_path: Path):
    catalog = read(write_company(tmp_path / "content", starter, ALL_LANGUAGES))
    assert [(error.file, error.key, error.message) for error in find_errors(catalog)] == []


def test_no_checklist_that_comes_with_the_program_has_an_emergency_number():
    files = [*LANGUAGES.glob("runbooks/*.md"), *STARTERS.glob("*/runbooks/*.md"), *STARTERS.glob("*/scenarios/*.toml")]
    assert len(files) > 30
    assert [file.name for file in files if find_emergency_number(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "All times are in Japan time."),
        ("en", "It will be back by 10:00 Eastern Time."),
        ("en", "We are back at 10:00 JST."),
        ("en", "We answer until 18:00 (UTC+9)."),
        ("ja", "時刻は日本時間です。"),
        ("ja", "時刻は日本標準時です。"),
        ("de", "Alle Zeiten sind mitteleuropäische Zeit."),
        ("de", "Wir sind ab 9 Uhr MEZ da."),
        ("fr", "Les heures sont à l’heure d’Europe centrale."),
        ("ko", "모든 시각은 대한민국 시간입니다."),
        ("zh-Hans", "所有时间均为北京时间。"),
        ("pt-BR", "Todos os horários seguem o Horário de Brasília."),
    ],
)
def test_a_sentence_that_names_one_zone_is_refused_with_its_key(tmp_path: Path, language: str, text: str):
    folder = write_company(tmp_path / "content", "general", [language])
    own(folder, f"{language}/lists.toml", f'[workaround.wait]\nlabel = "x"\ntext = "{text}"\n')
    errors = loading.locate_errors(folder, tuple(find_errors(read(folder))))
    assert [(error.file, error.line, error.key) for error in errors] == [
        (f"{language}/lists.toml", 3, "workaround.wait.text")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The problem is fixed in good time.",
        "We ask central staff; it takes time.",
        "See the east and west doors.",
        "Pacific Timely Payments works again.",
    ],
)
def test_a_sentence_about_time_is_no_zone(tmp_path: Path, text: str):
    folder = write_company(tmp_path / "content", "general", ["en"])
    own(folder, "en/lists.toml", f'[workaround.wait]\nlabel = "x"\ntext = "{text}"\n')
    assert [*find_errors(read(folder))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("In danger, call 911.", "911"),
        ("危険を感じたら、119番へ電話してください。", "119"),
        ("すぐ１１０番へ", "１１０"),
        ("위험하면 112에 전화해 주십시오.", "112"),
        ("Ring 999, or 112 from a mobile.", "999"),
        ("请立即拨打120。", "120"),
        ("Call us on 0120-110-119.", ""),
        ("Call us on +81 3 0000 0119.", ""),
        ("Call 03-110 2000.", ""),
        ("It costs 999 yen, or $911, or 110円, or € 112.", ""),
        ("Wait 120 minutes.", ""),
        ("Version 1.112 and error E911, 11,200 people", ""),
        ("1,119 people", ""),
        ("渋谷1丁目110番地", ""),
    ],
)
def test_an_emergency_number_is_found_as_a_word(text: str, found: str):
    assert find_emergency_number(text) == found


def locked_in(contact: str, language: str, tmp_path: Path) -> str:
    """What the page says to somebody who cannot get out."""
    folder = write_company(tmp_path / language, "fitness", [language])
    with (folder / "site.toml").open("a", encoding="utf-8") as site:
        site.write(contact)
    facts = Facts("entry", (Affected("gate", State.MAJOR),), answers={"exit": "staff"})
    words = compose(NoticeKind.FIRST, facts, catalog=read(folder), incident=IncidentContext("x", ""), now=at("12:00"))
    return words[language].media["page"].body


@pytest.mark.parametrize("language", ALL_LANGUAGES)
def test_somebody_locked_in_is_told_the_companys_numbers(language: str, tmp_path: Path):
    said = locked_in('[contact]\nphone = "+49 30 5550100"\nemergency = "112"\n', language, tmp_path)
    assert "+49 30 5550100" in said
    assert "112" in said.replace("+49 30 5550100", "")
    assert "{" not in said


UNKNOWN = {
    "en": "call the emergency services at once",
    "ja": "お店にお電話ください。スタッフが開けに行きます。危険を感じたら、すぐに消防や警察へ電話してください",
    "ja-simple": "すぐ 消防（しょうぼう）や 警察（けいさつ）に 電話して ください",
    "de": "wählen Sie sofort den Notruf.",
    "es": "llame enseguida a los servicios de emergencia",
    "fr": "appelez tout de suite les secours",
    "ko": "바로 소방서나 경찰에 전화해 주십시오",
    "pt-BR": "ligue imediatamente para os serviços de emergência",
    "vi": "gọi ngay số điện thoại khẩn cấp",
    "zh-Hans": "请立即拨打当地的紧急求助电话",
}


@pytest.mark.parametrize("language", ALL_LANGUAGES)
def test_without_a_number_it_is_said_in_general_words(language: str, tmp_path: Path):
    said = locked_in("", language, tmp_path)
    assert UNKNOWN[language] in said
    assert find_emergency_number(said) == ""


def test_an_own_sentence_may_have_the_companys_phone_hours_and_address(tmp_path: Path):
    folder = write_company(tmp_path / "content", "general", ["en"])
    own(folder, "en/lists.toml", '[workaround.phone]\nlabel = "Phone"\ntext = "Call {phone} ({hours}) or see {url}."\n')
    with (folder / "site.toml").open("a", encoding="utf-8") as site:
        site.write('[contact]\nphone = "555 0100"\nhours.en = "9:00-17:00"\nurl = "https://acme.example/help"\n')
    facts = Facts("other", (Affected("login", State.MAJOR),), workarounds=("phone",))
    words = compose(NoticeKind.FIRST, facts, catalog=read(folder), incident=IncidentContext("x", ""), now=at("12:00"))
    assert "Call 555 0100 (9:00-17:00) or see https://acme.example/help." in words["en"].media["page"].body


@pytest.mark.slow
def test_a_sentence_with_a_detail_that_the_company_does_not_give_is_refused(tmp_path: Path):
    folder = write_company(tmp_path / "content", "general", ["en"])
    own(folder, "en/lists.toml", '[workaround.phone]\nlabel = "Phone"\ntext = "Call {phone}."\n')
    errors = loading.locate_errors(folder, check_wording(read(folder), now=at("12:00")))
    assert [(error.file, error.key) for error in errors] == [("en/lists.toml", "workaround.phone.text")]
