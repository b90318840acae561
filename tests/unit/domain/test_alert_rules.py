"""What the alert rules propose for an alert."""

from __future__ import annotations

from statuspage.domain.alert import AlertRule, MonitorAlert, Proposal, propose
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, State
from tests.support.times import at

BOOKING = AlertRule("alertmanager", {"service": "booking-api", "severity": "critical"}, "booking")
SLOW = AlertRule("alertmanager", {"service": "booking*"}, "slow")
ANY = AlertRule("alertmanager", {"service": "*"}, "other")
ELSEWHERE = AlertRule("grafana", {}, "login")


def signal(**labels: str) -> MonitorAlert:
    return MonitorAlert("alertmanager", "1", "Title", "", labels, at("11:58"))


def test_the_first_rule_that_fits_counts():
    rules = (ELSEWHERE, BOOKING, SLOW, ANY)
    assert propose(signal(service="booking-api", severity="critical"), rules).incident_type == "booking"
    assert propose(signal(service="booking-api", severity="warning"), rules).incident_type == "slow"
    assert propose(signal(service="gate"), rules).incident_type == "other"


def test_all_labels_of_a_rule_must_be_there():
    assert propose(signal(severity="critical"), (BOOKING,)) == Proposal()


def test_a_star_stands_for_any_rest_but_not_for_a_missing_label():
    assert propose(signal(service="booking"), (SLOW,)).incident_type == "slow"
    assert propose(signal(service=""), (ANY,)).incident_type == "other"
    assert propose(signal(job="x"), (ANY,)) == Proposal()
    assert (
        propose(signal(service="booking"), (AlertRule("alertmanager", {"service": "book*ng"}, "slow"),)) == Proposal()
    )


def test_a_rule_of_another_monitor_does_not_fit():
    assert propose(signal(), (ELSEWHERE,)) == Proposal()


def test_the_shipped_rules_know_the_booking_alert(catalog: Catalog):
    found = propose(signal(service="booking-api", severity="critical"), catalog.alert_rules)
    assert found.incident_type == "booking"
    assert found.services == (Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED))
