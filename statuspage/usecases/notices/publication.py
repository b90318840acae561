"""From the input to a stored notice. What was previewed is exactly what is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain import (
    Catalog,
    DeliveryStatus,
    EventKind,
    Facts,
    Incident,
    Notice,
    NoticeInput,
    NoticeKind,
    PendingApproval,
    TimelineEvent,
    ValidationError,
    approval_requests,
    estimate_expires_at,
    has_minimum_facts,
    open_questions,
)
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import open_by_form
from statuspage.usecases.notices import proposals
from statuspage.usecases.notices.approval_token import Approval, parse_token, sign_approval
from statuspage.usecases.notices.doubts import doubts_in
from statuspage.usecases.notices.enqueue import delivery_costs, enqueue_deliveries, log_published
from statuspage.usecases.notices.notice_problems import parse_and_check
from statuspage.usecases.notices.notice_texts import compose_notice, published_texts, schedule_notices
from statuspage.usecases.notices.plain_language import (
    find_remarks,
    latest_published_texts,
    warning_classes_in,
)
from statuspage.usecases.notices.results import (
    AwaitingApproval,
    NoticeTarget,
    Preview,
    PublicationResult,
    Published,
    Refused,
    Stale,
    Superseded,
)

PREVIEW_VALIDITY = timedelta(minutes=10)
"""How long a preview stays valid."""


def new_incident_target(env: Environment, *, now: datetime) -> NoticeTarget:
    """The target of a first report without an alert; the clock starts with it."""
    return NoticeTarget(env.new_id(), 0, now)


def open_notice_form(database: Database, incident_id: str, *, actor: str, now: datetime) -> NoticeTarget | None:
    """Opens the form for an existing incident; None if the id is unknown."""
    with database.begin() as tx:
        incident = incidents.load_incident(tx, incident_id)
        if incident is None:
            return None
        if incident.latest is None and incident.first_time_of(EventKind.FORM_OPENED) is None:
            incidents.append_entry(
                tx, incident_id, TimelineEvent(EventKind.FORM_OPENED, actor=actor), happened=now, recorded=now
            )
        return NoticeTarget(incident_id, incident.latest_sequence)


def preview_notice(
    env: Environment,
    notice_input: NoticeInput,
    *,
    notice_kind: NoticeKind,
    target: NoticeTarget,
    now: datetime,
    key: str = "",
) -> Preview:
    """What would be published now. Changes nothing. ``key`` makes repeated publications count once; "" for a new
    one."""
    incident = _load_incident(env.databases.environment, target.incident_id)
    facts, problems = parse_and_check(env, notice_input, notice_kind, target, incident, now)
    may_compose = _has_enough(facts, problems, env.site.catalog)
    notice_texts = compose_notice(env, notice_input, notice_kind, facts, target, incident, now) if may_compose else {}
    plain_remarks = tuple(find_remarks(env.site.catalog, notice_input, notice_kind, incident))
    approval = Approval(
        notice_input,
        notice_kind,
        target,
        now,
        env.site.catalog.version,
        deadlines=tuple(_deadlines(facts, notice_kind)),
        warning_classes=warning_classes_in(plain_remarks),
    )
    scheduled_notices = (
        schedule_notices(env, notice_kind, facts, target, incident, notice_texts, now) if notice_texts else ()
    )
    return Preview(
        facts,
        problems,
        notice_texts,
        "" if problems else sign_approval(env, replace(approval, key=key or approval.key)),
        delivery_costs(env.senders.channels, notice_kind),
        now,
        scheduled_notices,
        plain_remarks,
        latest_published_texts(incident) if incident else {},
        doubts_in(env.databases.environment, facts, notice_kind, target, incident, now),
    )


def _has_enough(facts: Facts, problems: tuple[ValidationError, ...], catalog: Catalog) -> bool:
    """Whether a text can be composed."""
    return has_minimum_facts(facts, catalog) and not any(_prevents_preview(problem) for problem in problems)


def _prevents_preview(problem: ValidationError) -> bool:
    return problem.code.endswith(".unknown") or problem.code in ("answer.required", "ended.missing", "text.characters")


def publish_notice(
    env: Environment,
    notice_input: NoticeInput,
    token: str,
    *,
    actor: str,
    now: datetime,
    chosen_channels: tuple[str, ...] | None = None,
    account_id: str = "",
    warning_classes: tuple[str, ...] = (),
    proposal_limit: int | None = None,
) -> PublicationResult:
    """Stores the previewed notice and its deliveries in one transaction.

    ``token`` comes from the preview that the person saw; ``notice_input`` must be what it was made from.
    ``chosen_channels`` names channels besides the site; None means all that carry this kind of notice. Publishing again
    returns the same notice. If approval is required, it waits for a second person; ``account_id`` is the author's.
    ``warning_classes`` are the classes of warnings in earlier previews, if one had more than this. With a
    ``proposal_limit``, a program wrote it: it waits for a person in any case, and TooManyProposals is raised if that
    many of this actor wait already.
    """
    approval = parse_token(env, token)
    if approval is None or approval.notice_input != notice_input:
        return Stale("preview.missing")
    if (stale_code := _find_stale_code(env.site.catalog, approval, now)) is not None:
        return Stale(stale_code)
    return _record_notice(
        env,
        replace(approval, warning_classes=max(approval.warning_classes, warning_classes, key=len)),
        actor,
        now,
        chosen_channels,
        account_id,
        proposal_limit=proposal_limit,
    )


def _find_stale_code(catalog: Catalog, approval: Approval, now: datetime) -> str | None:
    if approval.content_version != catalog.version:
        return "preview.content"
    if now - approval.previewed_at > PREVIEW_VALIDITY:
        return "preview.expired"
    return "preview.promise_passed" if any(deadline <= now for deadline in approval.deadlines) else None


def _deadlines(facts: Facts, notice_kind: NoticeKind) -> Iterator[datetime]:
    """The times that must still lie ahead when this is published."""
    window = facts.maintenance_window
    times = [estimate_expires_at(facts.estimate), facts.next_update]
    if window is not None and notice_kind is NoticeKind.ANNOUNCED:
        times += [window.start, window.remind_at]
    if window is not None and notice_kind in (NoticeKind.STARTED, NoticeKind.EXTENDED):
        times.append(window.end)
    yield from (time for time in times if time is not None)


def _record_notice(
    env: Environment,
    approval: Approval,
    actor: str,
    now: datetime,
    chosen_channels: tuple[str, ...] | None,
    account_id: str,
    *,
    proposal_limit: int | None,
) -> PublicationResult:
    target = approval.target
    try:
        with env.databases.environment.begin() as tx:
            incident = incidents.load_incident(tx, target.incident_id)
            facts, problems = parse_and_check(
                env, approval.notice_input, approval.notice_kind, target, incident, approval.previewed_at
            )
            if problems:
                return Refused(problems)
            notice = _build_notice(env, approval, facts, incident, actor, chosen_channels)
            is_four_eyes = env.site.catalog.incident_types[facts.incident_type].needs_approval
            is_proposal = proposal_limit is not None
            if proposal_limit is not None:
                proposals.refuse_too_many(tx, notice, proposal_limit)
            if incident is None:
                _open_incident(tx, target, notice, now, is_proposal=is_proposal)
            if is_four_eyes or is_proposal:
                # Where one person publishes, the one for whom a program proposes may be that person.
                author = account_id if is_four_eyes else ""
                pending_approval = PendingApproval(notice, target.latest_sequence, chosen_channels, author)
                return _request_approval(tx, incident, pending_approval, target, approval.previewed_at, now)
            _record_approved(tx, incident, notice, target, approval.previewed_at, now)
            sequence = append_notice(env, tx, target.incident_id, notice, target.latest_sequence, now, chosen_channels)
    except incidents.DuplicateNotice as repeated:
        return Published(target.incident_id, repeated.sequence)
    except incidents.NoticeConflict as overtaken:
        return Superseded(overtaken.newest)
    log_published(target.incident_id, sequence, approval.notice_kind)
    return Published(target.incident_id, sequence)


def _record_approved(
    tx: Connection, incident: Incident | None, notice: Notice, target: NoticeTarget, ready_at: datetime, now: datetime
) -> None:
    """Records that the author approved the text, and which text of a program this was."""
    if incident is None or incident.first_time_of(EventKind.WORDS_READY) is None:
        _record_words_ready(tx, target, notice.actor, ready_at, now)
        event = TimelineEvent(EventKind.APPROVED, actor=notice.actor)
        incidents.append_entry(tx, target.incident_id, event, happened=now, recorded=now)
    if incident is not None:
        proposals.confirm_proposed(tx, incident, notice, actor=notice.actor, now=now)


def _build_notice(
    env: Environment,
    approval: Approval,
    facts: Facts,
    incident: Incident | None,
    actor: str,
    chosen_channels: tuple[str, ...] | None,
) -> Notice:
    notice_kind, target, previewed_at = approval.notice_kind, approval.target, approval.previewed_at
    notice_texts = published_texts(
        env.site.catalog, compose_notice(env, approval.notice_input, notice_kind, facts, target, incident, previewed_at)
    )
    follow_ups = schedule_notices(
        env, notice_kind, facts, target, incident, notice_texts, previewed_at, chosen_channels
    )
    return Notice(
        notice_kind,
        facts,
        notice_texts,
        actor=actor,
        key=approval.key,
        reason=approval.notice_input.reason,
        scheduled=follow_ups,
        warning_classes=approval.warning_classes,
    )


def append_notice(
    env: Environment,
    tx: Connection,
    incident_id: str,
    notice: Notice,
    latest_sequence: int,
    now: datetime,
    chosen_channels: tuple[str, ...] | None,
) -> int:
    """Stores a notice with its deliveries. Raises NoticeConflict, DuplicateNotice."""
    sequence = incidents.append_entry(tx, incident_id, notice, happened=now, recorded=now, after=latest_sequence)
    _keep_open_questions(tx, env.site.catalog, incident_id)
    enqueue_deliveries(
        tx,
        env,
        incident_id,
        sequence,
        now=now,
        chosen_channels=chosen_channels,
        earlier_channels=_channels_used(tx, incident_id),
    )
    return sequence


def _keep_open_questions(tx: Connection, catalog: Catalog, incident_id: str) -> None:
    incident = incidents.load_incident(tx, incident_id)
    has_any = incident is not None and bool(open_questions(incident, catalog))
    incidents.set_open_questions(tx, incident_id, has_any=has_any)


def _request_approval(
    tx: Connection,
    incident: Incident | None,
    pending_approval: PendingApproval,
    target: NoticeTarget,
    ready_at: datetime,
    now: datetime,
) -> AwaitingApproval | Superseded:
    """Submits the text for approval, only once even if the button is pressed again."""
    if incident is not None and incident.latest is not None and incident.latest_sequence != target.latest_sequence:
        return Superseded(incident.latest)
    for request in approval_requests(incident) if incident else ():
        if request.pending_approval.notice.key == pending_approval.notice.key:
            return AwaitingApproval(target.incident_id, request.sequence)
    actor = pending_approval.notice.actor
    if incident is None or incident.first_time_of(EventKind.WORDS_READY) is None:
        _record_words_ready(tx, target, actor, ready_at, now)
    event = TimelineEvent(EventKind.APPROVAL_REQUESTED, actor=actor, pending_approval=pending_approval)
    return AwaitingApproval(
        target.incident_id, incidents.append_entry(tx, target.incident_id, event, happened=now, recorded=now)
    )


def _record_words_ready(tx: Connection, target: NoticeTarget, actor: str, ready_at: datetime, now: datetime) -> None:
    """Records when the text of the first notice was final."""
    ready_at = max(ready_at, target.form_opened_at or ready_at)
    incidents.append_entry(
        tx,
        target.incident_id,
        TimelineEvent(EventKind.WORDS_READY, actor=actor),
        happened=min(ready_at, now),
        recorded=now,
    )


def _channels_used(tx: Connection, incident_id: str) -> frozenset[str]:
    """The channels that have carried this incident, or still may."""
    not_delivered = (DeliveryStatus.FAILED, DeliveryStatus.SUPERSEDED)
    return frozenset(
        delivery.channel
        for delivery in deliveries.deliveries_of_incident(tx, incident_id)
        if delivery.status not in not_delivered
    )


def _open_incident(tx: Connection, target: NoticeTarget, notice: Notice, now: datetime, *, is_proposal: bool) -> None:
    if is_proposal:
        proposals.keep_for_decision(tx, target, now)
        return
    open_by_form(tx, target.incident_id, form_opened_at=target.form_opened_at or now, actor=notice.actor, now=now)
    if notice.notice is not NoticeKind.ANNOUNCED:
        incidents.append_entry(
            tx, target.incident_id, TimelineEvent(EventKind.CONFIRMED, actor=notice.actor), happened=now, recorded=now
        )


def _load_incident(database: Database, incident_id: str) -> Incident | None:
    with database.read() as tx:
        return incidents.load_incident(tx, incident_id)
