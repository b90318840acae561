"""The article's example, in Japanese: a web server at 100 %, a restart, the permanent fix, and all that follows."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.desk import alertmanager
from tests.support.instance import Answer, Cli, cli, home
from tests.support.playing import Player, clean_environ

__all__ = ["cli", "home"]

BY = ("--by", "佐藤 美咲")
DIRECT = "WebサーバーのCPU使用率が100%に達し、画面の表示が遅くなりました。"
ROOT = "検索の処理で、同じデータを何度も読み込んでいました。"
EMERGENCY = "Webサーバーを再起動しました。"
PERMANENT = "検索の処理を改修し、データを一度だけ読み込むようにします。"
ENGLISH = "Written in English, too."


def alert_file(folder: Path) -> Path:
    message = json.loads(alertmanager(datetime.now(UTC) - timedelta(minutes=25), service="booking-api"))
    message["alerts"][0]["annotations"] = {"summary": "Webサーバーのリソース使用率が100%です"}
    file = folder / "alert.json"
    file.write_text(json.dumps(message), "utf-8")
    return file


def done(answer: Answer) -> Answer:
    assert answer.code == 0, answer.err or answer.out
    return answer


def respond(cli: Cli, folder: Path) -> str:
    """Stages 1 and 2: it is noticed, told, restarted, and over; returns the incident."""
    (received,) = done(cli("alert", "receive", "alertmanager", str(alert_file(folder)), "--json")).json
    assert "Webサーバーのリソース使用率が100%です" in done(cli("alert", "list")).out
    done(cli("alert", "acknowledge", received["alert"], *BY))
    facts = ("--incident-type", "slow", "--service", "booking:degraded", "--start", "about:25m")
    first = cli("report", "--alert", received["alert"], *facts, "--yes", "--json", *BY)
    id: str = done(first).json["incident"]
    done(cli("incident", "note", id, "topで見ると、CPU使用率が100%に張り付いている", *BY))
    done(cli("update", id, "--current-action", "restart", "--estimate", "30m", "--yes", *BY))
    promised = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    over = ("--ended", "now", "--cause", "program", "--report-by", promised)
    done(cli("resolve", id, *over, "--answer", "repeat=safe", "--yes", *BY))
    return id


NOTES = {
    "why": "検索の処理が、同じデータを何度も読み込んでいた。",
    "response": "アラートから第一報までに時間がかかった。",
    "again": "利用が増えれば、また起きる。",
    "prevention": "検索の処理を直す。CPU使用率80%でアラートを出す。",
    "went_well": "再起動の手順書があった。",
}
INTERNAL = ("張り付いている", "作業ログ", "CPU使用率80%のアラートを足す", "株式会社サンプル", "渡辺", "佐藤")
"""Words of notes, events, action items and the report for one company, and names: none of them is for everybody."""


def look_back(cli: Cli, id: str) -> None:
    """Stage 3: why, how we responded, whether it can come back, what prevents it; and two tasks, one done."""
    for section, text in NOTES.items():
        done(cli("retro", "note", id, section, text, *BY))
    done(cli("retro", "event", id, "20m", "Webサーバーを再起動した", "--source", "作業ログ", *BY))
    done(cli("retro", "cause", id, "capacity", *BY))
    fix = done(cli("action", "add", id, PERMANENT, "--priority", "high", "--until", "2099-12-31", "--json", *BY))
    done(cli("action", "add", id, "CPU使用率80%のアラートを足す", "--owner", "渡辺 健", *BY))
    assert PERMANENT in done(cli("action", "list")).out
    done(cli("action", "done", str(fix.json["id"]), *BY))
    done(cli("retro", "state", id, "done", *BY))
    written = done(cli("retro", "show", id)).out
    for text in (*NOTES.values(), "Webサーバーを再起動した", "作業ログ", "CPU使用率が100%に張り付いている", PERMANENT):
        assert text in written, text


def report_to_customers(cli: Cli, home: Path, id: str) -> None:
    """The promised report, with its prepared sentence, on the page in Japanese."""
    done(cli("postmortem", "publish", id, "--prevention", "fix-program", "--yes", *BY))
    done(cli("build"))
    page = (home / "site" / "current" / "ja" / "incidents" / id / "index.html").read_text("utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    sentence = re.search(
        r'^\[prevention\.fix-program\]\n.*\ntext = "(.*)"',
        (home / "content" / "ja" / "lists.toml").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sentence is not None and sentence[1] in text
    assert "原因は、以前からあったプログラムの誤りです。" in text


def print_report(cli: Cli, folder: Path, id: str) -> str:
    """The 障害報告書, approved, as text."""
    parts = {"direct_cause": DIRECT, "root_cause": ROOT, "emergency": EMERGENCY, "permanent": PERMANENT}
    number = str(done(cli("incident-report", "begin", id, "--to", "株式会社サンプル", "--json", *BY)).json["number"])
    for part, text in parts.items():
        done(cli("incident-report", "write", number, part, "ja", text, *BY))
        done(cli("incident-report", "write", number, part, "en", ENGLISH, *BY))
    done(cli("incident-report", "approve", number, *BY))
    file = folder / "report.pdf"
    done(cli("incident-report", "pdf", number, "--lang", "ja", "--out", str(file)))
    return read_pdf(file)


def read_pdf(file: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout


def test_the_web_server_at_full_load_is_followed_from_the_alert_to_the_report(
    home: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "ja")
    id = respond(cli, tmp_path)
    look_back(cli, id)
    report_to_customers(cli, home, id)
    read = re.sub(r"\s+", "", print_report(cli, tmp_path, id))
    for text in (
        "障害報告書",
        "株式会社サンプル御中",
        DIRECT,
        ROOT,
        EMERGENCY,
        PERMANENT,
        "監視により不具合を検知しました",
    ):
        assert re.sub(r"\s+", "", text) in read, text
    assert "案" not in read.replace("案内", "") and "未復旧" not in read and "調査中" not in read
    assert_nothing_internal_is_public(cli, home)
    assert_all_of_it_comes_back_from_a_backup(cli, home, tmp_path, id)


def assert_nothing_internal_is_public(cli: Cli, home: Path) -> None:
    done(cli("build"))
    files = [path for path in (home / "site" / "current").rglob("*") if path.is_file() and path.suffix != ".gz"]
    assert len(files) > 20
    internal = (*INTERNAL, *NOTES.values(), DIRECT, ROOT, EMERGENCY, PERMANENT)
    published = {path: path.read_bytes().decode("utf-8", "replace") for path in files}
    found = [(path.name, text) for path, words in published.items() for text in internal if text in words]
    assert found == [], "what is internal stays inside"


def assert_all_of_it_comes_back_from_a_backup(cli: Cli, home: Path, folder: Path, id: str) -> None:
    file, other = folder / "one.backup", folder / "restored"
    done(cli("backup", "create", str(file)))
    done(cli("backup", "restore", str(file), str(other)))
    player = Player(other, clean_environ(STATUSPAGE_LANGUAGE="ja"))
    for command in (("retro", "show", id), ("action", "list", "--state", "all"), ("incident-report", "list", id)):
        assert done(cli(*command, "--json")).json == player.ask(*command)
    pdf = folder / "again.pdf"
    assert player.run("incident-report", "pdf", "1", "--lang", "ja", "--out", str(pdf)).code == 0
    assert ROOT in read_pdf(pdf)
