"""Changes on the desk end in the content files: checked, recorded, never over somebody else's edit, undone byte for
byte."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.content.editing import SetValue
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases import audit_log
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.settings import (
    Conflict,
    ContentStore,
    FileChange,
    Kept,
    NotWritable,
    Rejected,
    content_files,
    keep,
    list_changes,
    undo,
)
from tests.support.settings import SERVICES, store_in
from tests.support.times import at

NOW, SATO = at("12:00"), Actor("id1", "佐藤", "192.0.2.1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ContentStore]:
    store = store_in(tmp_path)
    yield store
    store.accounts.close()


def rename(store: ContentStore, name: str, *, seen: str = "") -> FileChange:
    edits = {"services.toml": [SetValue(("service", 0, "name"), name)]}
    seen = seen or store.fingerprint(edits)
    return FileChange(
        *(edits, tuple(edits), seen, "service.words.changed", "api"),
        before={"name": "Payments API"},
        after={"name": name},
    )


@pytest.mark.slow
def test_a_change_is_kept_recorded_and_undone_byte_for_byte(store: ContentStore):
    file = store.folders.current / "services.toml"
    kept = keep(store, rename(store, "Card API"), by=SATO, now=NOW)
    assert isinstance(kept, Kept)
    assert file.read_text("utf-8") == SERVICES.replace('"Payments API"', '"Card API"')
    (row,) = audit_log.list_actions(store.accounts, 10).rows
    assert (row["account_id"], row["account_name"], row["origin"], row["at"]) == ("id1", "佐藤", "192.0.2.1", NOW)
    assert (row["before"], row["after"]) == ({"name": "Payments API"}, {"name": "Card API"})
    assert [can for _, can in list_changes(store)] == [True]
    assert isinstance(undo(store, kept.id, by=SATO, now=NOW), Kept)
    assert file.read_text("utf-8") == SERVICES
    rows = audit_log.list_actions(store.accounts, 10).rows
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("settings.undone", {"name": "Card API"}, {"name": "Payments API"}),
        ("service.words.changed", {"name": "Payments API"}, {"name": "Card API"}),
    ]


@pytest.mark.slow
def test_what_does_not_pass_the_check_is_not_kept(store: ContentStore):
    outcome = keep(store, rename(store, "Pay|ments"), by=SATO, now=NOW)
    assert isinstance(outcome, Rejected)
    assert outcome.errors
    assert (store.folders.current / "services.toml").read_text("utf-8") == SERVICES
    assert audit_log.list_actions(store.accounts, 10).rows == ()


def test_who_keeps_the_lock_of_the_folder_lets_nobody_wait_for_ever(
    store: ContentStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(content_files, "PATIENCE", 0.1)
    change = rename(store, "Card API")
    descriptor = os.open(store.folders.current, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    with pytest.raises(DatabaseBusy):
        keep(store, change, by=SATO, now=NOW)
    os.close(descriptor)
    assert (store.folders.current / "services.toml").read_text("utf-8") == SERVICES


def test_a_file_changed_meanwhile_is_a_conflict_and_stays(store: ContentStore):
    change = rename(store, "Card API")
    by_hand = SERVICES.replace("Website", "Web site")
    (store.folders.current / "services.toml").write_text(by_hand, "utf-8")
    assert keep(store, change, by=SATO, now=NOW) == Conflict(("services.toml",))
    assert (store.folders.current / "services.toml").read_text("utf-8") == by_hand


def test_a_conflict_names_only_the_files_that_differ(store: ContentStore):
    watched = ("site.toml", "services.toml", "en/organisation.toml", "absent.toml")
    edits = {"services.toml": [SetValue(("service", 0, "name"), "Card API")]}
    change = FileChange(edits, watched, store.fingerprint(watched), "service.words.changed", "api")
    (store.folders.current / "site.toml").write_text("# ours\n", "utf-8")
    assert keep(store, change, by=SATO, now=NOW) == Conflict(("site.toml",))
    (store.folders.current / "absent.toml").touch()
    assert keep(store, change, by=SATO, now=NOW) == Conflict(("absent.toml", "site.toml"))


@pytest.mark.parametrize("seen", ["", "made up", "0-1-2"])
def test_a_fingerprint_of_other_files_is_a_conflict_of_all(store: ContentStore, seen: str):
    assert store.changed_since(seen, ("site.toml", "services.toml")) == ("services.toml", "site.toml")


@pytest.mark.slow
def test_what_was_changed_again_is_not_undone(store: ContentStore):
    kept = keep(store, rename(store, "Card API"), by=SATO, now=NOW)
    assert isinstance(kept, Kept)
    file = store.folders.current / "services.toml"
    file.write_text(file.read_text("utf-8") + "# by hand\n", "utf-8")
    assert undo(store, kept.id, by=SATO, now=NOW) == Conflict(("services.toml",))
    assert file.read_text("utf-8").endswith("# by hand\n")
    assert [can for _, can in list_changes(store)] == [False]


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_gets_a_proposal_and_no_record(
    store: ContentStore, monkeypatch: pytest.MonkeyPatch
):
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(content_files, "_write", read_only)
    outcome = keep(store, rename(store, "Card API"), by=SATO, now=NOW)
    assert isinstance(outcome, NotWritable)
    ((name, lines),) = outcome.proposals
    assert name == "services.toml"
    assert '+name = "Card API"   # as on the price list' in lines
    assert audit_log.list_actions(store.accounts, 10).rows == ()
    assert list_changes(store) == ()
