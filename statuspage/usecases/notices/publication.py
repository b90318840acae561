"""From the typed input to a stored notice: the preview is the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain import (
    DeliveryStatus,
    EventKind,
    Facts,
    Incident,
    Notice,
    NoticeInput,
    NoticeKind,
    NoticeText,
    PendingApproval,
    ScheduledNotice,
    TimelineEvent,
    ValidationError,
    approval_requests,
    estimate_expires_at,
    find_forbidden_phrase,
    has_minimum_facts,
    parse_notice,
    strip_invisible,
)
from statuspage.rendering.wording import REPORTS, IncidentContext, WordingContext, compose, replace_words
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import open_by_form
from statuspage.usecases.notices import scheduled
from statuspage.usecases.notices.approval_token import Approval, parse_token, sign_approval
from statuspage.usecases.notices.enqueue import delivery_costs, enqueue_deliveries
from statuspage.usecases.notices.plain_language import (
    find_remarks,
    latest_published_texts,
    plain_language_problems,
    warning_classes_in,
)
from statuspage.usecases.notices.results import (
    AwaitingApproval,
    NoticeTarget,
    Preview,
    Published,
    Refused,
    Stale,
    Superseded,
)
from statuspage.usecases.notices.sequence_rules import sequence_problems

PREVIEW_VALIDITY = timedelta(minutes=10)
"""How long a preview stays valid."""


def new_incident_target(env: Environment, *, now: datetime) -> NoticeTarget:
    """The target of a first report without an alert; the clock starts with it."""
    return NoticeTarget(env.new_id(), 0, now)


def open_notice_form(env: Environment, incident_id: str, *, actor: str, now: datetime) -> NoticeTarget | None:
    """Opens the form for an existing incident. None when there is no such incident."""
    with env.database.begin() as tx:
        incident = incidents.load_incident(tx, incident_id)
        if incident is None:
            return None
        if incident.latest is None and incident.first_time_of(EventKind.FORM_OPENED) is None:
            incidents.append_entry(
                tx, incident_id, TimelineEvent(EventKind.FORM_OPENED, actor=actor), happened=now, recorded=now
            )
        return NoticeTarget(incident_id, incident.latest_sequence)


def preview_notice(
    env: Environment, notice_input: NoticeInput, *, notice_kind: NoticeKind, target: NoticeTarget, now: datetime
) -> Preview:
    """What would be published now. Changes nothing."""
    incident = _load_incident(env, target.incident_id)
    facts, problems = _parse_and_check(env, notice_input, notice_kind, target, incident, now)
    has_minimum = has_minimum_facts(facts) and not any(_prevents_preview(problem) for problem in problems)
    notice_texts = _compose_notice(env, notice_input, notice_kind, facts, target, incident, now) if has_minimum else {}
    plain_remarks = tuple(find_remarks(env, notice_input, notice_kind, incident))
    approval = Approval(
        notice_input, notice_kind, target, now, env.catalog.version, warning_classes=warning_classes_in(plain_remarks)
    )
    token = "" if problems else sign_approval(env, approval)
    scheduled_notices = (
        _scheduled_notices(env, notice_kind, facts, target, incident, notice_texts, now) if notice_texts else ()
    )
    earlier_texts = latest_published_texts(incident) if incident else {}
    return Preview(
        facts,
        problems,
        notice_texts,
        token,
        delivery_costs(env, notice_kind),
        now,
        scheduled_notices,
        plain_remarks,
        earlier_texts,
    )


def _parse_and_check(
    env: Environment,
    notice_input: NoticeInput,
    notice_kind: NoticeKind,
    target: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> tuple[Facts, tuple[ValidationError, ...]]:
    """The facts with every problem: of the input, another environment's marks, and a notice that does not follow the
    last one.
    """
    previous = incident.public_facts if incident else None
    facts, problems = parse_notice(notice_input, catalog=env.catalog, notice=notice_kind, now=now, previous=previous)
    incident_as_seen = incident if incident and incident.latest_sequence == target.latest_sequence else None
    return facts, (
        *problems,
        *_mark_problems(env, notice_input),
        *plain_language_problems(env, notice_input, notice_kind),
        *_manual_text_problems(env, notice_input),
        *sequence_problems(incident_as_seen, notice_kind, facts, notice_input),
    )


def _manual_text_problems(env: Environment, notice_input: NoticeInput) -> tuple[ValidationError, ...]:
    """Broken content has no sentences of its own: somebody types the text, at least in one language."""
    leading = env.catalog.languages[0]
    return (ValidationError(f"text.{leading}", "text.needed"),) if env.is_manual_only and not notice_input.text else ()


def _mark_problems(env: Environment, notice_input: NoticeInput) -> tuple[ValidationError, ...]:
    """A text with another environment's mark would never be published; none may say that this is not a drill."""
    texts = [(f"extra.{language}", text) for language, text in notice_input.extra.items()]
    texts += [(f"text.{language}", text) for language, text in notice_input.text.items()]
    texts += [(f"account.{language}", text) for language, text in notice_input.postmortem.items()]
    texts = [(field, strip_invisible(text)) for field, text in texts]
    mark_errors = [
        ValidationError(field, "text.mark", {"mark": mark})
        for field, text in texts
        for mark in env.assets.forbidden_marks
        if mark in text
    ]
    forbidden = [(field, find_forbidden_phrase(text, env.catalog.forbidden_phrases)) for field, text in texts]
    return (
        *mark_errors,
        *(ValidationError(field, "text.denies", {"text": phrase}) for field, phrase in forbidden if phrase),
    )


def _prevents_preview(problem: ValidationError) -> bool:
    return problem.code.endswith(".unknown") or problem.code in ("answer.required", "ended.missing", "text.characters")


def publish_notice(
    env: Environment, notice_input: NoticeInput, token: str, *, actor: str, now: datetime,
    chosen_channels: tuple[str, ...] | None = None, account_id: str = "", warning_classes: tuple[str, ...] = (),
) -> Published | AwaitingApproval | Refused | Stale | Superseded:  # fmt: skip
    """Stores the previewed notice and its deliveries in one transaction.

    ``token`` comes from the preview the person saw; ``notice_input`` must be what it was made from. ``chosen_channels``
    names channels (the site always goes); None means all that carry this kind of notice. Publishing again returns the
    same notice. Where a second person is required, it waits for one; ``account_id`` is the author's.
    ``warning_classes`` are the classes of hard words of earlier previews, where one had more than this.
    """
    approval = parse_token(env, token)
    if approval is None or approval.notice_input != notice_input:
        return Stale("preview.missing")
    if (stale_code := _find_stale_code(env, approval, now)) is not None:
        return Stale(stale_code)
    return _record_notice(
        env,
        replace(approval, warning_classes=max(approval.warning_classes, warning_classes, key=len)),
        actor,
        now,
        chosen_channels,
        account_id,
    )


def _find_stale_code(env: Environment, approval: Approval, now: datetime) -> str | None:
    if approval.content_version != env.catalog.version:
        return "preview.content"
    if now - approval.previewed_at > PREVIEW_VALIDITY:
        return "preview.expired"
    facts, _ = parse_notice(
        approval.notice_input, catalog=env.catalog, notice=approval.notice_kind, now=approval.previewed_at
    )
    promises = (estimate_expires_at(facts.estimate), facts.next_update)
    return (
        "preview.promise"
        if any(promised_time is not None and promised_time <= now for promised_time in promises)
        else None
    )


def _record_notice(
    env: Environment,
    approval: Approval,
    actor: str,
    now: datetime,
    chosen_channels: tuple[str, ...] | None,
    account_id: str,
) -> Published | AwaitingApproval | Refused | Superseded:
    target, notice_kind = approval.target, approval.notice_kind
    try:
        with env.database.begin() as tx:
            incident = incidents.load_incident(tx, target.incident_id)
            facts, problems = _parse_and_check(
                env, approval.notice_input, notice_kind, target, incident, approval.previewed_at
            )
            if problems:
                return Refused(problems)
            notice_texts = _published_words(
                env,
                _compose_notice(
                    env, approval.notice_input, notice_kind, facts, target, incident, approval.previewed_at
                ),
            )
            notice = Notice(
                notice_kind,
                facts,
                notice_texts,
                actor=actor,
                key=approval.key,
                reason=approval.notice_input.reason,
                scheduled=_scheduled_notices(
                    env, notice_kind, facts, target, incident, notice_texts, approval.previewed_at, chosen_channels
                ),
                warning_classes=approval.warning_classes,
            )
            if incident is None:
                _open_incident(tx, target, notice, now)
            is_first = incident is None or incident.first_time_of(EventKind.WORDS_READY) is None
            if env.catalog.incident_types[facts.incident_type].needs_approval:
                return _request_approval(
                    tx,
                    incident,
                    PendingApproval(notice, target.latest_sequence, chosen_channels, account_id),
                    target,
                    approval.previewed_at,
                    now,
                )
            if is_first:
                _record_words_ready(tx, target, actor, approval.previewed_at, now)
                incidents.append_entry(
                    tx, target.incident_id, TimelineEvent(EventKind.APPROVED, actor=actor), happened=now, recorded=now
                )
            return Published(
                target.incident_id,
                append_notice(env, tx, target.incident_id, notice, target.latest_sequence, now, chosen_channels),
            )
    except incidents.DuplicateNotice as repeated:
        return Published(target.incident_id, repeated.sequence)
    except incidents.NoticeConflict as overtaken:
        return Superseded(overtaken.newest)


def _published_words(env: Environment, notice_texts: Mapping[str, NoticeText]) -> Mapping[str, NoticeText]:
    """The texts of only those media that something is published on."""
    published_media = env.catalog.published_media
    return {
        language: replace(
            notice_text, media={name: text for name, text in notice_text.media.items() if name in published_media}
        )
        for language, notice_text in notice_texts.items()
    }


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


def _request_approval(
    tx: Connection,
    incident: Incident | None,
    pending_approval: PendingApproval,
    target: NoticeTarget,
    ready_at: datetime,
    now: datetime,
) -> AwaitingApproval | Superseded:
    """Submits the text for approval, once however often the button is pressed."""
    if incident is not None and incident.latest is not None and incident.latest_sequence != target.latest_sequence:
        return Superseded(incident.latest)
    for request in approval_requests(incident) if incident else ():
        if request.pending_approval.notice.key == pending_approval.notice.key:
            return AwaitingApproval(target.incident_id, request.sequence)
    actor = pending_approval.notice.actor
    if incident is None or incident.first_time_of(EventKind.WORDS_READY) is None:
        _record_words_ready(tx, target, actor, ready_at, now)
    event = TimelineEvent(EventKind.APPROVAL_REQUESTED, actor=actor, waiting=pending_approval)
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


def _open_incident(tx: Connection, target: NoticeTarget, notice: Notice, now: datetime) -> None:
    open_by_form(tx, target.incident_id, form_opened_at=target.form_opened_at or now, actor=notice.actor, now=now)
    if notice.notice is not NoticeKind.ANNOUNCED:
        incidents.append_entry(
            tx, target.incident_id, TimelineEvent(EventKind.CONFIRMED, actor=notice.actor), happened=now, recorded=now
        )


def _compose_notice(
    env: Environment,
    notice_input: NoticeInput,
    notice_kind: NoticeKind,
    facts: Facts,
    target: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> Mapping[str, NoticeText]:
    catalog, incident_context = env.catalog, _incident_context(env, target.incident_id, incident)
    notice_texts = compose(notice_kind, facts, catalog=catalog, incident=incident_context, now=now)
    if not (notice_input.text or notice_input.only):
        return notice_texts
    context = WordingContext(notice_kind, facts, catalog, incident_context, now, catalog.leading_pack)
    return replace_words(
        notice_texts,
        {language: strip_invisible(text) for language, text in notice_input.text.items()},
        notice_input.only,
        context,
    )


def _scheduled_notices(
    env: Environment,
    notice_kind: NoticeKind,
    facts: Facts,
    target: NoticeTarget,
    incident: Incident | None,
    notice_texts: Mapping[str, NoticeText],
    now: datetime,
    chosen_channels: tuple[str, ...] | None = None,
) -> tuple[ScheduledNotice, ...]:
    titles = {language: notice_text.title for language, notice_text in notice_texts.items()}
    context = replace(_incident_context(env, target.incident_id, incident), titles=titles)
    return scheduled.schedule_follow_ups(env, notice_kind, facts, context, now=now, chosen_channels=chosen_channels)


def _incident_context(env: Environment, incident_id: str, incident: Incident | None) -> IncidentContext:
    context = IncidentContext(
        incident_id=incident_id, site_address=env.address, affected_elsewhere=_affected_elsewhere(env, incident_id)
    )
    if incident is None or incident.latest is None:
        return context
    latest = incident.latest
    return replace(
        context,
        titles={language: notice_text.title for language, notice_text in latest.notice.words.items()},
        previous_facts=incident.public_facts,
        claims=incident.claims,
        report_count=sum(recorded.notice.notice in REPORTS for recorded in incident.notices),
        is_reopened=incident.is_reopened,
        corrected_notice_at=latest.recorded,
        first_notice_at=incident.notices[0].recorded,
    )


def _affected_elsewhere(env: Environment, incident_id: str) -> tuple[str, ...]:
    """Services that other open incidents affect, and that this one must not call operational."""
    with env.database.read() as tx:
        others = [incident for incident in incidents.open_incidents(tx) if incident.id != incident_id]
    return tuple(dict.fromkeys(affected.service for incident in others for affected in incident.affected))


def _load_incident(env: Environment, incident_id: str) -> Incident | None:
    with env.database.read() as tx:
        return incidents.load_incident(tx, incident_id)
