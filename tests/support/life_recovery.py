"""What still does not work once part of an incident works again, and for whom, in generated lives."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from statuspage.domain import AffectedAudience, Audience, Facts

SOME, ALL = AffectedAudience.SOME, AffectedAudience.ALL


def facts_of_the_rest(
    random: Random, told: Facts, opened: Facts, groups: tuple[str, ...]
) -> tuple[Facts, frozenset[str]] | None:
    """The facts of a *partly restored* notice, of fewer services or the same for fewer customers, and which of them
    somebody has said anew; None if neither can be.

    ``told`` is what customers know, ``opened`` what the form starts with. Half of those who write say who is affected
    by the rest, and some what these can still do. What is said of a single service still holds.
    """
    kept = frozenset({"workaround"}) if len(told.affected) < 2 else frozenset[str]()
    if len(told.affected) < 2 or random.random() < 0.25:
        narrower = _narrower(random, told.audience, groups)
        return (replace(opened, audience=narrower), kept | {"audience"}) if narrower else None
    rest = random.sample(told.affected, random.randint(1, len(told.affected) - 1))
    facts = replace(opened, affected=tuple(item for item in opened.affected if item in rest))
    if random.random() < 0.5:
        facts, kept = replace(facts, audience=_any_audience(random, groups)), kept | {"audience"}
    if random.random() < 0.2:
        facts, kept = replace(facts, workarounds=told.workarounds), kept | {"workaround"}
    return facts, kept


def _narrower(random: Random, told: Audience, groups: tuple[str, ...]) -> Audience | None:
    if len(told.groups) > 1:
        return Audience(
            AffectedAudience.GROUPS, tuple(random.sample(told.groups, random.randint(1, len(told.groups) - 1)))
        )
    if told.extent in (ALL, AffectedAudience.CHECKING):
        return random.choice((Audience(SOME), _some_groups(random, groups)))
    return None


def _any_audience(random: Random, groups: tuple[str, ...]) -> Audience:
    return random.choice((Audience(SOME), Audience(ALL), *(_some_groups(random, groups),) * 2))


def _some_groups(random: Random, groups: tuple[str, ...]) -> Audience:
    return Audience(AffectedAudience.GROUPS, tuple(random.sample(groups, random.randint(1, 3))))
