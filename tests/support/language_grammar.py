"""How each shipped language words a service of which only the name is known."""

from __future__ import annotations

from functools import cache

from statuspage import bundled
from statuspage.content.loading.language_pack import read_locale_rules
from statuspage.content.loading.service_words import read_service_templates
from statuspage.content.loading.table_reader import Table
from statuspage.content.loading.toml_source import parse_toml
from statuspage.domain import LocaleRules, ServiceTemplates

LANGUAGES = ("ja", "ja-simple", "en", "de", "fr", "es", "pt-BR", "ko", "vi", "zh-Hans")


@cache
def grammar_of(language: str) -> tuple[ServiceTemplates, LocaleRules]:
    """The templates and locale rules of a language."""
    path = bundled.folder("content") / "languages" / language / "phrases.toml"
    source, errors = parse_toml(path.name, path.read_bytes())
    found = list(errors)
    table = Table(source, found, (), source.table)
    rules = read_locale_rules(table.get_table("locale_rules"))
    templates = read_service_templates(table.get_table("service_clauses"))
    assert found == []
    return templates, rules
