"""Composes a notice from its facts, in every language of the site, for every medium."""

from statuspage.rendering.wording.company_slots import company_slots
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import NAMED_IN_POSTS, REPORTS, IncidentContext, WordingContext
from statuspage.rendering.wording.corrections import changed_facts
from statuspage.rendering.wording.drill_marks import missing_marks
from statuspage.rendering.wording.length_fitting import COUNTS, DoesNotFit
from statuspage.rendering.wording.locale_format import (
    Clock,
    format_share,
    is_locale,
    join_list,
    join_plainly,
    plural_form,
    text_direction,
    zone_names,
    zones_by_city,
)
from statuspage.rendering.wording.manual_override import replace_words
from statuspage.rendering.wording.phrases import BadPhrase, Phrases, fill_text
from statuspage.rendering.wording.postmortem import render_html
from statuspage.rendering.wording.sentences import SENTENCE_NAMES
from statuspage.rendering.wording.service_lists import without_breaks
from statuspage.rendering.wording.service_names import name_group, name_service
from statuspage.rendering.wording.slot_grammar import word_before
from statuspage.rendering.wording.text_length import neutralize_mentions
from statuspage.rendering.wording.times.time_layout import format_inline, lay_out_time, words_after

__all__ = [
    "COUNTS",
    "NAMED_IN_POSTS",
    "REPORTS",
    "SENTENCE_NAMES",
    "BadPhrase",
    "Clock",
    "DoesNotFit",
    "IncidentContext",
    "Phrases",
    "WordingContext",
    "changed_facts",
    "company_slots",
    "compose",
    "fill_text",
    "format_inline",
    "format_share",
    "is_locale",
    "join_list",
    "join_plainly",
    "lay_out_time",
    "missing_marks",
    "name_group",
    "name_service",
    "neutralize_mentions",
    "plural_form",
    "render_html",
    "replace_words",
    "text_direction",
    "without_breaks",
    "word_before",
    "words_after",
    "zone_names",
    "zones_by_city",
]
