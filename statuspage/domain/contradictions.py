"""What one notice must not say together: an answer and advice against it, a cause and an action that do not fit it."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import AffectedAudience, Facts

EVERYONE = f"audience.{AffectedAudience.ALL}"
"""The choice that everyone is affected."""


def find_contradictions(facts: Facts, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Pairs of choices that contradict each other, such as ``answer.retry`` and ``workaround.wait``."""
    said = _said_choices(facts)
    incident_type = catalog.incident_types.get(facts.incident_type)
    for question in incident_type.questions if incident_type else ():
        given_answer = facts.answers.get(question.id, "checking")
        for answer, choice in question.conflicts:
            if answer == given_answer and choice in said:
                yield f"answer.{question.id}", choice
    yield from (pair for pair in catalog.contradictions if said.issuperset(pair))


def _said_choices(facts: Facts) -> frozenset[str]:
    """Everything chosen from the closed lists, and whether everyone is affected."""
    single = {"cause": facts.cause, "current_action": facts.current_action}
    return frozenset(
        {
            *(f"{kind}.{id}" for kind, id in single.items() if id),
            *(f"workaround.{workaround}" for workaround in facts.workarounds),
            f"audience.{facts.audience.extent}",
        }
    )
