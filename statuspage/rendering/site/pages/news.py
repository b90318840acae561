"""What a notice told that customers did not have yet: its news first, the whole notice beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from statuspage.domain import (
    WORST_FIRST,
    FactRow,
    Facts,
    LanguagePack,
    Notice,
    NoticeKind,
    NoticeText,
    TimeText,
)
from statuspage.rendering.site.displayed_words import (
    joined_text,
    paragraphs,
    split_sentences,
    strip_marks,
    typed_lines,
)
from statuspage.rendering.wording import changed_facts, fill_text, format_inline, lay_out_time

MOST = 3
"""How many changes a notice shows before its whole text."""

_LEADING: Mapping[NoticeKind, tuple[str, ...]] = MappingProxyType(
    {
        NoticeKind.PARTLY_RESTORED: ("opening", "also_again", "remaining"),
        NoticeKind.MONITORING: ("opening", "also_again", "monitoring"),
        NoticeKind.RESOLVED: ("opening", "also_again", "apology"),
        NoticeKind.WITHDRAWAL: ("withdrawal", "withdrawn", "withdrawal_working"),
        NoticeKind.POSTMORTEM: ("postmortem",),
        NoticeKind.FOLLOW_UP: ("new_answers", "new_after"),
        NoticeKind.ANNOUNCED: ("opening", "old_plan", "maintenance_impact"),
        NoticeKind.REMINDER: ("opening", "maintenance_impact"),
        NoticeKind.STARTED: ("opening", "planned_end"),
        NoticeKind.EXTENDED: ("opening", "old_plan", "planned_end"),
        NoticeKind.FINISHED: ("opening", "as_usual"),
        NoticeKind.CANCELLED: ("opening", "as_usual"),
    }
)
"""The sentences that lead a notice, whatever it changes."""

_SENTENCES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "incident_type": ("opening",),
        "start": ("start_new",),
        "estimate": ("old_estimate", "estimate_new", "estimate"),
        "cause": ("cause",),
        "current_action": ("current_action",),
        "audience": ("audience",),
        "answers": ("answers",),
        "workaround": ("workaround",),
    }
)
"""The sentences that say a changed fact, the change that matters most first; those of the services depend on what has
changed."""

_LISTED = ("answers", "workaround")
"""The facts that are lists; only what is new in them is news. An answer that advises stands among the workarounds."""

_TIMES = ("start", "estimate")
"""The facts whose change is shown as an old and a new time."""


@dataclass(frozen=True, slots=True)
class News:
    """One change: a sentence, or the label of a time with the old and the new one."""

    text: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class NoticeNews:
    """What a notice changed, the most important change first and never empty; then further paragraphs.

    ``whole`` is the complete notice in paragraphs, empty if the changes say all of it. ``end`` is the drill's closing
    mark, "" outside a drill.
    """

    changes: tuple[News, ...]
    rest: tuple[str, ...]
    whole: tuple[str, ...]
    end: str


def notice_news(pack: LanguagePack, notice: Notice, text: NoticeText, previous: Notice | None) -> NoticeNews:
    """The news of one notice in one language. ``text`` is what it says now, ``previous`` the notice before it."""
    end, whole = pack.marks.end.strip(), paragraphs(pack, text)
    found = list(_news(pack, notice, text, previous))[:MOST]
    if not found:  # typed by hand, imported, or in another language: nothing is left out
        leading, *sentences = split_sentences(whole[0])
        return NoticeNews((News(leading),), (*_joined(pack, sentences), *whole[1:]), (), end)
    first, *others = found
    leading, *sentences = [first.text] if first.new else split_sentences(first.text)
    changes = (replace(first, text=f"{pack.marks.start}{leading}"), *(item for item in others if item.new))
    sentences += [item.text for item in others if not item.new]
    rest = (*_joined(pack, sentences), *typed_lines(pack, _named(text, "extra")))
    says_all = not any(item.new for item in found) and _letters(leading, *rest) == _letters(
        whole[0].removeprefix(pack.marks.start), *whole[1:]
    )
    return NoticeNews(changes, rest, () if says_all else whole, end)


def _news(pack: LanguagePack, notice: Notice, text: NoticeText, previous: Notice | None) -> Iterator[News]:
    """Every change, the most important one first."""
    old_text = previous.texts.get(pack.language) if previous else None
    names = dict.fromkeys(_names(notice.notice, previous, notice.facts))
    if "answers" in names and old_text and old_text.headline != text.headline:
        names = {"opening": None} | names  # an answer that the first sentence gives
    for name in names:
        if name in _LISTED and old_text:
            added = _added_lines(pack, name, old_text, text)
            yield from (News(item) for item in _joined(pack, added))
            continue
        change = _row_change(pack, name, old_text, text) if old_text and name in _TIMES else None
        if change:
            yield change
            continue
        for sentence in _SENTENCES_OF.get(name, (name,)):
            if _named(text, sentence):
                yield News(strip_marks(pack, _named(text, sentence)))


def _names(kind: NoticeKind, previous: Notice | None, facts: Facts) -> Iterator[str]:
    """The changed facts and the sentences to say, in order."""
    yield from _LEADING.get(kind, ())
    before = previous.facts if previous else None
    if before is None or (kind is NoticeKind.UPDATE and before.ended_at):
        yield from ("opening", "estimate")
    elif kind is NoticeKind.CORRECTION:
        yield from _corrected(before, facts)
    elif kind is NoticeKind.RESOLVED and before.cause != facts.cause:
        yield "cause"
    elif kind in (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED):
        changed = changed_facts(before, facts, with_next_update=False)
        if kind is NoticeKind.UPDATE and "scope" in changed:
            yield from _scope(before, facts)
        yield from (fact for fact in _SENTENCES_OF if fact in changed)
        yield from ("missed", "no_change")


def _corrected(before: Facts, facts: Facts) -> Iterator[str]:
    """Times as old and new; where more is corrected, the sentence that names all of it."""
    changed = changed_facts(before, facts, with_next_update=False)
    yield from (changed if set(changed) <= {*_TIMES} else ("changed",))
    if "scope" in changed or "incident_type" in changed:
        yield from ("opening", "also", "also_again")


def _scope(before: Facts, facts: Facts) -> Iterator[str]:
    """What is wider or worse is said by the opening if it is the worst service, else by the sentence about the
    others."""
    old, new = ({item.service: item.state for item in each.affected} for each in (before, facts))
    worst = min(new, key=lambda service: WORST_FIRST.index(new[service]), default="")
    if old.get(worst) != new.get(worst) or not new:
        yield "opening"
    if any(old.get(service) != state for service, state in new.items() if service != worst):
        yield "also"
    yield "working"


def _added_lines(pack: LanguagePack, name: str, old_text: NoticeText, text: NoticeText) -> tuple[str, ...]:
    """What the answers or the workarounds say that no row said before."""
    said = strip_marks(pack, _named(text, name))
    before = {line for row in old_text.rows for line in row.lines}
    lines = (line for row in text.rows if row.key in _LISTED for line in row.lines)
    return tuple(line for line in lines if line in said and line not in before)


def _row_change(pack: LanguagePack, key: str, old_text: NoticeText, text: NoticeText) -> News | None:
    """The old time beside the new one; None if either is missing or both are the same."""
    old, new = (next((row for row in each.rows if row.key == key), None) for each in (old_text, text))
    return time_change(pack, old, new) if old and new else None


def time_change(pack: LanguagePack, old: FactRow, new: FactRow) -> News | None:
    """Two rows of the same fact as an old and a new time; None without a new time, or if they read the same. The old
    one may be the word that stands for a time that was not known."""
    if new.time is None or not (old.time or old.placeholder):
        return None
    before, after = old.placeholder, format_inline(new.time, pack.locale_rules)
    if old.time:
        before, after = (format_inline(time, pack.locale_rules) for time in _without_shared_day(old.time, new.time))
    label = fill_text(pack.labels["row.service"], pack.locale_rules, name=new.label, state="").rstrip()
    return News(label, before, after) if before != after else None


def _without_shared_day(old: TimeText, new: TimeText) -> tuple[TimeText, TimeText]:
    layouts = lay_out_time(old), lay_out_time(new)
    if (layouts[0].above, layouts[0].below) != (layouts[1].above, layouts[1].below):
        return old, new
    first, second = (TimeText(layout.value, layout.before, layout.after) for layout in layouts)
    return first, second


def _named(text: NoticeText, name: str) -> str:
    """The sentence of this name; "" if there is none."""
    return next((sentence.text for sentence in text.sentences if sentence.name == name), "")


def _joined(pack: LanguagePack, sentences: Sequence[str]) -> tuple[str, ...]:
    """Sentences as one paragraph, if there are any."""
    return (joined_text(pack, sentences),) if sentences else ()


def _letters(*lines: str) -> str:
    return "".join("".join(lines).split())
