"""What the people on the desk do, the same for every door: form, command line and intake."""

from statuspage.desk.alerts import acknowledge, confirm, false_alarm, take, tick, watch
from statuspage.desk.incidents import close, note, reopen
from statuspage.desk.joining import join, part
from statuspage.desk.notices import begin, fresh, preview, publish
from statuspage.desk.plainly import met_in
from statuspage.desk.results import Place, Preview, Published, Refused, Stale, Superseded, Waits

__all__ = [
    "Place",
    "Preview",
    "Published",
    "Refused",
    "Stale",
    "Superseded",
    "Waits",
    "acknowledge",
    "begin",
    "close",
    "confirm",
    "false_alarm",
    "fresh",
    "join",
    "met_in",
    "note",
    "part",
    "preview",
    "publish",
    "reopen",
    "take",
    "tick",
    "watch",
]
