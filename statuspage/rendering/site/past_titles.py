"""Names what is over by what was affected and how, in the lists of the page and of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from statuspage.domain import LanguagePack
from statuspage.rendering.site.templating import site_label
from statuspage.rendering.wording import join_plainly


def past_title(pack: LanguagePack, impacts: Sequence[tuple[str, str]]) -> str:
    """What was affected and how, without a verb, whose tense would be that of a notice: *Class booking: Slow*.

    ``impacts`` are services with their worst state, the worst first (``past_impacts``). "" if this language knows none
    of them.
    """
    known = [(pack.services[service].name, state) for service, state in impacts if service in pack.services]
    return " · ".join(
        site_label(
            pack,
            "other_language.service",
            name=join_plainly([name for name, _ in group], pack.locale_rules),
            state=site_label(pack, f"past.{state}"),
        )
        for state, group in groupby(known, key=lambda item: item[1])
    )
