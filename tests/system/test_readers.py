"""Readers during publications and builds: nothing is missing, incomplete, or older than what they have read before."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bench import history
from statuspage.usecases.publishing import site_updates
from tests.support.readers import Reader, nginx, watch

FRONT = '<html><time id="at" datetime="{}"></time><a href="../en/incidents/i1/#n-2">one</a></html>\n'


@pytest.mark.parametrize(
    ("status", "body", "coding", "fault"),
    [
        (404, b"", "", "/en/: 404"),
        (200, FRONT.format("2026-07-28T12:02").encode()[:-9], "", "is torn"),
        (200, gzip.compress(FRONT.format("2026-07-28T12:02").encode())[:-9], "gzip", "is torn"),
        (200, FRONT.format("2026-07-28T12:00").encode(), "", "steps back"),
    ],
)
def test_a_reader_notices_what_is_missing_torn_or_older(status: int, body: bytes, coding: str, fault: str):
    reader = Reader(packed=False)
    reader.read("/en/", 200, FRONT.format("2026-07-28T12:01").encode(), "")
    assert (reader.faults, list(reader.links)) == ([], ["/en/incidents/i1/"])
    reader.read("/en/", status, body, coding)
    assert fault in reader.faults[0]


def test_thousands_of_readers_find_every_page_whole_while_notices_are_published_and_builds_run(tmp_path: Path):
    env = history.env(tmp_path / "home", 40)
    site_updates.build_site(env, now=history.NOW)
    with nginx(env.site_folder.current, tmp_path / "nginx") as port:
        seen = watch(port, 2_000, lambda n: history.go_on(env, n), lambda: history.build_again(env))
    assert seen.faults == ()
    assert seen.gets >= 2_000
    assert seen.places > 100


def test_a_build_that_is_stopped_leaves_the_site_as_it_was(tmp_path: Path):
    env = history.env(tmp_path, 1)
    site_updates.build_site(env, now=history.NOW)
    before = env.site_folder.current.resolve()
    with env.databases.environment.begin() as tx:
        history.copy(tx, 800)
    command = [Path(sys.executable).with_name("statuspage"), "build", "--home", tmp_path]
    # If the tests run in the background of a shell, Ctrl-C may be ignored.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    build = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=heed)
    begun = time.monotonic()
    while len(list(before.parent.glob("*/ja/incidents/*"))) < 100 and time.monotonic() < begun + 120:
        time.sleep(0.05)
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does: to all of its processes at once
    _, error = build.communicate(timeout=120)
    assert build.returncode == 1
    assert "Traceback" not in error
    assert env.site_folder.current.resolve() == before
    assert list(before.parent.iterdir()) == [before]
    history.store_first_report(env, "new000000001", later := history.NOW + timedelta(minutes=1))
    site_updates.publish_incident(env, "new000000001", now=later)
    assert (env.site_folder.current / "ja/incidents/new000000001/index.html").is_file()
