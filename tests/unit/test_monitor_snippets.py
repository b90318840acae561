"""What the desk gives to paste is what the guides show, with the desk's own address and secret in its place."""

from __future__ import annotations

import json
import subprocess

import pytest

from statuspage import bundled
from statuspage.integrations.monitors import SOURCES
from statuspage.usecases.settings import monitor_snippets
from tests.support.paths import ROOT

FILES = sorted((bundled.folder("templates") / "monitors").glob("*/*"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_guide_shows_the_same_text(file):
    page = (ROOT / "docs" / "guides" / "monitors" / f"{file.parent.name}.md").read_text("utf-8")
    assert f"\n{file.read_text('utf-8')}```\n" in page


@pytest.mark.parametrize("source", [*SOURCES, "backup-2"])
def test_nothing_of_the_sample_is_left(source):
    desk = "https://desk.ours.example"
    texts = [each.text for each in monitor_snippets.snippets(source, desk, "s3cret")]
    texts.append(monitor_snippets.test_command(source, desk, "s3cret"))
    for text in texts:
        assert not {"SECRET", "KEY", "desk.example.com", "127.0.0.1:8000", "intake/backup/"} & set(text.split())
        assert "desk.example.com" not in text and "127.0.0.1" not in text
    assert f"{desk}/intake/{source}/test" in texts[-1]


def test_a_secret_with_quotes_does_not_break_out_of_its_place():
    secret = """a"b'$(touch x)`\\c"""
    command = monitor_snippets.test_command("zabbix", "http://127.0.0.1:1", secret)
    header = command.partition("-H ")[2].partition(" http")[0]
    said = subprocess.run(["bash", "-c", f"printf %s {header}"], capture_output=True, check=True, text=True)
    assert said.stdout == f"Authorization: Bearer {secret}"
    (headers, _) = monitor_snippets.snippets("datadog", "https://desk.ours.example", secret)
    assert json.loads(headers.text) == {"Authorization": f"Bearer {secret}"}
    assert "?key=a%22b" in monitor_snippets.test_command("mackerel", "https://desk.ours.example", secret)
