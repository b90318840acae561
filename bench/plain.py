"""``python -m bench.plain tune|apart``: the detection and false positive rates of the plain-language check on texts by
engineers and by plain writers, per class. Prints only numbers, so that nobody tunes to the held-out texts."""

from __future__ import annotations

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
from statuspage.rendering.plain_language.check import find_unplain
from statuspage.rendering.plain_language.findings import Level

TEXTS = Path(__file__).resolve().parent.parent / "tests" / "plain"
LONG = 2_000
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
        for one in labelled(language):
            if one.half != half:
                continue
            levels = {each.level for each in find_unplain(one.text, language=language, catalog=catalog)}
            for key in (one.kind, f"{one.kind} {one.group}"):
                seen[key] += 1
                found[key] += bool(levels - {Level.HINT})
                hints[key] += levels == {Level.HINT}
        print(f"{language}, half {half!r}: texts, with a finding (warning or error), with hints only")
        for key in sorted(seen):
            print(f"  {key:22} {seen[key]:4} {found[key]:4} ({found[key] / seen[key]:.1%}) {hints[key]:4}")


def speed(catalog: Catalog) -> None:
    """How long a text of two thousand characters full of technical words takes, the first time and later."""
    print(f"The check for plain language on {LONG:,} characters (budget 20 ms); median of {TURNS}")
    for language in ("ja", "en"):
        text = " ".join(one.text for one in labelled(language) if one.half == "tune" and one.kind == "engineer")[:LONG]
        times = [_took(catalog, language, text) for _ in range(TURNS + 1)]
        print(f"  {language}: {times[0]:6.1f} ms the first time, {statistics.median(times[1:]):5.1f} ms later")


def _took(catalog: Catalog, language: str, text: str) -> float:
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
    measure(prepared(), sys.argv[1] if len(sys.argv) > 1 else "tune")
