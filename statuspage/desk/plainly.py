"""Free text that may not go out as it is: what gives away insides or people, and a guess in a first report."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.facts import NoticeKind
from statuspage.plain import Context, grave, plain
from statuspage.rules import Problem
from statuspage.typed import Typed, tidy
from statuspage.world import World


def unplain(world: World, typed: Typed, notice: NoticeKind) -> Iterator[Problem]:
    """One problem for each text, unless somebody gave a reason, which is kept with the notice."""
    for language, written in typed.extra.items() if not typed.reason.strip() else ():
        text = tidy(written)
        found = plain(text, language=language, catalog=world.catalog, context=Context(notice))
        for one in grave(tuple(one for one in found if one.kind != "drill"))[:1]:
            yield Problem(f"extra.{language}", "text.plain", {"word": text[one.start : one.end]})
