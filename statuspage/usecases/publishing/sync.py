"""Carries the public site from its folder to the targets that follow it, each for itself.

The folder is written first and never waits for a target. What changed there is owed to each target until it has
arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from statuspage.domain import ENOUGH, LONGEST_OF_LANE, retry
from statuspage.integrations.hosting import (
    ALL,
    TWIN,
    Difference,
    Faring,
    NotCarried,
    Stage,
    Target,
    UploadBatch,
    is_front,
)
from statuspage.storage import send_hold
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing.site_updates import is_set_up

__all__ = ["SyncResult", "carry_everything", "compare", "due_hosts", "farings", "follow_up", "is_behind"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of one target: ``changed`` files there, or why not (``code``, ``detail``); ``busy``: another process
    is at it just now."""

    changed: int = 0
    code: str = ""
    detail: str = ""
    busy: bool = False


def due_hosts(world: Environment, now: datetime) -> Iterator[str]:
    """The targets that are owed something and may be tried now. None while there is no page of the house's own."""
    if not is_set_up(world):
        return
    for name, target in world.mirrors.items():
        owed, _ = world.target.following.owes(name)
        if owed and _is_time(target, owed, world.target.following.faring(name), now):
            yield name


def follow_up(world: Environment, name: str, *, now: datetime, chance: float) -> SyncResult:
    """Carries over what this target is owed. Whatever goes wrong is kept with how it fares, and tried again later."""
    return _sync_host(world, name, now, chance, everything=False)


def carry_everything(world: Environment, name: str, *, now: datetime) -> SyncResult:
    """Compares all files there with those here and carries over what differs, at once."""
    return _sync_host(world, name, now, 1.0, everything=True)


def compare(world: Environment, name: str) -> Difference:
    """What at this target is not as it is here; nothing is changed. Raises NotCarried."""
    target = world.mirrors[name]
    return target.compare(_site(world, target))


def farings(world: Environment) -> Mapping[str, Faring]:
    """How each target fares."""
    return {name: world.target.following.faring(name) for name in world.mirrors}


def is_behind(world: Environment, name: str) -> bool:
    """Whether the target is owed more than a renewed time on the front."""
    owed, _ = world.target.following.owes(name)
    return any(not is_front(one) for one in owed)


def _is_time(target: Target, owed: frozenset[str], faring: Faring, now: datetime) -> bool:
    if faring.until and now < faring.until and not (faring.failed and retry.clock_moved_back(faring.failed, now)):
        return False
    calm = all(map(is_front, owed))
    waited = now - faring.carried if faring.carried else None
    return not (calm and waited is not None and timedelta(0) <= waited < target.pace)


def _sync_host(world: Environment, name: str, now: datetime, chance: float, *, everything: bool) -> SyncResult:
    following = world.target.following
    with following.turn(name) as ours:
        if not ours:
            return SyncResult(busy=True)
        before = following.faring(name)
        try:
            changed, fence = _bring(world, name, everything=everything)
        except NotCarried as error:
            following.keep(name, _failed(before, error, now, chance))
            _say_failed(name, before, error)
            return SyncResult(code=error.code, detail=error.detail)
        following.keep(name, Faring(carried=now, files=changed, fence=fence))
    _log.info("target carried", target=name, files=changed, fence=fence, after_failures=before.failures)
    return SyncResult(changed)


def _bring(world: Environment, name: str, *, everything: bool) -> tuple[int, int]:
    """How many files changed there, and how new it is now."""
    _refuse_on_hold(world)
    folder, target = world.target, world.mirrors[name]
    owed, before = folder.following.owes(name)
    with folder.following.staged(name) as stage:
        gone = _hold_all(world, target, stage) if everything or ALL in owed else frozenset[str]()
        with folder.turn():
            owed, number = folder.following.owes(name)
            late, _ = folder.following.owes(name, before)
            fence = folder.fence
            gone |= _hold(folder.current, target, stage, owed)
            gone = frozenset(one for one in gone if not folder.has(one))
        changed = target.carry(UploadBatch(stage.files, tuple(sorted(gone)), fence))
    with folder.turn():
        # A new release that came while we compared is owed still.
        folder.following.settle(name, before if ALL in late else number)
    return changed, fence


def _hold_all(world: Environment, target: Target, stage: Stage) -> frozenset[str]:
    """Holds every file that is not there as it is here; the names of what is only there."""
    files = _site(world, target)
    difference = target.compare(files)
    stage.hold({name: files[name] for name in difference.fresh})
    return frozenset(difference.gone)


def _hold(root: Path, target: Target, stage: Stage, owed: frozenset[str]) -> frozenset[str]:
    """Holds what is owed, as it is now; the names of what is no more."""
    wanted = {name: root / name for name in owed if name != ALL and (target.twins or not name.endswith(TWIN))}
    stage.hold(wanted)
    return frozenset(wanted.keys() - stage.files.keys())


def _site(world: Environment, target: Target) -> dict[str, Path]:
    root = world.target.current.resolve()
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {
        name: path
        for path in paths
        if (name := path.relative_to(root).as_posix()) and (target.twins or not name.endswith(TWIN))
    }


def _refuse_on_hold(world: Environment) -> None:
    with world.store.read() as tx:
        if send_hold.since(tx) is not None:
            raise NotCarried("on_hold")


def _failed(before: Faring, error: NotCarried, now: datetime, chance: float) -> Faring:
    failures = before.failures + 1
    until = now + retry.pause_before(failures, chance, LONGEST_OF_LANE)
    return replace(before, failures=failures, failed=now, until=until, code=error.code, detail=error.detail)


def _say_failed(name: str, before: Faring, error: NotCarried) -> None:
    say = _log.error if before.failures + 1 == ENOUGH else _log.warning
    say("target not reached", target=name, reason=error.code, detail=error.detail, failures=before.failures + 1)
