"""A preposition merges with the article of any name after it, and no name without an article is touched."""

from __future__ import annotations

import pytest

from statuspage.domain import LocaleRules
from statuspage.rendering.wording.locale_format import join_list, join_negated
from statuspage.rendering.wording.phrases import fill_text
from statuspage.rendering.wording.service_names import name_group, noun_as_object
from statuspage.rendering.wording.slot_grammar import join_slots
from tests.support.language_grammar import grammar_of
from tests.unit.rendering.test_service_names import NAMES, named


def said(language: str, before: str, *names: str) -> str:
    return join_slots([(before, join_list(names, grammar_of(language)[1])), (".", "")], grammar_of(language)[1])


@pytest.mark.parametrize(
    ("language", "before", "names", "text"),
    [
        ("fr", "L’accès à ", ["le portail"], "L’accès au portail."),
        ("fr", "L’accès à ", ["les webhooks"], "L’accès aux webhooks."),
        ("fr", "L’accès à ", ["l’API", "votre compte"], "L’accès à l’API et à votre compte."),
        (
            "fr",
            "L’accès à ",
            ["le portail", "la carte", "les e-mails"],
            "L’accès au portail, à la carte et aux e-mails.",
        ),
        ("fr", "À ", ["le portail"], "Au portail."),
        ("fr", "l’arrêt de ", ["le portail", "la carte"], "l’arrêt du portail et de la carte."),
        ("fr", "l’arrêt de ", ["API Paiement"], "l’arrêt d’API Paiement."),
        ("fr", "l’arrêt de ", ["Écran client"], "l’arrêt d’Écran client."),
        ("fr", "l’arrêt de ", ["Payments API"], "l’arrêt de Payments API."),
        ("fr", "l’arrêt de ", ["Onze"], "l’arrêt de Onze."),
        ("fr", "plus vite que ", ["Atlas"], "plus vite qu’Atlas."),
        ("es", "el acceso a ", ["el panel", "la web"], "el acceso al panel y a la web."),
        ("es", "la caída de ", ["el panel", "el correo"], "la caída del panel y del correo."),
        ("es", "el acceso a ", ["El Corte"], "el acceso a El Corte."),
        ("pt-BR", "manutenção em ", ["o app", "a reserva"], "manutenção no app e na reserva."),
        ("pt-BR", "a queda de ", ["os avisos", "as catracas"], "a queda dos avisos e das catracas."),
        ("pt-BR", "acesso a ", ["a API", "o painel"], "acesso à API e ao painel."),
        ("pt-BR", "pago por ", ["o app"], "pago pelo app."),
        ("pt-BR", "manutenção em ", ["Payments API"], "manutenção em Payments API."),
        ("pt-BR", "manutenção para ", ["o app"], "manutenção para o app."),
    ],
)
def test_a_preposition_merges_with_each_article_of_a_list(language: str, before: str, names: list[str], text: str):
    assert said(language, before, *names) == text


def test_what_is_denied_takes_the_preposition_again_too():
    rules = grammar_of("fr")[1]
    denied = join_negated(["le portail", "les e-mails"], rules)
    assert join_slots([("pas accès à ", denied), ("", "")], rules) == "pas accès au portail ni aux e-mails"


PREPOSITIONS = {"fr": ("X à ", "X de "), "es": ("X a ", "X de "), "pt-BR": ("X a ", "X de ", "X em ", "X por ")}


@pytest.mark.parametrize("language", PREPOSITIONS)
def test_every_name_without_an_article_stands_whole_after_every_preposition(language: str):
    for before in PREPOSITIONS[language]:
        for name in NAMES:
            text = join_slots([(before, name), ("", "")], grammar_of(language)[1])
            assert text in {before + name, f"{before[:-2]}’{name}"}
            elided = text != before + name
            assert elided == (language == "fr" and before == "X de " and name[0] in "AEIOUÜÂÓaeiou"), name


@pytest.mark.parametrize("name", ["Kundenbereich", "Bestellvorgang", "Check-in", "Login", "API-Zugang (EU)"])
def test_a_masculine_german_noun_is_in_the_case_that_its_place_asks_for(name: str):
    words = named("de", name, noun=f"der {name}")
    assert (words.noun, words.noun_capitalized) == (f"den {name}", f"Der {name}")
    assert words.impact_clauses["major"].now == f"Der {name} ist nicht verfügbar"


def test_the_noun_of_a_german_group_and_of_an_audience_is_an_object_too():
    templates, rules = grammar_of("de")
    from_name = name_group("Kundenbereich", templates, rules)
    assert from_name == ("den Dienst Kundenbereich", "Der Dienst Kundenbereich")
    assert noun_as_object("der Standort Berlin", rules) == "den Standort Berlin"
    assert noun_as_object("die App auf dem iPhone", rules) == "die App auf dem iPhone"
    assert noun_as_object("der Standort Berlin", LocaleRules("en")) == "der Standort Berlin"


def test_a_text_without_slots_stays_as_it_was_written():
    rules = grammar_of("en")[1]
    assert fill_text("Enter --secret-between 13:00..17:00.", rules) == "Enter --secret-between 13:00..17:00."
    assert fill_text("Sold by {name}.", rules, name="Acme Inc.") == "Sold by Acme Inc."
