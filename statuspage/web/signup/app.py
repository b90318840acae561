"""The public pages that need a program: signing up for email, and the links in emails. Nothing else is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import NoReturn

from flask import Flask, Response, abort, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from statuspage.domain import Preferences, Purpose, Subscriber, SubscriberStatus, SubscriberType
from statuspage.integrations.channels import public_egress
from statuspage.rendering.site import SubscriberPage, available_languages, render_subscriber_page
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy
from statuspage.usecases.subscribers import SignupContext, input, self_service, signup, webhook_signup

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
"""Headers of every response. URLs here are secrets: they must not be passed to other sites or cached."""

FRAME_POLICY = "frame-ancestors 'none'"
"""The part of the policy that a page cannot set itself; the rest is in the page."""

MAX_FORM = 20_000
"""Maximum bytes of a request: an address, and all services."""

MAX_REGISTRATIONS = 3
"""How many webhooks are tested at once. Each may take 20 seconds, and the other pages must stay responsive."""

TOKEN = "<string(maxlength=80):token>"  # noqa: S105 - a placeholder in a path


def create_app(
    context: SignupContext,
    *,
    clock: Callable[[], datetime],
    secure: bool = False,
    egress: public_egress.Egress | None = None,
) -> Flask:
    """The application. It sets no cookie and runs no script. ``secure``: served over HTTPS. ``egress`` limits which
    addresses it connects to when testing a webhook."""
    app = Flask("statuspage.web.signup.app", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_MEMORY_SIZE=MAX_FORM)
    app.url_map.merge_slashes = False
    pages = _SignupPages(context, clock, egress or public_egress.Egress())
    get_and_post = ["GET", "POST"]
    rules: list[tuple[str, Callable[..., BaseResponse], list[str]]] = [
        ("/", pages.front, ["GET"]),
        ("/livez", pages.liveness, ["GET"]),
        ("/readyz", pages.readiness, ["GET"]),
        ("/<language>/subscribe", pages.subscribe, get_and_post),
        ("/<language>/webhooks", pages.webhooks, get_and_post),
        (f"/<language>/confirm/{TOKEN}", pages.confirm, get_and_post),
        (f"/<language>/preferences/{TOKEN}", pages.preferences, get_and_post),
        (f"/<language>/preferences/{TOKEN}/stop", pages.stop, ["POST"]),
        (f"/<language>/preferences/{TOKEN}/erase", pages.erase, ["POST"]),
        (f"/<language>/unsubscribe/{TOKEN}", pages.unsubscribe, get_and_post),
    ]
    for rule, view, methods in rules:
        app.add_url_rule(rule, view.__name__, view, methods=methods)
    app.register_error_handler(HTTPException, pages.handle_http_error)
    for error_type in (DatabaseBusy, DatabaseBroken):
        app.register_error_handler(error_type, pages.handle_database_error)
    app.after_request(lambda response: _with_headers(response, secure=secure))
    return app


def _with_headers(response: Response, *, secure: bool) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", FRAME_POLICY)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


class _SignupPages:
    """The pages of one SignupContext."""

    def __init__(self, context: SignupContext, clock: Callable[[], datetime], egress: public_egress.Egress) -> None:
        self._context = context
        self._database = context.database
        self._clock = clock
        self._egress = egress
        self._registration_slots = BoundedSemaphore(MAX_REGISTRATIONS)

    def front(self) -> BaseResponse:
        return redirect(f"/{self._context.catalog.leading_pack.language}/subscribe", HTTPStatus.SEE_OTHER)

    def liveness(self) -> Response:
        """While this process answers at all."""
        return Response("ok\n", mimetype="text/plain")

    def readiness(self) -> Response:
        """Whether the database can be read; strangers learn nothing more."""
        try:
            with self._database.read() as tx:
                tx.exec_driver_sql("SELECT 1")
        except (DatabaseBusy, DatabaseBroken):
            return Response("The database does not answer.\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
        return Response("ok\n", mimetype="text/plain")

    def subscribe(self, language: str) -> Response:
        """The form. Problems are shown beside their fields. The response is the same whether an address is known or
        not."""
        self._require_language(language)
        if SubscriberType.EMAIL not in self._context.get_site().kinds_offered_in(language):
            return self._render(language, SubscriberPage("closed", "subscribe"), HTTPStatus.SERVICE_UNAVAILABLE)
        form = SubscriberPage("form", "subscribe", preferences=Preferences(language))
        if request.method == "GET":
            return self._render(language, form)
        typed_address = request.form.get("address", "")[:400]
        address = input.parse_email_address(typed_address)
        preferences, problems = self._read_preferences(language, form)
        all_problems = [*((("address", "wrong_address"),) if not address else ()), *problems]
        if all_problems or preferences is None:
            refused_form = replace(
                form,
                typed_address=typed_address,
                preferences=preferences or form.preferences,
                problems=tuple(all_problems),
            )
            return self._render(language, refused_form, HTTPStatus.UNPROCESSABLE_ENTITY)
        outcome = signup.request_subscription(
            self._database, address, preferences, network_address=request.remote_addr or "", now=self._clock()
        )
        if outcome is signup.SignupOutcome.TOO_MANY:
            return self._render(language, SubscriberPage("too_many", "subscribe"), HTTPStatus.TOO_MANY_REQUESTS)
        return self._render(language, SubscriberPage("sent", "subscribe"))

    def webhooks(self, language: str) -> Response:
        """The form for a webhook, and the result of registering it. Its secret is shown only this once."""
        self._require_language(language)
        if not self._context.catalog.has_webhooks:
            abort(HTTPStatus.NOT_FOUND)
        if SubscriberType.WEBHOOK not in self._context.get_site().kinds_offered_in(language):
            closed_view = SubscriberPage("closed", "webhooks", kind=SubscriberType.WEBHOOK)
            return self._render(language, closed_view, HTTPStatus.SERVICE_UNAVAILABLE)
        form = SubscriberPage("form", "webhooks", preferences=Preferences(language), kind=SubscriberType.WEBHOOK)
        if request.method == "GET":
            return self._render(language, form)
        url, typed_address = request.form.get("url", "")[:2000], request.form.get("address", "")[:400]
        webhook_url, owner = webhook_signup.normalize_webhook_url(url), input.parse_email_address(typed_address)
        preferences, problems = self._read_preferences(language, form)
        form = replace(form, typed_address=typed_address, webhook_url=url, preferences=preferences or form.preferences)
        url_problem = webhook_signup.address_problem(webhook_url, self._egress)
        all_problems = [
            *([("url", f"wrong_{url_problem}")] if url_problem else []),
            *([] if owner else [("address", "wrong_address")]),
        ]
        if all_problems or preferences is None or problems:
            refused_form = replace(form, problems=(*all_problems, *problems))
            return self._render(language, refused_form, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._register(language, form, webhook_url, owner, preferences)

    def _register(
        self, language: str, form: SubscriberPage, url: str, owner: str, preferences: Preferences
    ) -> Response:
        too_many = self._render(language, SubscriberPage("too_many", "webhooks"), HTTPStatus.TOO_MANY_REQUESTS)
        if not self._registration_slots.acquire(blocking=False):
            return too_many
        try:
            address, now = request.remote_addr or "", self._clock()
            registration = webhook_signup.register_webhook(
                self._database, url, owner, preferences, network_address=address, now=now, egress=self._egress
            )
        finally:
            self._registration_slots.release()
        if registration.outcome is signup.SignupOutcome.TOO_MANY:
            return too_many
        if registration.problem:
            refused_form = replace(form, problems=(("url", f"wrong_{registration.problem}"),))
            return self._render(language, refused_form, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._render(
            language, SubscriberPage("registered", "webhooks", kind=SubscriberType.WEBHOOK, secret=registration.secret)
        )

    def confirm(self, language: str, token: str) -> Response:
        """Shows a button, so that programs that open every link in an email do not confirm anything."""
        path, now = f"confirm/{token}", self._clock()
        if request.method == "GET":
            pending = self._owner_or_404(Purpose.CONFIRM, token)
            return self._render(language, SubscriberPage("confirm", path, pending.address, kind=pending.kind))
        subscriber = self_service.confirm_subscription(self._database, token, now=now) or _not_found()
        preferences_token = self_service.preferences_token(self._database, subscriber, now=now)
        return self._render(
            language,
            SubscriberPage("confirmed", path, subscriber.address, token=preferences_token, kind=subscriber.kind),
        )

    def preferences(self, language: str, token: str) -> Response:
        """The subscriber's preferences, which can be changed."""
        subscriber = self._owner_or_404(Purpose.PREFERENCES, token)
        path = f"preferences/{token}"
        is_silent = subscriber.status is not SubscriberStatus.ACTIVE
        view = SubscriberPage(
            "preferences",
            path,
            subscriber.address,
            token=token,
            preferences=subscriber.preferences,
            kind=subscriber.kind,
            is_paused=is_silent,
        )
        if request.method == "GET":
            return self._render(language, view)
        preferences, problems = self._read_preferences(language, view)
        if preferences is None:
            return self._render(language, replace(view, problems=problems), HTTPStatus.UNPROCESSABLE_ENTITY)
        self_service.change_preferences(self._database, token, preferences, now=self._clock()) or _not_found()
        return self._render(language, replace(view, preferences=preferences, done_key="saved"))

    def stop(self, language: str, token: str) -> Response:
        """Unsubscribes."""
        subscriber = (
            self_service.unsubscribe(self._database, Purpose.PREFERENCES, token, now=self._clock()) or _not_found()
        )
        return self._render(language, SubscriberPage("unsubscribed", f"preferences/{token}", kind=subscriber.kind))

    def erase(self, language: str, token: str) -> Response:
        """Erases the subscriber."""
        if not self_service.forget_subscriber(self._database, token, now=self._clock()):
            _not_found()
        return self._render(language, SubscriberPage("erased", "subscribe"))

    def unsubscribe(self, language: str, token: str) -> Response:
        """Unsubscribes with one click in a mail program (a POST, RFC 8058), or shows the button to a person."""
        path = f"unsubscribe/{token}"
        if request.method == "GET":
            subscriber = self._owner_or_404(Purpose.UNSUBSCRIBE, token)
            return self._render(language, SubscriberPage("unsubscribe", path, subscriber.address, kind=subscriber.kind))
        unsubscribed = (
            self_service.unsubscribe(self._database, Purpose.UNSUBSCRIBE, token, now=self._clock()) or _not_found()
        )
        return self._render(language, SubscriberPage("unsubscribed", path, kind=unsubscribed.kind))

    def handle_http_error(self, error: HTTPException) -> Response:
        """Handles pages that do not exist, and other client errors."""
        return self._render(
            self._request_language(), SubscriberPage("expired", "subscribe"), error.code or HTTPStatus.NOT_FOUND
        )

    def handle_database_error(self, _error: Exception) -> Response:
        """Handles a database that does not answer: nothing was stored; the feeds do not need it."""
        return self._render(
            self._request_language(), SubscriberPage("unavailable", "subscribe"), HTTPStatus.SERVICE_UNAVAILABLE
        )

    def _owner_or_404(self, purpose: Purpose, token: str) -> Subscriber:
        return self_service.find_owner(self._database, purpose, token, now=self._clock()) or _not_found()

    def _read_preferences(
        self, language: str, current: SubscriberPage
    ) -> tuple[Preferences | None, tuple[tuple[str, str], ...]]:
        site, services = self._context.get_site(), request.form.getlist("services")
        languages = available_languages(site, current.kind, current.preferences.language)
        form = request.form.to_dict()
        preferences, problems = input.parse_preferences(
            form, services, site.catalog, language=language, languages=languages
        )
        return preferences, tuple((problem.field, problem.key) for problem in problems)

    def _request_language(self) -> str:
        first_part = request.path.split("/")[1]
        catalog = self._context.catalog
        return first_part if first_part in catalog.languages else catalog.leading_pack.language

    def _require_language(self, language: str) -> None:
        if language not in self._context.catalog.languages:
            abort(HTTPStatus.NOT_FOUND)

    def _render(self, language: str, view: SubscriberPage, status: int = HTTPStatus.OK) -> Response:
        self._require_language(language)
        return Response(render_subscriber_page(self._context.get_site(), language, view), status, mimetype="text/html")


def _not_found() -> NoReturn:
    abort(HTTPStatus.NOT_FOUND)
