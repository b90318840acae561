"""The sentences of a notice that say who is affected."""

from __future__ import annotations

from statuspage.domain import AffectedAudience, NoticeKind
from statuspage.rendering.wording import corrections, head_clause
from statuspage.rendering.wording.audience import audience_sentence
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.opening import says_it_works


def who_is_affected(context: WordingContext) -> str:
    """Who is affected, unless the first sentence has named them; if it has said that not everybody is, that we are
    finding out who."""
    is_named = len(context.named_groups) == 1 and not head_clause.is_only_for_fewer(context)
    if context.is_over or is_named:
        return ""
    has_said_some = context.affects_some and not says_it_works(context)
    if has_said_some and not corrections.is_audience_corrected(context):
        return context.phrases.format(f"audience.{AffectedAudience.CHECKING}")
    return audience_sentence(context)


def affected_groups(context: WordingContext) -> str:
    """The affected groups; "" unless they are known."""
    is_said = context.facts.audience.extent is not AffectedAudience.GROUPS or corrections.is_audience_corrected(context)
    return "" if is_said else who_is_affected(context)


def unsaid_some(context: WordingContext) -> str:
    """That not everybody is affected, where the long first sentence says only that it is better."""
    is_better = context.notice is NoticeKind.PARTLY_RESTORED and not head_clause.find_recovered(context)
    return who_is_affected(context) if is_better and context.affects_some else ""


def many_groups(context: WordingContext) -> str:
    """The affected groups where there are more than a post's first sentence names."""
    return affected_groups(context) if context.has_many_groups else ""


def corrected_audience(context: WordingContext) -> str:
    """Who is affected instead, in a correction of that."""
    return who_is_affected(context) if corrections.is_audience_corrected(context) else ""


def bare_audience(context: WordingContext) -> str:
    """Who is affected, in the fewest words: for a post that has no room for what does not work."""
    if not context.affects_some and not context.named_groups and not corrections.is_audience_corrected(context):
        return ""
    if context.facts.audience.extent is AffectedAudience.SOME:
        return context.phrases.format("audience.some_bare")
    return audience_sentence(context, only_labels=True)
