"""The API's own application beside the desk: it knows no cookies, and answers every error as a problem."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy, start_collecting, stop_collecting
from statuspage.usecases.api import (
    Claim,
    KeptAnswer,
    KeyReused,
    RequestInterrupted,
    RequestRunning,
    idempotency,
    tokens,
)
from statuspage.usecases.environment import Environment
from statuspage.web.api import authentication, openapi, reference_page, requests
from statuspage.web.api.limits import REQUESTS_PER_MINUTE, RateLimits
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.problems import Problem, problem_response, status_response
from statuspage.web.api.registry import PREFIX, operations_of
from statuspage.web.desk import HEADERS, HttpMetrics, follow_requests, translator_for

REFUSALS_PER_MINUTE = 20
"""How many wrong tokens of one network are counted in a minute. More are refused all the same, uncounted."""

_log = Log(__name__)


def create_api(
    env: Environment,
    *,
    clock: Callable[[], datetime],
    secure: bool = False,
    http_metrics: HttpMetrics | None = None,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> Flask:
    """The API of this environment. ``clock`` returns the current time; ``secure``: served over HTTPS."""
    app = Flask("statuspage.web.api.app", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=requests.MAX_BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    if http_metrics is not None:
        follow_requests(app, http_metrics)
    limits, strangers = RateLimits(requests_per_minute), RateLimits(REFUSALS_PER_MINUTE)
    for operation in operations_of(env.name):
        server = _Server(env, clock, operation, limits, strangers)
        rule = PREFIX + operation.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(rule, operation.id, server, methods=[operation.method])
    _add_documents(app, env)
    _add_error_handlers(app)
    app.after_request(lambda response: _with_headers(response, secure=secure))
    return app


def _add_documents(app: Flask, env: Environment) -> None:
    """The description, and a page to read it. Both say nothing about the instance, and need no token."""
    document = openapi.build_document(env.name)
    text, page = openapi.as_json(document), reference_page.render(document)
    app.add_url_rule(
        f"{PREFIX}/openapi.json", "openapi", lambda: Response(text, mimetype="application/json"), methods=["GET"]
    )
    app.add_url_rule(PREFIX, "reference", lambda: Response(page, mimetype="text/html"), methods=["GET"])


class _Server:
    """Serves one operation."""

    def __init__(
        self,
        env: Environment,
        clock: Callable[[], datetime],
        operation: Operation,
        limits: RateLimits,
        strangers: RateLimits,
    ) -> None:
        self._env, self._clock, self._operation = env, clock, operation
        self._limits, self._strangers = limits, strangers

    def __call__(self, **path: str) -> Response:
        operation, now = self._operation, self._clock()
        token = authentication.authenticate(self._env, self._limits, self._strangers, now=now)
        authentication.authorize(self._env, token, operation)
        catalog = self._env.site.catalog
        languages = catalog.desk_languages
        fallback = "en" if "en" in languages else languages[0]
        language = request.accept_languages.best_match(languages, fallback) or fallback
        call = Call(
            self._env,
            now,
            token,
            translator_for(catalog, language),
            request.remote_addr or "",
            requests.read_path(path),
            requests.read_query(operation),
            requests.read_body(operation),
            requests.read_if_match(operation),
        )
        return self._carry_out_once(call, requests.read_key(operation))

    def _carry_out_once(self, call: Call, key: str) -> Response:
        """Carries out the request, unless it is known by its key: then answers what was answered."""
        if not key:
            return _response(self._operation, self._carry_out(call))
        claim = _claim(call, key)
        if isinstance(claim, KeptAnswer):
            return _kept_response(claim)
        changes = start_collecting()
        try:
            answer = self._carry_out(requests.with_claim(call, claim))
        except Problem:
            claim.release()
            raise
        except DatabaseBusy:
            if changes.tables <= {"api_request"}:  # Nothing was stored but the key itself.
                claim.release()
            raise
        finally:
            stop_collecting()
        response = _response(self._operation, answer)
        if not answer.is_kept:
            claim.release()
            return response
        headers = {name: response.headers[name] for name in ("ETag", "Location") if name in response.headers}
        claim.answer(KeptAnswer(response.status_code, response.get_data(as_text=True), headers, answer.incident))
        return response

    def _carry_out(self, call: Call) -> Answer:
        answer = self._operation.run(call)
        if self._operation.changes and answer.target:
            try:
                tokens.record_use(
                    self._env.databases.accounts, call.token, self._operation.id,
                    address=call.address, target=answer.target, now=call.now,
                )  # fmt: skip
            except (DatabaseBusy, DatabaseBroken) as error:  # What was done is done, and its own record says by whom.
                _log.error("audit log not written", operation=self._operation.id, error=type(error).__name__)
        return answer


def _claim(call: Call, key: str) -> Claim | KeptAnswer:
    database = call.env.databases.environment
    try:
        return idempotency.claim(database, call.token.id, key, requests.request_digest(), now=call.now)
    except KeyReused:
        raise Problem("key-reused") from None
    except RequestRunning:
        raise Problem("running", headers={"Retry-After": "1"}) from None
    except RequestInterrupted:
        raise Problem("interrupted") from None


def _response(operation: Operation, answer: Answer) -> Response:
    response = Response(answer.body.model_dump_json(), operation.status, mimetype="application/json")
    if answer.etag:
        response.headers["ETag"] = f'"{answer.etag}"'
    if answer.location:
        response.headers["Location"] = answer.location
    return response


def _kept_response(kept: KeptAnswer) -> Response:
    if not kept.body:
        return problem_response(Problem("gone"))
    response = Response(kept.body, kept.status, mimetype="application/json")
    response.headers.update(dict(kept.headers))
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _add_error_handlers(app: Flask) -> None:
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseBusy, _unavailable)
    app.register_error_handler(DatabaseBroken, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    headers = dict(error.get_headers())
    return status_response(error.code or 500, {name: headers[name] for name in ("Allow",) if name in headers})


def _unavailable(_error: Exception) -> Response:
    return problem_response(Problem("busy", headers={"Retry-After": "5"}))


def _unexpected(error: Exception) -> Response:
    _log.error("request failed", path=request.path, exc_info=error)
    return problem_response(Problem("internal"))


def _with_headers(response: Response, *, secure: bool) -> Response:
    for name, value in {**HEADERS, "Cache-Control": "no-store"}.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
