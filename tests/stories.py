"""Tells three incidents of each of five kinds from the first report to the end, in every language of the sample.

Run ``python -m tests.stories`` and read them aloud.
"""

from __future__ import annotations

from collections.abc import Iterator

from statuspage import shipped
from statuspage.catalog import Catalog
from statuspage.checking.stories import Stories
from statuspage.content import read
from statuspage.facts import NoticeKind
from statuspage.wording import compose
from tests.times import at

KINDS = ("booking", "payment", "login", "entry", "messages")
TOLD = (
    NoticeKind.FIRST,
    NoticeKind.UPDATE,
    NoticeKind.PARTLY_RESTORED,
    NoticeKind.WATCHING,
    NoticeKind.RESOLVED,
)
ADDRESS = "https://status.fitline.example"


def stories(catalog: Catalog) -> Iterator[str]:
    """Every story, line by line."""
    day = Stories(catalog, at("00:00"), ADDRESS)
    for language in catalog.languages:
        for kind in KINDS:
            for number in range(3):
                yield f"===== {language}: {catalog.books[language].phrases[f'kind.{kind}.name']} {number + 1}"
                yield from _story(catalog, day, language, kind, 1 + 4 * number + KINDS.index(kind))


def _story(catalog: Catalog, day: Stories, language: str, kind: str, number: int) -> Iterator[str]:
    for one in day.incident(catalog.kinds[kind], number):
        if one.notice in TOLD:
            said = compose(one.notice, one.facts, catalog=catalog, story=one.story, now=one.now)[language]
            yield f"--- {said.label} | {said.status}"
            yield said.media["page"].body
            yield ""


if __name__ == "__main__":
    found, faults = read(shipped.folder("content"))
    assert found is not None, faults
    print("\n".join(stories(found)))
