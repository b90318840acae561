"""``make demo``: an incident played automatically with the real program, live and then as a drill.

Everything uses the public interfaces: commands, HTTP, and a server that behaves like X. The exit code is 1 if anything
is not as expected. ``FAULT=x-down`` stops the X server, ``FAULT=read-only`` makes the public page read-only; then only
the first report is published, and the output must say what did not happen.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from statuspage import bundled
from tests.support.fakes.x_server import SECOND, Account, Post, Server, x_server
from tests.support.playing import CommandResult, Player, Serving, clean_environ, serving, text_of, until

LANGUAGES = ("ja", "en", "ja-simple")
FAULTS = ("", "x-down", "read-only")
MARKS = {
    "ja": ("【訓練】", "※これは訓練です。実際の不具合ではありません。"),
    "en": ("[DRILL]", "This is a drill."),
    "ja-simple": ("【れんしゅう】", "※れんしゅうです。"),
}
SAMPLE = bundled.folder("content") / "starters" / "fitness" / "sample_alert.json"
NOTICES = ("report", "update", "resolve")


@dataclass
class DemoReport:
    """What the demo prints, and what was not as expected."""

    wrong: list[str] = field(default_factory=list)

    def say(self, text: str = "") -> None:
        """Prints one line with the time."""
        print(f"{datetime.now().astimezone():%H:%M:%S}  {text}" if text else "", flush=True)

    def check(self, right: object, text: str, found: object = None) -> None:
        """Prints whether this is as expected; if not, what was expected and what was found."""
        line = text if right else f"expected: {text}; found: {'otherwise' if found is None else found}"
        self.say(f"  {'ok ' if right else 'NO '} {line}")
        if not right:
            self.wrong.append(line)


@dataclass(frozen=True)
class Stage:
    """The parts of the demo: who runs commands, what is served, and what X received."""

    tale: DemoReport
    player: Player
    served: Serving
    x: Server


def main() -> int:
    """Plays the demo; returns 0 if everything was as expected."""
    fault = os.environ.get("FAULT", "")
    if fault not in FAULTS:
        print(f"FAULT is one of: {', '.join(FAULTS[1:])}", file=sys.stderr)
        return 2
    if fault == "read-only" and "DEMO_ALONE" not in os.environ:
        return _in_own_mounts()
    with tempfile.TemporaryDirectory(prefix="statuspage-demo-") as folder:
        return play(Path(folder), fault)


def _in_own_mounts() -> int:
    """Runs the demo again in a mount namespace of its own."""
    alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    environ = {**os.environ, "DEMO_ALONE": "1"}
    return subprocess.run([*alone, sys.executable, "-m", "tools.demo"], env=environ, check=False).returncode


def play(folder: Path, fault: str) -> int:
    """The whole demo in an instance of its own."""
    report = DemoReport()
    with x_server(Account(), SECOND) as x:
        site = _free_port()
        player = Player(folder / "instance", _environ(x, site, down=fault == "x-down"))
        result = player.run("init", "--demo", str(player.home))
        report.check(result.code == 0, f"A fresh instance: {player.home}", result.err.strip())
        disk = _read_only(player) if fault == "read-only" else nullcontext()
        with disk, serving(player, "--site-port", str(site)) as served:
            stage = Stage(report, player, served, x)
            _print_addresses(stage)
            live(stage, NOTICES[:1] if fault else NOTICES)
            if not fault:
                drill(stage)
    return _verdict(report, fault)


def _environ(x: Server, site_port: int, *, down: bool) -> dict[str, str]:
    api = f"http://127.0.0.1:{_free_port()}" if down else x.address
    secrets = {**Account().environ("x-ja"), **SECOND.environ("x-en")}
    return clean_environ(**secrets, STATUSPAGE_X_API=api, STATUSPAGE_ADDRESS=f"http://127.0.0.1:{site_port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _read_only(player: Player) -> Iterator[None]:
    """Builds the page and makes its folder read-only, like a disk remounted after a crash."""
    player.ask("build")
    folder = player.home / "site"
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept, symlinks=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", str(folder)], check=True)
    shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _print_addresses(stage: Stage) -> None:
    stage.tale.say()
    for name in ("desk", "site", "drill", "drill_site"):
        stage.tale.say(f"  {name:<11} {stage.served[name]}")
    stage.tale.say(f"  {'X server':<11} {stage.x.address}")


def live(stage: Stage, notices: Sequence[str]) -> None:
    """An alert arrives, is confirmed, published, updated and resolved; page, feeds and posts are checked."""
    report, player = stage.tale, stage.player
    report.say()
    report.say("LIVE")
    alert = _post_alert(stage)
    report.say(f"Alertmanager posted to {stage.served['desk']}/intake/alertmanager: alert {alert}")
    waiting = player.ask("alert", "list")
    report.check([a["id"] for a in waiting] == [alert], "It waits on the desk, and nothing is public")
    report.check(not stage.x.posts, "X has received nothing")
    incident = player.ask("alert", "confirm", alert, "--by", "Sato")["incident"]
    report.say(f"Confirmed: incident {incident}")
    answers = [publish(stage, verb, alert, incident) for verb in notices]
    if all(answers):
        _look_into(stage, incident, [a for a in answers if a])
        _look_at_posts(stage, incident, [a for a in answers if a])


def _post_alert(stage: Stage) -> str:
    body = SAMPLE.read_bytes()
    secret = (stage.player.home / "intake-secret").read_text("ascii").strip()
    headers = {"Authorization": f"Bearer {secret}"}
    answer = requests.post(f"{stage.served['desk']}/intake/alertmanager", data=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["alerts"][0]["id"])


def publish(stage: Stage, verb: str, alert: str, incident: str, env: Sequence[str] = ()) -> Mapping[str, Any] | None:
    """Publishes one notice by command and prints the result; None if it was not even stored."""
    given = {
        "report": ["report", "--alert", alert, "--audience", "some", "--start", "about:20m"],
        "update": ["update", incident, "--estimate", "40m", "--current-action", "spare", "--next-update", "30m"],
        "resolve": ["resolve", incident, "--ended", "1m", "--cause", "storage"],
    }[verb]
    result = stage.player.run(*given, "--by", "Sato", "--yes", "--wait", "--json", *env)
    name = {"report": "First report", "update": "Update", "resolve": "Resolved"}[verb]
    answer = _answer(result)
    stage.tale.say(f"{name}: {_outcome(result, answer)}")
    stage.tale.check(result.code == 0, "The command ends with 0", f"{result.code} {result.err.strip()}")
    if answer is None:
        return None
    at = answer["readable_at"]
    stage.tale.check(at, f"It was read back over HTTP{f' at {at}' if at else ''}", "nobody could read it yet")
    for delivery in answer["deliveries"]:
        if delivery["channel"] != "site":
            right = delivery["status"] == "delivered"
            why = " ".join(delivery[key] for key in ("status", "reason", "detail")).strip()
            sent = f"{delivery['channel']}: sent {delivery['receipt']['url']}"
            stage.tale.check(right, sent.rstrip(), why)
    return answer


def _answer(result: CommandResult) -> dict[str, Any] | None:
    try:
        answer = json.loads(result.out)
    except ValueError:
        return None
    return answer if "deliveries" in answer else None


def _outcome(result: CommandResult, answer: Mapping[str, Any] | None) -> str:
    return answer["texts"]["en"]["x"] if answer else result.err.strip()


def _look_into(stage: Stage, incident: str, answers: Sequence[Mapping[str, Any]]) -> None:
    """Checks the pages and feeds as a customer's browser and feed reader get them."""
    site = stage.served["site"]
    for language in LANGUAGES:
        page = requests.get(f"{site}/{language}/incidents/{incident}/", timeout=10)
        publish_it = f"{site}/{language}/incidents/{incident}/ has every notice"
        ids = [f'id="n-{a["sequence"]}"' in page.text for a in answers]
        found = f"HTTP {page.status_code}, {sum(ids)} of {len(ids)}"
        stage.tale.check(page.status_code == 200 and all(ids), publish_it, found)
        for format in ("atom", "rss"):
            feed = requests.get(f"{site}/{language}/feed.{format}", timeout=10)
            entries = feed.text.count("<entry>") + feed.text.count("<item>")
            stage.tale.check(
                entries == len(answers), f"{site}/{language}/feed.{format} has {len(answers)} entries", entries
            )
    front = requests.get(f"{site}/", timeout=10)
    stage.tale.check(incident in front.text, f"{site}/ leads to the incident")
    stage.tale.check("訓練" not in text_of(front.text), "No live text speaks of a drill")


def _look_at_posts(stage: Stage, incident: str, answers: Sequence[Mapping[str, Any]]) -> None:
    """Checks that each account has three posts in a thread, each posted after its page was readable, with the page's
    address."""
    for account, language in ((Account(), "ja"), (SECOND, "en")):
        posts = [post for post in stage.x.posts if post.username == account.username]
        stage.tale.check(len(posts) == len(answers), f"@{account.username} has {len(answers)} posts", len(posts))
        after = all(_at(p) > (a["readable_at"] or "never") for p, a in zip(posts, answers, strict=False))
        stage.tale.check(posts and after, f"@{account.username}: each post came after its page was read back")
        link = f"{stage.served['site']}/{language}/incidents/{incident}/"
        stage.tale.check(all(link in p.text for p in posts), f"@{account.username}: each post leads to the page")
        thread = [p.in_reply_to for p in posts[1:]] == [p.id for p in posts[:-1]]
        stage.tale.check(thread, f"@{account.username}: the posts are one thread")


def _at(post: Post) -> str:
    return datetime.fromtimestamp(post.at, UTC).isoformat().replace("+00:00", "Z")


def drill(stage: Stage) -> None:
    """The same as a drill: everything happens, nothing is sent outside, and everything has drill marks at both ends."""
    report, player = stage.tale, stage.player
    before = len(stage.x.posts)
    report.say()
    report.say("DRILL")
    begun = player.run("drill", "start", "--title", "Booking is down", "--alert", "alertmanager", "--json")
    if begun.code:
        report.check(False, "The drill begins", begun.err.strip())
        return
    alert = begun.json["alert"]
    report.say(f"Begun: {begun.json['id']}, alert {alert}")
    player.ask("alert", "acknowledge", alert, "--by", "Tanaka", "--drill")
    incident = player.ask("alert", "confirm", alert, "--by", "Tanaka", "--drill")["incident"]
    report.check(alert.startswith("drill") and incident.startswith("drill"), f"Its ids say so: {incident}")
    player.ask("incident", "note", incident, "Booking is down, first report follows", "--by", "Tanaka", "--drill")
    answers = [publish(stage, verb, alert, incident, ("--drill",)) for verb in NOTICES]
    _look_at_marks(stage, incident, [a for a in answers if a])
    report.check(
        len(stage.x.posts) == before, f"X has received nothing of it ({before} posts, as before)", len(stage.x.posts)
    )
    shown = requests.get(f"{stage.served['site']}/", timeout=10).text
    report.check(incident not in shown, "The live page knows nothing of it")
    ended = player.run("drill", "end")
    report.check(ended.code == 0, "The drill ends with its report:", ended.err.strip())
    for line in ended.out.splitlines():
        report.say(f"      {line}")


def _look_at_marks(stage: Stage, incident: str, answers: Sequence[Mapping[str, Any]]) -> None:
    for language in LANGUAGES:
        start, end = MARKS[language]
        texts = [t for a in answers for medium, t in a["texts"][language].items() if medium != "page"]
        marked = all(t.startswith(start) and end in t[-len(end) - 40 :] for t in texts)
        stage.tale.check(texts and marked, f"Every text in {language} is marked at both ends ({len(texts)})")
        page = requests.get(f"{stage.served['drill_site']}/{language}/incidents/{incident}/", timeout=10).text
        stage.tale.check(
            start in page and end in page, f"So is {stage.served['drill_site']}/{language}/incidents/{incident}/"
        )
        stage.tale.check('content="Exercise"' in page and "noindex" in page, "For machines it is an exercise")
    outbox = stage.player.home / "drill" / "outbox"
    written = until(lambda: sorted(outbox.glob("x-*/*.json")))
    lies = f"What X would have been sent lies in {outbox} ({2 * len(answers)})"
    stage.tale.check(len(written) == 2 * len(answers), lies, len(written))


def _verdict(report: DemoReport, fault: str) -> int:
    report.say()
    if report.wrong:
        report.say(f"NOT as it should be{f' (FAULT={fault})' if fault else ''}: {len(report.wrong)}")
        for text in report.wrong:
            report.say(f"  {text}")
        return 1
    report.say("Everything was as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
