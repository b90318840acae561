"""Proposes kind and services for an alert, by the house's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statuspage.domain.alert import Alert, AlertRule, GroupingRules, MonitorAlert, Proposal


def propose(alert: MonitorAlert, rules: Sequence[AlertRule]) -> Proposal:
    """What the first rule that fits says; an empty proposal where none does."""
    for rule in rules:
        if rule.source == alert.source and labels_match(rule.match, alert.labels):
            return Proposal(incident_type=rule.incident_type, services=rule.services)
    return Proposal()


def labels_match(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every label of ``match`` is there with that value; ``*`` at the end of a value stands for any rest."""
    return all(name in labels and _value_matches(value, labels[name]) for name, value in match.items())


def _value_matches(pattern: str, value: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


def are_related(first: Alert, second: Alert, grouping: GroupingRules) -> bool:
    """Whether two alerts are shown as one, as far as what they mean goes. What no rule knows goes by its monitor."""
    if not first.proposal.incident_type or not second.proposal.incident_type:
        return (
            first.proposal.incident_type == second.proposal.incident_type
            and first.monitor_alert.source == second.monitor_alert.source
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


_CRITERIA = {"kind": _same_incident_type, "service": _same_service}
