"""Exports a scorecard as Markdown for people, CSV for spreadsheets and JSON for programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from statuspage.domain import FactRequest, RecordedNotice, asks
from statuspage.serialization import to_json_value
from statuspage.storage.drill_injects import DrillInject
from statuspage.usecases.drills.drill_report import Report
from statuspage.usecases.drills.scorecard import Score
from statuspage.usecases.drills.scorecard_formatter import ScorecardFormatter, ScoreLine, Section
from statuspage.usecases.drills.scorecard_headline import (
    caveat_labels,
    explain_slowest,
    scorecard_heading,
    scorecard_verdict,
)
from statuspage.usecases.drills.scorecard_text import first_answer_with, scorecard_sections

MARK_SIGNS = {"ok": "○", "part": "△", "down": "×", "": "–"}
"""The text for a mark where it cannot be drawn."""


def scorecard_markdown(score: Score, formatter: ScorecardFormatter) -> str:
    """The scorecard as a Markdown document."""
    return "\n".join(_markdown_lines(score, formatter)) + "\n"


def _markdown_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[str]:
    yield f"# {_escape_markdown(scorecard_heading(score, formatter))}"
    yield ""
    yield _escape_markdown(scorecard_verdict(score, formatter))
    for diagnosis in explain_slowest(score, formatter):
        if diagnosis:
            yield _escape_markdown(diagnosis)
    if score.report.incidents:
        yield from ("", f"## {formatter.label('desk.drills.where')}", "")
        yield from _stage_table(score, formatter)
    for section in scorecard_sections(score, formatter):
        yield from ("", f"## {section.title}", "")
        yield from _section_lines(section)
    for notice in _published_notices(score):
        notice_text = notice.notice.texts.get(formatter.language) or next(iter(notice.notice.texts.values()))
        yield from ("", f"## {_escape_markdown(notice_text.label)}", "")
        yield from (f"> {_escape_markdown(sentence.text)}" for sentence in notice_text.sentences)


def _stage_table(score: Score, formatter: ScorecardFormatter) -> Iterator[str]:
    """The duration of each stage, compared with the previous drill if there is one."""
    columns = ["stage", "time_taken", *(["before"] if score.report.earlier_stages else [])]
    yield f"| {' | '.join(formatter.label(f'desk.drills.{column}') for column in columns)} |"
    yield f"|---|{'---:|' * (len(columns) - 1)}"
    for interval in score.report.incidents[0].intervals:
        earlier = score.report.earlier_stages.get(interval.stage)
        cells = [formatter.label(f"desk.stage.{interval.stage}"), formatter.format_length(interval.duration)]
        before = formatter.format_length(earlier) if earlier is not None else ""
        yield f"| {' | '.join([*cells, before][: len(columns)])} |"


def _section_lines(section: Section) -> Iterator[str]:
    for line in section.lines:
        value = f" – {_escape_markdown(line.value)}" if line.value else ""
        detail = "".join(f"\n  {_escape_markdown(detail_line)}" for detail_line in line.detail.splitlines())
        yield f"- {mark_sign(section, line)}{_escape_markdown(line.text)}{value}{detail}"


def mark_sign(section: Section, line: ScoreLine) -> str:
    """A line's mark as text, followed by a space; "" in a section that marks none of its lines."""
    return f"{MARK_SIGNS[line.mark]} " if any(score_line.mark for score_line in section.lines) else ""


def _escape_markdown(text: str) -> str:
    """Escapes typed text so that none of it is interpreted as markup."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def scorecard_csv(score: Score, formatter: ScorecardFormatter) -> str:
    """The scorecard as CSV for spreadsheets, the stages first; formulas are escaped. It begins with a byte order mark,
    without which Excel takes the text for another encoding."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    write = csv.writer(buffer)
    columns = ("section", "mark", "text", "value", "detail")
    write.writerow([formatter.label(f"desk.scorecard.column.{column}") for column in columns])
    duration = score.report.duration
    mark = "" if duration is None or score.drill.is_suspended else "ok" if score.report.is_goal_met else "part"
    value = str(int(duration.total_seconds())) if duration is not None else ""
    notes = caveat_labels(score.report, formatter.label)
    write.writerow(
        ["figure", mark, formatter.label("desk.stage.total"), value, _escape_formula(formatter.format_list(notes))]
    )
    began = formatter.clock.format_day_time(score.drill.started)
    write.writerow(["drill", "", _escape_formula(score.drill.title), began, score.drill.id])
    for interval in score.report.incidents[0].intervals if score.report.incidents else ():
        seconds = str(int(interval.duration.total_seconds()))
        write.writerow(
            [
                "stages",
                "",
                _escape_formula(formatter.label(f"desk.stage.{interval.stage}")),
                seconds,
                "",
            ]
        )
    for section in scorecard_sections(score, formatter):
        for line in section.lines:
            write.writerow(
                [
                    section.id,
                    line.mark,
                    _escape_formula(line.text),
                    _escape_formula(line.value),
                    _escape_formula(line.detail),
                ]
            )
    return buffer.getvalue()


def _escape_formula(text: str) -> str:
    """Puts a quotation mark before anything that a spreadsheet would interpret as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def time_to_notice_json(report: Report) -> dict[str, object]:
    """The time to the first notice, and how it was measured."""
    start = report.incidents[0].clock.start if report.incidents else None
    return {
        "seconds": to_json_value(report.duration),
        "goal_seconds": report.drill.goal.total_seconds(),
        "goal_reached": report.is_goal_met,
        "t0": to_json_value(start),
        "t0_source": report.source,
        "paused_seconds": report.pause_time.total_seconds(),
        "first_notice_withdrawn": report.was_withdrawn,
        "tutorial": report.drill.is_solo,
        "suspended": report.drill.is_suspended,
        "tabletop": report.drill.is_tabletop,
        "secret": report.drill.is_secret,
        "clock_changed": report.is_clock_changed,
    }


def _marks_json(report: Report) -> list[dict[str, object]]:
    """The times beside the one number, in seconds."""
    marks = report.incidents[0].marks if report.incidents else ()
    return [
        {
            "name": mark.name,
            "start": to_json_value(mark.start),
            "end": to_json_value(mark.end),
            "seconds": mark.took.total_seconds(),
        }
        for mark in marks
    ]


def scorecard_json(score: Score) -> dict[str, object]:
    """The data for programs, in addition to the report's figures: durations in seconds, times in ISO 8601."""
    return {
        "time_to_notice": time_to_notice_json(score.report),
        "marks": _marks_json(score.report),
        "objectives": [
            {
                "id": result.objective.id,
                "measure": result.objective.measure,
                "grade": result.grade,
                "computed_grade": result.computed_grade,
                "evidence": to_json_value(result.evidence),
                "override": to_json_value(result.override),
                "evaluations": to_json_value(result.evaluations),
            }
            for result in score.graded_objectives
        ],
        "earlier_stage_seconds": {
            stage: round(length.total_seconds()) for stage, length in score.report.earlier_stages.items()
        },
        **_facts_json(score),
        "promises": to_json_value(score.promises),
        **_findings_json(score),
        "injects": [_inject_json(record, score) for record in score.script],
        "observations": to_json_value(score.observations),
        "actions": to_json_value(score.actions),
        "excluded": [*score.drill.excluded_people],
        "calls": {
            "attempted": len(score.calls),
            "reached": sum(attempt.was_reached for attempt in score.calls),
            "attempts": to_json_value(score.calls),
        },
        "cleanup": score.drill.note.get("cleanup", []),
        "last_stage": score.last_stage.stage if score.last_stage else None,
    }


def _findings_json(score: Score) -> dict[str, object]:
    """What the plain-language check found in the notices, and its warnings before they were published."""
    return {
        "findings": [
            {
                "sequence": item.sequence,
                "language": item.language,
                "word": item.word,
                "class": item.finding.category,
                "level": item.finding.level,
                "replacement": item.finding.better_wording,
            }
            for item in score.language_findings
        ],
        "warning_classes": [
            {"sequence": recorded.sequence, "classes": [*recorded.notice.warning_classes]}
            for recorded in _published_notices(score)
            if recorded.notice.warning_classes
        ],
    }


def _inject_json(record: DrillInject, score: Score) -> dict[str, object]:
    return {
        "number": record.number,
        "id": record.inject.id,
        "kind": record.inject.kind,
        "state": record.state,
        "planned_at": to_json_value(record.planned_at),
        "settled_at": to_json_value(record.settled_at),
        "actor": record.actor,
        "handled": to_json_value(score.handled_injects.get(record.number)),
    }


def _published_notices(score: Score) -> tuple[RecordedNotice, ...]:
    return score.incident.notices if score.incident else ()


def _facts_json(score: Score) -> dict[str, object]:
    """The facts of the first notice, when and from whom those of engineers came, and when they were requested."""
    arrivals = [(fact, first_answer_with(fact, score)) for fact in score.facts]
    return {
        "facts": [*score.facts],
        "arrived": [
            {"fact": fact, "at": to_json_value(answer.at), "actor": answer.actor} for fact, answer in arrivals if answer
        ],
        "requests": [_fact_request_json(request) for request in (asks(score.incident) if score.incident else ())],
    }


def _fact_request_json(request: FactRequest) -> dict[str, object]:
    return {
        "at": to_json_value(request.at),
        "actor": request.actor,
        "recipient": request.recipient,
        "reminder_count": request.reminder_count,
        "answers": [
            {"at": to_json_value(answer.at), "actor": answer.actor, "fields": [*answer.engineer_answer.fields]}
            for answer in request.answers
        ],
    }
