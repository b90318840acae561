"""Malicious input: reversed text, options in values, XML, endless files, deep brackets."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from statuspage.domain.catalog import EnvironmentMarks
from statuspage.rendering.wording.postmortem import render_html
from statuspage.usecases import drills
from statuspage.usecases.environment.model import Environment
from tests.support.desk import (
    Browser,
    Clock,
    alert_arrives,
    alertmanager,
    clock,
    desk_of,
    drill_environment_in,
    env,
    signed_in,
    work,
)
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.paths import ROOT
from tests.support.playing import Player, clean_environ
from tests.support.times import at

__all__ = ["cli", "clock", "env", "home"]

PROGRAM = ROOT / "statuspage"

TURNED = "abc\u202edef"
"""Reads as ``abcfed``."""

FREE = re.compile(r"(extra|text)-.*|reason|text|title|recipient")
"""Text fields of the forms of both environments. All other fields are chosen from a list, or are times."""

KEPT_AS_TYPED = ("draft", "alembic_version")
"""A draft is returned as it was typed, so that nothing is lost."""


def shown(browser: Browser) -> str:
    """Everything visible or read aloud on a page, except the content of fields."""
    parts: list[str] = []
    for element in browser.tree.iter():
        parts += [] if element.tag == "textarea" else [element.text or ""]
        parts += [element.get(name, "") for name in ("title", "alt", "aria-label", "placeholder", "content")]
        parts.append(element.tail or "")
    return "".join(parts)


def held(env: Environment) -> str:
    """Everything stored and published, except drafts."""
    found: list[str] = []
    for file in (env.home / "environment.db", env.home / "accounts.db"):
        if file.exists():
            with closing(sqlite3.connect(file)) as connection:
                names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                rows = [connection.execute(f"SELECT * FROM {n}").fetchall() for n in names if n not in KEPT_AS_TYPED]
                found.append("\n".join(str(value) for table in rows for row in table for value in row))
    pages = [path for path in (env.home / "site").rglob("*") if path.is_file() and path.suffix != ".gz"]
    return "\n".join([*found, *(path.read_text("utf-8", "replace") for path in pages)])


def forms(browser: Browser, page: str) -> Iterator[tuple[str, str]]:
    """Every field of every form of a page, with where the form goes."""
    browser.open(page)
    for form in browser.tree.xpath("//main//form"):
        action = form.get("action") or ""
        inside = form.xpath(".//@name") + browser.tree.xpath(f"//*[@form='{form.get('id') or '-'}']/@name")
        yield from ((action, name) for name in sorted({*inside} - {"csrf_token"}))


def tried(browser: Browser, env: Environment, pages: list[str]) -> tuple[set[str], set[str]]:
    """The fields of these pages, and those that reject such characters."""
    found: set[str] = set()
    refused: set[str] = set()
    for page in pages:
        for action, name in [one for one in forms(browser, page) if one[1] not in found]:
            found.add(name)
            with env.databases.environment.begin() as tx:
                tx.exec_driver_sql("DELETE FROM draft")
            browser.open(page).send({"do": "publish", name: TURNED}, action=action)
            assert browser.page.status_code < 500, (page, name)
            assert "\u202e" not in shown(browser), (page, name)
            refused |= {name} if "制御文字" in browser.text else set()
            if env.name == "drill" and drills.running_drill(env.databases.environment):
                drills.end_drill(env, now=at("12:30"))
    return found, refused


@pytest.mark.slow
def test_no_field_of_the_desk_takes_a_text_that_turns_around(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock)
    alert_arrives(browser)
    browser.open("/incidents/new").send({"incident_type": "booking", "start": "5m", "do": "publish"})
    work(env, clock)
    incident = browser.path.split("/")[2]
    pages = [
        "/incidents/new",
        "/maintenance/new",
        f"/incidents/{incident}/notices/new/resolved",
        f"/incidents/{incident}",
        browser.path,
        "/",
    ]
    found, refused = tried(browser, env, pages)
    assert {"start", "ended", "begins", "incident_type", "text", "extra-ja"} <= found
    assert refused == {name for name in found if FREE.fullmatch(name)}
    Browser(browser.app).open("/sign-in").send(login=TURNED, password=TURNED)
    work(env, clock)
    assert "\u202e" not in held(env)


@pytest.mark.slow
def test_no_field_of_a_drills_room_takes_a_text_that_turns_around(tmp_path: Path, clock: Clock) -> None:
    drill = drill_environment_in(tmp_path)
    found, refused = tried(signed_in(drill, clock), drill, ["/drills"])
    assert {"title", "incident_type", "excluded", "role-reporter"} <= found
    assert refused == {"title", "excluded", *(name for name in found if name.startswith("role-"))}
    assert "\u202e" not in held(drill)
    drill.databases.environment.close()
    drill.databases.accounts.close()


@pytest.mark.slow
def test_no_verb_takes_a_text_that_turns_around(cli: Cli, home: Path) -> None:
    incident = publish_report(cli, "--extra", "ja=窓口へどうぞ。", "--extra", "en=Ask at the desk.")["incident"]
    words = "The text contains invisible control characters."
    for args in (
        ("update", incident, "--extra", f"ja={TURNED}", "--yes"),
        ("update", incident, "--only", "ja", "--reason", TURNED, "--yes"),
        ("incident", "note", incident, TURNED),
        ("redaction", "create", incident, "--text", "窓口", "--reason", TURNED, "--yes"),
    ):
        result = cli(*args)
        assert (result.code, words in result.err) == (1, True), args
    unknown = cli("update", incident, "--current-action", TURNED, "--yes")
    assert (unknown.code, "\u202e" in unknown.err) == (1, False)
    assert "invisible" in cli("account", "add", TURNED, "--name", "Sato").err
    assert "invisible" in cli("account", "add", "sa\u200bto", "--name", "Sato").err
    assert cli("incident", "note", incident, "fine", "--by", TURNED).code == 0
    assert cli("facts", "answer", incident, "--line", "fine", "--lang", TURNED).code == 0
    assert "abc�def" in cli("show", incident).out
    with closing(sqlite3.connect(home / "environment.db")) as connection:
        assert "\u202e" not in "\n".join(connection.iterdump())


@pytest.mark.system
@pytest.mark.parametrize("later", [(), ("--at", "23:59")], ids=["now", "on the plan"])
@pytest.mark.parametrize("flag", [("--role", f"reporter={TURNED}"), ("--without", TURNED), ("--leader", TURNED)])
def test_no_name_of_a_drill_turns_around(home: Path, flag: tuple[str, str], later: tuple[str, ...]) -> None:
    result = Player(home, clean_environ()).run("drill", "start", "tutorial", "--json", *flag, *later)
    with closing(sqlite3.connect(home / "drill" / "environment.db")) as connection:
        assert "u202e" not in ascii("\n".join(connection.iterdump()))
    assert result.code == (0 if flag[0] == "--leader" else 1), "who leads is somebody who is only named"


@pytest.mark.slow
def test_no_proof_of_consent_turns_around(cli: Cli, home: Path) -> None:
    for flag in ("--who", "--how"):
        proof = {"--who": "Sato", "--when": "2026-04-01", "--how": "contract", flag: TURNED}
        result = cli("subscriber", "add", "a@fitline.example", *(part for pair in proof.items() for part in pair))
        assert (result.code, "invisible control characters" in result.err) == (1, True), result.err


def test_what_shows_nothing_is_taken_out_of_words(cli: Cli) -> None:
    answer = publish_report(
        cli, "--extra", "ja=窓\u200b口\ufeffへ\u00adどうぞ。", "--extra", "en=Ask at the desk. 👩‍👧"
    )
    assert "窓口へどうぞ。" in answer["texts"]["ja"]["page"]
    assert "👩‍👧" in answer["texts"]["en"]["page"], "what joins a sign of several parts stays"


@pytest.mark.slow
def test_an_id_that_is_a_path_is_found_nowhere(env: Environment, clock: Clock) -> None:
    browser = signed_in(env, clock)
    rules = [rule for rule in browser.app.url_map.iter_rules() if rule.arguments and rule.endpoint != "static"]
    assert len(rules) > 8
    for rule in rules:
        for bad in ("..%2f..%2fetc%2fpasswd", "%2e%2e", quote(TURNED), "-rf", "a%00b", "CON"):
            address = re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int:)[^>]+>", bad, rule.rule))
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = browser.client.open(address, method=method, follow_redirects=False)
                assert answer.status_code < 500, (method, address)
                browser.page = answer
                if answer.mimetype == "text/html" and browser.text:
                    assert "root:" not in browser.text and "\u202e" not in shown(browser), address


def calls(module: Path) -> Iterator[str]:
    """The dotted names of everything a module calls."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


STARTS = re.compile(r"(subprocess|multiprocessing|pty)\.\w+|os\.(exec|spawn|posix_spawn|system|popen|fork)\w*")
"""What starts a program."""


@pytest.mark.slow
def test_every_place_that_starts_a_program_is_known() -> None:
    found = {
        (str(module.relative_to(PROGRAM)), name)
        for module in PROGRAM.rglob("*.py")
        for name in calls(module)
        if STARTS.fullmatch(name)
    }
    known = {("cli/context.py", "os.execve"), ("web/server/run.py", "subprocess.Popen")}
    known |= {
        ("usecases/publishing/full_build.py", "multiprocessing.get_context"),
        ("integrations/hosting/subprocesses.py", "subprocess.Popen"),
    }
    for module in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            assert not (isinstance(node, ast.keyword) and node.arg == "shell"), module
            assert not (isinstance(node, ast.ImportFrom) and node.module in ("subprocess", "multiprocessing")), module
    assert found == known, "A list of arguments each, no shell. A new place needs tests of its own, as in test_targets."


@pytest.mark.system
def test_whatever_a_value_looks_like_it_reaches_the_drill_as_a_value(home: Path) -> None:
    player = Player(home, clean_environ(STATUSPAGE_INTAKE_SECRET="planted"))
    trap = home.parent / "trap"
    value = f"--home={home.parent} $(touch {trap}); `touch {trap}` | touch {trap} #"
    begun = player.ask("drill", "start", "--title", value, "--leader", "--json", "--no-alert")
    assert (begun["title"], begun["leader"]) == (value, "--json")
    assert not trap.exists()


@pytest.mark.slow
def test_an_alert_whose_fields_look_like_options_is_words_and_nothing_else(cli: Cli, home: Path) -> None:
    file = home.parent / "alert.json"
    body = alertmanager(at("09:55"), fingerprint="--drill", alertname="--help", severity="-rf", instance="$(reboot)")
    message = json.loads(body)
    message["alerts"][0]["annotations"] = {"summary": "--drill --to=everyone", "description": "-"}
    file.write_text(json.dumps(message), "utf-8")
    alert = cli("alert", "receive", "alertmanager", str(file), "--json").json[0]["alert"]
    answer = publish_report(cli, "--alert", alert)
    assert not answer["incident"].startswith("drill")
    assert "everyone" not in json.dumps(answer["texts"])
    assert "--drill --to=everyone" in cli("show", answer["incident"]).out
    assert not (home / "drill" / "environment.db").exists() or "--drill" not in (
        home / "drill" / "environment.db"
    ).read_text("utf-8", "replace")


@pytest.mark.slow
def test_a_verb_takes_no_value_for_a_verb_or_a_flag(cli: Cli) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("incident", "note", incident, "--", "--drill").code == 0
    assert "--drill" in cli("show", incident).out
    assert cli("incident", "note", "--", "--drill", "text").code == 1
    assert cli("show", "-x").code == 2


READERS = {"xml", "lxml", "defusedxml", "html5lib", "feedparser", "xmltodict", "yaml", "pickle", "marshal", "shelve"}
"""Libraries that read formats which may expand, reach out or run code while being read."""


MAY_READ = {
    "integrations/history/statuspage_reader.py": {"xml"},
    "content/loading/brand.py": {
        "xml",
        "fromstring",
    },  # a logo of the company, without declarations (tests/unit/content/test_brand.py)
    "content/compiled/kept_values.py": {
        "pickle"
    },  # the program's own file, checked for its owner, hash and types (tests/unit/content/test_compiled.py)
    "web/server/kept_templates.py": {
        "marshal"
    },  # the program's own file, which nobody else can write (tests/integration/web/test_kept_templates.py)
    "integrations/rosters/recurrence.py": {
        "from_ical"
    },  # calendars, limited in size and recurrences (tests/contract/rosters/test_rosters.py)
}


@pytest.mark.slow
def test_nothing_but_those_made_for_it_reads_xml_calendars_yaml_or_pickles() -> None:
    for module in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert READERS & {name.split(".")[0] for name in names} <= MAY_READ.get(module_name(module), set()), module
        found = {name.rpartition(".")[2] for name in calls(module)} & {"from_ical", "fromstring"}
        assert found <= MAY_READ.get(module_name(module), set()), module
        assert not any(name.endswith("ElementTree.parse") for name in calls(module)), module


def module_name(module: Path) -> str:
    return module.relative_to(PROGRAM).as_posix()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>"""


@pytest.mark.parametrize(
    "body",
    [BOMB, b"[" * 200_000, b'{"alerts":' * 20_000, b"\xff\xfe<\0", b"9" * 250_000, b'{"version": "4", "version": {}}'],
    ids=["entities", "brackets", "objects", "UTF-16", "a number", "twice"],
)
def test_a_message_that_is_a_bomb_is_refused_in_a_sentence(env: Environment, clock: Clock, body: bytes) -> None:
    answer = desk_of(env, clock).test_client().post("/intake/alertmanager", data=body, content_type="text/xml")
    assert answer.status_code == 400
    assert answer.get_json()["error"].endswith(".")
    assert "root:" not in answer.get_data(as_text=True)


@pytest.mark.slow
def test_a_kept_form_of_brackets_within_brackets_is_let_go(env: Environment, clock: Clock) -> None:
    signed_in(env, clock)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    csrf: dict[str, Any] = browser.fields()
    from statuspage.usecases import accounts

    person = accounts.find_by_login(env.databases.accounts, "sato")
    assert person is not None
    accounts.set_password(env.databases.accounts, person.id, "correct horse battery", now=clock())
    kept = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    browser.post("/sign-in", {**csrf, "login": "sato", "password": "correct horse battery", "saved_form": kept})
    assert browser.open("/").path == "/"


@pytest.mark.slow
def test_files_that_are_no_report_are_refused_in_a_sentence(cli: Cli, tmp_path: Path) -> None:
    incident = publish_report(cli)["incident"]
    assert cli("resolve", incident, "--ended", "1m", "--yes").code == 0
    binary = tmp_path / "binary.md"
    binary.write_bytes(b"\x89PNG\r\n\xff\xfe")
    turned = tmp_path / "turned.md"
    turned.write_text(TURNED, "utf-8")
    marked = tmp_path / "marked.md"
    marked.write_text("【訓練】", "utf-8")
    for file, wanted in (
        (tmp_path, "directory"),
        (tmp_path / "nowhere", "No such file"),
        (binary, "invalid start byte"),
        (Path("/dev/zero"), "too long"),
        (turned, "invisible control characters"),
    ):
        result = cli("postmortem", "publish", incident, f"ja={file}", f"en={file}", "--yes")
        assert result.code in (1, 2), file
        assert wanted in result.err, (file, result.err)
    assert cli("postmortem", "publish", incident, f"ja={marked}", f"en={turned}", "--yes").code == 1
    assert "ja=:" in cli("postmortem", "publish", incident, f"ja={marked}", f"en={marked}", "--yes").err
    for args in (("alert", "receive", "alertmanager"), ("plain",), ("subscriber", "import")):
        endless = cli(*args, "/dev/zero")
        assert (endless.code, "bytes" in endless.err) == (2, True), args
    assert "invalid start byte" in cli("plain", str(binary)).err


@pytest.mark.parametrize("address", ["//evil.example/", "/en/", "javascript:alert(1)", "data:text/html,x", "ftp://a/"])
def test_a_link_of_a_report_is_a_whole_address_of_the_web(address: str) -> None:
    assert "href" not in render_html(f"[x]({address})", EnvironmentMarks())
    assert 'href="https://fitline.example/"' in render_html("[x](https://fitline.example/)", EnvironmentMarks())


def test_a_report_of_nothing_but_brackets_stands_as_it_is() -> None:
    brackets = "[" * 50_000
    assert render_html(brackets, EnvironmentMarks()) == f"<p>{brackets}</p>"
