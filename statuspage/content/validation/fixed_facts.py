"""Finds what a prepared text must not fix, because it differs from company to company: the name of a time zone, and the
number to call in an emergency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statuspage.domain import Catalog, ContentError, LanguagePack
from statuspage.rendering.wording import zone_names


def find_errors(catalog: Catalog) -> Iterator[ContentError]:
    """The errors in what customers read, in the languages of the page."""
    for language in catalog.languages:
        pack = catalog.packs[language]
        texts = _customer_texts(pack)
        zones = _find_zones("\n".join(texts.values()), pack)
        for (file, key), text in texts.items():
            for fixed, message in ((_first_zone(text, zones), _ZONE), (find_emergency_number(text), _EMERGENCY)):
                if fixed:
                    yield ContentError(f"{language}/{file}.toml", 1, key, message.format(fixed=fixed))


_ZONE = (
    "“{fixed}” is the name of one time zone; leave it out (times have the name of “time_zone” in site.toml) "
    "or write {{zone}} where there is such a slot."
)
_EMERGENCY = (
    "“{fixed}” is an emergency number of some countries; write {{emergency}} and the number as “emergency” under "
    "[contact] in site.toml."
)


def _customer_texts(pack: LanguagePack) -> dict[tuple[str, str], str]:
    """What customers read, by file and key."""
    texts = {("phrases", key): text for key, text in pack.phrases.items() if not key.startswith(_STAFF_TABLES)}
    texts |= {("labels", key): text for key, text in pack.labels.items() if not key.startswith(_STAFF_TABLES)}
    texts |= {
        ("lists", f"{name}.{id}.text"): choice.text
        for name, choices in pack.lists.items()
        for id, choice in choices.items()
    }
    texts["organisation", "footer"] = pack.footer
    for id, words in pack.services.items():
        for state, clauses in words.impact_clauses.items():
            for form in ("now", "still", "again"):
                text = getattr(clauses, form)
                for name in filter(None, (words.name, words.noun, words.noun_capitalized)):
                    text = text.replace(name, "…")  # a company may be called Line 112
                texts["organisation", f"services.{id}.{state}.{form}"] = text
    return texts


_STAFF_TABLES = ("desk.", "cli.", "problem.", "receipt.", "staff.")


def _find_zones(text: str, pack: LanguagePack) -> tuple[re.Pattern[str], ...]:
    """Patterns of the zones that occur anywhere in these texts, the longest names first."""
    folded = text.casefold()
    names = {*zone_names(pack.locale_rules.locale), *_OTHER_NAMES}
    found = sorted((name for name in names if name.casefold() in folded), key=len, reverse=True)
    return (*(_pattern(name, pack) for name in found), _ABBREVIATION)


def _pattern(name: str, pack: LanguagePack) -> re.Pattern[str]:
    is_apart = rf"(?<!\w){re.escape(name)}(?![^\W가-힣])"  # Korean endings follow a name directly.
    return re.compile(is_apart if pack.locale_rules.uses_spaces else re.escape(name), re.IGNORECASE)


_OTHER_NAMES = ("北京时间", "北京時間", "한국 시간", "한국시간", "Japan Time", "Central European Time")
"""Names in use that CLDR does not have, or that texts in other languages have too."""

_ABBREVIATION = re.compile(
    r"(?<![\w-])(?:JST|KST|ICT|SGT|HKT|WIB|MSK|EET|EEST|CET|CEST|MEZ|MESZ|WET|BST|GMT|UTC"
    r"|A?[ECMP][SD]T|AK[SD]T|HST|BRT|CLT|AE[SD]T|AC[SD]T|AWST|NZ[SD]T)(?![\w-])|(?<!\w)(?:UTC|GMT)\s?[+−-]\s?\d"
)
"""Abbreviations of zones, which are written in capitals."""


def _first_zone(text: str, zones: tuple[re.Pattern[str], ...]) -> str:
    return next((match[0] for zone in zones if (match := zone.search(text))), "")


def find_emergency_number(text: str) -> str:
    """The first emergency number of any country that stands alone, not within another number, an amount or a code; ""
    if there is none."""
    return match[0] if (match := _EMERGENCY_NUMBER.search(text)) else ""


_UNITS = (
    r"%|％|‰|°|[€$£¥₩円元원đ₫分秒時间間日月年人件名回個个台号室行页頁]|(?:USD|EUR|GBP|JPY|KRW|VND|BRL|R\$|yen|euros?|reais|"
    r"dollars?|min|minutes?|minutos?|Minuten|phút|분|hours?|days?|people|customers?|ms|kg|GB|MB)\b"
)

_EMERGENCY_NUMBER = re.compile(
    r"(?<![A-Za-z0-9０-９+#€$£¥₩])(?<![\d０-９][ .,:/()‐-―-])(?<!R\$ )(?<![€$£¥₩] )"
    r"(?:000|061|091|11[0-9]|120|122|19[023]|911|99[5-9]|１１[０-９]|９１１|９９９)"
    rf"(?![A-Za-z0-9０-９])(?!番[地号目])(?![ .,:/()‐-―-]?\d)(?!\s?(?:{_UNITS}))"
)
"""110, 112, 118 and 119, 120 and 122 (China), 190 to 193 (Brazil), 911, 995 to 999, 000 (Australia), 061
and 091 (Spain); those of two digits cannot be told from other numbers."""
