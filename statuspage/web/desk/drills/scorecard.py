"""A drill's scorecard, as a page and as downloads."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import TIMED, Evaluation, Grade
from statuspage.storage.drills import Drill
from statuspage.usecases import action_items, drills
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.drills import (
    InvalidText,
    Score,
    ScorecardFormatter,
    build_trend,
    explain_slowest,
    headline_caveats,
    scorecard,
    scorecard_export,
    scorecard_sections,
)
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.drills import leader_console, notes
from statuspage.web.desk.drills.pages import drill_row
from statuspage.web.desk.drills.trend_view import trend_view
from statuspage.web.desk.drills.waterfall_chart import Comparison, bars, scale
from statuspage.web.desk.permissions import RoleRequired, is_allowed
from statuspage.web.desk.translations import Translator, text_for_reader, unbroken

pages = Blueprint("scorecard", __name__)

DOWNLOAD_TYPES = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}
"""The download formats: suffix and content type."""


UNTARGETED_STAGES = ("readable", "resolved")
"""Stages without their own target: the goal itself, and what comes after it."""

WRONG_FORMS = {
    "objectives": ("scorecard.grade_objective", "scorecard.evaluate_objective"),
    "injects": ("scorecard.mark_inject",),
}
"""The forms in a folded section, which is open while one of them has a problem."""

FORM_FIELDS = ("objective", "grade", "reason", "evidence", "number", "text", "owner", "due")
"""Fields of the scorecard's forms."""


@pages.get("/drills/<drill_id>")
def show_scorecard(drill_id: str) -> Response:
    """Shows where the time of this drill went, and which objectives were met."""
    return _scorecard_page(drill_id)


@pages.get("/drills/<drill_id>.<any(md, csv, json):form>")
def download(drill_id: str, form: str) -> Response:
    """Downloads the scorecard as Markdown, CSV or JSON."""
    score, formatter = _visible_score(drill_id), _formatter(request_context.translator())
    response = make_response(_download_text(form, score, formatter))
    response.headers["Content-Type"] = f"{DOWNLOAD_TYPES[form]}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{score.drill.id}.{form}"'
    return response


def _download_text(form: str, score: Score, formatter: ScorecardFormatter) -> str:
    if form == "json":
        return json.dumps(scorecard_export.scorecard_json(score), ensure_ascii=False, indent=2)
    return (
        scorecard_export.scorecard_markdown(score, formatter)
        if form == "md"
        else scorecard_export.scorecard_csv(score, formatter)
    )


EVERY_SCENARIO = "all"
"""In the address of the trend: drills of all scenarios, side by side."""


@pages.get("/drills/trend")
def show_trend() -> str:
    """Shows the drills of one scenario side by side, by default of the one played last, with live incidents and
    published figures of others."""
    env, translator, now = request_context.env(), request_context.translator(), request_context.now()
    ended = [drill for drill in drills.all_drills(env.databases.environment) if drill.ended is not None]
    by_key = {drill.scenario or drill.title: drill for drill in ended}
    latest = drills.latest_compared(env)
    default = latest.scenario or latest.title if latest else EVERY_SCENARIO
    picked = request.args.get("scenario", default)
    similar_to = by_key.get(picked)
    unknown = "" if similar_to or picked == EVERY_SCENARIO else picked
    result = build_trend(env, scenario=unknown, similar_to=similar_to, now=now)
    scenarios = [(key, _scenario_title(drill, translator)) for key, drill in sorted(by_key.items())]
    return render_template(
        "scorecard_trend.html",
        section="drills",
        trend=trend_view(result),
        scenarios=scenarios,
        picked=picked,
        every=EVERY_SCENARIO,
    )


@pages.post("/drills/<drill_id>/grades")
def grade_objective(drill_id: str) -> Response:
    """Sets the leader's own grade of an objective."""
    typed_grade = request.form.get("grade", "")
    chosen = Grade(typed_grade) if typed_grade in set(Grade) else None
    return _apply_change(
        drill_id,
        lambda: scorecard.overrule_grade(
            request_context.env().databases.environment,
            drill_id,
            request.form.get("objective", ""),
            chosen,
            reason=request.form.get("reason", ""),
            actor=request_context.actor(),
        ),
    )


@pages.post("/drills/<drill_id>/evaluations")
def evaluate_objective(drill_id: str) -> Response:
    """Records an observer's grade of an objective, with its evidence."""
    drill, form = _visible_score(drill_id).drill, request.form
    if not _may_evaluate(drill):
        raise RoleRequired
    chosen = Grade(form["grade"]) if form.get("grade") in set(Grade) else None
    return _save_change(
        drill_id,
        lambda: scorecard.evaluate_objective(
            request_context.env().databases.environment,
            drill_id,
            form.get("objective", ""),
            chosen,
            evidence=form.get("evidence", ""),
            actor=request_context.actor(),
        ),
    )


def _may_evaluate(drill: Drill) -> bool:
    """Whether the account is an observer of a drill that is over."""
    return drill.ended is not None and notes.observes(drill)


@pages.post("/drills/<drill_id>/injects")
def mark_inject(drill_id: str) -> Response:
    """Records whether an inject was handled."""
    number, was_handled = request.form.get("number", ""), request.form.get("done") == "yes"
    if not number.isdecimal():
        abort(404)
    text = request.form.get("text", "")
    return _apply_change(
        drill_id,
        lambda: scorecard.mark_handled(
            request_context.env().databases.environment,
            drill_id,
            int(number),
            was_handled,
            actor=request_context.actor(),
            text=text,
        ),
    )


@pages.post("/drills/<drill_id>/actions")
def add_action(drill_id: str) -> Response:
    """Adds an action item."""
    form, env = request.form, request_context.env()
    typed = ActionInput(form.get("text", ""), owner=form.get("owner", ""), due=form.get("due", ""))
    actor, now = request_context.audit_actor(), request_context.now()
    return _apply_change(drill_id, lambda: action_items.add_item(env, drill_id, typed, actor=actor, now=now))


def _apply_change(drill_id: str, change: Callable[[], object]) -> Response:
    """Applies the change and shows the scorecard; invalid input is shown again. Only the leader may do this."""
    if not leader_console.may_judge(_visible_score(drill_id).drill):
        raise RoleRequired
    return _save_change(drill_id, change)


def _save_change(drill_id: str, change: Callable[[], object]) -> Response:
    try:
        change()
    except (InvalidText, ActionRefused):
        return _scorecard_page(drill_id, wrong_form=request.endpoint or "", status=422)
    flash(request_context.translator().t("scorecard.saved"))
    return redirect(url_for("scorecard.show_scorecard", drill_id=drill_id), 303)


def _scorecard_page(drill_id: str, wrong_form: str = "", status: int = 200) -> Response:
    score, translator = _visible_score(drill_id), request_context.translator()
    formatter = _formatter(translator)
    incident_report = score.report.incidents[0] if score.report.incidents else None
    goal = score.drill.goal
    slowest, hint = explain_slowest(score, formatter)
    rows = bars(incident_report, _comparison(score), translator) if incident_report else []
    first_report = score.first_notice
    page = render_template(
        "scorecard.html",
        section="drills",
        drill=drill_row(score.report, translator),
        number=_drill_number(score.drill.id),
        headline=_score_headline(score, translator),
        verdict=_verdict(score, translator),
        reached=score.report.is_goal_met,
        from_form=score.report.started_from_form,
        after=f"drills.after_{score.report.source if score.report.source in ('form', 'announced') else 'alert'}",
        counted=translator.format_list(headline_caveats(score.report, translator.label)),
        is_tabletop=score.drill.is_tabletop,
        is_secret=score.drill.is_secret,
        bars=[bar for bar in rows if not (bar.is_total and score.drill.is_suspended)],
        scale=scale(incident_report, goal) if incident_report else [],
        slowest=slowest,
        hint=hint,
        wrong_forms_of=WRONG_FORMS,
        sections={section.id: section for section in scorecard_sections(score, formatter)},
        texts=_other_notices(score, translator),
        words=first_report.notice.texts.get(translator.language) if first_report else None,
        evaluation_of=_own_evaluations(score),
        may_evaluate=_may_evaluate(score.drill),
        may_note=score.drill.ended is not None and notes.may_note(score.drill),
        grades=[(choice, translator.t(f"scorecard.grade.{choice}")) for choice in Grade],
        trend=trend_view(build_trend(request_context.env(), similar_to=score.drill, now=request_context.now())),
        may_grade=_may_grade(score.drill),
        wrong_form=wrong_form,
        typed={name: request.form.get(name, "") for name in FORM_FIELDS},
    )
    return make_response(page, status)


def _may_grade(drill: Drill) -> bool:
    """Whether the account judges a drill that is over."""
    role = request_context.signed_in_account().role
    return drill.ended is not None and is_allowed(role, "scorecard.grade_objective") and leader_console.may_judge(drill)


def _own_evaluations(score: Score) -> dict[str, Evaluation]:
    """What the account itself gave as an evaluator, by objective."""
    actor = request_context.actor()
    return {
        graded.objective.id: evaluation
        for graded in score.graded_objectives
        for evaluation in graded.evaluations
        if evaluation.actor == actor
    }


def _other_notices(score: Score, translator: Translator) -> list[tuple[object, object]]:
    """The notices after the first report, with their texts."""
    notices = score.incident.notices if score.incident else ()
    return [
        (notice.notice, text_for_reader(notice.notice.texts, translator))
        for notice in notices
        if notice != score.first_notice
    ]


def _comparison(score: Score) -> Comparison:
    """The goal, the targets of single stages, and the previous drill."""
    timed = [graded.objective for graded in score.graded_objectives if graded.objective.measure in TIMED]
    stage_goals = {
        objective.measure: objective.within
        for objective in timed
        if objective.within is not None and objective.measure not in UNTARGETED_STAGES
    }
    earlier = score.report.earlier_durations
    return Comparison(score.drill.goal, stage_goals, score.report.earlier_stages, earlier[0] if earlier else None)


def _visible_score(drill_id: str) -> Score:
    """The scorecard. While a scripted drill is running, only its leader sees it, because it reveals what is still to
    come."""
    score = scorecard.build_scorecard(request_context.env(), drill_id, now=request_context.now())
    if not leader_console.sees_report(score.drill):
        raise RoleRequired
    return score


def _formatter(translator: Translator) -> ScorecardFormatter:
    """Formats plain text: the page escapes it, and files take it unchanged."""

    def say(key: str, **slots: object) -> str:
        return translator.pack.labels.get(key, key).format(**slots)

    return ScorecardFormatter(say, translator.times, request_context.env().site.catalog, translator.language)


def _drill_number(drill_id: str) -> int:
    drill_ids = [drill.id for drill in reversed(drills.all_drills(request_context.env().databases.environment))]
    return drill_ids.index(drill_id) + 1


def _score_headline(score: Score, translator: Translator) -> str:
    took = score.report.duration
    if score.drill.is_suspended:
        return translator.t("drills.head_suspended")
    if score.drill.is_tabletop:
        return translator.t("drills.head_tabletop")
    if took is None:
        return translator.t("drills.head_withdrawn" if score.report.was_withdrawn else "drills.head_none")
    source = score.report.source if score.report.source in ("form", "announced") else ""
    return translator.t(f"drills.head{f'_{source}' if source else ''}", took=unbroken(translator.stopwatch(took)))


def _verdict(score: Score, translator: Translator) -> str:
    report = score.report
    if score.drill.is_suspended:
        return translator.t("drills.verdict_suspended")
    if score.drill.is_tabletop:
        return translator.t("drills.verdict_tabletop")
    if report.duration is None:
        return translator.t("drills.verdict_none") if score.drill.ended is None else ""
    goal = translator.times.format_duration(score.drill.goal)
    sentences = [translator.t("drills.verdict_reached" if report.is_goal_met else "drills.verdict_missed", goal=goal)]
    if report.started_from_form:
        sentences.append(translator.t("drills.verdict_form"))
    if report.earlier_durations:
        before = unbroken(translator.stopwatch(report.earlier_durations[0]))
        sentences.append(translator.t("drills.verdict_before", before=before))
    return translator.t("join_sentences").join(sentences)


def _scenario_title(drill: Drill, translator: Translator) -> str:
    """The scenario's title, as the content has it now or as the drill had it."""
    scenario = request_context.env().site.catalog.scenarios.get(drill.scenario)
    return drills.script_text(scenario.title, translator.language) if scenario else drill.title
