"""A scorecard to take along: Markdown for people, a table for a spreadsheet, everything for a program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from statuspage.domain import RecordedNotice, asks, shown
from statuspage.serialization import to_json_value
from statuspage.usecases.drills.drill_report import Report
from statuspage.usecases.drills.scorecard import Score
from statuspage.usecases.drills.scorecard_text import (
    ScoreLine,
    Section,
    Teller,
    arrival,
    card,
    counted,
    otherwise,
    slowest,
)

SIGNS = {"ok": "○", "part": "△", "down": "×", "": "–"}
"""How a mark is written where it cannot be drawn."""


def markdown(score: Score, teller: Teller) -> str:
    """The card as a Markdown document."""
    return "\n".join(_document(score, teller)) + "\n"


def _document(score: Score, teller: Teller) -> Iterator[str]:
    yield f"# {_inline(heading(score, teller))}"
    yield ""
    yield _inline(verdict(score, teller))
    for said in slowest(score, teller):
        if said:
            yield _inline(said)
    if score.report.incidents:
        yield from ("", f"## {teller.say('desk.drills.where')}", "")
        yield from _stages(score, teller)
    for section in card(score, teller):
        yield from ("", f"## {section.title}", "")
        yield from _section_lines(section)
    for notice in _notices(score):
        words = notice.notice.words.get(teller.language) or next(iter(notice.notice.words.values()))
        yield from ("", f"## {_inline(words.label)}", "")
        yield from (f"> {_inline(sentence.text)}" for sentence in words.sentences)


def _stages(score: Score, teller: Teller) -> Iterator[str]:
    """What each stage took, beside the drill before where there is one."""
    heads = ["stage", "took", *(["before"] if score.report.before else [])]
    yield f"| {' | '.join(teller.say(f'desk.drills.{head}') for head in heads)} |"
    yield f"|---|{'---:|' * (len(heads) - 1)}"
    for stretch in score.report.incidents[0].intervals:
        was = score.report.before.get(stretch.stage)
        cells = [teller.say(f"desk.stage.{stretch.stage}"), shown(stretch.length)]
        yield f"| {' | '.join([*cells, shown(was) if was is not None else ''][: len(heads)])} |"


def _section_lines(section: Section) -> Iterator[str]:
    for line in section.lines:
        right = f" – {_inline(line.right)}" if line.right else ""
        detail = "".join(f"\n  {_inline(part)}" for part in line.detail.splitlines())
        yield f"- {sign(section, line)}{_inline(line.text)}{right}{detail}"


def sign(section: Section, line: ScoreLine) -> str:
    """How a line is marked where nothing can be drawn, with a space; "" in a section that marks none of its lines."""
    return f"{SIGNS[line.mark]} " if any(one.mark for one in section.lines) else ""


def _inline(text: str) -> str:
    """Text of people as text, never as markup."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def heading(score: Score, teller: Teller) -> str:
    """Which drill it is."""
    drill = score.drill
    return teller.say("desk.score.heading", title=drill.title, when=teller.clock.day_clock(drill.started))


def verdict(score: Score, teller: Teller) -> str:
    """The time to the first notice against the goal."""
    report, goal = score.report, shown(score.drill.goal)
    took = shown(report.took) if report.took is not None else ""
    key = "suspended" if score.drill.suspended else "took" if took else "none"
    said = [teller.say(f"desk.score.{key}", took=took, goal=goal)]
    if notes := counted(report, teller.say):
        said.append(teller.say("desk.score.counted", how=teller.listed(notes)))
    return teller.say("desk.join_sentences").join(said)


def table(score: Score, teller: Teller) -> str:
    """The card as comma-separated values, a line for each line, with the stages first; formulas are made text."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["section", "mark", "text", "value", "detail"])
    took = score.report.took
    mark = "" if took is None or score.drill.suspended else "ok" if score.report.reached else "part"
    value, notes = str(round(took.total_seconds())) if took is not None else "", otherwise(score.report, teller.say)
    write.writerow(["figure", mark, teller.say("desk.stage.total"), value, _cell(teller.listed(notes))])
    for stretch in score.report.incidents[0].intervals if score.report.incidents else ():
        seconds = str(round(stretch.length.total_seconds()))
        write.writerow(["stages", "", _cell(teller.say(f"desk.stage.{stretch.stage}")), seconds, _cell(stretch.by)])
    for section in card(score, teller):
        for line in section.lines:
            write.writerow([section.id, line.mark, _cell(line.text), _cell(line.right), _cell(line.detail)])
    return out.getvalue()


def _cell(text: str) -> str:
    """What a spreadsheet would take for a formula begins with a quotation mark."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def figure(report: Report) -> dict[str, object]:
    """The one number, and how it came about."""
    start = report.incidents[0].counted.start if report.incidents else None
    return {
        "seconds": to_json_value(report.took),
        "goal_seconds": report.drill.goal.total_seconds(),
        "reached": report.reached,
        "t0": to_json_value(start),
        "t0_source": report.source,
        "paused_seconds": report.paused.total_seconds(),
        "withdrawn_first": report.withdrawn,
        "tutorial": report.drill.alone,
        "suspended": report.drill.suspended,
    }


def score_json(score: Score) -> dict[str, object]:
    """What programs read, beside the report's own figures: lengths in seconds, times in ISO 8601."""
    return {
        "figure": figure(score.report),
        "objectives": [
            {
                "id": one.objective.id,
                "measure": one.objective.measure,
                "grade": one.grade,
                "found": one.found,
                "evidence": to_json_value(one.evidence),
                "overruled": to_json_value(one.overruled),
            }
            for one in score.graded
        ],
        "before": {stage: round(length.total_seconds()) for stage, length in score.report.before.items()},
        **_facts_json(score),
        "promises": to_json_value(score.promises),
        "findings": [
            {"sequence": s.sequence, "language": s.language, "word": s.word, "class": s.finding.kind,
             "level": s.finding.level, "instead": s.finding.instead}
            for s in score.strange
        ],
        "met": [{"sequence": n.sequence, "classes": [*n.notice.met]} for n in _notices(score) if n.notice.met],
        "injects": [
            {"number": f.number, "id": f.inject.id, "kind": f.inject.kind, "state": f.state,
             "planned": to_json_value(f.planned), "settled": to_json_value(f.settled), "by": f.by,
             "handled": to_json_value(score.handled.get(f.number))}
            for f in score.script
        ],
        "observations": to_json_value(score.observations),
        "actions": to_json_value(score.actions),
        "kept_out": [*score.drill.kept_out],
        "clean": score.drill.note.get("clean", []),
        "stuck": score.stuck.stage if score.stuck else None,
    }  # fmt: skip


def _notices(score: Score) -> tuple[RecordedNotice, ...]:
    return score.incident.notices if score.incident else ()


def _facts_json(score: Score) -> dict[str, object]:
    """The facts of the first notice, when and from whom engineers' ones came, and when they were asked."""
    came = [(fact, arrival(fact, score)) for fact in score.facts]
    return {
        "facts": [*score.facts],
        "arrived": [{"fact": fact, "at": to_json_value(one.at), "by": one.by} for fact, one in came if one],
        "asked": [
            {"at": to_json_value(one.at), "by": one.by, "to": one.to, "reminded": one.reminded,
             "answers": [{"at": to_json_value(a.at), "by": a.by, "about": [*a.said.fields]} for a in one.answers]}
            for one in (asks(score.incident) if score.incident else ())
        ],
    }  # fmt: skip
