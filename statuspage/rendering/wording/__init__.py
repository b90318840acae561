"""Words from facts: what a notice says, in every language of the site, on every medium."""

from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import REPORTS, IncidentContext, WordingContext
from statuspage.rendering.wording.drill_marks import unmarked
from statuspage.rendering.wording.length_fitting import COUNTS, DoesNotFit
from statuspage.rendering.wording.locale_format import (
    Clock,
    direction,
    in_line,
    is_locale,
    laid,
    listed,
    one_or_many,
    percent,
)
from statuspage.rendering.wording.manual_override import replace_words
from statuspage.rendering.wording.phrases import BadPhrase
from statuspage.rendering.wording.postmortem import html
from statuspage.rendering.wording.scope import without_breaks
from statuspage.rendering.wording.sentences import sentences
from statuspage.rendering.wording.text_length import unnamed

__all__ = [
    "COUNTS",
    "REPORTS",
    "BadPhrase",
    "Clock",
    "DoesNotFit",
    "IncidentContext",
    "WordingContext",
    "compose",
    "direction",
    "html",
    "in_line",
    "is_locale",
    "laid",
    "listed",
    "one_or_many",
    "percent",
    "replace_words",
    "sentences",
    "unmarked",
    "unnamed",
    "without_breaks",
]
