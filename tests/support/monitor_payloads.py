"""What each monitor sends, written field by field from its public documentation; the values are our own.

Sources: Grafana "Configure webhook notifications"; Amazon SNS developer guide, "HTTP/HTTPS notification JSON format",
and CloudWatch user guide, "Using Amazon CloudWatch alarms"; Datadog "Webhooks", Variables, in the template of
``docs/guides/monitors/datadog.md``; PagerDuty developer documentation, "Webhooks", Overview; Sentry "Integration
Platform, Webhooks": Issues, Issue Alerts, Metric Alerts; Zabbix manual, "Supported macros", in the script of
``docs/guides/monitors/zabbix.md``; Mackerel help, "Webhook notifications".
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

STARTED = "2026-07-04T02:58:00Z"
ENDED = "2026-07-04T03:10:00Z"


def body(fields: Json) -> bytes:
    """As it is sent."""
    return json.dumps(fields, ensure_ascii=False).encode()


def grafana(*, over: bool = False, fingerprint: str = "c6eadffa33fcdf37", **labels: str) -> Json:
    """One alert of a contact point's default message."""
    status = "resolved" if over else "firing"
    alert_labels = {"alertname": "Bookings fail", "service": "booking-api", "grafana_folder": "Booking", **labels}
    alert = {
        "status": status,
        "labels": alert_labels,
        "annotations": {"summary": "61 % of bookings fail", "description": "For five minutes."},
        "startsAt": "2026-07-04T11:58:00+09:00",
        "endsAt": "2026-07-04T12:10:00+09:00" if over else "0001-01-01T00:00:00Z",
        "values": {"B": 61.2, "C": 1},
        "generatorURL": "https://grafana.fitline.example/alerting/grafana/b1/view",
        "fingerprint": fingerprint,
        "silenceURL": "https://grafana.fitline.example/alerting/silence/new",
        "dashboardURL": "",
        "panelURL": "",
        "imageURL": "",
    }
    return {
        "receiver": "statuspage", "status": status, "orgId": 1, "alerts": [alert], "groupLabels": {},
        "commonLabels": alert_labels, "commonAnnotations": {}, "externalURL": "https://grafana.fitline.example/",
        "version": "1", "groupKey": "{}:{}", "truncatedAlerts": 0, "title": "[FIRING:1]", "state": "alerting",
        "message": "**Firing**",
    }  # fmt: skip


def alarm(state: str = "ALARM", at: str = "2026-07-04T02:58:00.123+0000", **changes: Any) -> Json:
    """CloudWatch's message within SNS."""
    return {
        "AlarmName": "booking-5xx",
        "AlarmDescription": "Bookings fail.",
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-06-01T00:00:00.000+0000",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint [61.0] was greater than the threshold (20.0).",
        "StateChangeTime": at,
        "Region": "Asia Pacific (Tokyo)",
        "AlarmArn": "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:booking-5xx",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": ["arn:aws:sns:ap-northeast-1:123456789012:alarms"],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "HTTPCode_Target_5XX_Count", "Namespace": "AWS/ApplicationELB", "StatisticType": "Statistic",
            "Statistic": "SUM", "Unit": None, "Dimensions": [{"value": "app/booking/1", "name": "LoadBalancer"}],
            "Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 20.0,
        },
        **changes,
    }  # fmt: skip


TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:alarms"


def notification(message: Json | str, **changes: Any) -> Json:
    """SNS's envelope around a message."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": 'ALARM: "booking-5xx" in Asia Pacific (Tokyo)',
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-07-04T02:58:01.000Z",
        "SignatureVersion": "1",
        "Signature": "RVhBTVBMRQ==",
        "SigningCertURL": "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "UnsubscribeURL": "https://sns.ap-northeast-1.amazonaws.com/?Action=Unsubscribe",
        **changes,
    }


def cloudwatch(*, over: bool = False) -> Json:
    """An alarm as SNS delivers it."""
    return notification(alarm("OK", "2026-07-04T03:10:00.000+0000") if over else alarm())


def datadog(*, over: bool = False, **changes: Any) -> Json:
    """Our template, filled in."""
    return {
        "alert_cycle_key": "1783133880000000001",
        "alert_transition": "Recovered" if over else "Triggered",
        "alert_title": "Bookings fail",
        "event_title": "[Triggered] Bookings fail",
        "text": "61 % of bookings fail @webhook-statuspage",
        "alert_id": "1234",
        "alert_priority": "P1",
        "alert_scope": "env:prod,role:web",
        "hostname": "app01",
        "tags": "service:booking-api,team-web",
        "link": "https://app.datadoghq.com/event/event?id=1",
        "date": "1783134600000" if over else "1783133880000",
        **changes,
    }


def pagerduty(event_type: str = "incident.triggered", at: str = STARTED, **changes: Any) -> Json:
    """One event about one incident."""
    data = {
        "id": "PGR0VU2", "type": "incident", "self": "https://api.pagerduty.com/incidents/PGR0VU2",
        "html_url": "https://fitline.pagerduty.com/incidents/PGR0VU2", "number": 2, "status": "triggered",
        "incident_key": "d3640fbd41094207a1c11e58e46b1662", "created_at": STARTED, "title": "Bookings fail",
        "service": {"html_url": "https://fitline.pagerduty.com/services/PF9KMXH", "id": "PF9KMXH",
                    "self": "https://api.pagerduty.com/services/PF9KMXH", "summary": "booking-api",
                    "type": "service_reference"},
        "assignees": [], "escalation_policy": {"id": "PUS0KTE", "summary": "Default"}, "teams": [],
        "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"}, "urgency": "high",
        "conference_bridge": None, "resolve_reason": None, **changes,
    }  # fmt: skip
    return {
        "event": {
            "id": "01DEN4HPBQAAAG05V5QQYBRZMF", "event_type": event_type,
            "resource_type": "incident", "occurred_at": at,
            "agent": None, "client": None, "data": data,
        }
    }  # fmt: skip


def sentry_issue(action: str = "created", **changes: Any) -> Json:
    """An issue's own webhook."""
    issue = {
        "id": "1170820242", "shortId": "BOOKING-1", "title": "TimeoutError: no answer",
        "culprit": "booking.views.create", "level": "error", "status": "unresolved", "substatus": "new",
        "statusDetails": {}, "logger": None,
        "permalink": None, "web_url": "https://fitline.sentry.io/issues/1170820242/",
        "url": "https://sentry.io/api/0/organizations/fitline/issues/1170820242/", "count": "7", "userCount": 5,
        "firstSeen": STARTED, "lastSeen": "2026-07-04T03:05:00Z",
        "project": {"id": "1", "name": "booking", "slug": "booking-api", "platform": "python"}, **changes,
    }  # fmt: skip
    actor = {"type": "application", "id": "sentry", "name": "Sentry"}
    return {"action": action, "installation": {"uuid": "a8e5d37a"}, "data": {"issue": issue}, "actor": actor}


def sentry_event(**changes: Any) -> Json:
    """An issue alert's webhook."""
    event = {
        "event_id": "e4874d664c3540c1a32eab185f12c5ab", "issue_id": "1170820242", "title": "TimeoutError: no answer",
        "culprit": "booking.views.create", "level": "error", "environment": "production",
        "datetime": "2026-07-04T02:58:00.000000Z", "url": "https://sentry.io/api/0/projects/fitline/booking/events/e4/",
        "web_url": "https://fitline.sentry.io/issues/1170820242/events/e4/",
        "issue_url": "https://sentry.io/api/0/issues/1170820242/", **changes,
    }  # fmt: skip
    data = {"event": event, "triggered_rule": "Bookings fail", "issue_alert": {"title": "Bookings fail"}}
    return {"action": "triggered", "data": data, "installation": {"uuid": "a8e5d37a"}}


def sentry_metric(action: str = "critical", **changes: Any) -> Json:
    """A metric alert's webhook."""
    metric = {
        "id": "4", "identifier": "3", "organization_id": "1", "status": 20, "title": "Too many errors",
        "date_started": STARTED, "date_detected": STARTED, "date_created": STARTED,
        "date_closed": ENDED if action == "resolved" else None, "projects": ["booking-api"],
        "alert_rule": {"id": "7", "name": "Too many errors", "projects": ["booking-api"], "aggregate": "count()",
                       "triggers": []}, **changes,
    }  # fmt: skip
    data = {
        "metric_alert": metric, "description_title": "Critical: Too many errors",
        "description_text": "1000 events in the last 10 minutes", "web_url": "https://fitline.sentry.io/alerts/4/",
    }  # fmt: skip
    return {"action": action, "data": data, "installation": {"uuid": "a8e5d37a"}}


def zabbix(*, over: bool = False, **changes: Any) -> Json:
    """What our script makes from the macros."""
    return {
        "event_id": "4021",
        "event_value": "0" if over else "1",
        "name": "Bookings fail on app01",
        "message": "61 % of bookings fail",
        "severity": "Disaster",
        "host": "app01",
        "trigger_id": "16042",
        "tags": [{"tag": "service", "value": "booking-api"}, {"tag": "web", "value": ""}],
        "at": "1783133880",
        "recovered_at": "1783134600" if over else "{EVENT.RECOVERY.TIMESTAMP}",
        "url": "https://zabbix.fitline.example/tr_events.php?triggerid=16042&eventid=4021",
        **changes,
    }


def mackerel(*, over: bool = False, **changes: Any) -> Json:
    """An alert of a host's metric."""
    return {
        "orgName": "fitline",
        "event": "alert",
        "imageUrl": None,
        "memo": "The booking service",
        "type": "host",
        "message": "5xx 61 > 20",
        "host": {
            "id": "22D4xxxx", "name": "app01", "url": "https://mackerel.io/orgs/fitline/hosts/22D4", "type": "unknown",
            "status": "working", "memo": "", "isRetired": False,
            "roles": [{"fullname": "booking-api: web", "serviceName": "booking-api", "roleName": "web",
                       "serviceUrl": "https://mackerel.io/orgs/fitline/services/booking-api",
                       "roleUrl": "https://mackerel.io/orgs/fitline/services/booking-api#role=web"}],
        },
        "alert": {
            "openedAt": 1783133880, "closedAt": 1783134600 if over else None, "createdAt": 1783133880693,
            "statusChangedAt": 1783133880, "criticalThreshold": 20, "duration": 5, "isOpen": not over,
            "metricLabel": "5xx", "metricValue": 61.2, "monitorName": "Bookings fail", "monitorOperator": ">",
            "status": "ok" if over else "critical", "trigger": "monitor", "id": "2bjXXXX",
            "url": "https://mackerel.io/orgs/fitline/alerts/2bjXXXX", "warningThreshold": 10,
        },
        **changes,
    }  # fmt: skip
