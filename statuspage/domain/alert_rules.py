"""Proposes an incident type and services for an alert, by the organisation's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statuspage.domain.alert import Alert, AlertRule, GroupingRules, MonitorAlert, Proposal


def propose(alert: MonitorAlert, rules: Sequence[AlertRule]) -> Proposal:
    """The proposal of the first rule that matches; an empty one if none does."""
    for rule in rules:
        if rule.source == alert.source and labels_match(rule.match, alert.labels):
            return Proposal(incident_type=rule.incident_type, services=rule.services)
    return Proposal()


def labels_match(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every label in ``match`` is present with that value; ``*`` at the end of a value matches any rest."""
    return all(name in labels and _value_matches(value, labels[name]) for name, value in match.items())


def _value_matches(pattern: str, value: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


def are_related(first: Alert, second: Alert, grouping: GroupingRules) -> bool:
    """Whether two alerts belong in one group by meaning. Alerts that no rule matches are compared by monitor."""
    if not first.proposal.incident_type or not second.proposal.incident_type:
        return (
            first.proposal.incident_type == second.proposal.incident_type
            and first.signal.source == second.signal.source
        )
    return all(_CRITERIA[criterion](first.proposal, second.proposal) for criterion in grouping.group_by)


def _same_incident_type(first: Proposal, second: Proposal) -> bool:
    return first.incident_type == second.incident_type


def _same_service(first: Proposal, second: Proposal) -> bool:
    first_services, second_services = (
        {affected.service for affected in proposal.services} for proposal in (first, second)
    )
    return bool(first_services & second_services) or (
        not first_services and not second_services and first.incident_type == second.incident_type
    )


_CRITERIA = {"incident_type": _same_incident_type, "service": _same_service}
