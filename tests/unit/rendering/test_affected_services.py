"""Headline, title, post and mail name every affected service, and the title never narrows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Claim,
    Facts,
    NoticeKind,
    NoticeText,
    Precision,
    StartTime,
    State,
)
from statuspage.rendering.wording import IncidentContext, compose
from tests.support.times import at

LANGUAGES = ("en", "ja", "ja-simple", "de", "fr", "es", "pt-BR", "ko", "vi", "zh-Hans")
MAJOR, PARTIAL = State.MAJOR, State.PARTIAL
FIRST, UPDATE, RESOLVED = NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.RESOLVED
TYPES = ("unreachable", "login", "data", "webhooks-late", "api-errors")
"""Types whose own sentence names a group, none of their own, one that names each, and one that names nothing."""

NAMES = {"a": "Acme Pay", "b": "Portal", "c": "Zugang", "d": "Rechnung"}
LONG = {f"x{n}": f"A fairly long name of a service, number {n}" for n in range(1, 4)}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("named") / "content"
    folder.mkdir()
    (folder / "site.toml").write_text(
        'company = "Acme"\nstarter = "saas"\ntime_zone = "Europe/Berlin"\naddress = ""\nhistory_start = "2026-01-01"\n'
        f"languages = {list(LANGUAGES)}\n".replace("'", '"'),
        "utf-8",
    )
    groups = ("heading", "app")
    stands = {"c": "heading", "d": "heading", "x1": "app", "x2": "app", "x3": "app"}
    services = [f'[[group]]\nid = "{group}"\nname = "For carriers"\n' for group in groups]
    services += [
        f'[[service]]\nid = "{id}"\nname = "{name}"\n' + (f'group = "{stands[id]}"\n' if id in stands else "")
        for id, name in (NAMES | LONG).items()
    ]
    (folder / "services.toml").write_text("\n".join(services), "utf-8")
    (folder / "en").mkdir()
    (folder / "en" / "organisation.toml").write_text(
        '[groups.app]\nname = "App"\nnoun = "the app"\nnoun_capitalized = "The app"\n', "utf-8"
    )
    catalog, errors = read_content(Path(folder))
    assert catalog is not None, errors
    return catalog


def _facts(type_id: str, **states: State) -> Facts:
    return Facts(
        incident_type=type_id,
        affected=tuple(Affected(service, state) for service, state in states.items()),
        audience=Audience(AffectedAudience.ALL),
        start=StartTime(Precision.EXACT, at("11:55")),
    )


def _texts(
    catalog: Catalog, notice: NoticeKind, facts: Facts, context: IncidentContext | None = None
) -> Mapping[str, NoticeText]:
    known = context or IncidentContext("k7m2p9xa4tq8", "https://status.acme.example")
    return compose(notice, facts, catalog=catalog, incident=known, now=at("12:03"))


@pytest.mark.parametrize("type_id", TYPES)
@pytest.mark.parametrize("last", [MAJOR, PARTIAL])
def test_each_affected_service_is_named_in_every_language(catalog: Catalog, type_id: str, last: State):
    for notice in (FIRST, UPDATE, RESOLVED):
        facts = replace(_facts(type_id, a=MAJOR, b=MAJOR, c=last), ended_at=at("12:00") if notice is RESOLVED else None)
        for text in _texts(catalog, notice, facts).values():
            mail = text.media["mail"]
            post = text.media["x"].body
            for name in ("Acme Pay", "Portal", "Zugang"):
                for said in (text.title, text.headline, mail.subject, mail.body, post):
                    assert name in said, (notice, said)


@pytest.mark.parametrize(
    ("type_id", "language", "title"),
    [
        ("unreachable", "en", "Acme Pay and Portal cannot be reached"),
        ("unreachable", "de", "Der Zugriff auf die Dienste Acme Pay und Portal ist nicht möglich"),
        ("unreachable", "fr", "L’accès aux services Acme Pay et Portal est impossible"),
        ("unreachable", "es", "La conexión con los servicios Acme Pay y Portal no funciona"),
        ("unreachable", "pt-BR", "O acesso aos serviços Acme Pay e Portal não está funcionando"),
        ("unreachable", "ko", "Acme Pay 및 Portal에 접속할 수 없습니다"),
        ("unreachable", "ja", "Acme PayとPortalにつながりません"),
        ("login", "en", "Acme Pay and Portal are not working"),
        ("login", "de", "Die Dienste Acme Pay und Portal sind nicht verfügbar"),
        ("login", "fr", "Les services Acme Pay et Portal ne fonctionnent pas"),
        ("login", "ko", "Acme Pay 및 Portal을 이용할 수 없습니다"),
        ("login", "zh-Hans", "Acme Pay和Portal无法使用"),
    ],
)
def test_two_services_are_named_in_one_clause(catalog: Catalog, type_id: str, language: str, title: str):
    text = _texts(catalog, FIRST, _facts(type_id, a=MAJOR, b=MAJOR))[language]
    assert text.title.startswith(title)
    assert text.headline.startswith(title)


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("en", "Portal cannot be reached; also affected: Zugang."),
        ("de", "Der Zugriff auf den Dienst Portal ist nicht möglich; ebenfalls betroffen: Zugang."),
        ("ja", "Portalにつながりません。Zugangにも影響があります。"),
    ],
)
def test_services_less_affected_than_the_worst_come_after_it(catalog: Catalog, language: str, headline: str):
    assert _texts(catalog, FIRST, _facts("unreachable", c=PARTIAL, b=MAJOR))[language].headline == headline


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("en", "Acme Pay and 3 more services are not working."),
        ("de", "Der Dienst Acme Pay und 3 weitere Dienste sind nicht verfügbar."),
        ("fr", "Le service Acme Pay et 3 autres services ne fonctionnent pas."),
        ("ja", "Acme Payほか3サービスをご利用いただけません。"),
        ("ko", "Acme Pay 외 3개 서비스를 이용할 수 없습니다."),
    ],
)
def test_services_without_room_are_counted(catalog: Catalog, language: str, headline: str):
    facts = _facts("login", a=MAJOR, x1=MAJOR, x2=MAJOR, x3=MAJOR)
    assert _texts(catalog, FIRST, facts)[language].headline == headline


def test_a_title_takes_in_what_is_affected_later_and_never_lets_it_go(catalog: Catalog):
    first = _facts("unreachable", b=MAJOR)
    told = {language: text.title for language, text in _texts(catalog, FIRST, first).items()}
    claims = (Claim(FIRST, at("11:58"), first),)
    context = IncidentContext("k7m2p9xa4tq8", "", titles=told, previous_facts=first, claims=claims)
    wider = _facts("unreachable", b=MAJOR, c=PARTIAL)
    widened = {language: text.title for language, text in _texts(catalog, UPDATE, wider, context).items()}
    assert widened["en"] == "Portal cannot be reached; also affected: Zugang (4 July)"
    later = replace(context, titles=widened, previous_facts=wider, claims=(*claims, Claim(UPDATE, at("12:00"), wider)))
    for notice in (UPDATE, NoticeKind.PARTLY_RESTORED):
        texts = _texts(catalog, notice, _facts("unreachable", c=PARTIAL), later)
        assert {language: text.title for language, text in texts.items()} == widened


def test_a_group_is_named_only_if_it_is_a_thing_of_which_more_than_one_service_fails(catalog: Catalog):
    headlines = {
        services: _texts(catalog, FIRST, _facts("unreachable", **dict.fromkeys(services, MAJOR)))["en"].headline
        for services in (("c",), ("c", "d"), ("x1",), ("x1", "x2"))
    }
    assert headlines == {
        ("c",): "Zugang cannot be reached.",
        ("c", "d"): "Zugang and Rechnung cannot be reached.",
        ("x1",): "A fairly long name of a service, number 1 cannot be reached.",
        ("x1", "x2"): "The app cannot be reached.",
    }


def test_nothing_is_still_so_that_nobody_said_before(catalog: Catalog):
    before, after = _facts("login", b=PARTIAL), _facts("login", b=State.DEGRADED)
    context = IncidentContext("k7m2p9xa4tq8", "", previous_facts=before, claims=(Claim(FIRST, at("11:58"), before),))
    update = _texts(catalog, UPDATE, after, context)["en"].media["page"].body
    assert "Portal is slow as of" in update
    assert "still slow" not in update
    same = replace(context, previous_facts=after, claims=(Claim(FIRST, at("11:58"), after),))
    assert "Portal is still slow as of" in _texts(catalog, UPDATE, after, same)["en"].media["page"].body


def test_a_correction_says_no_start_of_what_began_later(catalog: Catalog):
    before, after = _facts("login", b=PARTIAL), _facts("login", b=State.DEGRADED)
    claims = (Claim(FIRST, at("11:58"), before), Claim(UPDATE, at("12:00"), after))
    context = IncidentContext("k7m2p9xa4tq8", "", previous_facts=after, claims=claims, corrected_notice_at=at("12:00"))
    corrected = replace(after, start=StartTime(Precision.EXACT, at("11:40")))
    lines = _texts(catalog, NoticeKind.CORRECTION, corrected, context)["en"].media["page"].body.splitlines()
    assert "Portal is slow." in lines
    assert any("04:40" in line and "04:55" in line for line in lines)
