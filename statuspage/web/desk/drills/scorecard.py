"""What a drill showed: its scorecard as a page, and as files to take along."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import TIMED, Grade
from statuspage.usecases import drills
from statuspage.usecases.drills import (
    YARDSTICKS,
    NoSuchDrill,
    NoSuchObjective,
    NoWords,
    Point,
    Score,
    Teller,
    Trend,
    scorecard,
    scorecard_export,
    scorecard_text,
    trend,
)
from statuspage.usecases.environment import Figure
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import leader_console
from statuspage.web.desk.drills.pages import row
from statuspage.web.desk.drills.trend_chart import drawn
from statuspage.web.desk.drills.waterfall_chart import Beside, bars, scale
from statuspage.web.desk.permissions import NotYours, is_allowed
from statuspage.web.desk.translations import Translator, mine, short, stopwatch

pages = Blueprint("scorecard", __name__)

FORMS = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}
"""What a card is taken along as: how the file ends, and its type."""


WHOLE = ("readable", "resolved")
"""Stages whose targets stand elsewhere: the goal of the whole, and what comes after it."""

BASIC = ("scope", "started", "estimate")
"""The three facts of a first report."""

TYPED = ("objective", "grade", "reason", "number", "text", "owner", "until")
"""Fields of the card's forms."""


@pages.get("/drills/<drill_id>")
def show_scorecard(drill_id: str) -> Response:
    """Where the minutes of this drill went, and how its objectives were met."""
    return _scorecard_page(drill_id)


@pages.get("/drills/<drill_id>.<any(md, csv, json):form>")
def download(drill_id: str, form: str) -> Response:
    """The same to take along: text, a table, or everything for a program."""
    found, teller = _score_of(drill_id), _teller(request_context.voice())
    response = make_response(_download_text(form, found, teller))
    response.headers["Content-Type"] = f"{FORMS[form]}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.drill.id}.{form}"'
    return response


def _download_text(form: str, found: Score, teller: Teller) -> str:
    if form == "json":
        return json.dumps(scorecard_export.score_json(found), ensure_ascii=False, indent=2)
    return scorecard_export.markdown(found, teller) if form == "md" else scorecard_export.table(found, teller)


@pages.get("/drills/trend")
def over_time() -> str:
    """All drills beside each other, beside what happened for real, and beside what others need."""
    picked = request.args.get("scenario", "")
    found = trend(request_context.world(), scenario=picked, now=request_context.now())
    played = sorted({d.scenario for d in drills.all_drills(request_context.world()) if d.scenario})
    scenarios = [(id, _scenario(id, request_context.voice())) for id in played]
    return render_template("drill_trend.html", here="drills", trend=_trend(found), scenarios=scenarios, picked=picked)


@pages.post("/drills/<drill_id>/grades")
def grade(drill_id: str) -> Response:
    """The leader's own judgement of an objective."""
    said = request.form.get("grade", "")
    chosen = Grade(said) if said in set(Grade) else None
    return _changed(
        drill_id,
        lambda: scorecard.overrule(
            request_context.world(), drill_id, request.form.get("objective", ""), chosen,
            reason=request.form.get("reason", ""), by=request_context.who().name,
        ),
    )  # fmt: skip


@pages.post("/drills/<drill_id>/injects")
def handled(drill_id: str) -> Response:
    """Whether an inject was dealt with."""
    number, done = request.form.get("number", ""), request.form.get("done") == "yes"
    if not number.isdecimal():
        abort(404)
    text = request.form.get("text", "")
    return _changed(
        drill_id,
        lambda: scorecard.handle(
            request_context.world(), drill_id, int(number), done, by=request_context.who().name, text=text
        ),
    )


@pages.post("/drills/<drill_id>/actions")
def act(drill_id: str) -> Response:
    """Something to mend, or one that is no longer."""
    form = request.form
    if form.get("drop", "").isdecimal():
        return _changed(drill_id, lambda: scorecard.drop(request_context.world(), drill_id, int(form["drop"])))
    return _changed(drill_id, lambda: _add_action(drill_id, form))


def _add_action(drill_id: str, form: Mapping[str, str]) -> None:
    until = _typed_day(form.get("until", ""))
    if form.get("until", "").strip() and not until:
        raise NoWords
    scorecard.add_action(
        request_context.world(), drill_id, form.get("text", ""), owner=form.get("owner", ""), until=until
    )


def _changed(drill_id: str, change: Callable[[], object]) -> Response:
    """Makes the change and shows the card; what was typed and refused stands there again. Only who leads judges."""
    if not leader_console.may_end(_score_of(drill_id).drill):
        raise NotYours
    try:
        change()
    except (NoSuchDrill, NoSuchObjective):
        abort(404)
    except NoWords:
        return _scorecard_page(drill_id, wrong=request.endpoint or "", status=422)
    flash(request_context.voice().t("score.kept"))
    return redirect(url_for("scorecard.show_scorecard", drill_id=drill_id), 303)


def _scorecard_page(drill_id: str, wrong: str = "", status: int = 200) -> Response:
    found, voice = _score_of(drill_id), request_context.voice()
    teller = _teller(voice)
    told = found.report.incidents[0] if found.report.incidents else None
    goal = found.drill.goal
    slowest, hint = scorecard_text.slowest(found, teller)
    rows = bars(told, _beside(found), voice) if told else []
    first = found.first
    page = render_template(
        "drill_report.html",
        here="drills",
        drill=row(found.report, voice),
        number=_drill_number(found.drill.id),
        headline=_score_headline(found, voice),
        verdict=_verdict(found, voice),
        took=_took(found, voice),
        goal=stopwatch(goal),
        reached=found.report.reached,
        from_form=found.report.from_form,
        after=f"drills.after_{found.report.source if found.report.source in ('form', 'announced') else 'alert'}",
        counted=voice.listed(scorecard_text.counted(found.report, voice.label)),
        bars=[bar for bar in rows if not (bar.whole and found.drill.suspended)],
        scale=scale(told, goal) if told else [],
        slowest=slowest,
        hint=hint,
        figures=_figures(found, voice),
        sections={one.id: one for one in scorecard_text.card(found, teller)},
        texts=_others(found, voice),
        words=first.notice.words.get(voice.language) if first else None,
        grades=[(one, voice.t(f"score.grade.{one}")) for one in Grade],
        trend=_trend(trend(request_context.world(), like=found.drill, now=request_context.now())),
        judges=found.drill.ended is not None
        and is_allowed(request_context.who().role, "scorecard.grade")
        and leader_console.may_end(found.drill),
        wrong=wrong,
        typed={name: request.form.get(name, "") for name in TYPED},
    )
    return make_response(page, status)


def _took(found: Score, voice: Translator) -> str:
    """The one number. A drill that was broken off has none."""
    if found.drill.suspended:
        return voice.t("score.otherwise.suspended")
    return short(found.report.took) if found.report.took is not None else voice.t("drills.not_yet")


def _others(found: Score, voice: Translator) -> list[tuple[object, object]]:
    """The notices besides the first report, with their words."""
    notices = found.incident.notices if found.incident else ()
    return [(n.notice, mine(n.notice.words, voice)) for n in notices if n != found.first]


def _beside(found: Score) -> Beside:
    """The goal, the targets of single stages, and the drill before."""
    timed = [one.objective for one in found.graded if one.objective.measure in TIMED]
    within = {one.measure: one.within for one in timed if one.within is not None and one.measure not in WHOLE}
    earlier = found.report.earlier
    return Beside(found.drill.goal, within, found.report.before, earlier[0] if earlier else None)


def _score_of(drill_id: str) -> Score:
    """The card. While a drill with a script runs, it is its leader's: it says what is still to come."""
    try:
        found = scorecard.score(request_context.world(), drill_id, now=request_context.now())
    except NoSuchDrill:
        abort(404)
    if found.drill.ended is None and not leader_console.may_end(found.drill):
        raise NotYours
    return found


def _teller(voice: Translator) -> Teller:
    """Speaks plain text: the page makes it safe once, and files take it as it is."""

    def say(key: str, **slots: object) -> str:
        return voice.book.labels.get(key, key).format(**slots)

    return Teller(say, voice.times, request_context.world().catalog, voice.language)


def _drill_number(drill_id: str) -> int:
    known = [one.id for one in reversed(drills.all_drills(request_context.world()))]
    return known.index(drill_id) + 1


def _figures(found: Score, voice: Translator) -> list[dict[str, object]]:
    """The figures beside the time: facts, plain words, injects."""
    figures: list[dict[str, object]] = []
    if found.first:
        figures.append(
            {"label": voice.t("score.facts"), "there": len({*found.facts} & {*BASIC}), "of": len(BASIC), "was": ""}
        )
        met = sum(len(n.notice.met) for n in found.incident.notices) if found.incident else 0
        was = voice.t("score.met_was", count=met) if met else ""
        figures.append({"label": voice.t("score.found"), "there": len(found.strange), "of": None, "was": was})
    if found.fired:
        done = sum(one.done for one in found.handled.values())
        figures.append({"label": voice.t("score.injects"), "there": done, "of": len(found.fired), "was": ""})
    return figures


def _score_headline(found: Score, voice: Translator) -> str:
    took = found.report.took
    if found.drill.suspended:
        return voice.t("drills.head_suspended")
    if took is None:
        return voice.t("drills.head_withdrawn" if found.report.withdrawn else "drills.head_none")
    minutes, seconds = divmod(int(took.total_seconds()), 60)
    start = found.report.source if found.report.source in ("form", "announced") else ""
    key = f"drills.head{f'_{start}' if start else ''}{'' if minutes else '_seconds'}"
    return voice.t(key, minutes=minutes, seconds=seconds)


def _verdict(found: Score, voice: Translator) -> str:
    report = found.report
    if found.drill.suspended:
        return voice.t("drills.verdict_suspended")
    if report.took is None:
        return voice.t("drills.verdict_none") if found.drill.ended is None else ""
    goal = voice.times.length(found.drill.goal)
    said = [voice.t("drills.verdict_reached" if report.reached else "drills.verdict_missed", goal=goal)]
    if report.from_form:
        said.append(voice.t("drills.verdict_form"))
    if report.earlier:
        said.append(voice.t("drills.verdict_before", before=short(report.earlier[0])))
    return voice.t("join_sentences").join(said)


def _trend(found: Trend) -> dict[str, object]:
    voice = request_context.voice()
    return {
        "drawing": drawn(found, voice),
        "rows": [_point(one, voice) for one in found.points],
        "real": [_real(one, voice) for one in found.real],
        "blind": found.blind,
        "yardsticks": YARDSTICKS,
    }


def _real(one: Figure, voice: Translator) -> tuple[str, str, str]:
    """A live incident's figure: when, how long, and what was counted otherwise."""
    how = voice.listed(voice.t(f"score.otherwise.{each}") for each in one.otherwise)
    return voice.times.day_clock(one.at), short(one.took), how


def _point(point: Point, voice: Translator) -> dict[str, object]:
    slow = point.slowest and point.length >= timedelta(seconds=1)
    return {
        "number": point.number,
        "id": point.drill.id,
        "title": point.drill.title,
        "when": voice.times.day(point.drill.started),
        "took": short(point.took) if point.took is not None else "",
        "counted": voice.listed(scorecard_text.otherwise(point.report, voice.label)),
        "reached": point.reached,
        "slowest": voice.t(f"score.slow.{point.slowest}") if slow else "",
        "length": short(point.length) if slow else "",
    }


def _scenario(id: str, voice: Translator) -> str:
    """Its title; its id where it is not in today's content."""
    known = request_context.world().catalog.scenarios.get(id)
    return known.title.get(voice.language, id) if known else id


def _typed_day(said: str) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        return ""
