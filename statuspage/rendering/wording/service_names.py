"""Words for a service or group from its name alone, in the templates of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from types import MappingProxyType

from statuspage.domain import (
    IMPACT_STATES,
    NO_GRAMMAR,
    GrammaticalNumber,
    ImpactClauses,
    LocaleRules,
    ServiceGrammar,
    ServiceTemplates,
    ServiceWords,
    State,
)
from statuspage.rendering.wording.slot_grammar import join_slots


def name_service(
    name: str, templates: ServiceTemplates, locale_rules: LocaleRules, grammar: ServiceGrammar = NO_GRAMMAR
) -> ServiceWords:
    """The words of a service: what the company wrote of it, and for the rest its name in the language's templates."""
    noun = noun_as_object(grammar.noun, locale_rules) or _fill(templates.noun, name, locale_rules)
    capitalized = _capitalized_noun(name, templates, locale_rules, grammar)
    number = grammatical_number(name, templates, locale_rules, grammar)
    named = _name_clauses(templates.clauses_for(number), noun, capitalized, locale_rules)
    own = {state: _with_past(clauses, named.get(state)) for state, clauses in grammar.clauses.items()}
    clauses = named | own
    has_noun = bool(grammar.noun or grammar.noun_capitalized)
    if number is GrammaticalNumber.UNKNOWN and not has_noun:
        noun = _fill(templates.group, name, locale_rules)
        capitalized = _fill(templates.group_capitalized, name, locale_rules)
    return ServiceWords(name, noun, capitalized, clauses, has_noun, frozenset(grammar.clauses))


def _with_past(own: ImpactClauses, named: ImpactClauses | None) -> ImpactClauses:
    """The company's own clauses; without one for the past, that made from the name."""
    return own if own.was or named is None else replace(own, was=named.was)


def name_services(
    services: Sequence[ServiceWords],
    templates: ServiceTemplates,
    locale_rules: LocaleRules,
    join: Callable[[Sequence[str], LocaleRules], str],
) -> tuple[str, str]:
    """Several services as one phrase within a sentence and at its start. ``join`` makes a list of their nouns.

    Names without a noun share what stands before them, if all are named: *les services Portail et Factures*.
    """
    names = join([service.name for service in services], locale_rules)
    is_bare = templates.services != _SLOT and not any(service.has_noun for service in services)
    if len(services) > 1 and is_bare and services[-1].name in names:
        templated = (templates.services, templates.services_capitalized)
        return _fill(templated[0], names, locale_rules), _fill(templated[1], names, locale_rules)
    nouns = [service.noun for service in services]
    capital = [service.noun_capitalized for service in services[:1]]
    return join(nouns, locale_rules), join([*capital, *nouns[1:]], locale_rules)


def name_clauses_together(
    services: Sequence[ServiceWords],
    state: State,
    templates: ServiceTemplates,
    locale_rules: LocaleRules,
    join: Callable[[Sequence[str], LocaleRules], str],
) -> ImpactClauses | None:
    """The clauses of several services in one state; None if the company wrote its own for one of them."""
    clauses = templates.clauses_for(GrammaticalNumber.PLURAL)
    if state not in clauses or any(state in service.own_states for service in services):
        return None
    subjects = [replace(service, noun=_noun_as_subject(service, locale_rules)) for service in services]
    noun, capitalized = name_services(subjects, templates, locale_rules, join)
    return _name_clauses(clauses, noun, capitalized, locale_rules)[state]


def _noun_as_subject(service: ServiceWords, locale_rules: LocaleRules) -> str:
    """A noun where it is the subject. In German that differs for masculine ones: *der Kundenbereich*."""
    if locale_rules.locale == "de" and service.noun_capitalized.startswith("Der "):
        return f"der {service.noun_capitalized.removeprefix('Der ')}"
    return service.noun


def name_group(
    name: str, templates: ServiceTemplates, locale_rules: LocaleRules, grammar: ServiceGrammar = NO_GRAMMAR
) -> tuple[str, str]:
    """A group of services within a sentence and at its start, as the company wrote it or else by its name alone."""
    noun = noun_as_object(grammar.noun, locale_rules) or _fill(templates.group, name, locale_rules)
    if grammar.noun or grammar.noun_capitalized:
        return noun, _capitalized_noun(name, templates, locale_rules, grammar)
    return noun, _fill(templates.group_capitalized, name, locale_rules)


def noun_as_object(noun: str, locale_rules: LocaleRules) -> str:
    """A noun where it is the object. In German that differs for masculine ones: *den Kundenbereich*."""
    if locale_rules.locale == "de" and noun.startswith("der "):
        return f"den {noun.removeprefix('der ')}"
    return noun


def grammatical_number(
    name: str, templates: ServiceTemplates, locale_rules: LocaleRules, grammar: ServiceGrammar = NO_GRAMMAR
) -> GrammaticalNumber:
    """What the company said; else what is safe to tell from the name in this language.

    English names have an ending for it, as German nouns with *die* may, and French, Spanish and Portuguese nouns an
    article. Elsewhere only a product's name (*Payments API*, *GitHub*) is known to be singular, in languages whose noun
    comes first only one of a single word (not *Alertes SMS*); and a noun with its article is, unless the company says
    otherwise. So is a name that begins with the word which the templates would put before it: *Service client*, not
    *le service Service client*.
    """
    language = locale_rules.locale.split("-")[0]
    if grammar.number is not GrammaticalNumber.UNKNOWN:
        return grammar.number
    if grammar.noun.startswith(_PLURAL_ARTICLES.get(language, ())):
        return GrammaticalNumber.PLURAL
    if language == "de" and _GERMAN_PLURAL.fullmatch(grammar.noun):
        return GrammaticalNumber.PLURAL
    if language == "en":
        return GrammaticalNumber.PLURAL if is_english_plural(grammar.noun or name) else GrammaticalNumber.SINGULAR
    is_one_word = len(_WORD.findall(name)) == 1
    is_product = is_product_name(name) and (is_one_word or language not in _NOUN_FIRST)
    if grammar.noun or is_product or _repeats_carrier(name, templates):
        return GrammaticalNumber.SINGULAR
    return GrammaticalNumber.UNKNOWN


def is_english_plural(name: str) -> bool:
    """Whether the last word has the ending of a plural: *Webhooks*, *Sales APIs*; not *Status*, *Analytics*, *DNS*."""
    word = _last_word(name)
    if len(word) < 3 or not word.endswith(("s", "S")):
        return False
    if word.endswith("s") and word[:-1].isupper():
        return True  # APIs
    if word.endswith("S") and (not word.isupper() or len(word) <= _LONGEST_INITIALISM):
        return False  # iOS, DNS
    folded = word.lower()
    return folded in _PLURALS_IN_ICS or not (folded.endswith(_SINGULAR_ENDINGS) or folded in _SINGULARS_IN_S)


def is_product_name(name: str) -> bool:
    """Whether the last word is written as only the names of products and techniques are: *API*, *GitHub*, *iCloud*.

    Not *Online-Buchungen*: of a compound, only the last part tells.
    """
    word = _last_word(name)
    return any(map(str.isupper, word[1:])) and not word.endswith("s")


def _repeats_carrier(name: str, templates: ServiceTemplates) -> bool:
    clauses = templates.clauses_for(GrammaticalNumber.UNKNOWN).get(State.MAJOR)
    carrier = clauses.now.partition(_SLOT)[0].split()[-1:] if clauses else []
    return [word.casefold() for word in name.split()[:1]] == [word.casefold() for word in carrier]


_PLURAL_ARTICLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fr": ("les ", "des ", "nos ", "vos "),
        "es": ("los ", "las ", "sus ", "nuestros ", "nuestras "),
        "pt": ("os ", "as ", "seus ", "suas ", "nossos ", "nossas "),
    }
)
_GERMAN_PLURAL = re.compile(r"(?:die|[Ii]hre|unsere) [\w-]*(?:en|[^\Wisu]s)")
"""After *die* stands a plural (*die Zahlungen*, *die Webhooks*) or a feminine, of which none in use ends so."""

_NOUN_FIRST = frozenset(("fr", "es", "pt"))
"""Languages in which the last word of a name says nothing about the whole."""

_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_BRACKETS = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]\s*$")
_LONGEST_INITIALISM = 5
"""Letters of the longest word in capitals that counts as an initialism (HTTPS), not as a word in capitals."""

_SINGULAR_ENDINGS = ("ss", "us", "is", "ics", "’s", "'s")
_SINGULARS_IN_S = frozenset(
    "alias always atlas bias canvas chaos cosmos express gas james jenkins kubernetes lens news postgres series "
    "species texas windows yes".split()
)
_PLURALS_IN_ICS = frozenset("basics graphics metrics pics statistics topics".split())


def _without_brackets(name: str) -> str:
    """A name without what stands in brackets after it: Webhooks (EU)."""
    return _BRACKETS.sub("", name) or name


def _last_word(name: str) -> str:
    words = _WORD.findall(_without_brackets(name))
    return words[-1].rsplit("-", 1)[-1] if words else ""


def _capitalized_noun(
    name: str, templates: ServiceTemplates, locale_rules: LocaleRules, grammar: ServiceGrammar
) -> str:
    """A name keeps its own small letter (*iCloud*); an article (*l’API*) or a common noun takes a capital."""
    if grammar.noun_capitalized:
        return grammar.noun_capitalized
    if not grammar.noun:
        return _fill(templates.noun_capitalized, name, locale_rules)
    noun = grammar.noun
    if locale_rules.locale == "de" and noun.startswith("den ") and grammar.number is not GrammaticalNumber.PLURAL:
        noun = f"der {noun.removeprefix('den ')}"
    first_word = re.split(r"[\s’']", noun, maxsplit=1)[0]
    return noun[0].upper() + noun[1:] if first_word.islower() else noun


def _name_clauses(
    clauses: Mapping[State, ImpactClauses], noun: str, capitalized: str, locale_rules: LocaleRules
) -> dict[State, ImpactClauses]:
    def fill(template: str) -> str:
        return _fill(template, capitalized if template.startswith(_SLOT) else noun, locale_rules)

    return {state: ImpactClauses(*map(fill, astuple(clauses[state]))) for state in IMPACT_STATES if state in clauses}


_SLOT = "{name}"


def _fill(template: str, name: str, locale_rules: LocaleRules) -> str:
    before, slot, after = template.partition(_SLOT)
    return join_slots(((before, name if slot else ""), (after, "")), locale_rules)
