"""Fits what stands in a slot to the words around it, where the grammar of a language asks for that."""

from __future__ import annotations

import re
from collections.abc import Iterable

from statuspage.domain import LocaleRules
from statuspage.rendering.wording.contractions import contract
from statuspage.rendering.wording.korean_particles import resolve_particles
from statuspage.rendering.wording.times.time_grammar import fit_times, fit_word_before


def join_slots(parts: Iterable[tuple[str, str]], locale_rules: LocaleRules) -> str:
    """A text from its plain parts, each with the content of the slot after it ("" after the last).

    A name that ends in a full stop does not get a second one, Korean particles follow the sound of the name (을(를)),
    prepositions merge with articles (à + le portail → au portail), and times agree with the words before them.
    """
    language = locale_rules.locale.split("-")[0]
    text = "".join(contract(plain, content, language) for plain, content in fit_times(list(parts), language))
    if ".." in text:
        text = _DOUBLED_STOP.sub(".", text)
    return resolve_particles(text) if language == "ko" else text


def word_before(before: str, time: str, locale_rules: LocaleRules) -> str:
    """The word of a label that stands before a time laid out on its own: *hacia la* before 1:05."""
    return fit_word_before(before, time, locale_rules.locale.split("-")[0])


_DOUBLED_STOP = re.compile(r"(?<!\.)\.\.(?!\.)")
