"""Publishes notices: first report, update, correction, resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal, validation_refusal
from statuspage.cli.framework import CliCommand, Flag, cli_command
from statuspage.cli.notices import doubts
from statuspage.cli.notices.engineer_answers import refuse_unheard_answers
from statuspage.cli.notices.prefill import AFTERWARDS, FACTS, WINDOW_FIELDS, apply_flags, fact_flags, input_from_alert
from statuspage.cli.notices.preview import bodies_by_language, preview_lines
from statuspage.cli.notices.receipts import deliver
from statuspage.cli.notices.sending import (
    SendOptions,
    confirm_or_refuse,
    open_for_sending,
    pop_send_options,
    refuse_missing_channels,
    send_flags,
)
from statuspage.cli.notices.short_forms import format_audience
from statuspage.cli.notices.unsaid_flags import refuse_unsaid_flags
from statuspage.cli.post_incident import say_recurrences
from statuspage.cli.show import clock_of
from statuspage.domain import (
    OPEN_ALERTS,
    AffectedAudience,
    Alert,
    AlertState,
    AudienceInput,
    Catalog,
    Incident,
    NoticeInput,
    NoticeKind,
    ServiceInput,
    initial_facts,
    notice_input_from_facts,
    omitted_facts,
)
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Database
from statuspage.usecases import alerts as alert_actions
from statuspage.usecases import notices
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NoSuchIncident
from statuspage.usecases.notices import NoticeTarget, Preview, PublicationResult

NO_ALERT = "none"
"""The value of ``--alert`` for an incident without an alert."""


def ignore_answers_flag() -> click.Parameter:
    """The flag that publishes *not known* although an engineer has answered."""
    return Flag(["--ignore-answers"], is_flag=True)


@cli_command(
    "report",
    *fact_flags("cause", "ended", *WINDOW_FIELDS, *AFTERWARDS),
    Flag(["--alert"], metavar="ID|none"),
    ignore_answers_flag(),
    *send_flags(),
)
def publish_first_report(command: CommandContext, alert: str | None, **options: object) -> int:
    """Publishes the first report. An alert is acknowledged and confirmed, and its clock counts."""
    env = open_for_sending(command, options)
    sending = pop_send_options(env, command, options)
    refuse_unsaid_flags(command, NoticeKind.FIRST, None, options)
    joined_alert = _load_alert(env.databases.environment, alert) if alert else _find_only_alert(command, env)
    if joined_alert is None:
        target = notices.new_incident_target(env, now=command.now())
        return publish_notice(command, env, apply_flags(NoticeInput(), options), NoticeKind.FIRST, target, sending)
    return _publish_report_of_alert(command, env, joined_alert, options, sending)


def _load_alert(database: Database, alert_id: str) -> Alert | None:
    if alert_id == NO_ALERT:
        return None
    with database.read() as tx:
        alert = alerts.find_alert(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return alert


def _find_only_alert(command: CommandContext, env: Environment) -> Alert | None:
    """The only unsettled alert, printing that it is used; asks which one if there are several."""
    with env.databases.environment.read() as tx:
        open_alerts = [
            item for item in alerts.open_alerts(tx) if item.state in (AlertState.WAITING, AlertState.ACKNOWLEDGED)
        ]
        starts = [alert_actions.find_group_start(env.site.catalog, tx, item)[0] for item in open_alerts]
    if len(open_alerts) > 1:
        raise Refusal(
            command.text("which_alert"),
            *(f"{item.id}  {item.monitor_alert.title}" for item in open_alerts),
            code=WRONG_USE,
        )
    for alert, start in zip(open_alerts, starts, strict=True):
        start_text = clock_of(command, env.site.catalog).format_recent(start, now=command.now())
        click.echo(
            command.text("alert_used", alert=alert.id, title=alert.monitor_alert.title, at=start_text),
            err=command.as_json,
        )
    return open_alerts[0] if open_alerts else None


def _publish_report_of_alert(
    command: CommandContext, env: Environment, alert: Alert, options: dict[str, object], sending: SendOptions
) -> int:
    """Publishes the report of an alert. The alert is confirmed only after the text was approved."""
    notice_input = _prefill_from_alert(env.site.catalog, alert, options)
    if alert.incident:
        return publish_notice(
            command,
            env,
            notice_input,
            NoticeKind.FIRST,
            open_form_for(command, env.databases.environment, alert.incident, sending.actor),
            sending,
        )
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    target = replace(notices.new_incident_target(env, now=command.now()), form_opened_at=None)

    def confirm() -> None:
        incident = alert_actions.confirm(
            env, alert.id, actor=sending.actor, now=command.now(), incident_id=target.incident_id
        )
        if incident.id != target.incident_id:
            raise AlreadySettled
        open_form_for(command, env.databases.environment, incident.id, sending.actor)

    return publish_notice(command, env, notice_input, NoticeKind.FIRST, target, sending, on_agreed=confirm)


def _prefill_from_alert(catalog: Catalog, alert: Alert, options: Mapping[str, object]) -> NoticeInput:
    """What the alert proposes, overridden by the options. Another incident type brings its own services and states."""
    base, type_id = input_from_alert(alert), options.get("incident_type")
    if type_id not in (None, base.incident_type):
        chosen = catalog.incident_types.get(str(type_id))
        alerted = tuple(ServiceInput(item.service) for item in base.services or ())
        base = replace(base, services=None if chosen is None or chosen.services else alerted or None)
    return apply_flags(base, options)


def open_form_for(command: CommandContext, database: Database, incident: str, actor: str) -> NoticeTarget:
    """Opens the form for an existing incident and returns its target. Raises NoSuchIncident."""
    target = notices.open_notice_form(database, incident, actor=actor, now=command.now())
    if target is None:
        raise NoSuchIncident
    return target


def _followup_command(name: str, notice: NoticeKind, *left_out: str) -> CliCommand:
    """A command for a notice on an existing incident; facts without a flag stay as in the last notice."""

    @cli_command(
        name,
        click.Argument(["incident"], metavar="ID"),
        *fact_flags(*left_out, *WINDOW_FIELDS, *(AFTERWARDS if notice is not NoticeKind.RESOLVED else AFTERWARDS[:1])),
        ignore_answers_flag(),
        *send_flags(),
    )
    def follow(command: CommandContext, incident: str, **options: object) -> int:
        env = open_for_sending(command, options)
        sending = pop_send_options(env, command, options)
        target = open_form_for(command, env.databases.environment, incident, sending.actor)
        loaded = load_incident(env.databases.environment, incident)
        notice_kind = NoticeKind.FIRST if loaded.latest is None and notice is NoticeKind.UPDATE else notice
        refuse_unsaid_flags(command, notice_kind, loaded.current_facts, options)
        base = _prefill_from_last_notice(command, env.site.catalog, loaded, notice_kind, options, sending)
        return publish_notice(command, env, apply_flags(base, options), notice_kind, target, sending)

    return follow


def load_incident(database: Database, incident_id: str) -> Incident:
    """The incident with this id. Raises NoSuchIncident."""
    with database.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    return incident


def _prefill_from_last_notice(
    command: CommandContext,
    catalog: Catalog,
    incident: Incident,
    notice: NoticeKind,
    options: Mapping[str, object],
    sending: SendOptions,
) -> NoticeInput:
    """The initial values of the notice; prints flags for facts of the last notice that are left out.

    Where nobody is asked, it is refused while it is open which customers the rest still affects.
    """
    facts = initial_facts(incident, notice, catalog)
    dropped_facts = omitted_facts(incident, notice, catalog)
    flags = (
        list(_dropped_flags(notice_input_from_facts(dropped_facts, command.now()), options)) if dropped_facts else []
    )
    was_limited = dropped_facts and dropped_facts.audience.extent in (AffectedAudience.SOME, AffectedAudience.GROUPS)
    if sending.confirmed and was_limited and not options.get("audience"):
        raise Refusal(command.text("audience_open", flag=flags[0]), code=WRONG_USE)
    if flags:
        click.echo(command.text("not_repeated", flags=" ".join(flags)), err=True)
    return notice_input_from_facts(facts, command.now()) if facts else NoticeInput()


def _dropped_flags(notice_input: NoticeInput, options: Mapping[str, object]) -> Iterator[str]:
    if notice_input.audience != AudienceInput() and not options.get("audience"):
        yield f"--audience {format_audience(notice_input.audience)}"
    if not options.get("workarounds"):
        yield from (f"--workaround {workaround}" for workaround in notice_input.workarounds)
    if not options.get("answers"):
        yield from (f"--answer {question}={answer}" for question, answer in notice_input.answers.items())


def publish_notice(
    command: CommandContext,
    env: Environment,
    notice_input: NoticeInput,
    notice: NoticeKind,
    target: NoticeTarget,
    sending: SendOptions,
    *,
    on_agreed: Callable[[], None] = lambda: None,
) -> int:
    """Shows the text, asks, publishes, and waits for the result. ``on_agreed`` runs after confirmation."""
    preview = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=command.now())
    if preview.problems:
        raise validation_refusal(command, preview.problems)
    if sending.channels is None:
        refuse_missing_channels(command, env, notice)
    if sending.heeds_answers:
        refuse_unheard_answers(command, env, target.incident_id, notice, preview.facts)
    doubts.show_or_refuse(command, env.site.catalog, preview.doubts, sending)
    _confirm_preview(command, env, preview, sending)
    on_agreed()
    outcome = notices.publish_notice(
        env, notice_input, preview.token, actor=sending.actor, now=command.now(), chosen_channels=sending.channels
    )
    return _finish_publication(command, env, preview, outcome, waits=sending.waits)


def _finish_publication(
    command: CommandContext, env: Environment, preview: Preview, outcome: PublicationResult, *, waits: bool
) -> int:
    """Delivers what was published and returns the exit code; says why it was not published."""
    match outcome:
        case notices.Published(incident_id=incident, sequence=sequence):
            shared_status.write_status(env, now=command.now())
            say_recurrences(command, env, incident)
            texts = bodies_by_language(preview.notice_texts)
            return deliver(command, env, incident, sequence, texts=texts, waits=waits)
        case notices.AwaitingApproval(incident_id=incident, sequence=number):
            command.print_result(
                {"incident": incident, "awaiting_approval": number},
                [command.text("awaiting_approval", incident=incident)],
            )
            return 0
        case notices.Refused(problems=problems):
            raise validation_refusal(command, problems)
        case notices.Stale(code=code):
            raise Refusal(command.messages.label(f"problem.{code}"))
        case notices.Superseded(newer=newer):
            raise Refusal(command.text("superseded", by=newer.notice.actor), *_headline(newer.notice.texts, command))


def _headline(texts: Mapping[str, object], command: CommandContext) -> tuple[str, ...]:
    text = texts.get(command.messages.language) or next(iter(texts.values()))
    return (getattr(text, "headline", ""),)


def _confirm_preview(command: CommandContext, env: Environment, preview: Preview, sending: SendOptions) -> None:
    """Shows the text and asks for confirmation; without a terminal, ``--yes`` is required."""
    confirm_or_refuse(
        command, preview_lines(command, env, preview), command.text(f"publish_{env.name}"), yes=sending.confirmed
    )


publish_update = _followup_command("update", NoticeKind.UPDATE, "ended")
publish_partly_restored = _followup_command("partial", NoticeKind.PARTLY_RESTORED, "ended")
publish_monitoring = _followup_command("monitoring", NoticeKind.MONITORING, "ended", "estimate", "current_action")
publish_correction = _followup_command("correct", NoticeKind.CORRECTION)
publish_resolved = _followup_command("resolve", NoticeKind.RESOLVED, "estimate", "next_update", "current_action")
publish_withdrawal = _followup_command("withdraw", NoticeKind.WITHDRAWAL, *FACTS)

COMMANDS = {
    command.name: command
    for command in (
        publish_first_report,
        publish_update,
        publish_partly_restored,
        publish_monitoring,
        publish_correction,
        publish_resolved,
        publish_withdrawal,
    )
}
