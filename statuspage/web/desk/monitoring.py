"""Health check and metrics of the program. They need no sign-in and reveal no details."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound

from statuspage.usecases import health as program_health
from statuspage.usecases import metrics as program_metrics
from statuspage.web.desk import request_context
from statuspage.web.desk.trusted_proxies import is_loopback_host

pages = Blueprint("monitoring", __name__)


@pages.get("/healthz")
def health() -> tuple[Response, int]:
    """200 if published notices are delivered, otherwise 503."""
    report = program_health.check_health(request_context.env(), now=request_context.now())
    seconds = None if report.worker_age is None else round(report.worker_age.total_seconds(), 1)
    body = {
        "status": "ok" if report.is_healthy else "unhealthy",
        "database": "ok" if report.is_database_up else "unavailable",
        "worker_heartbeat_age_seconds": seconds,
        "content": "ok" if report.is_content_current else "outdated",
        "send_hold": report.is_on_hold,
    }
    return jsonify(body), 200 if report.is_healthy else 503


@pages.get("/livez")
def liveness() -> Response:
    """200 while this process answers at all; if it does not, restart it."""
    return jsonify({"status": "ok"})


@pages.get("/readyz")
def readiness() -> tuple[Response, int]:
    """200 if requests should be sent to this process, otherwise 503. Workers do not count."""
    report = program_health.check_readiness(request_context.env())
    body = {
        "status": "ok" if report.is_ready else "not ready",
        "database": "ok" if report.is_database_up else "unavailable",
        "disk": "ok" if report.is_disk_writable else "full or read-only",
    }
    return jsonify(body), 200 if report.is_ready else 503


@pages.get("/metrics")
def metrics() -> Response:
    """The metrics, for requests with the token; without a configured token, for programs on this machine. Those must
    name it in ``Host``, because of DNS rebinding."""
    if not _may_read_metrics():
        raise NotFound
    desk = request_context.desk()
    desk.intake_counter.save()
    text = program_metrics.render_metrics(desk.env, now=request_context.now(), others=desk.http_metrics.collect())
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read_metrics() -> bool:
    expected_token = request_context.desk().metrics_token
    given_token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if expected_token:
        return hmac.compare_digest(given_token.encode(), expected_token.encode())
    return request_context.is_from_this_machine() and is_loopback_host(request.host)
