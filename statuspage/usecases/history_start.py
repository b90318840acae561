"""Moves the first day on record back to that of the oldest incident, when a history comes in from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from statuspage.content.editing import EditFailed, SetValue, apply_edits
from statuspage.storage import public_history
from statuspage.usecases.environment import Environment


@dataclass(frozen=True, slots=True)
class EarlierStart:
    """The day of the oldest incident, before what ``site.toml`` said; ``is_written``: it says so now."""

    day: date
    is_written: bool


def move_history_start(env: Environment, content: Path) -> EarlierStart | None:
    """Sets ``history_start`` in ``site.toml`` to the day of the oldest incident, if that is earlier. None if there is
    nothing to move. The environment follows with ``use_history_start``."""
    site = env.site.catalog.site
    with env.databases.environment.read() as tx:
        oldest = public_history.find_first_notice_time(tx)
    if oldest is None or site.history_start is None:
        return None
    first_day = oldest.astimezone(ZoneInfo(site.zone)).date()
    if first_day >= site.history_start:
        return None
    return EarlierStart(first_day, _write(content / "site.toml", first_day))


def use_history_start(env: Environment, *, now: datetime) -> None:
    """Loads the content with the day that was moved. It takes two looks: after the first, files may still change."""
    env.reload_content(now)
    env.reload_content(now)


def _write(file: Path, first_day: date) -> bool:
    """Whether the day could be written into this file; it is replaced as a whole, or not at all."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_bytes(apply_edits(file.read_bytes(), [SetValue(("history_start",), first_day.isoformat())]))
        new.replace(file)
    except (OSError, EditFailed):
        new.unlink(missing_ok=True)
        return False
    return True
