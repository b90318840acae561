"""The description of the API in OpenAPI 3.1, made from the operations and their models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from statuspage import __version__
from statuspage.web.api.operations import Operation
from statuspage.web.api.problems import KINDS, MIME_TYPE, ProblemModel
from statuspage.web.api.registry import PREFIX, operations_of

Json = dict[str, Any]

ALWAYS = (401, 403, 429, 500, 503)
"""The statuses of problems that every operation may answer."""

TAGS: Mapping[str, str] = {
    "token": "What the token of a request may do.",
    "incidents": "Incidents and their timelines.",
    "notices": "What customers are told, proposed or published.",
    "maintenance": "Planned work.",
    "facts": "What engineers are asked, and what they know.",
    "alerts": "What monitors have sent.",
    "services": "What customers use.",
    "action items": "What was decided after incidents and drills.",
    "figures": "How often, how long, how fast.",
    "subscribers": "Who asked to be told.",
    "drills": "Rehearsals and their results.",
}

_OF_INCIDENT = ("getIncident", "getTimeline", "getFacts", "answerFacts")
_OF_ITEM = ("getActionItem", "changeActionItem", "setActionItemState")
LINKS: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "reportIncident": (("incident", "incident", _OF_INCIDENT),),
    "announceMaintenance": (("incident", "incident", ("getIncident", "getTimeline")),),
    "addActionItem": (("item", "id", _OF_ITEM),),
}
"""By operation: the parameter, where its value is in the answer, and the operations that take it."""

_REPLAYED: Json = {
    "description": "true if this is the answer to an earlier request with the same key.",
    "schema": {"type": "string", "enum": ["true"]},
}
_PATTERNS = {"item": "^[0-9]{1,9}$"}
_HEADERS: Mapping[str, Json] = {
    "If-Match": {
        "description": "The ETag that you got with what you change.",
        "schema": {"type": "string", "pattern": '^"[A-Za-z0-9_.-]{1,64}"$'},
    },
    "Idempotency-Key": {
        "description": "A new one for each request; the same one when you repeat it. Remembered for 24 hours.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,128}$"},
    },
}
_INTRODUCTION = (
    "For programs that work with this status page. A token is made on the desk under Settings, API tokens; it acts for "
    "its owner and never with more rights. Its scope is read, propose (notices wait on the desk for a person) or "
    "publish. Every error is a problem (RFC 9457). Times are UTC."
)


def build_document(environment: str) -> Json:
    """The description of what this environment has."""
    operations = operations_of(environment)
    references, definitions = _schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, references)
    tags = [{"name": name, "description": text} for name, text in sorted(TAGS.items()) if _is_used(name, operations)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "statuspage API",
            "version": __version__,
            "description": _INTRODUCTION,
            "license": {"name": "See the program's licence", "identifier": "LicenseRef-statuspage"},
            "contact": {"name": "Whoever runs this instance"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions,
        },
    }


def as_json(document: Json) -> str:
    """The description as text."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _is_used(tag: str, operations: tuple[Operation, ...]) -> bool:
    return any(operation.tag == tag for operation in operations)


def _schemas(operations: tuple[Operation, ...]) -> tuple[Mapping[Any, Json], Json]:
    """A reference for each model and its use, and what they refer to."""
    bodies = {operation.body for operation in operations if operation.body is not None}
    answers = {operation.answer for operation in operations} | {ProblemModel}
    used: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in _sorted(bodies)]
    used += [(model, "serialization") for model in _sorted(answers)]
    references, schema = models_json_schema(used, ref_template="#/components/schemas/{model}")
    return references, schema["$defs"]


def _sorted(models: set[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)


def _operation(operation: Operation, references: Mapping[Any, Json]) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": _description(operation),
        "x-scope": str(operation.scope),
        "x-role": str(operation.role),
        "responses": _responses(operation, references),
    }
    if parameters := [*_parameters(operation)]:
        described["parameters"] = parameters
    if operation.body is not None:
        schema = references[(operation.body, "validation")]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _description(operation: Operation) -> str:
    needed = f"Needs the scope {operation.scope}, and an owner who is at least {operation.role}."
    return f"{operation.description} {needed}".strip()


def _parameters(operation: Operation) -> Iterator[Json]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    for name in names:
        pattern = _PATTERNS.get(name, "^[A-Za-z0-9_-]{1,64}$")
        schema = {"type": "string", "pattern": pattern}
        yield {"name": name, "in": "path", "required": True, "description": f"Its id: {name}.", "schema": schema}
    if operation.query is not None:
        whole = operation.query.model_json_schema()
        for name, field in whole["properties"].items():
            described = {"description": field.pop("description")} if "description" in field else {}
            yield {"name": name, "in": "query", **described, "schema": _inlined(field, whole.get("$defs", {}))}
    needed = {"If-Match": operation.needs_match, "Idempotency-Key": operation.is_keyed}
    for name in (name for name, is_needed in needed.items() if is_needed):
        yield {"name": name, "in": "header", "required": True, **_HEADERS[name]}


def _inlined(field: Json, definitions: Json) -> Json:
    """The schema of a parameter, without references and without null, which an address cannot say."""
    if "$ref" in field:
        known = definitions[field["$ref"].rpartition("/")[2]]
        return {**known, **{name: value for name, value in field.items() if name != "$ref"}}
    if "anyOf" in field:
        (other,) = (each for each in field["anyOf"] if each.get("type") != "null")
        return {**other, "title": field["title"]}
    return field


def _responses(operation: Operation, references: Mapping[Any, Json]) -> Json:
    content = {"application/json": {"schema": references[(operation.answer, "serialization")]}}
    responses: Json = {str(operation.status): {"description": operation.summary, "content": content}}
    if links := dict(_links(operation)):
        responses[str(operation.status)]["links"] = links
    if operation.is_keyed:
        responses[str(operation.status)]["headers"] = {"Idempotent-Replayed": _REPLAYED}
    problem = {MIME_TYPE: {"schema": references[(ProblemModel, "serialization")]}}
    for status in sorted({*ALWAYS, *_own_statuses(operation)}):
        titles = [title for known, title in KINDS.values() if known == status]
        responses[str(status)] = {"description": "; or: ".join(titles), "content": problem}
    return responses


def _links(operation: Operation) -> Iterator[tuple[str, Json]]:
    """What can be done next with what was answered."""
    for name, pointer, targets in LINKS.get(operation.id, ()):
        for target in targets:
            yield target, {"operationId": target, "parameters": {name: f"$response.body#/{pointer}"}}


def _own_statuses(operation: Operation) -> Iterator[int]:
    yield from operation.problems
    yield 400
    if operation.query is not None:
        yield 422
    if operation.body is not None:
        yield from (413, 415)
