"""Uploads the public site from its folder to the hosts that mirror it, each independently.

The folder is written first and never waits for a host. Changes stay pending for each host until they are uploaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from statuspage.domain import FAILURE_THRESHOLD, LONGEST_OF_CHANNEL, retry
from statuspage.integrations.hosting import (
    ALL_FILES,
    GZIP_SUFFIX,
    Difference,
    Folder,
    Host,
    Stage,
    SyncStatus,
    UploadBatch,
    UploadFailed,
    is_front_page,
)
from statuspage.process_log import Log
from statuspage.storage import send_hold
from statuspage.storage.engine import Database
from statuspage.usecases.environment import Environment

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The result for one host: ``changed`` files there, or the error (``code``, ``detail``); ``busy``: another process
    is uploading now."""

    changed: int = 0
    code: str = ""
    detail: str = ""
    busy: bool = False


def due_hosts(env: Environment, now: datetime) -> Iterator[str]:
    """The hosts with pending files that may be tried now; none if the instance has no page of its own."""
    if not env.site_folder.is_ready:
        return
    for name, host in env.senders.hosts.items():
        pending, _ = env.site_folder.sync_state.pending_files(name)
        if pending and _is_due(host, pending, env.site_folder.sync_state.read_status(name), now):
            yield name


def sync_pending(env: Environment, name: str, *, now: datetime, jitter: float) -> SyncResult:
    """Uploads the pending files of this host. Any error is recorded in its status, and retried later."""
    return _sync_host(env, name, now, jitter, everything=False)


def sync_everything(env: Environment, name: str, *, now: datetime) -> SyncResult:
    """Compares all files at the host with the local ones and uploads what differs, at once."""
    return _sync_host(env, name, now, 1.0, everything=True)


def compare_host(env: Environment, name: str) -> Difference:
    """What differs on this host. Changes nothing. Raises UploadFailed."""
    host = env.senders.hosts[name]
    return host.compare(_site_paths(env.site_folder, host))


def sync_statuses(env: Environment) -> Mapping[str, SyncStatus]:
    """The sync status of each host."""
    return {name: env.site_folder.sync_state.read_status(name) for name in env.senders.hosts}


def is_behind(site_folder: Folder, name: str) -> bool:
    """Whether the host lacks more than a refreshed time on the front page."""
    pending, _ = site_folder.sync_state.pending_files(name)
    return any(not is_front_page(path) for path in pending)


def _is_due(host: Host, pending: frozenset[str], status: SyncStatus, now: datetime) -> bool:
    if (
        status.retry_at
        and now < status.retry_at
        and not (status.failed_at and retry.clock_moved_back(status.failed_at, now))
    ):
        return False
    only_front = all(map(is_front_page, pending))
    waited = now - status.uploaded_at if status.uploaded_at else None
    return not (only_front and waited is not None and timedelta(0) <= waited < host.renewal_interval)


def _sync_host(env: Environment, name: str, now: datetime, jitter: float, *, everything: bool) -> SyncResult:
    sync_state = env.site_folder.sync_state
    with sync_state.try_lock(name) as has_turn:
        if not has_turn:
            return SyncResult(busy=True)
        earlier_status = sync_state.read_status(name)
        try:
            changed, fence = _upload_files(env, name, everything=everything)
        except UploadFailed as error:
            sync_state.save_status(name, _after_failure(earlier_status, error, now, jitter))
            _log_failure(name, earlier_status, error)
            return SyncResult(code=error.code, detail=error.detail)
        sync_state.save_status(name, SyncStatus(uploaded_at=now, files=changed, fence=fence))
    _log.info("host synced", host=name, files=changed, fence=fence, after_failures=earlier_status.failures)
    return SyncResult(changed)


def _upload_files(env: Environment, name: str, *, everything: bool) -> tuple[int, int]:
    """The number of files changed there, and the fence of the uploaded state."""
    _refuse_on_hold(env.databases.environment)
    folder, host = env.site_folder, env.senders.hosts[name]
    pending, earlier_number = folder.sync_state.pending_files(name)
    with folder.sync_state.stage_files(name) as stage:
        removed = (
            _stage_differences(env.site_folder, host, stage) if everything or ALL_FILES in pending else frozenset[str]()
        )
        with folder.write_lock():
            pending, newest_number = folder.sync_state.pending_files(name)
            late_files, _ = folder.sync_state.pending_files(name, earlier_number)
            fence = folder.fence
            removed |= _stage_pending(folder.current, host, stage, pending)
            removed = frozenset(path for path in removed if not folder.has_file(path))
        changed = host.upload(UploadBatch(stage.files, tuple(sorted(removed)), fence))
    with folder.write_lock():
        # A new build that came while we compared is still pending.
        folder.sync_state.mark_uploaded(name, earlier_number if ALL_FILES in late_files else newest_number)
    return changed, fence


def _stage_differences(site_folder: Folder, host: Host, stage: Stage) -> frozenset[str]:
    """Stages every file that differs there; returns the names of files that exist only there."""
    files = _site_paths(site_folder, host)
    difference = host.compare(files)
    stage.add({name: files[name] for name in difference.to_upload})
    return frozenset(difference.removed)


def _stage_pending(root: Path, host: Host, stage: Stage, pending: frozenset[str]) -> frozenset[str]:
    """Stages the pending files in their current state; returns the names of deleted ones."""
    wanted_files = {
        name: root / name
        for name in pending
        if name != ALL_FILES and (host.gzip_copies or not name.endswith(GZIP_SUFFIX))
    }
    stage.add(wanted_files)
    return frozenset(wanted_files.keys() - stage.files.keys())


def _site_paths(site_folder: Folder, host: Host) -> dict[str, Path]:
    root = site_folder.current.resolve()
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {
        name: path
        for path in paths
        if (name := path.relative_to(root).as_posix()) and (host.gzip_copies or not name.endswith(GZIP_SUFFIX))
    }


def _refuse_on_hold(database: Database) -> None:
    with database.read() as tx:
        if send_hold.find_hold_start(tx) is not None:
            raise UploadFailed("send_hold")


def _after_failure(earlier_status: SyncStatus, error: UploadFailed, now: datetime, jitter: float) -> SyncStatus:
    failures = earlier_status.failures + 1
    retry_at = now + retry.pause_before(failures, jitter, LONGEST_OF_CHANNEL)
    return replace(
        earlier_status, failures=failures, failed_at=now, retry_at=retry_at, code=error.code, detail=error.detail
    )


def _log_failure(name: str, earlier_status: SyncStatus, error: UploadFailed) -> None:
    log = _log.error if earlier_status.failures + 1 == FAILURE_THRESHOLD else _log.warning
    log("host sync failed", host=name, reason=error.code, detail=error.detail, failures=earlier_status.failures + 1)
