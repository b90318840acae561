"""Publishing: what a notice changes on the site, what it does not, and that readers always see a complete one."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident
from statuspage.integrations.hosting.folder import Unwritable
from statuspage.rendering.site.pages import month_paging
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import full_build, site_updates
from statuspage.usecases.publishing.full_build import DrillMarkError
from tests.support.environments import with_changes
from tests.support.publishing import changed, environment_in, plain, site, store_incident
from tests.support.site import DRILL, another, booking, composed, drilled, over
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

FEEDS = ("feed.rss", "feed.atom")
SERVER = Callable[[Path], str]


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Environment:
    return environment_in(tmp_path, catalog)


def test_a_first_notice_is_on_its_page_the_month_the_feeds_and_the_front(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    store_incident(env, booking(("12:03", "first")))
    before = site(env)
    site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:03"))
    files = site(env)
    expected = {"index.html", "history.atom", "history.rss"}
    expected |= {f"api/v2/{name}.json" for name in ("summary", "status", "components", "incidents")}
    expected |= {"api/v2/incidents/unresolved.json"}
    expected |= {f"history/{name}.json" for name in ("index", "2026-07", "2026-07-1")}
    for language in env.site.catalog.languages:
        expected |= {f"{language}/{name}" for name in ("index.html", *FEEDS)}
        expected |= {f"{language}/services/{one}/feed.rss" for one in ("booking", "desk-booking")}
        expected |= {f"{language}/services/{service}/index.html" for service in ("booking", "desk-booking")}
        expected |= {f"{language}/{name}" for name in ("badge.svg", "embed.js", "embed.html")}
        expected |= {f"{language}/incidents/k3m9p2q7x4ab/index.html", f"{language}/history/2026-07/index.html"}
    assert plain(changed(before, files)) == expected
    fronts = {"index.html", *(f"{language}/index.html" for language in env.site.catalog.languages)}
    assert set(files) - plain(set(files)) == {f"{name}.gz" for name in fronts}
    assert all(gzip.decompress(files[f"{name}.gz"]) == files[name] for name in fronts)
    assert "第一報".encode() in files["ja/index.html"]
    assert len(feedparser.parse(files["en/feed.rss"]).entries) == 1


def test_publishing_into_an_empty_folder_builds_the_site_first(env: Environment):
    store_incident(env, booking())
    site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:18"))
    assert {"index.html", "404.html", "ja/incidents/k3m9p2q7x4ab/index.html"} <= site(env).keys()


@pytest.mark.slow
def test_a_publication_and_a_build_make_the_same_files(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    for incident in (booking(("12:03", "first")), booking(), over()):
        store_incident(env, incident)
        site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("13:20"))
    published = site(env)
    site_updates.build_site(env, now=at("13:20"))
    assert changed(published, site(env)) == set()


def test_a_start_builds_only_when_content_or_templates_are_others(env: Environment):
    store_incident(env, over())
    site_updates.prepare_site(env, now=at("13:20"))
    build = env.site_folder.current.resolve()
    site_updates.prepare_site(env, now=at("13:25"))
    assert env.site_folder.current.resolve() == build
    assert b"13:25" in site(env)["ja/index.html"]
    changed_words = with_changes(env, catalog=replace(env.site.catalog, version="another"))
    site_updates.prepare_site(changed_words, now=at("13:26"))
    assert env.site_folder.current.resolve() != build


def test_a_build_into_another_folder_leaves_the_site_alone(env: Environment, tmp_path: Path):
    site_updates.build_site(env, now=at("11:00"))
    before = site(env)
    store_incident(env, over())
    built = site_updates.build_site(env, now=at("13:20"), output_folder=tmp_path / "out")
    assert site(env) == before
    assert built.files == len([p for p in (tmp_path / "out").rglob("*") if p.is_file()])


def test_renewing_changes_the_front_alone_until_a_sentence_ages(env: Environment):
    store_incident(env, booking())
    site_updates.build_site(env, now=at("12:18"))
    first = site(env)
    site_updates.refresh_front(env, now=at("12:23"))
    second = site(env)
    site_updates.refresh_front(env, now=at("13:31"))
    third = site(env)
    languages = env.site.catalog.languages
    fronts = {"index.html", *(f"{language}/index.html" for language in languages)}
    pages = {f"{language}/incidents/k3m9p2q7x4ab/index.html" for language in languages}
    services = {f"{language}/services/{id}/index.html" for language in languages for id in ("booking", "desk-booking")}
    assert plain(changed(first, second)) - services == fronts
    assert plain(changed(second, third)) - services == fronts | pages


def test_where_other_processes_are_lost_a_build_prints_and_counts_all_of_it_by_itself(
    env: Environment, monkeypatch: pytest.MonkeyPatch
):
    def lost(*_: object) -> Iterator[int]:
        yield 3
        raise BrokenProcessPool

    store_incident(env, booking())
    monkeypatch.setattr(full_build, "SERIAL_LIMIT", 0)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(full_build.ProcessPoolExecutor, "map", lost)
    outcome = site_updates.build_site(env, now=at("13:20"))
    assert outcome.files == len(site(env))
    assert "ja/incidents/k3m9p2q7x4ab/index.html" in site(env)


def test_a_build_never_takes_the_page_back_to_what_was_so_when_it_began(env: Environment):
    store_incident(env, booking(("12:03", "first")))
    site_updates.build_site(env, now=at("12:04"))

    def meanwhile(done: int, of: int) -> None:
        if done == of:
            store_incident(env, booking())
            site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:18"))
            site_updates.refresh_front(env, now=at("13:31"))

    outcome = site_updates.build_site(env, now=at("12:05"), report_progress=meanwhile)
    built = site(env)
    assert b"13:31" in built["en/index.html"]
    assert outcome.files == len(built)
    site_updates.build_site(env, now=at("13:31"))
    assert changed(built, site(env)) == set()


def test_a_new_month_gets_its_page_and_the_one_before_a_link_to_it(env: Environment):
    store_incident(env, over())
    site_updates.build_site(env, now=at("13:20"))
    site_updates.refresh_front(env, now=at("00:05", "2026-08-01"))
    files = site(env)
    assert b'href="../../../ja/history/2026-08/"' in files["ja/history/2026-07/index.html"]
    assert b'href="../../../ja/history/2026-07/"' in files["ja/history/2026-08/index.html"]
    published = site(env)
    site_updates.build_site(env, now=at("00:05", "2026-08-01"))
    assert changed(published, site(env)) == set()


@pytest.mark.slow
def test_a_month_that_grows_past_a_page_is_the_same_as_if_built_afresh(env: Environment):
    began = at("00:02", "2026-07-01")
    incidents = [another(f"i{n:03d}", began + timedelta(minutes=50 * n)) for n in range(month_paging.SIZE * 3 + 1)]
    edge = {n for closed in (2, 3) for n in range(closed * month_paging.SIZE - 2, closed * month_paging.SIZE + 1)}
    for number, incident in enumerate(incidents):
        store_incident(env, incident)
        if number + 1 in edge and number not in edge:
            site_updates.build_site(env, now=at("12:00"))
        if number in edge:
            site_updates.publish_incident(env, incident.id, now=at("12:00"))
    published = site(env)
    site_updates.build_site(env, now=at("12:00"))
    assert "ja/history/2026-07/2/index.html" in published
    assert changed(published, site(env)) == set()


@pytest.mark.slow
def test_what_is_written_does_not_grow_with_history(tmp_path: Path, catalog: Catalog):
    written = []
    for old in (1, 30):
        (tmp_path / str(old)).mkdir()
        env = environment_in(tmp_path / str(old), catalog)
        for number in range(old):
            store_incident(env, another(f"old{number}", at("08:00", "2026-01-05") + timedelta(days=4 * number)))
        site_updates.build_site(env, now=at("11:00"))
        store_incident(env, booking(("12:03", "first")))
        before = site(env)
        site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:03"))
        written.append(plain(changed(before, site(env))))
    assert written[0] == written[1]
    assert "ja/incidents/k3m9p2q7x4ab/index.html" in written[0]


@pytest.mark.slow
def test_a_build_takes_over_what_was_published_while_it_worked(env: Environment):
    for number in range(40):
        store_incident(env, another(f"old{number}", at("08:00", "2026-06-01") + timedelta(hours=9 * number)))
    site_updates.build_site(env, now=at("11:00"))
    done = threading.Event()

    def build() -> None:
        site_updates.build_site(env, now=at("12:04"))
        done.set()

    builder = threading.Thread(target=build)
    builder.start()
    store_incident(env, booking(("12:03", "first")))
    site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:03"))
    builder.join(60)
    assert done.is_set()
    files = site(env)
    assert b'id="n-1"' in files["ja/incidents/k3m9p2q7x4ab/index.html"]
    assert b"k3m9p2q7x4ab" in files["ja/index.html"]
    assert b"k3m9p2q7x4ab" in files["ja/history/2026-07/index.html"]
    assert b"k3m9p2q7x4ab" in files["ja/feed.atom"]


def test_two_publishing_at_once_both_end_up_on_the_front(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    incidents = [another(f"gate{n}", at("12:00") + timedelta(minutes=n), minutes=None) for n in range(6)]

    def work(incident: Incident) -> None:
        store_incident(env, incident)
        site_updates.publish_incident(env, incident.id, now=at("12:30"))

    workers = [threading.Thread(target=work, args=(incident,)) for incident in incidents]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    front = site(env)["ja/index.html"].decode()
    assert all(f"incidents/{incident.id}/" in front for incident in incidents)


@pytest.mark.slow
def test_a_reader_in_the_middle_of_publishing_sees_whole_pages(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    stop, torn = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            for name in ("ja/index.html", "ja/feed.atom"):
                data = (env.site_folder.current / name).read_bytes()
                if not data.rstrip().endswith((b"</html>", b"</feed>")):
                    torn.add(data)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(6):
        incident = another(f"gate{number}", at("11:00") + timedelta(minutes=number), minutes=None)
        store_incident(env, incident)
        site_updates.publish_incident(env, incident.id, now=at("12:00"))
        site_updates.build_site(env, now=at("12:00"))
    stop.set()
    reader.join()
    assert torn == set()


@pytest.mark.slow
def test_a_drill_whose_page_would_lack_a_mark_is_not_published(tmp_path: Path, catalog: Catalog):
    marked = drilled(catalog)
    env = environment_in(tmp_path, marked)
    store_incident(env, booking(id="drillp2q7x4a", marks=DRILL))
    site_updates.build_site(env, now=at("12:20"))
    templates = {**env.site.assets.templates}
    templates["base.html"] = templates["base.html"].replace("marks.overlay(drilled)", "drilled")
    broken = with_changes(env, assets=replace(env.site.assets, templates=templates))
    before = site(env)
    with pytest.raises(DrillMarkError, match="dmark"):
        site_updates.build_site(broken, now=at("12:20"))
    with pytest.raises(DrillMarkError):
        site_updates.publish_incident(broken, "drillp2q7x4a", now=at("12:20"))
    assert site(env) == before


def test_a_live_build_refuses_the_marks_of_a_drill(tmp_path: Path, catalog: Catalog):
    env = environment_in(tmp_path, catalog, refused=("【訓練】",))
    store_incident(env, booking(marks=DRILL))
    with pytest.raises(DrillMarkError, match="carries the mark"):
        site_updates.build_site(env, now=at("12:20"))


def test_an_unwritable_place_is_said_and_the_old_page_stays(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    store_incident(env, booking())
    before = site(env)
    (env.site_folder.root / "stage").write_text("in the way")
    with pytest.raises(Unwritable, match="could not be written"):
        site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:18"))
    assert site(env) == before


def test_an_incident_nobody_was_told_of_cannot_be_published(env: Environment):
    site_updates.build_site(env, now=at("11:00"))
    with pytest.raises(KeyError):
        site_updates.publish_incident(env, "nothing", now=at("11:00"))


def test_what_was_published_is_read_back_from_page_and_feeds(tmp_path: Path, catalog: Catalog, static_server: SERVER):
    env = environment_in(tmp_path, catalog)
    store_incident(env, booking())
    site_updates.build_site(env, now=at("12:18"))
    env = with_changes(env, address=static_server(env.site_folder.current))
    for sequence in (1, 2):
        reading = site_updates.read_back(env, "k3m9p2q7x4ab", sequence, timeout=3)
        assert reading.missing == {}
        languages = env.site.catalog.languages
        assert reading.found.keys() == {f"{what}.{lang}" for what in ("page", "feed", "rss") for lang in languages}


def test_a_notice_first_read_after_its_estimate_passed_still_counts_as_read(
    tmp_path: Path, catalog: Catalog, static_server: SERVER
):
    env = environment_in(tmp_path, catalog)
    store_incident(env, composed(catalog, ("12:03", "first"), ("12:18", "update")))
    site_updates.build_site(env, now=at("14:00"))
    page = (env.site_folder.current / "ja/incidents/k3m9p2q7x4ab/index.html").read_text("utf-8")
    assert "13:30を過ぎました" in page
    env = with_changes(env, address=static_server(env.site_folder.current))
    assert site_updates.read_back(env, "k3m9p2q7x4ab", 2, timeout=3).missing == {}


def test_what_is_only_on_disk_is_not_read_back(tmp_path: Path, catalog: Catalog, static_server: SERVER):
    env = environment_in(tmp_path, catalog)
    site_updates.build_site(env, now=at("11:00"))
    store_incident(env, booking())
    env = with_changes(env, address=static_server(env.site_folder.current))
    assert not site_updates.read_back(env, "k3m9p2q7x4ab", 2, timeout=0.2).is_complete
    nowhere = site_updates.read_back(with_changes(env, address=""), "k3m9p2q7x4ab", 2, timeout=0.2)
    assert nowhere.found == {}
    assert len(nowhere.missing) == 3 * len(catalog.languages)


@pytest.mark.slow
def test_a_long_history_printed_by_several_processes_is_the_same_as_by_one(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for number in range(40):
        store_incident(env, another(f"old{number}", at("08:00", "2026-01-05") + timedelta(days=4 * number)))
    site_updates.build_site(env, now=at("11:00"), output_folder=tmp_path / "alone")
    monkeypatch.setattr(full_build, "SERIAL_LIMIT", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    built = site_updates.build_site(env, now=at("11:00"), output_folder=tmp_path / "together")
    alone, together = (
        {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in (tmp_path / "alone", tmp_path / "together")
    )
    assert together == alone
    assert built.files == len(together)
