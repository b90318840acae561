"""Alert rules as people read them: which labels, and what they propose."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.domain import AlertRule, Catalog, Proposal
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: its labels, and the incident type and services that it proposes."""

    match: str
    meaning: str


def rule_row(rule: AlertRule, catalog: Catalog, translator: Translator) -> RuleRow:
    """The rule in the language of the desk."""
    parts = [
        translator.t("monitor_settings.begins", label=name, value=value[:-1])
        if value.endswith("*")
        else f"{name} = {value}"
        for name, value in rule.match.items()
    ]
    return RuleRow(", ".join(parts), meaning(Proposal(rule.incident_type, rule.services), catalog, translator))


def meaning(proposal: Proposal, catalog: Catalog, translator: Translator) -> str:
    """The proposed incident type and services; "" if nothing is proposed."""
    if not proposal.incident_type:
        return ""
    pack = translator.pack
    name = pack.phrases.get(f"incident_type.{proposal.incident_type}.name", proposal.incident_type).replace("|", "")
    services = translator.format_list(
        pack.services[each.service].name if each.service in pack.services else each.service
        for each in proposal.services
    )
    return translator.t("monitor_settings.meaning", type=name, services=services) if services else name
