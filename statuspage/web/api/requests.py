"""Reads the parts of a request: parameters, body, precondition and key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flask import request
from pydantic import BaseModel, ValidationError

from statuspage.usecases.api import Claim
from statuspage.web.api.operations import Call, Operation
from statuspage.web.api.problems import FieldError, Problem

MAX_BODY = 256_000
"""Maximum bytes of a request's body, as for an alert."""

KEY = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
"""What an Idempotency-Key is made of."""

_ID, _NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}"), re.compile(r"[0-9]{1,9}")
_ETAG = re.compile(r'"([A-Za-z0-9_.-]{1,64})"')
REFUSED = "refused_value"
"""The type of pydantic's error for a value that has the right form and is refused all the same."""


def read_query(operation: Operation) -> BaseModel | None:
    """The query's parameters. Raises Problem."""
    if operation.query is None:
        if request.args:
            raise Problem("malformed", errors=_field_errors(request.args, "extra_forbidden", "Unknown parameter."))
        return None
    values = request.args.to_dict(flat=False)
    if repeated := [name for name, each in values.items() if len(each) > 1]:
        raise Problem("malformed", errors=_field_errors(repeated, "repeated", "It occurs more than once."))
    try:
        return operation.query.model_validate_strings({name: each[0] for name, each in values.items()})
    except ValidationError as error:
        raise _problem_of(error) from None


def read_body(operation: Operation) -> BaseModel | None:
    """The body. Raises Problem."""
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise Problem("too-large", f"At most {MAX_BODY} bytes.")
    if operation.body is None:
        return None
    if request.mimetype != "application/json":
        raise Problem("media-type")
    try:
        return operation.body.model_validate_json(request.get_data())
    except ValidationError as error:
        raise _problem_of(error) from None


def read_if_match(operation: Operation) -> str:
    """The ETag that the request requires, "" if none. Raises Problem if the operation needs one."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        if operation.needs_match:
            raise Problem("match-missing", "Send the ETag that you got with it.")
        return ""
    match = _ETAG.fullmatch(header)
    if match is None:
        raise Problem("malformed", "If-Match must be the one ETag that you got with it.")
    return match[1]


def read_key(operation: Operation) -> str:
    """The key that makes repeated requests count once, "" if the operation needs none. Raises Problem."""
    if not operation.is_keyed:
        return ""
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not KEY.fullmatch(key):
        raise Problem("key-missing", "8 to 128 of A–Z, a–z, 0–9, _ . : -")
    return key


def request_digest() -> str:
    """What makes two requests the same: method, address, precondition and body."""
    parts = (request.method, request.full_path, request.headers.get("If-Match", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.get_data()).hexdigest()


def _problem_of(error: ValidationError) -> Problem:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    errors = tuple(
        FieldError(field=".".join(str(part) for part in each["loc"]), code=each["type"], message=each["msg"])
        for each in found[:20]
    )
    is_refused = all(each["type"] == REFUSED for each in found)
    return Problem("refused" if is_refused else "malformed", errors=errors)


def _field_errors(names: Iterable[str], code: str, message: str) -> tuple[FieldError, ...]:
    return tuple(FieldError(field=name, code=code, message=message) for name in names)


def read_path(path: Mapping[str, str]) -> Mapping[str, str]:
    """The ids in the address. Raises Problem for what cannot be one."""
    for name, value in path.items():
        if not (_NUMBER if name == "item" else _ID).fullmatch(value):
            raise Problem("not-found")
    return path


def with_claim(call: Call, claim: Claim) -> Call:
    """The call with the right to carry it out once."""
    return replace(call, claim=claim)
