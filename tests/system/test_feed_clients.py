"""Other programs, unchanged, read what we publish, from a plain file server like any web host.

The Python programs are in an environment of their own, ``.clients`` (tests/clients.txt).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import feedparser
import pytest

from tests.support.client_site import address as address
from tests.support.paths import ROOT

CLIENTS = ROOT / ".clients" / "bin"

NODE_READER = """
const { Statuspage } = require("statuspage.io");
const client = new Statuspage("ours");
client.setApiUrl(process.argv[1]);
const { api } = client;
(async () => {
  const found = {
    summary: await api.getSummary(), status: await api.getStatus(), components: await api.getComponents(),
    incidents: await api.incidents.getAll(), unresolved: await api.incidents.getUnresolved(),
    maintenances: await api.scheduledMaintenances.getAll(), upcoming: await api.scheduledMaintenances.getUpcoming(),
    active: await api.scheduledMaintenances.getActive(),
  };
  console.log(JSON.stringify(found));
})();
"""

STATUSCHECK_READER = """
import sys
from statuscheck.services.bases._statuspageio import BaseStatusPageAPI

class Ours(BaseStatusPageAPI):
    name, status_url = "Fitline", "https://status.fitline.example"

    def _get_base_url(self):
        return sys.argv[1] + "/api/v2/"

Ours()._print_summary(verbose=True)
"""


def ran(command: list[str], folder: Path = ROOT, **environment: str) -> str:
    """The output of the program, run in a clean environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=folder, env={**kept, **environment}, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_statuspage_io_for_node_answers_all_its_calls(address: str):
    answer = json.loads(ran(["node", "-e", NODE_READER, address]))
    assert answer["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert [i["id"] for i in answer["unresolved"]["incidents"]] == ["k3m9p2q7x4ab"]
    assert len(answer["incidents"]["incidents"]) == 3
    for name in ("maintenances", "upcoming", "active"):  # That client always requests upcoming.json.
        assert [w["id"] for w in answer[name]["scheduled_maintenances"]] == ["plannedwork0"]
    assert [w["id"] for w in answer["summary"]["scheduled_maintenances"]] == ["runningwork0", "plannedwork0"]
    assert len(answer["summary"]["components"]) == len(answer["components"]["components"]) == 15


def test_the_prometheus_exporter_counts_incident_and_maintenance(address: str, tmp_path: Path):
    services, metrics = tmp_path / "services.json", tmp_path / "metrics.prom"
    services.write_text(json.dumps({"ours": {"url": f"{address}/api/v2/summary.json", "name": "Fitline"}}))
    ran(
        [str(CLIENTS / "statuspage-prometheus-exporter")],
        folder=tmp_path,  # It stores what it has read in its working folder.
        RUN_MODE="once",
        CLEAR_CACHE="true",
        SERVICES_JSON_PATH=str(services),
        METRICS_TEXTFILE_PATH=str(metrics),
    )
    text = metrics.read_text()
    assert 'statuspage_probe_check{service_name="Fitline"} 1.0' in text
    assert 'statuspage_service_status{service_name="Fitline"} 0.0' in text
    assert re.search(r'statuspage_incident_info\{.*incident_id="k3m9p2q7x4ab".*\} 1\.0', text)
    assert set(re.findall(r'statuspage_maintenance_info\{.*maintenance_id="(\w+)"', text)) == {
        "plannedwork0",
        "runningwork0",
    }
    down = re.findall(r'statuspage_component_status\{component_name="([^"]+)".*\} 0\.0', text)
    assert {"Class booking", "Class booking (at the club)"} & set(down)


def test_statuscheck_knows_every_word_of_ours(address: str):
    printed = ran([str(CLIENTS / "python"), "-c", STATUSCHECK_READER, address])
    assert printed.splitlines()[0] == "Current Fitline status: Major outage"
    assert "- [identified] Class booking problem (4 July)" in printed
    assert "- [scheduled] Maintenance on class booking (6 July)" in printed
    assert "- [in_progress] " in printed


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("history.atom", 5),
        ("history.rss", 5),
        ("en/feed.atom", 10),
        ("en/feed.rss", 10),
        ("ja/feed.atom", 10),
        ("en/services/booking/feed.rss", 5),
        ("ja/services/gate/feed.rss", 2),
    ],
)
def test_feedparser_finds_no_fault(address: str, name: str, entries: int):
    read = feedparser.parse(f"{address}/{name}")
    assert (read.bozo, read.status, len(read.entries)) == (0, 200, entries)
    dates = [e.published_parsed for e in read.entries]
    assert dates == sorted(dates, reverse=True)
    assert len({e.id for e in read.entries}) == entries
