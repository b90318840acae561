"""The subscriber pages in a real browser and as a separate process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from statuspage.domain.subscription import Preferences
from statuspage.storage.engine.database import Database, DatabaseBroken
from statuspage.usecases.subscribers import signup
from tests.support.content import whole_copy
from tests.support.database import made
from tests.support.desk import clock as clock
from tests.support.instance import with_every_channel
from tests.support.paths import ROOT
from tests.support.playing import clean_environ
from tests.support.postgres import Postgres
from tests.support.public_egress import egress, stranger
from tests.support.times import at

__all__ = ["egress", "stranger"]


@pytest.mark.system
def test_the_public_process_needs_no_more_than_its_database_and_the_content(tmp_path: Path) -> None:
    home = tmp_path / "public"
    home.mkdir()
    whole_copy(home / "content")
    with_every_channel(home / "content")
    there = {"STATUSPAGE_ADDRESS": "https://status.example", "STATUSPAGE_PUBLIC_ADDRESS": "https://subscribe.example"}
    command = [sys.executable, "-m", "statuspage", "signup", "--home", str(home), "--port", "0", "--json"]
    with subprocess.Popen(command, env=clean_environ(**there), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answer = json.loads("".join(iter(lambda: process.stdout.readline(), "}\n")) + "}")
        try:
            assert requests.get(f"{answer['signup']}/readyz", timeout=60).text == "ok\n"
            asked = requests.post(f"{answer['signup']}/ja/subscribe", {"address": "a@fitline.example"}, timeout=60)
            assert asked.status_code == 200
            assert requests.get(f"{answer['signup']}/sign-in", timeout=60).status_code == 404
        finally:
            process.terminate()
        assert process.wait(60) == 0
    names = {path.name for path in home.iterdir()}
    assert {name.partition("-")[0] for name in names} == {"cache", "content", "subscribers.db"}, (
        "and no environment, no accounts, no secret"
    )


def test_on_postgresql_its_user_changes_rows_and_no_table(tmp_path: Path, on_postgresql: Postgres) -> None:
    page = (ROOT / "docs" / "guides" / "subscribers.md").read_text("utf-8")
    owner = made(tmp_path / "subscribers.db", "subscribers", role="subscribers")
    name = str(owner.engine.url.database)
    on_postgresql.run("DROP ROLE IF EXISTS statuspage_public")
    on_postgresql.run("CREATE ROLE statuspage_public LOGIN")
    for statement in re.findall(r"-c '(GRANT [^']*)'", page):
        on_postgresql.run(statement.replace("statuspage_subscribers", name), name)
    public = Database(on_postgresql.url(name, "statuspage_public"), "subscribers")
    public.migrate()
    asked = signup.request_subscription(
        public, "a@fitline.example", Preferences("ja"), network_address="192.0.2.1", now=at("12:00")
    )
    assert asked is signup.SignupOutcome.ACCEPTED
    with pytest.raises(DatabaseBroken), public.begin() as tx:
        tx.exec_driver_sql("DROP TABLE subscription_email")
    public.close()
    on_postgresql.run("DROP OWNED BY statuspage_public", name)
    on_postgresql.run("DROP ROLE statuspage_public")
