"""A page on which the description of the API is read: one line for each operation and body, which opens by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup, escape

Json = dict[str, Any]

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/static/desk.css">
</head>
<body>
<main id="main" class="broad api">
<h1 class="h-page">{title}</h1>
<p class="sub">{introduction}</p>
<p class="gap"><a href="/api/v1/openapi.json">openapi.json</a></p>
{operations}
<section class="blk"><h2 class="head">Bodies <small>What requests and answers contain.</small></h2>
{models}</section>
</main>
</body>
</html>
""")
_GROUP = Markup('<section class="blk"><h2 class="head">{name} <small>{text}</small></h2>\n{operations}</section>\n')
_OPERATION = Markup(
    '<details class="fold"><summary><code>{method}</code><code>{path}</code><span>{summary}</span></summary>'
    '<div id="{id}"><p>{description}</p>{parameters}{body}<p>{answer}</p></div></details>\n'
)
_MODEL = Markup(
    '<details class="fold"><summary><code>{name}</code><span>{text}</span></summary>'
    '<div id="{name}">{values}{rows}</div></details>\n'
)
_LINES = Markup('<dl class="keys">{}</dl>')
_LINE = Markup("<div><dt><code>{name}</code></dt><dd>{text}</dd></div>")


def render(document: Json) -> str:
    """The page of this description: a line for each operation and body, which opens; a link to one opens it."""
    return _PAGE.format(
        title=document["info"]["title"],
        introduction=document["info"]["description"],
        operations=Markup("").join(_groups(document)),
        models=Markup("").join(_models(document["components"]["schemas"])),
    )


def _groups(document: Json) -> Iterator[Markup]:
    prefix = document["servers"][0]["url"]
    for tag in document["tags"]:
        operations = [
            _operation(path, method, operation, prefix)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        name = str(tag["name"]).capitalize()
        yield _GROUP.format(name=name, text=tag["description"], operations=Markup("").join(operations))


def _operation(path: str, method: str, operation: Json, prefix: str) -> Markup:
    parameters = [
        _LINE.format(name=each["name"], text=each.get("description", each["in"]))
        for each in operation.get("parameters", ())
    ]
    body = operation.get("requestBody")
    statuses = ", ".join(operation["responses"])
    (answer,) = operation["responses"]["200"]["content"].values()
    return _OPERATION.format(
        id=operation["operationId"],
        summary=operation["summary"],
        method=method.upper(),
        path=Markup("/<wbr>").join(f"{prefix}{path}".split("/")),
        description=operation["description"],
        parameters=_definitions(parameters),
        body=Markup("<p>Body: {}</p>").format(_link(body["content"]["application/json"]["schema"])) if body else "",
        answer=Markup("Answer: {}. Statuses: {}.").format(_link(answer["schema"]), statuses),
    )


def _models(schemas: Json) -> Iterator[Markup]:
    for name, schema in schemas.items():
        rows = [
            _LINE.format(name=field, text=_field_text(described, is_needed=field in schema.get("required", ())))
            for field, described in schema.get("properties", {}).items()
        ]
        values = ", ".join(str(value) for value in schema.get("enum", ()))
        yield _MODEL.format(
            name=name,
            text=schema.get("description", ""),
            values=Markup("<p>{}</p>").format(values) if values else "",
            rows=_definitions(rows),
        )


def _definitions(lines: Sequence[Markup]) -> Markup:
    return _LINES.format(Markup("").join(lines)) if lines else Markup("")


def _field_text(described: Json, *, is_needed: bool) -> Markup:
    kind = _kind(described)
    needed = " (required)" if is_needed else ""
    return Markup("{}{} {}").format(kind, needed, described.get("description", ""))


def _kind(described: Json) -> Markup:
    if "$ref" in described:
        return _link(described)
    if "anyOf" in described:
        return Markup(" or ").join(_kind(each) for each in described["anyOf"])
    if described.get("type") == "array":
        return Markup("list of {}").format(_kind(described.get("items", {})))
    return escape(str(described.get("format") or described.get("type", "value")))


def _link(schema: Json) -> Markup:
    name = str(schema["$ref"]).rpartition("/")[2]
    return Markup('<a href="#{name}">{name}</a>').format(name=name)
