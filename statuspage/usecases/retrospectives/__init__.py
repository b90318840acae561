"""After an incident or a drill: its retrospective, which several people write, and the reminder to hold it."""

from statuspage.usecases.retrospectives.document import (
    PART_ORDER,
    Retrospective,
    TimelineItem,
    TimelineKind,
    find_retrospective,
)
from statuspage.usecases.retrospectives.editing import (
    EventInput,
    NotOverYet,
    add_event,
    change_causes,
    change_note,
    set_state,
    write_note,
)
from statuspage.usecases.retrospectives.export import RetrospectiveFormatter, retrospective_markdown
from statuspage.usecases.retrospectives.reminders import remind_of_retrospectives

__all__ = [
    "PART_ORDER",
    "EventInput",
    "NotOverYet",
    "Retrospective",
    "RetrospectiveFormatter",
    "TimelineItem",
    "TimelineKind",
    "add_event",
    "change_causes",
    "change_note",
    "find_retrospective",
    "remind_of_retrospectives",
    "retrospective_markdown",
    "set_state",
    "write_note",
]
