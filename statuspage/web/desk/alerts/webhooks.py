"""Receives alerts from monitors. The response is 200 only once an alert is stored; otherwise the monitor retries."""

from __future__ import annotations

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
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases import drills
from statuspage.usecases.alerts import receive_alerts, sns_topics
from statuspage.web.desk import request_context
from statuspage.web.desk.security import is_same_origin

pages = Blueprint("intake", __name__)

MAX_BODY = 256 * 1024
"""Maximum bytes of one message from a monitor."""


@pages.post("/intake/<source>")
def receive_webhook(source: str) -> tuple[Response, int]:
    """Stores a monitor's message as a whole, or not at all."""
    if _is_from_foreign_page():
        return _answer_json(403, "A web page may not send alerts. Nothing was stored.")
    known_monitors = all_monitors(request_context.env().site.catalog.json_mappings)
    if source not in known_monitors:
        return _answer_json(
            404,
            f"No monitor of the kind {escape_control_characters(source[:40])} is known here. "
            f"Known: {', '.join(known_monitors)}.",
        )
    try:
        stored = _receive_alerts(source, known_monitors[source])
    except RequestEntityTooLarge:
        return _answer_json(413, f"More than {MAX_BODY} bytes.")
    except (authentication.AuthenticationFailed, sns.AuthenticationFailed) as error:
        return _answer_json(401, str(error))
    except sns_topics.TopicNotApproved as unknown_topic:
        return _answer_json(403, str(unknown_topic))
    except Unreadable as error:
        return _answer_json(400, str(error))
    except drills.ForbiddenPhraseError as forbidden:
        return _answer_json(422, f"No alert of a drill may say “{forbidden.phrase}”. Nothing was stored.")
    except (DatabaseBusy, DatabaseBroken, sns.SnsUnavailable):
        return _answer_json(503, "Nothing was stored. Send it again.")
    return jsonify({"alerts": [{"id": alert.id, "state": str(alert.state)} for alert in stored]}), 200


def _receive_alerts(source: str, monitor: Monitor) -> tuple[Alert, ...]:
    incoming = _read_request()
    proof = _authenticate(source, monitor, incoming)
    signals = monitor.parse(incoming.body, request_context.now())
    _refuse_forbidden_phrases(signals)
    return receive_alerts(
        request_context.env(), signals, now=request_context.now(), source=source, message_id=proof.replay_key
    )


def _authenticate(source: str, monitor: Monitor, incoming: IncomingRequest) -> Proof:
    """Authenticates the sender. If no secret is configured, only programs on this machine are accepted; Amazon SNS must
    always sign."""
    intake = request_context.desk().intake
    secret = intake.secret_for(source)
    if monitor.is_signed_by_sns and intake.amazon is not None:
        if secret and authentication.carries_secret(incoming, secret, secret_in_url=False):
            return Proof()
        message = sns.parse_envelope(incoming.body)
        sns_topics.receive_envelope(
            request_context.env().databases.environment, intake.amazon, message, now=request_context.now()
        )
        return Proof(message.MessageId)
    if not intake.secrets:
        _require_local_sender()
        return Proof()
    return authentication.authenticate(
        incoming, secret, monitor.check_signature, secret_in_url=monitor.secret_in_url, now=request_context.now()
    )


def _require_local_sender() -> None:
    """Raises AuthenticationFailed unless a program on this machine sent the request, without a proxy in between."""
    if not request_context.is_from_this_machine():
        raise authentication.AuthenticationFailed(
            "No secret is set here, so only programs on this machine are heard. Set STATUSPAGE_INTAKE_SECRET."
        )


def _is_from_foreign_page() -> bool:
    """Whether a browser sends this for another site's page. Monitors send neither ``Sec-Fetch-Site`` nor ``Origin``. If
    no secret is configured, our own ``Origin`` is refused too, because of DNS rebinding."""
    return not is_same_origin() or (not request_context.desk().intake.secrets and "Origin" in request.headers)


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


def _answer_json(status: int, reason: str) -> tuple[Response, int]:
    return jsonify({"error": reason}), status
