"""Tells in which sense a word with an everyday meaning is meant: by what stands around it in its sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from statuspage.domain import Term
from statuspage.rendering.plain_language.findings import TECHNICAL, Level
from statuspage.rendering.plain_language.glossary_index import GlossaryIndex, Hit
from statuspage.rendering.plain_language.normalization import NormalizedText
from statuspage.rendering.plain_language.notice_structure import sentences
from statuspage.rendering.plain_language.technical_details import HARMLESS, TechnicalDetail

CROWD = 3
"""So many different words of two meanings in one sentence are hardly all meant otherwise."""


class SentenceSenses:
    """What the words of each sentence say about its sense. Built once for each text, in linear time.

    *technical* counts words of engineers, *digital* words of everybody about sites and apps, *everyday* words about
    anything else.
    """

    def __init__(
        self, text: NormalizedText, index: GlossaryIndex, hits: Iterable[Hit], details: Iterable[TechnicalDetail]
    ) -> None:
        self._starts = [sentence.start() for sentence in sentences(text.lower)]
        self._counts: dict[str, Counter[int]] = {name: Counter() for name in ("technical", "digital", "everyday")}
        self._crowded: set[int] = set()
        unclear = self._count_hits(text, hits)
        for detail in details:
            if detail.code != HARMLESS and detail.category != "personal" and not detail.is_hint:
                self._count("technical", detail.start)
        if unclear:
            for start, context in index.find_contexts(text):
                if start not in unclear:  # a word says nothing about its own sense
                    self._count(context, start)

    def _count_hits(self, text: NormalizedText, hits: Iterable[Hit]) -> frozenset[int]:
        """Counts words of the glossary; the places of those whose sense is not clear."""
        words: dict[int, set[str]] = {}
        places: set[int] = set()
        for start, end, term in hits:
            if term is None or (term.term_class not in TECHNICAL and not term.has_everyday_meaning):
                continue
            if term.has_everyday_meaning or (term.level == Level.HINT and term.term_class != "process"):
                words.setdefault(self._sentence_at(start), set()).add(text.lower[start:end])
                places.update(range(start, end))
            elif term.level != Level.HINT:
                self._count("technical", start)
        self._crowded.update(sentence for sentence, crowd in words.items() if len(crowd) >= CROWD)
        return frozenset(places)

    def _count(self, context: str, position: int) -> None:
        self._counts[context][self._sentence_at(position)] += 1

    def _sentence_at(self, position: int) -> int:
        return bisect_right(self._starts, position)

    def level_of(self, term: Term, start: int, usual_level: Level) -> Level | None:
        """The level of a word that also has an everyday meaning; None where it is meant in that one.

        Where nothing around it tells, it is the term's own level, or none if it has none.
        """
        sentence = self._sentence_at(start)
        technical, digital, everyday = (counts[sentence] for counts in self._counts.values())
        if everyday > technical + digital:
            return None
        if technical or (sentence in self._crowded and not everyday):
            return usual_level
        if everyday and term.level:
            return Level.HINT
        return Level(term.level) if term.level else None
