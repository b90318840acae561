"""Who is affected: named before a sentence about what does not work, or in a sentence of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from statuspage.domain import AffectedAudience, Audience, LocaleRules
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import join_alternatives, join_plainly
from statuspage.rendering.wording.service_names import noun_as_object


def name_audience(context: WordingContext, text: str, *, most: int = 1, works_again: bool = False) -> str:
    """A sentence that is not about everybody begins with whom it is about: *Shibuya club: …*, *For some people: …*.

    Of groups at most ``most`` are named. ``works_again``: what works again does so for everybody, unless the groups are
    known.
    """
    if text and context.affects_some and not works_again:
        return say_some(context, text)
    if not text or not 0 < len(context.named_groups) <= most:
        return text
    groups = [context.pack.audience_groups[group] for group in context.named_groups]
    names = [group.label or f"{group.text[:1].upper()}{group.text[1:]}" for group in groups]
    rules = context.pack.locale_rules
    return context.phrases.format(
        "limited.text", groups=join_alternatives(names, rules), text=begin_after_colon(text, rules)
    )


def with_earlier_audience(context: WordingContext) -> WordingContext:
    """The same, about those whom the last notice named as affected."""
    previous = context.incident.previous_facts
    return replace(context, facts=replace(context.facts, audience=previous.audience if previous else Audience()))


def say_some(context: WordingContext, text: str) -> str:
    """The sentence for some people: *For some people: …*."""
    return context.phrases.format("limited.some", text=begin_after_colon(text, context.pack.locale_rules))


def begin_after_colon(text: str, locale_rules: LocaleRules) -> str:
    """A sentence as it stands after a colon: with a small letter, if the language asks for it and it begins with a word
    that is no name."""
    first = _FIRST_WORD.match(text)
    is_small = first is not None and first[0].lower() in locale_rules.small_after_colon
    return text[:1].lower() + text[1:] if is_small else text


_FIRST_WORD = re.compile(r"[^\W\d_]+’?")


def begins_with_some(context: WordingContext, text: str) -> bool:
    """Whether the text is said for some people only."""
    return text.startswith(say_some(context, "#").partition("#")[0].replace("|", ""))


def audience_sentence(context: WordingContext, *, only_labels: bool = False) -> str:
    """Who is affected. "" in a partly restored notice until somebody has said who is affected by the rest.

    ``only_labels``: groups by their labels, which are shorter than their texts.
    """
    audience, choices = context.facts.audience.extent, context.pack.audience_groups
    groups = [choices[group] for group in context.facts.audience.groups if group in choices]
    if audience is AffectedAudience.CHECKING or (audience is AffectedAudience.GROUPS and not groups):
        return "" if context.is_partly_restored else context.phrases.format(f"audience.{AffectedAudience.CHECKING}")
    if audience is not AffectedAudience.GROUPS:
        return context.phrases.format(f"audience.{audience}")
    if all(group.text for group in groups) and not (only_labels and all(group.label for group in groups)):
        rules = context.pack.locale_rules
        texts = join_alternatives([noun_as_object(group.text, rules) for group in groups], rules)
        return context.phrases.format("audience.groups", groups=texts)
    labels = join_plainly([group.label or group.text for group in groups], context.pack.locale_rules)
    return context.phrases.format("audience.labels", groups=labels)
