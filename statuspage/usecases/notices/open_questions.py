"""Every question that is still open although customers were told that it works again."""

from __future__ import annotations

from statuspage.domain import Incident, Question, open_questions
from statuspage.storage import incidents
from statuspage.usecases.environment import Environment


def all_open_questions(env: Environment) -> tuple[tuple[Incident, Question], ...]:
    """Each open question with its incident; those that ended first come first."""
    with env.databases.environment.read() as tx:
        ended = incidents.with_open_questions(tx)
    return tuple((incident, question) for incident in ended for question in open_questions(incident, env.site.catalog))
