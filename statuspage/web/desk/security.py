"""Protects the desk from other sites' pages and scripts: policy headers, cookies, and the origin of a request."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from statuspage.usecases import sign_in_stages
from statuspage.web.desk import request_context

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything from this origin, and nothing inline."""

_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.:\[\]-]+)(?:/.*)?")
"""The origin of a URL, as used in a policy."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

MAX_FORM = 1_000_000
"""Maximum bytes of one request. A form with texts far beyond every limit can still be shown again with its problems."""

INCIDENT_LIST = "incident_lists.show_incidents"

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

csrf = CSRFProtect()


def protect(app: Flask, *, secure: bool, name: str) -> None:
    """Sets up cookies, form tokens and headers. The cookie of form tokens is named after the environment, because both
    desks may share a host."""
    app.config.update(
        SESSION_COOKIE_NAME=f"{'__Host-' if secure else ''}desk-form-{name}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_CHECK_DEFAULT=False,
        MAX_CONTENT_LENGTH=MAX_FORM,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
    )
    csrf.init_app(app)
    app.after_request(_add_headers)


def sign_in_cookie() -> str:
    """The cookie that holds the session's token, deliberately shared by both environments' desks."""
    return sign_in_cookie_name(secure=request_context.desk().secure)


def sign_in_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that holds the session's token; ``secure``: served over HTTPS."""
    return f"{'__Host-' if secure else ''}desk"


def session_token() -> str:
    """The token of this browser's session; also if the session was given a new one during this request."""
    return str(g.get("session_token") or request.cookies.get(sign_in_cookie(), ""))


def set_sign_in_cookie(response: BaseResponse, token: str) -> None:
    """Gives the browser the token of its session."""
    response.set_cookie(
        sign_in_cookie(), token, max_age=int(sign_in_stages.MAX_SESSION_AGE.total_seconds()),
        httponly=True, samesite="Lax", secure=request_context.desk().secure, path="/",
    )  # fmt: skip


def is_same_origin() -> bool:
    """Whether the request comes from a page of this desk, according to the browser."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def refuse_cross_site() -> None:
    """Refuses requests from other sites' pages that would change something."""
    if request.method not in SAFE_METHODS and not is_same_origin():
        raise Forbidden


def _policy() -> str:
    """The policy. Suspending a drill is a form that leads to the live desk, and the list of incidents has a filter that
    leads to the other desk: that address is allowed there, and no other."""
    is_drill, siblings = request_context.env().live_status_path is not None, request_context.siblings()
    address = siblings["live"] if is_drill else siblings["drill"] if request.endpoint == INCIDENT_LIST else ""
    other = _ORIGIN.fullmatch(address)
    return POLICY.replace("form-action 'self'", f"form-action 'self' {other[1]}") if other else POLICY


def _add_headers(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _policy())
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request_context.desk().secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
