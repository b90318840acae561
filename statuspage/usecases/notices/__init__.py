"""What people do with notices, the same for the desk, the command line and the webhooks."""

from statuspage.usecases.notices.plain_language import met_in
from statuspage.usecases.notices.publication import begin, fresh, preview, publish
from statuspage.usecases.notices.results import Place, Preview, Published, Refused, Stale, Superseded, Waits

__all__ = [
    "Place",
    "Preview",
    "Published",
    "Refused",
    "Stale",
    "Superseded",
    "Waits",
    "begin",
    "fresh",
    "met_in",
    "preview",
    "publish",
]
