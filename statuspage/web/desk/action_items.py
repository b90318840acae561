"""Action items: one list over incidents and drills, where they are changed, done, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import ActionIssue, ActionItem, ActionPriority, ActionState, IssueState, issue_question
from statuspage.storage import accounts
from statuspage.storage.audit_log import Actor
from statuspage.usecases import action_items
from statuspage.usecases.action_items import ActionConflict, ActionInput, NoSuchActionItem, NoSuchSubject, Recurrence
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator

pages = Blueprint("action_items", __name__)

FIELDS = ("text", "owner", "priority", "due", "link", "reason")

LATE = "late"
"""A filter beside the states: open, and its day has passed."""

FILTERS = ("", LATE, ActionState.DONE.value, ActionState.DROPPED.value)
"""The filters in the address; "": open ones."""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One item. ``origin`` is the address of its incident or drill, "" if unknown; ``returned`` the newest incident
    with the same cause, "" if there is none; ``closing`` says when and by whom it was closed, and why. ``issue`` says
    what is to be known of its issue, "" if nothing; ``issue_button`` is the label of the button that asks for one or
    tries again, "" without a button."""

    item: ActionItem
    due: str
    is_late: bool
    priority: str
    state: str
    origin: str
    is_from_drill: bool
    returned: str
    returned_count: int
    closing: str
    issue: str = ""
    issue_button: str = ""


@pages.get("/actions")
def show_items() -> Response:
    """Lists the open items, those that are due first come first; or others."""
    return _page()


@pages.post("/actions")
def add() -> Response:
    """Adds an item to an incident or a drill."""
    env, subject = request_context.env(), request.form.get("subject", "")
    try:
        item = action_items.add_item(
            env, subject, typed_input(), actor=request_context.audit_actor(), now=request_context.now()
        )
    except NoSuchSubject:
        abort(404)
    except ActionRefused as error:
        return _page(problem=error.code, subject=subject)
    flash(request_context.translator().t("actions.added"))
    return redirect(f"{_return_address()}#action-{item.id}", 303)


@pages.post("/actions/<int:number>")
def change(number: int) -> Response:
    """Changes an item, or its state. What somebody else changed meanwhile is shown first."""
    version = request.form.get("version", "")
    if not version.isdecimal():
        abort(400)
    try:
        _change_of(request.form.get("do", ""))(number, int(version))
    except NoSuchActionItem:
        abort(404)
    except ActionRefused as error:
        return _page(problem=error.code, number=number)
    except ActionConflict:
        return _page(problem="action.conflict", number=number, status=409)
    flash(request_context.translator().t("actions.saved"))
    return redirect(f"{_return_address()}#action-{number}", 303)


def typed_input() -> ActionInput:
    """The item as typed into a form."""
    form = request.form
    return ActionInput(
        form.get("text", ""),
        owner=form.get("owner", ""),
        priority=form.get("priority", ActionPriority.NORMAL.value),
        due=form.get("due", ""),
        link=form.get("link", ""),
    )


def action_rows(items: Iterable[ActionItem], translator: Translator) -> list[ActionRow]:
    """Items as rows of a list."""
    listed = [*items]
    today, recurrences = today_here(translator), action_items.recurrences(request_context.env(), listed)
    issues = action_items.issues.issues_of(request_context.env(), listed)
    rows = [_row(item, today, recurrences.get(item.id), translator) for item in listed]
    return [_with_issue(row, issues.get(row.item.id), translator) for row in rows]


def late_rows(translator: Translator) -> list[ActionRow]:
    """The open items whose day has passed."""
    return action_rows(action_items.late_items(request_context.env(), today_here(translator)), translator)


def priority_choices(translator: Translator) -> list[tuple[str, str]]:
    """The priorities with their labels, the most urgent first."""
    return [(priority.value, translator.t(f"actions.priority.{priority}")) for priority in ActionPriority]


def owner_names() -> list[str]:
    """The names of everybody who may sign in, as suggestions."""
    with request_context.env().databases.accounts.read() as tx:
        return sorted({account.name for account in accounts.list_accounts(tx)})


def today_here(translator: Translator) -> date:
    """Today in the site's zone."""
    return translator.times.local_date(request_context.now())


def _page(*, problem: str = "", number: int = 0, subject: str = "", status: int = 422) -> Response:
    translator, chosen = request_context.translator(), request.args.get("state", "")
    subject = subject or request.args.get("subject", "")
    rows = action_rows(_listed(chosen, subject), translator)
    page = render_template(
        "action_items.html",
        section="incidents",
        rows=rows,
        subject=subject,
        chosen=chosen if chosen in FILTERS else "",
        filters=[(value, translator.t(f"actions.filter.{value or 'open'}")) for value in FILTERS],
        priorities=priority_choices(translator),
        owners=owner_names(),
        problem=translator.label(f"problem.{problem}") if problem else "",
        wrong_number=number,
        typed={name: request.form.get(name, "") for name in FIELDS},
    )
    return make_response(page, status if problem else 200)


def _listed(chosen: str, subject: str) -> Iterable[ActionItem]:
    env = request_context.env()
    if subject:
        return action_items.items_of(env, subject)
    if chosen == LATE:
        return action_items.late_items(env, today_here(request_context.translator()))
    state = ActionState(chosen) if chosen in set(ActionState) else ActionState.OPEN
    return action_items.all_items(env, state)


def _row(item: ActionItem, today: date, recurrence: Recurrence | None, translator: Translator) -> ActionRow:
    closed = [translator.times.format_date(item.closed_at)] if item.closed_at else []
    return ActionRow(
        item=item,
        due=translator.times.format_short_date(item.due) if item.due else "",
        is_late=item.is_late(today),
        priority=translator.t(f"actions.priority.{item.priority}"),
        state=translator.t(f"actions.state.{item.state}"),
        origin=_origin(item),
        is_from_drill=item.environment == "drill",
        returned=url_for("incidents.show_incident", incident_id=recurrence.incident_ids[0]) if recurrence else "",
        returned_count=len(recurrence.incident_ids) if recurrence else 0,
        closing=translator.t("join").join([*closed, *filter(None, (item.closed_by, item.reason))]),
    )


def _with_issue(row: ActionRow, issue: ActionIssue | None, translator: Translator) -> ActionRow:
    """The row with what is to be known of its issue, and its button."""
    if issue is None:
        can_have = action_items.issues.can_have_issue(request_context.env(), row.item)
        return replace(row, issue_button=translator.t("actions.create_issue") if can_have else "")
    why = translator.t(
        f"actions.{action_items.issues.reason_key(issue)}", repository=issue.repository, detail=issue.detail
    )
    is_wanted, key = issue.state is IssueState.WANTED, _issue_key(row.item, issue)
    text = translator.t(f"actions.issue_state.{key}", why=why, repository=issue.repository) if key else ""
    button = translator.t("actions.retry_issue") if is_wanted and issue.reason else ""
    return replace(row, issue=text, issue_button=button)


def _issue_key(item: ActionItem, issue: ActionIssue) -> str:
    """Which sentence about the issue is said; "" for none."""
    if issue.state is IssueState.MISSING:
        return "missing"
    if issue.state is IssueState.WANTED:
        return "failed" if issue.reason else "wanted"
    return issue_question(item, issue) or ("unseen" if issue.reason else "")


def _origin(item: ActionItem) -> str:
    """Where the item came from: on this desk, or on the one of the other environment."""
    path = f"/drills/{item.subject}" if item.environment == "drill" else f"/incidents/{item.subject}"
    if item.environment == request_context.env().name:
        return path
    other = request_context.siblings().get(item.environment, "")
    return f"{other}{path}" if other else ""


def _change_of(verb: str) -> Callable[[int, int], ActionItem]:
    env, actor, now = request_context.env(), request_context.audit_actor(), request_context.now()
    changes: dict[str, Callable[[int, int], ActionItem]] = {
        "save": lambda id, version: action_items.change_item(
            env, id, typed_input(), version=version, actor=actor, now=now
        ),
        "done": lambda id, version: action_items.finish_item(env, id, version=version, actor=actor, now=now),
        "drop": lambda id, version: action_items.drop_item(
            env, id, request.form.get("reason", ""), version=version, actor=actor, now=now
        ),
        "issue": lambda id, _version: _ask_for_issue(env, id, actor, now),
        "reopen": lambda id, version: action_items.reopen_item(env, id, version=version, actor=actor, now=now),
    }
    return changes.get(verb) or abort(400)


def _ask_for_issue(env: Environment, id: int, actor: Actor, now: datetime) -> ActionItem:
    """The item, whose issue the worker makes."""
    action_items.issues.request_issue(env, id, actor=actor, now=now)
    return action_items.find_item(env, id)


def _return_address() -> str:
    """The page of this desk from which the form was sent."""
    back = request.form.get("back", "")
    is_own = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return back.partition("#")[0] if is_own else url_for("action_items.show_items")
