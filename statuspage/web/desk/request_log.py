"""Every request has an id, in its response and in every line of the log about it; requests are counted and timed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from time import monotonic

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.metrics_core import Metric

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the time that a response took."""

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
"""Methods with a count of their own; anything else that somebody sends is counted as one."""


class HttpMetrics:
    """Requests of this process, by route. Strangers cannot add routes: unknown addresses are counted as one."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = ("route", "method", "status")
        self._requests = Counter("statuspage_http_requests", "Requests.", labels, registry=self._registry)
        help_text = "Seconds until the response was ready."
        self._seconds = Histogram(
            "statuspage_http_request_seconds", help_text, ("route",), buckets=SECONDS, registry=self._registry
        )

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts one request."""
        self._requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def collect(self) -> Iterable[Metric]:
        """The metrics, and those of the process."""
        return self._registry.collect()


def follow_requests(app: Flask, http_metrics: HttpMetrics) -> None:
    """Gives each request an id and measures it. Must be set up before anything else looks at requests."""

    def begin() -> None:
        g.request_started_at, g.request_id = monotonic(), secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        http_metrics.observe(route, request.method, response.status_code, monotonic() - g.request_started_at)
        response.headers["X-Request-Id"] = g.request_id
        return response

    def forget(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(forget)
