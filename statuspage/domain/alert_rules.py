"""Proposes kind and services for an alert, by the house's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statuspage.domain.alert import Alert, AlertRule, GroupingRules, MonitorAlert, Proposal


def propose(signal: MonitorAlert, rules: Sequence[AlertRule]) -> Proposal:
    """What the first rule that fits says; an empty proposal where none does."""
    for rule in rules:
        if rule.source == signal.source and fits(rule.match, signal.labels):
            return Proposal(kind=rule.kind, services=rule.services)
    return Proposal()


def fits(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every label of ``match`` is there with that value; ``*`` at the end of a value stands for any rest."""
    return all(name in labels and _equal(value, labels[name]) for name, value in match.items())


def _equal(wanted: str, value: str) -> bool:
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


def related(one: Alert, other: Alert, joining: GroupingRules) -> bool:
    """Whether two alerts are shown as one, as far as what they mean goes. What no rule knows goes by its monitor."""
    if not one.proposal.kind or not other.proposal.kind:
        return one.proposal.kind == other.proposal.kind and one.signal.source == other.signal.source
    return all(_SAME[what](one.proposal, other.proposal) for what in joining.same)


def _same_kind(one: Proposal, other: Proposal) -> bool:
    return one.kind == other.kind


def _same_service(one: Proposal, other: Proposal) -> bool:
    mine, theirs = ({affected.service for affected in each.services} for each in (one, other))
    return bool(mine & theirs) or (not mine and not theirs and one.kind == other.kind)


_SAME = {"kind": _same_kind, "service": _same_service}
