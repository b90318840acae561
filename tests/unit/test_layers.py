"""Layers are folders. Checks what import-linter does not cover: purity, fronts, libraries, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import PACKAGE

PURE = ("domain", "rendering")
"""The layers that may not use a clock, files, the network, the environment or randomness."""

LAYERS = ("domain", "rendering", "content", "storage", "integrations", "usecases", "web", "cli")
LOOSE = frozenset({"__init__", "__main__", "wsgi", "settings", "serialization", "bundled", "process_log"})
"""The only modules directly in the package."""

LIBRARY_OWNERS: Mapping[str, tuple[str, ...]] = {
    "flask": ("web",),
    "flask_wtf": ("web",),
    "wtforms": ("web",),
    "werkzeug": ("web",),
    "waitress": ("web",),
    "itsdangerous": ("usecases.notices", "usecases.on_call", "usecases.accounts", "web"),
    "click": ("cli",),
    "sqlalchemy": ("storage",),
    "alembic": ("storage",),
    "psycopg": ("storage.engine.postgresql",),
    "cryptography": ("integrations.encryption", "integrations.monitors.sns", "integrations.one_time_codes"),
    "webauthn": ("integrations.passkeys",),
    "zxcvbn": ("usecases.passwords",),
    "pydantic": ("serialization", "integrations.monitors", "web.api", "usecases.environment", "usecases.backup"),
    "pydantic_core": ("web.api.inputs",),
    "tweepy": ("integrations.channels.x",),
    "apprise": ("integrations.channels.apprise",),
    "requests": ("integrations",),
    "dns": ("integrations.net.dns_lookup",),
    "urllib3": ("integrations.channels.http_limits",),
    "pyrage": ("integrations.age",),
    "boto3": ("integrations.hosting.s3",),
    "botocore": ("integrations.hosting.s3",),
    "feedgen": ("rendering.site.feeds",),
    "babel": ("rendering.wording",),
    "jinja2": ("rendering", "web"),
    "markupsafe": ("rendering", "web"),
    "markdown": ("rendering",),
    "nh3": ("rendering",),
    "regex": ("rendering.wording", "rendering.plain_language"),
    "tomlkit": ("content.editing",),
    "weasyprint": ("integrations.pdf.writer",),
    "segno": ("rendering.site.pages.qr_poster",),
    "icalendar": ("rendering.site.feeds.calendar", "integrations.rosters", "usecases.drills.calendar"),
    "recurring_ical_events": ("integrations.rosters.recurrence",),
    "prometheus_client": ("usecases.metrics", "web.desk"),
    "argon2": ("usecases.passwords",),
    "authlib": ("integrations.identity.openid",),
    "joserfc": ("integrations.identity.openid",),
    "email_validator": ("usecases.subscribers",),
    "structlog": ("usecases.logging_setup", "web.desk.request_log"),
}
"""Who may import third-party libraries. A library that is not listed may not be imported at all."""

PURE_LIBRARY = frozenset(
    """__future__ abc base64 bisect calendar collections contextlib copy dataclasses datetime decimal email enum
    fractions functools gzip hashlib hmac html ipaddress itertools json math operator re statistics string textwrap
    types typing unicodedata urllib.parse xml zlib zoneinfo""".split()
)
"""Standard library modules allowed in the pure layers. Parts of ``datetime`` that read the clock are refused below."""

ASKS_THE_CLOCK = frozenset({"now", "utcnow", "today"})
READS_FILES = frozenset(
    {"open", "input", "print", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "rglob"}
)

LONGEST_FUNCTION = 40
LONGEST_MODULE = 350
LARGEST_FOLDER = 34


@cache
def modules() -> Mapping[str, Path]:
    """Every module by its name without the package's own: ``web.server.run``, ``rendering.site``."""
    paths = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return paths


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported anywhere in a module, inside functions too."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from ((node.lineno, f"{'.' * level}{module or ''}.{alias.name}") for alias in names)


def breaches(name: str, source: str, known: frozenset[str]) -> list[str]:
    """Everything in a module that its layer does not allow. ``known`` are the names of all modules."""
    layer = name.partition(".")[0]
    if layer not in LAYERS and name not in LOOSE:
        return [f"{name}: lies in no layer"]
    tree = ast.parse(source)
    found = []
    for line, imported in imports(tree):
        found += [f"{name}:{line}: {wrong}" for wrong in _wrong_import(name, imported, known)]
    if layer in PURE:
        found += [f"{name}:{line}: {wrong}" for line, wrong in _impure(tree)]
    if ".migrations." in name:  # one revision creates all tables
        return found
    return found + [f"{name}:{line}: {wrong}" for line, wrong in _too_long(tree, source)]


def _wrong_import(name: str, imported: str, known: frozenset[str]) -> Iterator[str]:
    top, _, path = imported.partition(".")
    if top == "":
        yield f"imports {imported} relatively; write it as `from statuspage.x import y`"
    elif top == "statuspage":
        if path != "__version__" and not any(path == k or path.startswith(k + ".") for k in known):
            yield f"imports {imported}, which does not exist"
        else:
            yield from _past_a_front(name, path, known)
    elif top in sys.stdlib_module_names:
        if name.startswith(PURE) and not _pure(imported):
            yield f"imports {imported}, but {name.partition('.')[0]} is pure"
    elif not any(name == owner or name.startswith(owner + ".") for owner in LIBRARY_OWNERS.get(top, ())):
        yield f"imports {top}, which is left to {', '.join(LIBRARY_OWNERS.get(top, ())) or 'nobody'}"


def _past_a_front(name: str, imported: str, known: frozenset[str]) -> Iterator[str]:
    """From outside its own package, a module may import only what a package's front exports."""
    target = max((k for k in known if imported == k or imported.startswith(k + ".")), key=len, default="")
    package = _package(target)
    if package and package != _package(name) and imported.count(".") > package.count(".") + 1:
        yield f"imports {imported} past the front of {package}"


def _package(name: str) -> str:
    """The package with a front that a module belongs to: ``domain``, or a folder directly under a layer."""
    parts = name.split(".")
    if parts[0] == "domain":
        return "domain"
    package = ".".join(parts[:2])
    return package if len(parts) > 1 and parts[0] in LAYERS and (PACKAGE / parts[0] / parts[1]).is_dir() else ""


def _pure(imported: str) -> bool:
    return any(imported == allowed or imported.startswith(allowed + ".") for allowed in PURE_LIBRARY)


def _impure(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr, value=ast.Name(id="datetime" | "date")) if attr in ASKS_THE_CLOCK:
                yield node.lineno, f"asks the clock with .{attr}; take `now` as an argument"
            case ast.Call(func=ast.Name(id=called)) if called in READS_FILES:
                yield node.lineno, f"calls {called}(), but a pure layer reads and writes nothing"
            case ast.Call(func=ast.Attribute(attr=called)) if called in READS_FILES:
                yield node.lineno, f"calls .{called}(), but a pure layer reads and writes nothing"


def _too_long(tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    if (lines := source.count("\n")) > LONGEST_MODULE and not _only_re_exports(tree):
        yield 1, f"has {lines} lines; split it by subject"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := _length(node)) > LONGEST_FUNCTION:
            yield node.lineno, f"{node.name} has {length} lines"


def _only_re_exports(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign) for node in tree.body)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


KNOWN = frozenset(modules())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_module_keeps_to_its_layer(name: str) -> None:
    assert breaches(name, modules()[name].read_text(encoding="utf-8"), KNOWN) == []


def test_the_contracts_of_import_linter_are_kept() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    run = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


def fronts() -> Mapping[str, Path]:
    """The ``__init__`` of every package that must have a front."""
    return {name: path for name, path in modules().items() if path.name == "__init__.py" and _package(name) == name}


REST_ON_USE = """\
if TYPE_CHECKING:
    from statuspage.{name}.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.{name} import on_use
        return getattr(on_use, name)"""
"""How a front imports what takes long only when it is first asked for."""


@pytest.mark.parametrize("name", sorted(fronts()))
def test_a_front_re_exports_and_holds_no_logic(name: str) -> None:
    tree = ast.parse(fronts()[name].read_text("utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body[1:]:
        match node:
            case ast.ImportFrom(module=module):
                assert module in ("__future__", "typing") or module.startswith(f"statuspage.{name}"), ast.unparse(node)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List()):
                pass
            case ast.If() if ast.unparse(node) == REST_ON_USE.format(name=name):
                pass
            case _:
                pytest.fail(f"{name}: {ast.unparse(node)}")


@pytest.mark.parametrize("name", sorted(path.parent.name for path in PACKAGE.rglob("on_use.py")))
def test_nothing_that_a_front_imports_on_use_is_called_as_another_module_of_it(name: str) -> None:
    """Once the module is imported, its name would mean the module."""
    (file,) = (path for path in PACKAGE.rglob("on_use.py") if path.parent.name == name)
    modules = {path.stem for path in file.parent.iterdir()}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module != ".".join(("statuspage", *_parts(file.parent))):
            assert not {alias.name for alias in node.names} & modules, ast.unparse(node)


def _parts(folder: Path) -> tuple[str, ...]:
    return folder.relative_to(PACKAGE).parts


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in modules().values()}
    sizes = {folder.relative_to(PACKAGE).as_posix(): len(list(folder.glob("*.py"))) for folder in folders}
    assert {folder: size for folder, size in sizes.items() if size > LARGEST_FOLDER} == {}


@pytest.mark.slow
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


QUICK_TESTS = ("tests.conftest", "tests.unit", "tests.integration", "tests.contract")


@pytest.mark.slow
def test_no_quick_test_imports_a_browser_library() -> None:
    imported = _imports_of_tests()
    reached = {name for name in imported if name.startswith(QUICK_TESTS)}
    while new := {target for name in reached for target in imported[name] & imported.keys()} - reached:
        reached |= new
    with_browser = {name for name, targets in imported.items() if "playwright" in targets}
    assert with_browser
    assert reached & with_browser == set()


def _imports_of_tests() -> Mapping[str, set[str]]:
    """Every module of the tests, with each prefix of what it imports."""
    root = PACKAGE.parent
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): {
            ".".join(parts[:count])
            for _, imported in imports(ast.parse(path.read_text("utf-8")))
            if (parts := imported.split("."))
            for count in range(1, len(parts) + 1)
        }
        for path in (root / "tests").rglob("*.py")
    }


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("domain.facts", "import os\n", "imports os, but domain is pure"),
        ("domain.facts", "from pathlib import Path\n", "imports pathlib.Path, but domain is pure"),
        ("rendering.wording.times", "from time import sleep\n", "imports time.sleep, but rendering is pure"),
        ("rendering.site.pages", "from datetime import datetime\nx = datetime.now()\n", "asks the clock with .now"),
        ("rendering.site.pages", "text = open('x')\n", "calls open()"),
        ("web.desk.home", "from statuspage.domain.facts import Facts\n", "past the front of domain"),
        (
            "cli.alerts",
            "from statuspage.usecases.alerts.handling import receive\n",
            "past the front of usecases.alerts",
        ),
        ("usecases.notices", "from .facts import Facts\n", "relatively"),
        ("usecases.notices", "from statuspage.utils import anything\n", "does not exist"),
        ("usecases.notices", "from flask import request\n", "imports flask, which is left to web"),
        ("rendering.site.feeds", "from sqlalchemy import text\n", "imports sqlalchemy, which is left to storage"),
        ("integrations.channels.sandbox", "from tweepy import Client\n", "which is left to integrations.channels.x"),
        ("web.desk.forms", "from babel.dates import format_time\n", "imports babel, which is left to"),
        ("storage.alerts", "from django.db import models\n", "imports django, which is left to nobody"),
        ("helpers", "", "lies in no layer"),
        ("usecases.notices", "def long():\n" + "    x = 1\n" * 41, "long has 41 lines"),
        ("usecases.notices", "x: int = 1\n" * 351, "has 351 lines"),
    ],
)
def test_a_breach_is_seen(name: str, source: str, message: str) -> None:
    assert any(message in breach for breach in breaches(name, source, KNOWN))


def test_what_is_allowed_is_not_called_a_breach() -> None:
    source = "from datetime import UTC, datetime\nfrom statuspage.domain import Facts\nimport re\n"
    assert breaches("rendering.wording.media", source, KNOWN) == []
    assert breaches("integrations.channels.x", "import tweepy\nfrom statuspage import __version__\n", KNOWN) == []
