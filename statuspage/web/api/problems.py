"""Errors of the API as problem details (RFC 9457): what is wrong, with which field, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus
from typing import Any

from flask import Response, json
from pydantic import BaseModel, ConfigDict, Field

from statuspage.domain import ValidationError
from statuspage.web.desk import Translator

MIME_TYPE = "application/problem+json"

KINDS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request does not have the form that the operation describes"),
    "key-missing": (400, "The header Idempotency-Key is missing or malformed"),
    "unauthenticated": (401, "A valid token for this environment is needed"),
    "scope": (403, "The token's scope does not include this"),
    "role": (403, "The role of the token's owner does not include this"),
    "left-out": (403, "The token's owner is left out of the running drill"),
    "not-found": (404, "There is no such thing"),
    "method": (405, "The method is not allowed here"),
    "running": (409, "The same request is being carried out"),
    "interrupted": (409, "The same request was interrupted; look whether it took effect, then use a new key"),
    "doubtful": (409, "A person would be asked to confirm this"),
    "unheard-answers": (409, "An engineer has answered what this notice calls unknown"),
    "settled": (409, "It is no longer in a state that allows this"),
    "too-many-proposals": (409, "Too many proposals of this token wait on the desk"),
    "gone": (410, "Words of this answer have been redacted since"),
    "superseded": (412, "A newer notice was published, or somebody else has changed it"),
    "too-large": (413, "The request is too large"),
    "media-type": (415, "The body must be application/json"),
    "refused": (422, "The content of the request is refused"),
    "key-reused": (422, "The Idempotency-Key was sent with another request"),
    "match-missing": (428, "The header If-Match is missing"),
    "too-many": (429, "Too many requests with this token"),
    "internal": (500, "The request failed; the error was logged"),
    "busy": (503, "The database is not available; try again"),
}
"""Every kind of problem, by the last part of its type (``urn:statuspage:problem:KIND``): status and title."""


class FieldError(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"field": "start", "code": "start.missing"}]})

    field: str = Field(description="The field's name, with a dot before what lies in it.")
    code: str = Field(description="What is wrong, for programs.")
    message: str = Field("", description="What is wrong, as a sentence.")


class ProblemModel(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(description="urn:statuspage:problem:KIND, or about:blank.")
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list, description="One entry for each field that is wrong.")
    doubts: list[dict[str, Any]] = Field(
        default_factory=list, description="What to confirm; repeat the request with these keys in confirmed."
    )


@dataclass
class Problem(Exception):
    """Ends a request with this problem."""

    kind: str
    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    doubts: tuple[Mapping[str, Any], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_response(problem: Problem) -> Response:
    """The response of a problem."""
    status, title = KINDS[problem.kind]
    body: dict[str, object] = {"type": f"urn:statuspage:problem:{problem.kind}", "title": title, "status": status}
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [each.model_dump() for each in problem.errors]
    if problem.doubts:
        body["doubts"] = [dict(each) for each in problem.doubts]
    return _response(body, status, problem.headers)


def status_response(status: int, headers: Mapping[str, str]) -> Response:
    """The response of a status that has no kind of its own."""
    known = next((kind for kind, (known_status, _) in KINDS.items() if known_status == status), "")
    if known:
        return problem_response(Problem(known, headers=headers))
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    return _response({"type": "about:blank", "title": title, "status": status}, status, headers)


def refused(problems: Iterable[ValidationError], translator: Translator) -> Problem:
    """The problem of input that a form would show beside its fields."""
    found = tuple(
        FieldError(field=problem.field, code=problem.code, message=unescape(translator.problem_text(problem)))
        for problem in problems
    )
    return Problem("refused", errors=found)


def refused_code(code: str, translator: Translator, *, field: str = "", kind: str = "refused") -> Problem:
    """The problem of an action that is refused for this reason."""
    message = unescape(translator.label(f"problem.{code}"))
    return Problem(kind, message, errors=(FieldError(field=field, code=code, message=message),))


def _response(body: Mapping[str, object], status: int, headers: Mapping[str, str]) -> Response:
    response = Response(json.dumps(body), status, mimetype=MIME_TYPE)
    response.headers.update(dict(headers))
    return response
