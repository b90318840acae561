"""Words to colleagues: put together from labels, and owed by the ways that the content names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import LanguagePack, NewCall, NotificationReason, Responder
from statuspage.integrations import channels
from statuspage.integrations.channels import StaffMessageContent
from statuspage.rendering.wording import Clock
from statuspage.storage import drills, send_hold, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases import instance
from statuspage.usecases.environment import Environment


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """What is said to colleagues, without marks: a title, lines below it, and what it belongs to."""

    cause: NotificationReason
    title: str
    lines: tuple[str, ...] = ()
    alert: str = ""
    incident: str = ""
    climb: int = 0


def enqueue_staff_notification(
    tx: Connection,
    world: Environment,
    key: str,
    word: StaffMessage,
    ways: Iterable[str],
    who: Sequence[Responder],
    *,
    now: datetime,
) -> int:
    """This word is owed by each of these ways, once for each ``key``. Returns how many are new.

    A way that cannot be used says so on the desk instead.
    """
    added = 0
    for way in ways:
        spec = world.catalog.ways_inside.get(way)
        if spec is None:
            continue
        payload = channels.inside(_marked_message(world, word, way, who), spec)
        names = tuple(one.name for one in who)
        new = NewCall(f"{key}.{way}", word.cause, way, names, payload, word.alert, word.incident, word.climb)
        added += staff_notifications.queue(tx, [new], now)
        if way in world.not_callers:
            staff_notifications.refuse(tx, new.key, world.not_callers[way], now)
    return added


def book(world: Environment) -> LanguagePack:
    """The book in whose language colleagues are told."""
    spoken = world.catalog.duty.language
    return world.catalog.books[spoken if spoken in world.catalog.books else world.catalog.desk_languages[0]]


def staff_clock(world: Environment) -> Clock:
    """Speaks of times to them."""
    return Clock(book(world).writing, world.catalog.site.zone)


def staff_label(world: Environment, key: str, **slots: object) -> str:
    """A label for colleagues: ``call.KEY``."""
    return book(world).labels[f"call.{key}"].format(**slots)


def bare(world: Environment, text: str) -> str:
    """The text without the world's marks, in whichever language: they stand around every word to colleagues anyway."""
    for one in world.catalog.books.values():
        text = text.removeprefix(one.marks.start).removesuffix(one.marks.end)
    return text.strip()


def desk_link(world: Environment) -> str:
    """Where the desk is reached, else where it is served just now; "" when nobody knows."""
    return world.desk or instance.served_at(world.home).get("desk", "")


def quiet(tx: Connection) -> bool:
    """Whether nobody is called: the books are on hold, or a drill stands still."""
    drill = drills.running(tx)
    return send_hold.since(tx) is not None or (drill is not None and drill.paused is not None)


def _marked_message(world: Environment, word: StaffMessage, way: str, who: Sequence[Responder]) -> StaffMessageContent:
    """With the world's marks around it: the title has the first one, the last line the other."""
    mine = book(world)
    lines = [*word.lines, *filter(None, (mine.marks.end.strip(),))]
    about = {"cause": word.cause.value, "alert": word.alert, "incident": word.incident}
    return StaffMessageContent(
        title=f"{mine.marks.start}{word.title}",
        lines=tuple(lines),
        who=tuple(who),
        way=way,
        name=f"{mine.marks.start}{mine.desk}",
        marks=mine.marks,
        about={name: value for name, value in about.items() if value},
    )
