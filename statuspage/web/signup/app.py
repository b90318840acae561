"""The public pages that need a program: asking for mail, and what a link in a letter opens. Nothing else is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import NoReturn

from flask import Flask, Response, abort, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from statuspage.domain import Kind, Purpose, Standing, Subscriber, Wish
from statuspage.integrations.channels import Egress
from statuspage.rendering.site import Own, own_page, written_in
from statuspage.storage.engine import Broken, Busy
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
"""Of every answer. Addresses here are keys: no other site is told them, and nobody keeps them."""

FRAMED = "frame-ancestors 'none'"
"""The part of the policy that a page cannot say of itself; the rest stands in it."""

LARGEST_FORM = 20_000
"""Bytes; an address, and all services there are."""

TRYING = 3
"""Webhooks tried at once: each may take 20 seconds, and the other pages go on answering meanwhile."""

TOKEN = "<string(maxlength=80):token>"  # noqa: S105 - where one stands in an address


def create_app(
    counter: SignupContext, *, clock: Callable[[], datetime], secure: bool = False, egress: Egress | None = None
) -> Flask:
    """The application; it sets no cookie and runs no script. ``secure``: read over https. ``egress`` is how far it goes
    to try somebody's webhook."""
    app = Flask("statuspage.web.signup.app", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM)
    app.url_map.merge_slashes = False
    desk = _Desk(counter, clock, egress or Egress())
    both = ["GET", "POST"]
    rules: list[tuple[str, Callable[..., Answer], list[str]]] = [
        ("/", desk.front, ["GET"]),
        ("/healthz", desk.healthz, ["GET"]),
        ("/<language>/subscribe", desk.subscribe, both),
        ("/<language>/webhooks", desk.webhooks, both),
        (f"/<language>/confirm/{TOKEN}", desk.confirm, both),
        (f"/<language>/preferences/{TOKEN}", desk.preferences, both),
        (f"/<language>/preferences/{TOKEN}/stop", desk.stop, ["POST"]),
        (f"/<language>/preferences/{TOKEN}/erase", desk.erase, ["POST"]),
        (f"/<language>/unsubscribe/{TOKEN}", desk.unsubscribe, both),
    ]
    for rule, view, methods in rules:
        app.add_url_rule(rule, view.__name__, view, methods=methods)
    app.register_error_handler(HTTPException, desk.lost)
    for trouble in (Busy, Broken):
        app.register_error_handler(trouble, desk.troubled)
    app.after_request(lambda response: _dressed(response, secure=secure))
    return app


def _dressed(response: Response, *, secure: bool) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", FRAMED)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


class _Desk:
    """The pages of one counter."""

    def __init__(self, counter: SignupContext, clock: Callable[[], datetime], egress: Egress) -> None:
        self._counter = counter
        self._books = counter.books
        self._clock = clock
        self._egress = egress
        self._trying = BoundedSemaphore(TRYING)

    def front(self) -> Answer:
        return redirect(f"/{self._counter.catalog.leading.language}/subscribe", HTTPStatus.SEE_OTHER)

    def healthz(self) -> Response:
        """Whether the books can be read; nothing more is told to strangers."""
        try:
            with self._books.read() as tx:
                tx.exec_driver_sql("SELECT 1")
        except (Busy, Broken):
            return Response("The database does not answer.\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
        return Response("ok\n", mimetype="text/plain")

    def subscribe(self, language: str) -> Response:
        """The form; what was typed wrong is said beside it. Whether an address is known makes no difference."""
        self._spoken(language)
        if Kind.MAIL not in self._counter.edition().offered(language):
            return self._page(language, Own("closed", "subscribe"), HTTPStatus.SERVICE_UNAVAILABLE)
        form = Own("ask", "subscribe", wish=Wish(language))
        if request.method == "GET":
            return self._page(language, form)
        said = request.form.get("address", "")[:400]
        address = input.mail_address(said)
        wish, problems = self._wished(language, form)
        found = [*((("address", "wrong_address"),) if not address else ()), *problems]
        if found or wish is None:
            kept = replace(form, typed=said, wish=wish or form.wish, problems=tuple(found))
            return self._page(language, kept, HTTPStatus.UNPROCESSABLE_ENTITY)
        heard = signup.ask_subscription(self._books, address, wish, place=request.remote_addr or "", now=self._clock())
        if heard is signup.Heard.MANY:
            return self._page(language, Own("many", "subscribe"), HTTPStatus.TOO_MANY_REQUESTS)
        return self._page(language, Own("sent", "subscribe"))

    def webhooks(self, language: str) -> Response:
        """The form for a program, and what became of it. Its secret is shown this once."""
        self._spoken(language)
        if not self._counter.catalog.webhooks:
            abort(HTTPStatus.NOT_FOUND)
        if Kind.WEBHOOK not in self._counter.edition().offered(language):
            closed = Own("closed", "webhooks", kind=Kind.WEBHOOK)
            return self._page(language, closed, HTTPStatus.SERVICE_UNAVAILABLE)
        form = Own("ask", "webhooks", wish=Wish(language), kind=Kind.WEBHOOK)
        if request.method == "GET":
            return self._page(language, form)
        url, said = request.form.get("url", "")[:2000], request.form.get("address", "")[:400]
        kept, owner = webhook_signup.webhook_address(url), input.mail_address(said)
        wish, problems = self._wished(language, form)
        form = replace(form, typed=said, url=url, wish=wish or form.wish)
        wrong = webhook_signup.address_problem(kept, self._egress)
        found = [*([("url", f"wrong_{wrong}")] if wrong else []), *([] if owner else [("address", "wrong_address")])]
        if found or wish is None or problems:
            shown = replace(form, problems=(*found, *problems))
            return self._page(language, shown, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._registered(language, form, kept, owner, wish)

    def _registered(self, language: str, form: Own, url: str, owner: str, wish: Wish) -> Response:
        many = self._page(language, Own("many", "webhooks"), HTTPStatus.TOO_MANY_REQUESTS)
        if not self._trying.acquire(blocking=False):
            return many
        try:
            place, now = request.remote_addr or "", self._clock()
            done = webhook_signup.register(self._books, url, owner, wish, place=place, now=now, egress=self._egress)
        finally:
            self._trying.release()
        if done.heard is signup.Heard.MANY:
            return many
        if done.problem:
            shown = replace(form, problems=(("url", f"wrong_{done.problem}"),))
            return self._page(language, shown, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._page(language, Own("registered", "webhooks", kind=Kind.WEBHOOK, secret=done.secret))

    def confirm(self, language: str, token: str) -> Response:
        """A button, so that programs that open every link of a mail confirm nothing."""
        here, now = f"confirm/{token}", self._clock()
        if request.method == "GET":
            found = self._owner(Purpose.CONFIRM, token)
            return self._page(language, Own("confirm", here, found.address, kind=found.kind))
        told = self_service.confirm_subscription(self._books, token, now=now) or _gone()
        opens = self_service.way_in(self._books, told, now=now)
        return self._page(language, Own("confirmed", here, told.address, token=opens, kind=told.kind))

    def preferences(self, language: str, token: str) -> Response:
        """What they are told, to be changed."""
        found = self._owner(Purpose.PREFERENCES, token)
        here = f"preferences/{token}"
        silent = found.standing is not Standing.ACTIVE
        shown = Own("wishes", here, found.address, token=token, wish=found.wish, kind=found.kind, silent=silent)
        if request.method == "GET":
            return self._page(language, shown)
        wish, problems = self._wished(language, shown)
        if wish is None:
            return self._page(language, replace(shown, problems=problems), HTTPStatus.UNPROCESSABLE_ENTITY)
        self_service.change(self._books, token, wish, now=self._clock()) or _gone()
        return self._page(language, replace(shown, wish=wish, said="saved"))

    def stop(self, language: str, token: str) -> Response:
        """They are told no more."""
        left = self_service.leave(self._books, Purpose.PREFERENCES, token, now=self._clock()) or _gone()
        return self._page(language, Own("left", f"preferences/{token}", kind=left.kind))

    def erase(self, language: str, token: str) -> Response:
        """They are forgotten."""
        if not self_service.forget(self._books, token, now=self._clock()):
            _gone()
        return self._page(language, Own("erased", "subscribe"))

    def unsubscribe(self, language: str, token: str) -> Response:
        """One click of a program for mail (a POST, RFC 8058), or a person's on the button."""
        here = f"unsubscribe/{token}"
        if request.method == "GET":
            found = self._owner(Purpose.UNSUBSCRIBE, token)
            return self._page(language, Own("leave", here, found.address, kind=found.kind))
        left = self_service.leave(self._books, Purpose.UNSUBSCRIBE, token, now=self._clock()) or _gone()
        return self._page(language, Own("left", here, kind=left.kind))

    def lost(self, error: HTTPException) -> Response:
        """What is not there, and what nobody of ours has sent."""
        return self._page(self._asked_in(), Own("gone", "subscribe"), error.code or HTTPStatus.NOT_FOUND)

    def troubled(self, _error: Exception) -> Response:
        """The books do not answer: nothing was stored; the feeds need none."""
        return self._page(self._asked_in(), Own("away", "subscribe"), HTTPStatus.SERVICE_UNAVAILABLE)

    def _owner(self, purpose: Purpose, token: str) -> Subscriber:
        return self_service.owner(self._books, purpose, token, now=self._clock()) or _gone()

    def _wished(self, language: str, had: Own) -> tuple[Wish | None, tuple[tuple[str, str], ...]]:
        edition, services = self._counter.edition(), request.form.getlist("services")
        languages = written_in(edition, had.kind, had.wish.language)
        form = request.form.to_dict()
        wish, problems = input.wish(form, services, edition.catalog, language=language, languages=languages)
        return wish, tuple((one.field, one.key) for one in problems)

    def _asked_in(self) -> str:
        first = request.path.split("/")[1]
        catalog = self._counter.catalog
        return first if first in catalog.languages else catalog.leading.language

    def _spoken(self, language: str) -> None:
        if language not in self._counter.catalog.languages:
            abort(HTTPStatus.NOT_FOUND)

    def _page(self, language: str, shown: Own, status: int = HTTPStatus.OK) -> Response:
        self._spoken(language)
        return Response(own_page(self._counter.edition(), language, shown), status, mimetype="text/html")


def _gone() -> NoReturn:
    abort(HTTPStatus.NOT_FOUND)
