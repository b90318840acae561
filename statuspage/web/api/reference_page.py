"""A page on which the description of the API is read, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

Json = dict[str, Any]

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/static/desk.css">
</head>
<body>
<main id="main" class="narrow">
<h1 class="h-page">{title}</h1>
<p>{introduction}</p>
<p><a href="/api/v1/openapi.json">openapi.json</a></p>
{operations}
<h2>Bodies</h2>
{models}
</main>
</body>
</html>
""")
_OPERATION = Markup(
    '<section class="blk" id="{id}"><h3>{summary}</h3><p><code>{method} {path}</code></p><p>{description}</p>'
    "{parameters}{body}<p>{answer}</p></section>\n"
)
_LINE = Markup("<dt><code>{name}</code></dt><dd>{text}</dd>")


def render(document: Json) -> str:
    """The page of this description."""
    return _PAGE.format(
        title=document["info"]["title"],
        introduction=document["info"]["description"],
        operations=Markup("").join(_sections(document)),
        models=Markup("").join(_models(document["components"]["schemas"])),
    )


def _sections(document: Json) -> Iterator[Markup]:
    for tag in document["tags"]:
        yield Markup("<h2>{name}</h2><p>{text}</p>\n").format(
            name=str(tag["name"]).capitalize(), text=tag["description"]
        )
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield _operation(path, method, operation, document["servers"][0]["url"])


def _operation(path: str, method: str, operation: Json, prefix: str) -> Markup:
    parameters = Markup("").join(
        _LINE.format(name=each["name"], text=each.get("description", each["in"]))
        for each in operation.get("parameters", ())
    )
    body = operation.get("requestBody")
    statuses = ", ".join(operation["responses"])
    (answer,) = operation["responses"]["200"]["content"].values()
    return _OPERATION.format(
        id=operation["operationId"],
        summary=operation["summary"],
        method=method.upper(),
        path=f"{prefix}{path}",
        description=operation["description"],
        parameters=Markup("<dl>{}</dl>").format(parameters) if parameters else "",
        body=Markup("<p>Body: {}</p>").format(_link(body["content"]["application/json"]["schema"])) if body else "",
        answer=Markup("Answer: {}. Statuses: {}.").format(_link(answer["schema"]), statuses),
    )


def _models(schemas: Json) -> Iterator[Markup]:
    for name, schema in schemas.items():
        rows = Markup("").join(
            _LINE.format(name=field, text=_field_text(described, is_needed=field in schema.get("required", ())))
            for field, described in schema.get("properties", {}).items()
        )
        values = escape(", ".join(str(value) for value in schema.get("enum", ())))
        yield Markup(
            '<section class="blk" id="{name}"><h3>{name}</h3><p>{text}</p><p>{values}</p>{rows}</section>\n'
        ).format(
            name=name,
            text=schema.get("description", ""),
            values=values,
            rows=Markup("<dl>{}</dl>").format(rows) if rows else "",
        )


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
