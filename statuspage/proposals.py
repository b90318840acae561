"""Proposes kind and services for an alert, by the house's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statuspage.catalog import AlertRule
from statuspage.incoming import Proposal, Signal


def propose(signal: Signal, rules: Sequence[AlertRule]) -> Proposal:
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
