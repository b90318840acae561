"""Issues of action items: asked for once, made once even if the program is killed meanwhile, and followed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from statuspage.domain import ActionIssue, ActionItem, ActionState, IssueState, next_look, retry, seen_state
from statuspage.integrations.channels import CredentialsInvalid, DeliveryUnknown, Refused, Unreachable, Unsent, Wait
from statuspage.storage import audit_log, send_hold
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection
from statuspage.storage.post_incident import action_issues, action_items
from statuspage.usecases.action_items.items import NoSuchActionItem, find_item
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import notify

if TYPE_CHECKING:
    from statuspage.integrations.issues import GitHubIssues, TrackerIssue

LEASE = timedelta(minutes=5)
"""How long one attempt may take. After that another worker looks whether the issue is there."""

AFTER_UNKNOWN = timedelta(minutes=1)
"""How long after an attempt of unknown result the issue is looked for: it may appear a moment later."""

REASONS = (
    "credentials", "rate_limited", "channel_down", "no_connection", "no_response", "unexpected_response",
    "no_destination", "refused",
)  # fmt: skip
"""The reasons of failed attempts that have words of their own."""

AT_ONCE = 20
"""How many issues are worked on in one turn."""

MAX_TITLE = 250
"""Maximum characters of a title; the whole text is in the issue."""


def can_have_issue(env: Environment, item: ActionItem) -> bool:
    """Whether an issue can be asked for: there is a tracker, and the item is open, this environment's own and without
    a link. What a drill decided stays in the drill."""
    is_open = item.state is ActionState.OPEN and not item.link
    return (
        env.senders.issues is not None
        and env.site.catalog.site.issues is not None
        and is_open
        and (item.environment == env.name)
    )


def request_issue(env: Environment, id: int, *, actor: Actor, now: datetime) -> ActionIssue:
    """Asks for an issue, or for another attempt if the last one failed. Raises NoSuchActionItem, ActionRefused."""
    item, repository = find_item(env, id), env.site.catalog.site.issues
    if env.senders.issues is None or repository is None:
        raise ActionRefused("action.no_tracker")
    if item.environment != env.name:
        raise ActionRefused("action.issue_of_drill")
    with env.databases.accounts.begin() as tx:
        known = action_issues.find_issue(tx, id)
        if known is not None:
            action_issues.retry_issue(tx, id, now)
            return action_issues.find_issue(tx, id) or known
        if not can_have_issue(env, item):
            raise ActionRefused("action.has_issue")
        wanted = ActionIssue(id, repository.name, _marker(env, item), now, actor.name, next_at=now)
        action_issues.insert_issue(tx, wanted)
        _record_issue(tx, "issue_requested", item, actor, now)
    return wanted


def issue_of(env: Environment, id: int) -> ActionIssue | None:
    """The issue of an item; None if none was asked for."""
    with env.databases.accounts.read() as tx:
        return action_issues.find_issue(tx, id)


def issues_of(env: Environment, items: Iterable[ActionItem]) -> Mapping[int, ActionIssue]:
    """The issues of these items, by item."""
    with env.databases.accounts.read() as tx:
        return action_issues.issues_of(tx, [item.id for item in items])


def advance_issues(env: Environment, *, now: datetime) -> int:
    """Makes the issues that are wanted and looks at those that are due. Returns how many attempts were made.

    Does nothing without a tracker and during a send hold.
    """
    tracker = env.senders.issues
    if tracker is None:
        return 0
    with env.databases.environment.read() as tx:
        if send_hold.find_hold_start(tx) is not None:
            return 0
    with env.databases.accounts.read() as tx:
        due = action_issues.due_issues(tx, env.name, now, AT_ONCE)
    return sum(_advance(env, tracker, issue, now) for issue in due)


def reason_key(issue: ActionIssue) -> str:
    """Why the last attempt failed, as the end of a label's key; that it is being made if it did not."""
    if not issue.reason:
        return "issue_state.wanted"
    return f"issue_reason.{issue.reason if issue.reason in REASONS else 'other'}"


def _advance(env: Environment, tracker: GitHubIssues, issue: ActionIssue, now: datetime) -> bool:
    """One attempt. False if another worker makes it."""
    with env.databases.accounts.begin() as tx:
        if not action_issues.claim_issue(tx, issue, now + LEASE):
            return False
        item = action_items.find_item(tx, issue.item)
    if item is None:
        raise NoSuchActionItem
    try:
        if issue.state is IssueState.WANTED:
            _settle_made(env, item, _make_once(env, tracker, item, issue), now)
        else:
            _settle_seen(env, item, issue, tracker.look_up(issue.repository, issue.number), now)
    except Unsent as error:
        _settle_failed(env, issue, error, now)
    return True


def _make_once(env: Environment, tracker: GitHubIssues, item: ActionItem, issue: ActionIssue) -> TrackerIssue:
    """Looks for the issue that an earlier attempt may have made before it makes one."""
    existing = tracker.find(issue.repository, issue.marker, since=issue.requested_at)
    if existing is not None:
        return existing
    labels = env.site.catalog.site.issues.labels if env.site.catalog.site.issues else ()
    return tracker.create(issue.repository, _title(item), _body(env, item, issue), labels)


def _settle_made(env: Environment, item: ActionItem, tracker_issue: TrackerIssue, now: datetime) -> None:
    """Records the issue and its link in one transaction."""
    with env.databases.accounts.begin() as tx:
        state = seen_state(IssueState.OPEN, is_open=tracker_issue.is_open)
        action_issues.update_issue(
            tx,
            item.id,
            state=state,
            number=tracker_issue.number,
            url=tracker_issue.url,
            attempts=0,
            next_at=next_look(item, now),
        )
        current = action_items.find_item(tx, item.id)
        if current is not None and not current.link:
            action_items.update_item(tx, item.id, current.version, link=tracker_issue.url)
        _record_issue(tx, "issue_created", item, Actor(), now, link=tracker_issue.url)


def _settle_seen(
    env: Environment, item: ActionItem, issue: ActionIssue, seen: TrackerIssue | None, now: datetime
) -> None:
    state = seen_state(issue.state, is_open=seen.is_open) if seen else IssueState.MISSING
    with env.databases.accounts.begin() as tx:
        action_issues.update_issue(tx, item.id, state=state, attempts=0, next_at=next_look(item, now))


def _settle_failed(env: Environment, issue: ActionIssue, error: Unsent, now: datetime) -> None:
    with env.databases.accounts.begin() as tx:
        next_at = _retry_at(issue, error, now)
        action_issues.update_issue(tx, issue.item, reason=error.reason, detail=error.detail, next_at=next_at)


def _retry_at(issue: ActionIssue, error: Unsent, now: datetime) -> datetime | None:
    """When it is tried again; None if only a person can help."""
    match error:
        case CredentialsInvalid():
            return now + retry.LONGEST_PAUSE
        case Refused():
            return None if issue.state is IssueState.WANTED else now + retry.LONGEST_PAUSE
        case DeliveryUnknown():
            return now + max(AFTER_UNKNOWN, retry.pause_before(issue.attempts + 1, 1.0))
        case Unreachable(wait=wait):
            pause = retry.clamp_retry_after(_length(wait, now)) or retry.pause_before(issue.attempts + 1, 1.0)
            return now + pause
    return now + retry.LONGEST_PAUSE


def _length(wait: Wait, now: datetime) -> timedelta | None:
    if wait.seconds is not None:
        return timedelta(seconds=min(wait.seconds, retry.LATEST.total_seconds()))
    return wait.until - now if wait.until else None


def _marker(env: Environment, item: ActionItem) -> str:
    """Identifies this item of this instance: numbers are given again after a backup is restored."""
    key = f"action issue {item.id} {item.created_at.isoformat()}".encode()
    return f"statuspage-action-{hmac.digest(env.secret, key, 'sha256').hex()[:32]}"


def _title(item: ActionItem) -> str:
    line = " ".join(item.text.split())
    return line if len(line) <= MAX_TITLE else f"{line[:MAX_TITLE]}…"


def _body(env: Environment, item: ActionItem, issue: ActionIssue) -> str:
    """What is to be done, by whom and until when, where it came from, and the marker, which GitHub does not show."""
    catalog, link = env.site.catalog, notify.desk_link(env).rstrip("/")
    day = notify.staff_clock(catalog).format_short_date(item.due) if item.due else ""
    lines = [
        notify.staff_label(catalog, "action_due.owner", owner=item.owner) if item.owner else "",
        notify.staff_label(catalog, "action_due.day", day=day) if day else "",
        notify.staff_label(catalog, "action_issue.origin", incident=item.subject),
        f"{link}/actions#action-{item.id}" if link else "",
    ]
    listed = "\n".join(f"- {line}" for line in lines if line)
    return f"{item.text}\n\n{listed}\n\n<!-- {issue.marker} -->\n"


def _record_issue(tx: Connection, action: str, item: ActionItem, actor: Actor, now: datetime, **detail: str) -> None:
    audit_log.record_action(
        tx, f"action_item.{action}", at=now, by=actor, item=str(item.id), subject=item.subject, **detail
    )
