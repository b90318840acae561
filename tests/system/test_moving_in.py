"""A company that has a page elsewhere moves in with one command: services, groups, what is open, and the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.playing import Player

INCIDENT = {
    "id": "p1", "name": "API errors", "status": "investigating", "created_at": "2026-11-20T09:00:00Z",
    "components": [{"name": "API (EU)", "status": "major_outage"}],
    "incident_updates": [{"status": "investigating", "body": "Requests fail.", "created_at": "2026-11-20T09:05:00Z"}],
}  # fmt: skip
PAST = {
    "id": "p0", "name": "Dashboard slow", "status": "resolved", "created_at": "2026-11-10T09:00:00Z",
    "resolved_at": "2026-11-10T10:00:00Z", "components": [{"name": "Dashboard", "status": "degraded_performance"}],
    "incident_updates": [
        {"status": "investigating", "body": "It is slow.", "created_at": "2026-11-10T09:05:00Z"},
        {"status": "resolved", "body": "It is fast again.", "created_at": "2026-11-10T10:00:00Z"},
    ],
}  # fmt: skip
COMPONENTS = [
    {"id": "g1", "name": "EU", "group": True},
    {"id": "g2", "name": "US", "group": True},
    {"id": "c1", "name": "API", "group": False, "group_id": "g1"},
    {"id": "c2", "name": "API", "group": False, "group_id": "g2"},
    {"id": "c3", "name": "Dashboard", "group": False, "group_id": None},
]


def page_at(folder: Path, incidents: list[Any]) -> Path:
    """The files of another product's page."""
    files = {
        "summary": {"page": {"name": "Acme", "time_zone": "America/Chicago"}, "components": COMPONENTS},
        "incidents": {"incidents": incidents},
        "scheduled-maintenances": {"scheduled_maintenances": []},
    }
    (folder / "api" / "v2").mkdir(parents=True)
    for name, body in files.items():
        (folder / "api" / "v2" / f"{name}.json").write_text(json.dumps(body), "utf-8")
    return folder


def test_a_page_is_moved_with_its_services_its_open_incident_and_its_past(tmp_path: Path) -> None:
    page, player = page_at(tmp_path / "theirs", [INCIDENT, PAST]), Player(tmp_path / "acme")
    made = player.ask("init", str(player.home), "--from", str(page), "--starter", "saas")
    assert made["imported"]["incidents"] == 2
    services = {row["id"]: (row["name"], row["group"]) for row in player.ask("service", "list")}
    assert list(services.values()) == [("API (EU)", "eu"), ("API (US)", "us"), ("Dashboard", "")]
    assert 'time_zone = "America/Chicago"' in (player.home / "content" / "site.toml").read_text("utf-8")
    listed = {group: player.ask("incident", "list", "--group", group) for group in ("open", "over")}
    titles = {group: [incident["title"] for incident in incidents] for group, incidents in listed.items()}
    assert titles == {"open": ["API errors"], "over": ["Dashboard: Slow"]}


def test_a_page_that_never_had_an_incident_is_a_page_too(tmp_path: Path) -> None:
    page, player = page_at(tmp_path / "theirs", []), Player(tmp_path / "acme")
    assert player.ask("init", str(player.home), "--from", str(page))["imported"]["incidents"] == 0
    assert len(player.ask("service", "list")) == 3


def test_a_page_that_is_none_leaves_nothing(tmp_path: Path) -> None:
    player = Player(tmp_path / "acme")
    refused = player.run("init", str(player.home), "--from", str(tmp_path / "nothing"))
    assert (refused.code, player.home.exists()) == (1, False)
    assert "api/v2/summary.json" in refused.err
