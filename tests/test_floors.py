"""The code stands on floors (docs/design.md, section 5). Every module's imports are held to that here."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "statuspage"

FLOORS: Mapping[int, frozenset[str]] = {
    0: frozenset(
        """__init__ facts timeline catalog incoming deliveries moments patience places rules typed unsayable measures
        spans uptime scenarios blanking scoring brands subscriptions links duty calls retyped asked approving
        terms runbooks mailings naming impact starting""".split()
    ),
    1: frozenset("media weighing wording plain proposals site".split()),
    2: frozenset(
        """shipped records networks afar shards content store targets channels alerts readback roster
        importers""".split()
    ),
    3: frozenset(
        """settings instance world worlds summary prepared rescue checking desk printing filling publishing gathering
        outbox people subscribers drills figures doctor diary logs holding forgetting mirroring
        restoring backup takeover dressing audit_log throttling""".split()
    ),
    4: frozenset("web public cli wsgi __main__".split()),
}
"""Which part of the package stands where. A new module is entered here, or the tests fail."""

OWNERS: Mapping[str, tuple[str, ...]] = {
    "flask": ("web", "public"),
    "flask_wtf": ("web", "public"),
    "wtforms": ("web", "public"),
    "werkzeug": ("web", "public"),
    "waitress": ("web", "public"),
    "itsdangerous": ("desk", "people", "web", "public"),
    "click": ("cli",),
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "psycopg": ("store.postgresql",),
    "cryptography": ("alerts.sns",),
    "pydantic": ("records", "alerts", "settings", "world", "backup.reading"),
    "pydantic_settings": ("settings", "world"),
    "tweepy": ("channels.x",),
    "apprise": ("channels.apprise",),
    "requests": ("alerts.sns", "channels", "readback", "importers.sources", "afar.pages", "roster.fetching"),
    "dns": ("afar.names",),
    "urllib3": ("channels.wire",),
    "boto3": ("targets.s3",),
    "botocore": ("targets.s3",),
    "feedgen": ("site.feeds",),
    "babel": ("wording",),
    "jinja2": ("wording", "site", "web", "public"),
    "markupsafe": ("wording", "site", "web", "public"),
    "markdown": ("wording", "site"),
    "nh3": ("wording", "site"),
    "regex": ("media", "weighing", "wording", "plain"),
    "segno": ("site.counter",),
    "icalendar": ("site.calendar", "roster", "diary"),
    "recurring_ical_events": ("roster",),
    "argon2": ("people",),
    "email_validator": ("subscribers",),
    "structlog": ("logs", "store", "outbox", "subscribers", "publishing", "mirroring", "world", "web", "public", "cli"),
}
"""Who may import what is not ours. A library that is not named here may be imported by nobody."""

PURE_LIBRARY = frozenset(
    """__future__ abc base64 bisect calendar collections contextlib copy dataclasses datetime decimal email enum
    fractions functools gzip hashlib hmac html itertools json math operator re statistics string textwrap types typing
    unicodedata urllib.parse xml zlib zoneinfo""".split()
)
"""What floors 0 and 1 may take from the standard library: nothing that reads a clock, a file, the network,
the environment or a source of randomness. Of ``datetime`` the parts that ask the clock are refused below."""

ASKS_THE_CLOCK = frozenset({"now", "utcnow", "today"})
READS_FILES = frozenset(
    {"open", "input", "print", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "rglob"}
)

LONGEST_FUNCTION = 40
LONGEST_MODULE = 350


def modules() -> Mapping[str, Path]:
    """Every module of the package by its name without the package's own: ``web.serving``, ``site``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = path
    return found


def floor_of(name: str) -> int | None:
    """The floor a module stands on, by its first part. None: on no floor."""
    part = name.partition(".")[0]
    return next((floor for floor, names in FLOORS.items() if part in names), None)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported anywhere in a module, inside functions too."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from ((node.lineno, f"{'.' * level}{module or ''}.{alias.name}") for alias in names)


def faults(name: str, source: str, known: frozenset[str]) -> list[str]:
    """Everything a module does that its floor does not allow. ``known`` are the names of all modules."""
    floor = floor_of(name)
    if floor is None:
        return [f"{name}: stands on no floor; enter it in FLOORS"]
    tree = ast.parse(source)
    found = []
    for line, imported in imports(tree):
        found += [f"{name}:{line}: {wrong}" for wrong in _wrong_import(name, floor, imported, known)]
    if floor <= 1:
        found += [f"{name}:{line}: {wrong}" for line, wrong in _impure(tree)]
    return found + [f"{name}:{line}: {wrong}" for line, wrong in _too_long(tree, source)]


def _wrong_import(name: str, floor: int, imported: str, known: frozenset[str]) -> Iterator[str]:
    top = imported.partition(".")[0]
    if top == "":
        yield f"imports {imported} relatively; write it as `from statuspage.x import y`"
    elif top == "statuspage":
        yield from _wrong_own(floor, imported, known)
    elif top in sys.stdlib_module_names:
        if floor <= 1 and not _pure(imported):
            yield f"imports {imported}, but floor {floor} is pure"
    elif not any(name == owner or name.startswith(owner + ".") for owner in OWNERS.get(top, ())):
        yield f"imports {top}, which is left to {', '.join(OWNERS.get(top, ())) or 'nobody'}"


def _wrong_own(floor: int, imported: str, known: frozenset[str]) -> Iterator[str]:
    path = imported.partition(".")[2]
    if path == "__version__":
        return
    target = max((k for k in known if path == k or path.startswith(k + ".")), key=len, default=None)
    if target is None:
        yield f"imports {imported}, which does not exist"
    elif (other := floor_of(target)) is not None and other > floor:
        yield f"stands on floor {floor} and imports {target} from floor {other}"


def _pure(imported: str) -> bool:
    return any(imported == allowed or imported.startswith(allowed + ".") for allowed in PURE_LIBRARY)


def _impure(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr, value=ast.Name(id="datetime" | "date")) if attr in ASKS_THE_CLOCK:
                yield node.lineno, f"asks the clock with .{attr}; take `now` as an argument"
            case ast.Call(func=ast.Name(id=called)) if called in READS_FILES:
                yield node.lineno, f"calls {called}(), but a pure floor reads and writes nothing"
            case ast.Call(func=ast.Attribute(attr=called)) if called in READS_FILES:
                yield node.lineno, f"calls .{called}(), but a pure floor reads and writes nothing"


def _too_long(tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    if (lines := source.count("\n")) > LONGEST_MODULE:
        yield 1, f"has {lines} lines; split it by subject"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := _length(node)) > LONGEST_FUNCTION:
            yield node.lineno, f"{node.name} has {length} lines"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


KNOWN = frozenset(modules())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_module_keeps_to_its_floor(name: str) -> None:
    assert faults(name, modules()[name].read_text(encoding="utf-8"), KNOWN) == []


def test_every_import_is_written_from_statuspage() -> None:
    plain = [
        f"{name}:{line}: import {imported}"
        for name, path in modules().items()
        for line, imported in _plain_imports(ast.parse(path.read_text(encoding="utf-8")))
        if imported.partition(".")[0] == "statuspage"
    ]
    assert plain == []


def _plain_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("facts", "import os\n", "imports os, but floor 0 is pure"),
        ("facts", "from pathlib import Path\n", "imports pathlib.Path, but floor 0 is pure"),
        ("wording.times", "from time import sleep\n", "imports time.sleep, but floor 1 is pure"),
        ("media", "from urllib.request import urlopen\n", "imports urllib.request.urlopen, but floor 1 is pure"),
        ("site.pages", "from datetime import datetime\nx = datetime.now()\n", "asks the clock with .now"),
        ("media", "text = open('x')\n", "calls open()"),
        ("facts", "def f():\n    from statuspage.store import Store\n", "imports store from floor 2"),
        ("facts", "from statuspage import store\n", "imports store from floor 2"),
        ("store.incidents", "from statuspage.desk import publish\n", "imports desk from floor 3"),
        ("desk", "from statuspage.web import app\n", "imports web from floor 4"),
        ("desk", "from .facts import Facts\n", "relatively"),
        ("desk", "from statuspage.utils import anything\n", "does not exist"),
        ("desk", "from flask import request\n", "imports flask, which is left to web, public"),
        ("site.feeds", "from sqlalchemy import text\n", "imports sqlalchemy, which is left to store"),
        ("channels.sandbox", "from tweepy import Client\n", "imports tweepy, which is left to channels.x"),
        ("site.pages", "from feedgen.feed import FeedGenerator\n", "imports feedgen, which is left to site.feeds"),
        ("web.forms", "from babel.dates import format_time\n", "imports babel, which is left to wording"),
        ("store", "from django.db import models\n", "imports django, which is left to nobody"),
        ("helpers", "", "stands on no floor"),
        ("desk", "def long():\n" + "    x = 1\n" * 41, "long has 41 lines"),
        ("desk", "x = 1\n" * 351, "has 351 lines"),
    ],
)
def test_a_breach_is_seen(name: str, source: str, said: str) -> None:
    known = KNOWN | {"facts", "store", "store.incidents", "desk", "web"}
    assert any(said in fault for fault in faults(name, source, known))


def test_what_is_allowed_is_not_called_a_breach() -> None:
    source = "from datetime import UTC, datetime\nfrom statuspage.facts import Facts\nimport re\n"
    assert faults("media", source, KNOWN) == []
    assert faults("channels.x", "import tweepy\nfrom statuspage import catalog, __version__\n", KNOWN) == []
