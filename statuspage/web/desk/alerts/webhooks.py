"""Receives alerts from monitors. The response is 200 only once an alert is stored; otherwise the monitor retries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from statuspage.domain import Alert, MonitorAlert, escape_control_characters
from statuspage.integrations.monitors import (
    IncomingRequest,
    Monitor,
    Proof,
    Unreadable,
    all_monitors,
    authentication,
    sns,
)
from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases import drills, throttling
from statuspage.usecases.alerts import monitor_activity, receive_alerts, sns_topics, test_alerts
from statuspage.web.desk import request_context
from statuspage.web.desk.security import is_same_origin

pages = Blueprint("intake", __name__)

MAX_BODY = 256 * 1024
"""Maximum bytes of one message from a monitor."""

_HEARTBEAT_NAME = re.compile(r"[A-Za-z0-9_-]{0,40}")

_log = Log(__name__)


class _Refused(Exception):
    """The message is refused: with this HTTP status, for this reason (a code for metrics and log), in this sentence."""

    def __init__(self, status: int, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.reason, self.sentence = status, reason, sentence


@pages.post("/intake/<source>")
def receive_webhook(source: str) -> tuple[Response, int]:
    """Stores a monitor's message as a whole, or not at all."""
    try:
        stored = _receive_alerts(source, _find_monitor(source))
    except _ERRORS as error:
        return _answer_refusal(source, error)
    _count_taken(source)
    if stored:
        _log.info("alerts received", source=source, alerts=[f"{alert.id} {alert.state}" for alert in stored])
    return jsonify({"alerts": [{"id": alert.id, "state": str(alert.state)} for alert in stored]}), 200


@pages.post("/intake/<source>/test")
def receive_test(source: str) -> tuple[Response, int]:
    """Takes a message like any other, but only shows that it arrived, and what it would mean."""
    try:
        monitor, incoming = _find_monitor(source), _read_request()
        _authenticate(source, monitor, incoming)
        signals = monitor.parse(incoming.body, request_context.now())
        _refuse_forbidden_phrases(signals)
        received = test_alerts.receive_test(request_context.env(), signals, now=request_context.now())
    except _ERRORS as error:
        return _answer_refusal(source, error)
    _count_taken(source)
    rows = [{"title": each.monitor_alert.title, "incident_type": each.proposal.incident_type} for each in received]
    return jsonify({"test_alerts": rows}), 200


@pages.post("/intake/<source>/heartbeat", defaults={"name": ""})
@pages.post("/intake/<source>/heartbeat/<name>")
def receive_heartbeat(source: str, name: str) -> tuple[Response, int]:
    """Records that a monitor is alive, whatever its message says. From then on, its heartbeat is expected."""
    try:
        monitor = _find_monitor(source)
        if not _HEARTBEAT_NAME.fullmatch(name):
            raise _Refused(400, "unreadable", "The name of a heartbeat has letters, digits, - and _ only, at most 40.")
        _authenticate(source, monitor, _read_request())
        database, now = request_context.env().databases.environment, request_context.now()
        if not monitor_activity.record_heartbeat(database, source, name, now=now):
            raise _Refused(409, "too_many", "There are too many other heartbeats.")
    except _ERRORS as error:
        return _answer_refusal(source, error)
    _count_taken(source)
    return jsonify({"heartbeat": "ok"}), 200


def _find_monitor(source: str) -> Monitor:
    """The monitor of this name. Raises _Refused also for requests of web pages."""
    if _is_from_foreign_page(source):
        raise _Refused(403, "web_page", "A web page may not send alerts. Nothing was stored.")
    known_monitors = all_monitors(request_context.env().site.catalog.json_mappings)
    if source not in known_monitors:
        name = escape_control_characters(source[:40])
        known = ", ".join(known_monitors)
        raise _Refused(404, "unknown", f"No monitor of the kind {name} is known here. Known: {known}.")
    return known_monitors[source]


def _receive_alerts(source: str, monitor: Monitor) -> tuple[Alert, ...]:
    incoming = _read_request()
    proof = _authenticate(source, monitor, incoming)
    signals = monitor.parse(incoming.body, request_context.now())
    _refuse_forbidden_phrases(signals)
    return receive_alerts(
        request_context.env(), signals, now=request_context.now(), source=source, message_id=proof.replay_key
    )


def _authenticate(source: str, monitor: Monitor, incoming: IncomingRequest) -> Proof:
    """Authenticates the sender. Without a secret for this monitor, only programs on this machine are accepted; Amazon
    SNS must always sign."""
    intake = request_context.intake()
    secret = intake.secret_for(source)
    if monitor.is_signed_by_sns and intake.amazon is not None:
        if secret and authentication.carries_secret(incoming, secret, secret_in_url=False):
            return Proof()
        message = sns.parse_envelope(incoming.body)
        sns_topics.receive_envelope(
            request_context.env().databases.environment, intake.amazon, message, now=request_context.now()
        )
        return Proof(message.MessageId)
    if not secret:
        _require_local_sender()
        return Proof()
    return authentication.authenticate(
        incoming, secret, monitor.check_signature, secret_in_url=monitor.secret_in_url, now=request_context.now()
    )


def _require_local_sender() -> None:
    """Raises AuthenticationFailed unless a program on this machine sent the request, without a proxy in between."""
    if not request_context.is_from_this_machine():
        raise authentication.AuthenticationFailed(
            "No secret is set here, so only programs on this machine are accepted. Set STATUSPAGE_INTAKE_SECRET."
        )


def _is_from_foreign_page(source: str) -> bool:
    """Whether a browser sends this for another site's page. Monitors send neither ``Sec-Fetch-Site`` nor ``Origin``. If
    this monitor has no secret, our own ``Origin`` is refused too, because of DNS rebinding."""
    return not is_same_origin() or (not request_context.intake().secret_for(source) and "Origin" in request.headers)


def _refuse_forbidden_phrases(signals: Iterable[MonitorAlert]) -> None:
    """Refuses a drill's alert that claims not to be a drill. A live alert is stored whatever it says."""
    if request_context.env().live_status_path is not None:
        drills.refuse_forbidden(request_context.env().site.catalog, *drills.alert_texts(signals))


def _read_request() -> IncomingRequest:
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge
    request.max_content_length = MAX_BODY
    authorization = request.authorization
    password = authorization.password if authorization is not None and authorization.type == "basic" else None
    headers = {name.lower(): value for name, value in request.headers}
    return IncomingRequest(request.get_data(), headers, request.args.get("key", ""), password or "")


_ERRORS = (
    _Refused,
    RequestEntityTooLarge,
    authentication.AuthenticationFailed,
    sns.AuthenticationFailed,
    sns_topics.TopicNotApproved,
    Unreadable,
    drills.ForbiddenPhraseError,
    DatabaseBusy,
    DatabaseBroken,
    sns.SnsUnavailable,
)
"""Everything that makes a message be refused."""


def _as_refusal(error: Exception) -> _Refused:
    match error:
        case _Refused():
            return error
        case RequestEntityTooLarge():
            return _Refused(413, "too_large", f"More than {MAX_BODY} bytes.")
        case authentication.AuthenticationFailed() | sns.AuthenticationFailed():
            return _Refused(401, "secret", str(error))
        case sns_topics.TopicNotApproved():
            return _Refused(403, "topic", str(error))
        case Unreadable():
            return _Refused(400, "unreadable", str(error))
        case drills.ForbiddenPhraseError():
            return _Refused(422, "phrase", f"No alert of a drill may say “{error.phrase}”. Nothing was stored.")
    return _Refused(503, "unavailable", "Nothing was stored. Send it again.")


def _answer_refusal(source: str, error: Exception) -> tuple[Response, int]:
    """Says why, counts it, and logs it: at first, then once a minute while it lasts."""
    refusal, now = _as_refusal(error), request_context.now()
    known_source = "" if refusal.reason in ("unknown", "web_page") else source
    network = throttling.network_of(request_context.network_address())
    desk = request_context.desk()
    desk.intake_counter.count_message(known_source, refusal.reason, network=network, now=now)
    if count := desk.repeated_events.count_if_due((known_source, refusal.reason), now):
        status, reason = refusal.status, refusal.reason
        _log.warning("alert refused", source=known_source, reason=reason, status=status, network=network, count=count)
    return jsonify({"error": refusal.sentence}), refusal.status


def _count_taken(source: str) -> None:
    """Counts the message, and says so if the messages of this monitor were refused until now."""
    desk, network = request_context.desk(), throttling.network_of(request_context.network_address())
    desk.intake_counter.count_message(source, monitor_activity.TAKEN, network=network, now=request_context.now())
    ended = {reason for reason in _LASTING if desk.repeated_events.end((source, reason)) is not None}
    if ended:
        _log.info("alerts accepted again", source=source, reasons=sorted(ended))


_LASTING = ("secret", "topic", "unreadable", "too_large", "phrase", "too_many", "unavailable")
"""Reasons to refuse that last until somebody mends something."""
