"""A phrase says only *um {start}* or *a las {start}*: at every hour, on every day, the words around the time agree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain import NoticeKind, Precision, StartTime
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Facts, Known, MaintenanceWindow, MissedEstimate, NotBefore, Range
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.rendering.wording.locale_format import Clock
from statuspage.rendering.wording.slot_grammar import join_slots, word_before
from tests.support.language_grammar import grammar_of
from tests.support.times import at
from tests.support.trial_company import write_company

LANGUAGES = ("en", "de", "es", "fr", "pt-BR")
QUARTERS = [at("00:00") + timedelta(minutes=15 * quarter) for quarter in range(4 * 24)]


def said(language: str, *parts: tuple[str, str]) -> str:
    return join_slots(parts, grammar_of(language)[1])


def clock_of(language: str, time: datetime) -> str:
    return Clock(grammar_of(language)[1], "Asia/Tokyo").format_time(time)


@pytest.mark.parametrize("time", QUARTERS, ids=lambda time: f"{time:%H:%M}")
def test_the_hour_one_is_singular_at_each_quarter_of_the_day(time: datetime):
    shown = clock_of("es", time)
    is_one = shown.startswith("1:")
    article = "la" if is_one else "las"
    assert said("es", ("Empezó a las ", shown), (".", "")) == f"Empezó a {article} {shown}."
    assert said("es", ("A las ", shown), (".", "")) == f"A {article} {shown}."
    assert said("es", ("De las ", shown), (" a las ", shown), ("", "")) == f"De {article} {shown} a {article} {shown}"
    assert word_before("Antes de las ", shown, grammar_of("es")[1]) == f"Antes de {article} "
    assert word_before("hacia las", shown, grammar_of("es")[1]) == f"hacia {article}"
    shown = clock_of("pt-BR", time)
    is_singular = shown.startswith(("0h", "1h"))
    forms = ("à", "da", "a") if is_singular else ("às", "das", "as")
    for plural, form in zip(("às", "das", "as"), forms, strict=True):
        assert said("pt-BR", (f"X {plural} ", shown), (".", "")) == f"X {form} {shown}."
        assert word_before(f"x {plural}", shown, grammar_of("pt-BR")[1]) == f"x {form}"


GERMAN = "23:40 Uhr am Samstag, 4. Juli (MEZ)"
FRENCH = "23h40 le samedi 4 juillet (heure du Japon)"


@pytest.mark.parametrize(
    ("language", "parts", "text"),
    [
        ("de", [("Sie begann um ", GERMAN), (".", "")], "Sie begann am Samstag, 4. Juli, um 23:40 Uhr (MEZ)."),
        ("de", [("Sie begann gegen ", GERMAN), (".", "")], "Sie begann am Samstag, 4. Juli, gegen 23:40 Uhr (MEZ)."),
        ("de", [("Um ", GERMAN), (" ging es", "")], "Am Samstag, 4. Juli, um 23:40 Uhr (MEZ) ging es"),
        ("de", [("X, Stand ", GERMAN), (".", "")], "X, Stand Samstag, 4. Juli, 23:40 Uhr (MEZ)."),
        ("de", [("seit etwa ", GERMAN), (".", "")], "seit Samstag, 4. Juli, etwa 23:40 Uhr (MEZ)."),
        ("de", [("Vor ", GERMAN), (" nicht.", "")], "Vor Samstag, 4. Juli, 23:40 Uhr (MEZ) nicht."),
        ("de", [("um ", "etwa 2:00 Uhr"), (", nicht um ", "3:00 Uhr")], "gegen 2:00 Uhr, nicht um 3:00 Uhr"),
        ("de", [("von ", "2:00 Uhr"), (" bis ", "4:00 Uhr"), (".", "")], "von 2:00 bis 4:00 Uhr."),
        ("de", [("von etwa ", "2:00 Uhr"), (" bis ", "4:00 Uhr"), (".", "")], "von etwa 2:00 bis 4:00 Uhr."),
        (
            "de",
            [("Sie dauert von ", "2:00 Uhr"), (" bis ", "4:00 Uhr am Sonntag, 5. Juli (MEZ)"), (".", "")],
            "Sie dauert am Sonntag, 5. Juli, von 2:00 bis 4:00 Uhr (MEZ).",
        ),
        (
            "de",
            [("von ", "23:40 Uhr am Samstag, 4. Juli"), (" bis ", "4:00 Uhr am Sonntag, 5. Juli"), (".", "")],
            "von Samstag, 4. Juli, 23:40 Uhr bis Sonntag, 5. Juli, 4:00 Uhr.",
        ),
        ("de", [("", "2:00 Uhr"), (" bis ", "4:00 Uhr, So., 5. Juli"), (".", "")], "2:00 bis 4:00 Uhr, So., 5. Juli."),
        ("fr", [("a commencé à ", FRENCH), (".", "")], "a commencé le samedi 4 juillet à 23h40 (heure du Japon)."),
        ("fr", [("vers ", FRENCH), (".", "")], "le samedi 4 juillet vers 23h40 (heure du Japon)."),
        ("fr", [("À ", FRENCH), (", ", "")], "Le samedi 4 juillet à 23h40 (heure du Japon), "),
        ("fr", [("Situation à ", FRENCH), (".", "")], "Situation au samedi 4 juillet à 23h40 (heure du Japon)."),
        ("fr", [("avant ", FRENCH), (".", "")], "avant le samedi 4 juillet à 23h40 (heure du Japon)."),
        ("fr", [("depuis environ ", FRENCH), (".", "")], "depuis le samedi 4 juillet vers 23h40 (heure du Japon)."),
        ("de", [("(", "1:00 Uhr am Sonntag, 5. Juli"), (")", "")], "(Sonntag, 5. Juli, 1:00 Uhr)"),
        ("de", [("Neu: ", "1:00 Uhr am Sonntag, 5. Juli"), (".", "")], "Neu: Sonntag, 5. Juli, 1:00 Uhr."),
        ("de", [("", "2:00 Uhr"), (" – ", "4:00 Uhr"), (" (", "2 Stunden")], "2:00 – 4:00 Uhr (2 Stunden"),
        ("de", [("", "2:00 Uhr"), (" – ", "4:00 Uhr am Mo., 6. Juli")], "2:00 Uhr – Mo., 6. Juli, 4:00 Uhr"),
        (
            "de",
            [("zwischen ", "23:40 Uhr am Samstag, 4. Juli"), (" und ", "0:31 Uhr"), (" behoben.", "")],
            "zwischen Samstag, 4. Juli, 23:40 Uhr und 0:31 Uhr behoben.",
        ),
        ("fr", [("de ", "2h00"), (" à ", FRENCH), (".", "")], "le samedi 4 juillet de 2h00 à 23h40 (heure du Japon)."),
        ("fr", [("De ", "2h00"), (" à ", "3h00 le lundi 6 juillet"), (".", "")], "Le lundi 6 juillet de 2h00 à 3h00."),
        ("fr", [("entre ", "2h00"), (" et ", "3h00 le lundi 6 juillet")], "le lundi 6 juillet entre 2h00 et 3h00"),
        (
            "fr",
            [("entre ", "23h40 le samedi 4 juillet"), (" et ", "1h05 le dimanche 5 juillet"), (".", "")],
            "entre le samedi 4 juillet à 23h40 et le dimanche 5 juillet à 1h05.",
        ),
        (
            "fr",
            [("entre ", "23h40 le samedi 4 juillet"), (" et ", "0h31"), (".", "")],
            "entre le samedi 4 juillet à 23h40 et 0h31.",
        ),
        (
            "fr",
            [("a duré 2 heures, d’environ ", "23h40 le samedi 4 juillet"), (" à ", "1h40 le dimanche 5 juillet")],
            "a duré 2 heures, du samedi 4 juillet vers 23h40 au dimanche 5 juillet à 1h40",
        ),
        ("fr", [("(", "1h00 le dimanche 5 juillet"), (")", "")], "(le dimanche 5 juillet à 1h00)"),
        ("fr", [("", "22h33"), (" – ", "0h06 le dimanche 5 juillet")], "22h33 – dimanche 5 juillet à 0h06"),
        ("fr", [("Dès ", "0h06 le dimanche 5 juillet"), (", ", "")], "Dès le dimanche 5 juillet à 0h06, "),
        (
            "fr",
            [("de ", "23h40 le samedi 4 juillet"), (" à ", "1h05 le dimanche 5 juillet"), (".", "")],
            "du samedi 4 juillet à 23h40 au dimanche 5 juillet à 1h05.",
        ),
        ("fr", [("a commencé à ", "vers 2h00"), (", et non à ", "3h00")], "a commencé vers 2h00, et non à 3h00"),
        ("es", [("empezó a las ", "hacia la 1:05"), (", no a las ", "2:00")], "empezó hacia la 1:05, no a las 2:00"),
        ("es", [("para las ", "dom 5 de julio, 1:05"), (".", "")], "para dom 5 de julio, 1:05."),
        ("pt-BR", [("até as ", "dom., 5 de julho, 1h05"), (".", "")], "até dom., 5 de julho, 1h05."),
        ("pt-BR", [("começou às ", "por volta da 1h05"), (".", "")], "começou por volta da 1h05."),
        (
            "pt-BR",
            [("começou às ", "22h33 de sábado, 4 de julho"), (" e durou ", "1 hora"), (".", "")],
            "começou às 22h33 de sábado, 4 de julho, e durou 1 hora.",
        ),
        ("pt-BR", [("às ", "22h33 de sábado, 4 de julho"), (", e", "")], "às 22h33 de sábado, 4 de julho, e"),
        ("en", [("at ", "01:05 on Sunday 5 July"), (".", "")], "at 01:05 on Sunday 5 July."),
    ],
)
def test_a_time_is_put_where_the_language_puts_it(language: str, parts: list[tuple[str, str]], text: str):
    assert said(language, *parts) == text


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = write_company(tmp_path_factory.mktemp("company") / "content", "saas", LANGUAGES)
    content, errors = read_content(folder)
    assert content is not None, errors
    return replace(content, site=replace(content.site, zone="Asia/Tokyo"))


FAULTS = {
    "es": r"(?<!\w)(?:[Aa]|[Dd]e|hacia|entre|y|para|desde|hasta) las 1:|[Ll]a (?:[02-9]|1\d):|\ba el |\bde el ",
    "pt-BR": r"(?<!\w)(?:[àÀ]s|[Dd]as|[Aa]s) [01]h|(?<!\w)(?:[àÀ]|[Dd]a) (?:[2-9]|\d\d)h|\b(?:em|de) [oa]s? ",
    "fr": r"(?<!\w)[àÀ] le |\bde les? |(?<!h\d\d )(?:à|vers) \d+h\d\d le |\bvers vers\b|\bà vers\b",
    "de": r"(?:um|gegen|[Bb]is|[Ss]eit|Stand) \d+:\d\d Uhr am |\bum etwa\b|für der |von \d+:\d\d Uhr bis ",
    "en": r"(?<![\d:.])\d:\d\d",
}


@cache
def _fault(language: str) -> re.Pattern[str]:
    return re.compile(FAULTS[language])


def _texts(catalog: Catalog, notice: NoticeKind, facts: Facts, now: datetime, before: Facts | None) -> list[str]:
    incident = IncidentContext("k7m2p9xa4tq8", "", previous_facts=before, corrected_notice_at=now if before else None)
    found = []
    for language, words in compose(notice, facts, catalog=catalog, incident=incident, now=now).items():
        bodies = [words.headline, *(text.body for text in words.media.values())]
        rows = [f"{row.time.before.strip()} {row.time.value}" for row in words.rows if row.time]
        found += [f"{language}: {text}" for text in (*bodies, *rows) if _fault(language).search(text)]
    return found


@pytest.mark.parametrize("hour", range(24))
def test_no_hour_and_no_day_brings_a_fault_of_grammar_into_a_notice(catalog: Catalog, hour: int):
    now = at("00:00") + timedelta(hours=hour, minutes=6)
    later = now + timedelta(days=hour % 2, minutes=59)
    typical = catalog.incident_types["login"]
    first = Facts("login", typical.services, start=StartTime(Precision.ABOUT, now), next_update=later)
    estimate = (Known(later), NotBefore(later), Range(later, later + timedelta(minutes=40)))[hour // 2 % 3]
    facts = replace(first, estimate=estimate, start=StartTime(Precision.EXACT, now - timedelta(minutes=7)))
    found = _texts(catalog, NoticeKind.FIRST, facts, now, None)
    found += _texts(catalog, NoticeKind.UPDATE, replace(facts, estimate=MissedEstimate(now, estimate)), now, first)
    found += _texts(catalog, NoticeKind.CORRECTION, facts, now, first)
    found += _texts(catalog, NoticeKind.CORRECTION, first, now, facts)
    over = replace(first, ended_at=later, next_update=None)
    found += _texts(catalog, NoticeKind.RESOLVED, over, later, first)
    plan = Facts("maintenance", typical.services, maintenance_window=MaintenanceWindow(now, later))
    found += _texts(catalog, NoticeKind.ANNOUNCED, plan, now - timedelta(days=3), None)
    assert found == []


def test_a_day_is_never_moved_to_a_time_of_another_day(catalog: Catalog):
    estimate = Range(at("23:30"), at("00:40", "2026-07-05"))
    facts = Facts("login", catalog.incident_types["login"].services, estimate=estimate, next_update=at("20:30"))
    incident = IncidentContext("k7m2p9xa4tq8", "")
    words = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=incident, now=at("20:00"))
    texts = {language: text.media["page"].body for language, text in words.items()}
    assert "between 23:30 on Saturday 4 July and 00:40 on Sunday 5 July" in texts["en"]
    assert "zwischen Samstag, 4. Juli, 23:30 Uhr und Sonntag, 5. Juli, 0:40 Uhr" in texts["de"]
    assert "entre las 23:30 del sábado 4 de julio y las 0:40 del domingo 5 de julio" in texts["es"]
    assert "entre le samedi 4 juillet à 23h30 et le dimanche 5 juillet à 0h40" in texts["fr"]
    assert "entre as 23h30 de sábado, 4 de julho, e a 0h40 de domingo, 5 de julho" in texts["pt-BR"]


def test_a_day_that_both_ends_share_is_named_once(catalog: Catalog):
    estimate = Range(at("00:10", "2026-07-05"), at("01:05", "2026-07-05"))
    facts = Facts("login", catalog.incident_types["login"].services, estimate=estimate, next_update=at("20:30"))
    words = compose(
        NoticeKind.FIRST, facts, catalog=catalog, incident=IncidentContext("k7m2p9xa4tq8", ""), now=at("20:00")
    )
    assert "between 00:10 and 01:05 on Sunday 5 July" in words["en"].media["page"].body
    assert "am Sonntag, 5. Juli, zwischen 0:10 und 1:05 Uhr" in words["de"].media["page"].body
