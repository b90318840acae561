"""Fits what stands in a slot to the words around it, where the grammar of a language asks for that."""

from __future__ import annotations

import re
from collections.abc import Iterable

from statuspage.domain import LocaleRules
from statuspage.rendering.wording.korean_particles import resolve_particles


def join_slots(parts: Iterable[tuple[str, str]], locale_rules: LocaleRules) -> str:
    """A text from its plain parts, each with the content of the slot after it ("" after the last).

    A name that ends in a full stop does not get a second one, Korean particles follow the sound of the name (을(를)),
    and French ``à`` merges with an article (à + le portail → au portail).
    """
    join = _merge_article if locale_rules.locale == "fr" else str.__add__
    text = "".join(join(plain, content) for plain, content in parts)
    if ".." in text:
        text = _DOUBLED_STOP.sub(".", text)
    return resolve_particles(text) if locale_rules.locale == "ko" else text


_DOUBLED_STOP = re.compile(r"(?<!\.)\.\.(?!\.)")


def _merge_article(plain: str, content: str) -> str:
    for article, merged in (("le ", "au "), ("les ", "aux ")):
        if plain.endswith(" à ") and content.startswith(article):
            return f"{plain[:-2]}{merged}{content.removeprefix(article)}"
    return plain + content
