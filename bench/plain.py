"""``python -m bench.plain tune|apart|sentences|sentences2``: the detection and false positive rates of the
plain-language check on texts by engineers and by plain writers, per class, or word by word on the sentences that were
hashed before. Prints only numbers, so that nobody tunes to the held-out texts."""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from statuspage import bundled
from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.rendering.plain_language.check import _word_findings, find_unplain
from statuspage.rendering.plain_language.findings import Finding, Level

TEXTS = Path(__file__).resolve().parent.parent / "tests" / "plain"
LONG = 2_000
LONGEST = 20_000
TURNS = 21


@dataclass(frozen=True)
class Labelled:
    """A text, whether an engineer or a plain writer wrote it, and the class for which it was written."""

    half: str
    kind: str
    group: str
    text: str


def labelled(language: str) -> Iterator[Labelled]:
    """All texts in a language."""
    for line in (TEXTS / f"{language}.tsv").read_text("utf-8").splitlines()[1:]:
        _, half, finding_kind, group, text = line.split("\t")
        yield Labelled(half, finding_kind, group, text)


def measure(catalog: Catalog, half: str) -> None:
    """Detections and false positives per class, in each language."""
    for language in ("ja", "en"):
        seen, found, hints = Counter[str](), Counter[str](), Counter[str]()
        for text in labelled(language):
            if text.half != half:
                continue
            levels = {each.level for each in find_unplain(text.text, language=language, catalog=catalog)}
            for key in (text.kind, f"{text.kind} {text.group}"):
                seen[key] += 1
                found[key] += bool(levels - {Level.HINT})
                hints[key] += levels == {Level.HINT}
        print(f"{language}, half {half!r}: texts, with a finding (warning or error), with hints only")
        for key in sorted(seen):
            print(f"  {key:22} {seen[key]:4} {found[key]:4} ({found[key] / seen[key]:.1%}) {hints[key]:4}")


def count_sentences(catalog: Catalog, name: str = "sentences") -> Counter[tuple[str, str, str]]:
    """By language, trade ("all" for all of them) and name: the engineer's *words*, those *found*, those *warned* about
    (above a hint); the *plain* sentences, the *false* ones with a finding above a hint, the *hinted* ones with any."""
    counts = Counter[tuple[str, str, str]]()
    for line in (TEXTS / f"{name}.tsv").read_text("utf-8").splitlines():
        language, kind, trade, text, words = line.split("\t")
        findings = [
            finding
            for finding in find_unplain(text, language=language, catalog=catalog)
            if finding.category != "length"
        ]
        serious = [finding for finding in findings if finding.level is not Level.HINT]
        for group in ("all", trade):
            if kind == "plain":
                counts[language, group, "plain"] += 1
                counts[language, group, "false"] += bool(serious)
                counts[language, group, "hinted"] += bool(findings)
                continue
            for word in words.split("|"):
                counts[language, group, "words"] += 1
                counts[language, group, "found"] += _is_found(word, text, findings)
                counts[language, group, "warned"] += _is_found(word, text, serious)
    return counts


def measure_sentences(catalog: Catalog, name: str) -> None:
    """The share of engineer's words that are found, and of plain sentences in which anything is."""
    counts = count_sentences(catalog, name)
    for language in ("ja", "en"):
        print(f"{language}: engineer's words, found (above a hint); plain sentences, with a finding above a hint (any)")
        for group in sorted({group for where, group, _ in counts if where == language}):
            words, found, warned, plain, false, hinted = (
                counts[language, group, name] for name in ("words", "found", "warned", "plain", "false", "hinted")
            )
            rates = f"{words:4} {found:4} {found / words:6.1%} ({warned / words:6.1%})"
            print(f"  {group:22} {rates}  {plain:4} {false:3} {false / plain:5.1%} ({hinted})")


def _is_found(word: str, text: str, findings: list[Finding]) -> bool:
    """Whether one of the findings touches this word, wherever it stands in the text."""
    places = [match.span() for match in re.finditer(re.escape(word.strip()), text, re.IGNORECASE)]
    return any(finding.start < end and start < finding.end for start, end in places for finding in findings)


def speed(catalog: Catalog) -> None:
    """How long texts full of technical words take: two thousand characters, the first time and later, and the most
    that is checked."""
    print(f"The check for plain language (budget 20 ms for {LONG:,} characters, 200 ms for {LONGEST:,})")
    for language in ("ja", "en"):
        source = " ".join(text.text for text in labelled(language) if text.half == "tune" and text.kind == "engineer")
        times = [_took(catalog, language, source[:LONG]) for _ in range(TURNS + 1)]
        longest = [
            _took(catalog, language, (f"{n} {source}" * (LONGEST // len(source) + 1))[:LONGEST]) for n in range(TURNS)
        ]
        print(
            f"  {language}: {times[0]:6.1f} ms the first time, {statistics.median(times[1:]):5.1f} ms later;"
            f" {statistics.median(longest):5.1f} ms for {LONGEST:,} characters (median of {TURNS})"
        )


def _took(catalog: Catalog, language: str, text: str) -> float:
    """Milliseconds of one check of a text that has not been checked before."""
    _word_findings.cache_clear()
    began = time.perf_counter()
    find_unplain(text, language=language, catalog=catalog)
    return (time.perf_counter() - began) * 1000


def prepared() -> Catalog:
    """The shipped content."""
    catalog, faults = loading.read_content(bundled.folder("content") / "demo")
    if catalog is None:
        raise SystemExit(f"The content has faults: {faults[0]}")
    return catalog


if __name__ == "__main__":
    half = sys.argv[1] if len(sys.argv) > 1 else "tune"
    if half.startswith("sentences"):
        measure_sentences(prepared(), half)
    else:
        measure(prepared(), half)
