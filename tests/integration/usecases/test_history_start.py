"""A history that comes in from elsewhere moves the first day on record back to that of its oldest incident."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from statuspage.settings import read_settings
from statuspage.usecases import bootstrap, history_start
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.new_company import NewCompany, create_company
from tests.support.publishing import store_incident
from tests.support.site import over
from tests.support.times import at

NOW = at("09:00", "2026-07-10")


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    """A company that began today."""
    home = tmp_path / "acme"
    create_company(home, NewCompany("Acme", ("Booking",), zone="Asia/Tokyo"), now=NOW)
    return bootstrap.live_environment(read_settings({}, home=str(home)), now=NOW)


def site_file(env: Environment) -> Path:
    return env.home / "content" / "site.toml"


@pytest.mark.slow
def test_an_older_incident_moves_the_first_day_in_the_file_and_in_use(env: Environment):
    assert history_start.move_history_start(env, env.home / "content") is None
    store_incident(env, over())
    with site_file(env).open("a", encoding="utf-8") as file:
        file.write('# Ours.\n[contact]\nphone = "+43 1 5550100"\n')
    moved = history_start.move_history_start(env, env.home / "content")
    assert moved == history_start.EarlierStart(date(2026, 7, 4), is_written=True)
    history_start.use_history_start(env, now=NOW)
    assert env.site.catalog.site.history_start == date(2026, 7, 4)
    written = site_file(env).read_text("utf-8")
    assert tomllib.loads(written)["history_start"] == "2026-07-04"
    assert "# Ours.\n[contact]" in written
    assert history_start.move_history_start(env, env.home / "content") is None


@pytest.mark.slow
def test_a_file_that_cannot_be_changed_stays_and_the_day_is_told(env: Environment, monkeypatch: pytest.MonkeyPatch):
    def full(self: Path, data: bytes) -> int:
        raise OSError(30, "Read-only file system")

    store_incident(env, over())
    before = site_file(env).read_bytes()
    monkeypatch.setattr(Path, "write_bytes", full)
    moved = history_start.move_history_start(env, env.home / "content")
    assert moved == history_start.EarlierStart(date(2026, 7, 4), is_written=False)
    assert site_file(env).read_bytes() == before
    assert [path.name for path in (env.home / "content").iterdir() if "new" in path.name] == []


@pytest.mark.slow
def test_a_company_that_set_no_first_day_keeps_none(env: Environment):
    site_file(env).write_text(site_file(env).read_text("utf-8").replace("history_start", "# history_start"), "utf-8")
    history_start.use_history_start(env, now=NOW)
    store_incident(env, over())
    assert history_start.move_history_start(env, env.home / "content") is None
    assert env.site.catalog.site.history_start is None
