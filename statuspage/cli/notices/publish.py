"""Publishes notices: first report, update, correction, resolved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import WRONG_USE, Refusal, validation_refusal, with_nearest
from statuspage.cli.framework import CliCommand, Flag, cli_command
from statuspage.cli.notices.engineer_answers import refuse_unheard_answers
from statuspage.cli.notices.prefill import AFTERWARDS, FACTS, WINDOW_FIELDS, apply_flags, fact_flags, input_from_alert
from statuspage.cli.notices.preview import bodies_by_language, preview_lines
from statuspage.cli.notices.receipts import deliver
from statuspage.cli.notices.short_forms import format_audience
from statuspage.cli.notices.unsaid_flags import refuse_unsaid_flags
from statuspage.cli.post_incident import say_recurrences
from statuspage.cli.show import clock_of
from statuspage.domain import (
    OPEN_ALERTS,
    Alert,
    AlertState,
    AudienceInput,
    Catalog,
    Incident,
    NoticeInput,
    NoticeKind,
    initial_facts,
    notice_input_from_facts,
    omitted_facts,
)
from statuspage.storage import alerts, incidents, stats
from statuspage.storage.engine import Database
from statuspage.usecases import alerts as alert_actions
from statuspage.usecases import notices
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NoSuchIncident
from statuspage.usecases.notices import NoticeTarget, Preview

NO_ALERT = "none"
"""The value of ``--alert`` for an incident without an alert."""


@dataclass(frozen=True, slots=True)
class SendOptions:
    """Where to send it (channels; None: all that carry it), whether it is confirmed, and who sends it.

    ``heeds_answers``: it is refused if it says *not known* although an engineer has answered.
    """

    channels: tuple[str, ...] | None
    confirmed: bool
    actor: str
    heeds_answers: bool = False


def send_flags(channel: str = "--to") -> list[click.Parameter]:
    """The flags for sending; ``channel`` is the name of the flag that selects channels."""
    return [
        Flag(["--quiet"], is_flag=True),
        Flag([channel, "channels"], multiple=True, metavar="CHANNEL", label="to"),
        Flag(["--yes"], is_flag=True),
        actor_flag(),
    ]


def pop_send_options(env: Environment, command: CommandContext, options: dict[str, object]) -> SendOptions:
    """Removes those flags from the options and returns them. Refuses an unknown channel."""
    quiet, chosen, yes, name = (options.pop(key) for key in ("quiet", "channels", "yes", "by"))
    heeds_answers = options.pop("ignore_answers", True) is False
    channels = tuple(str(channel) for channel in chosen) if isinstance(chosen, tuple) else ()
    unknown = [channel for channel in channels if channel not in env.senders.channels]
    if unknown:
        ready = ", ".join(env.senders.channels) or "-"
        sentences = {channel: command.text("no_channel", channel=channel, ready=ready) for channel in unknown}
        raise Refusal(
            *(with_nearest(command, text, channel, env.senders.channels) for channel, text in sentences.items())
        )
    return SendOptions(() if quiet else channels or None, bool(yes), actor_name(str(name or "")), heeds_answers)


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
    env = command.open_env()
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
        start_text = clock_of(command, env.site.catalog).format_time(start)
        click.echo(
            command.text("alert_used", alert=alert.id, title=alert.monitor_alert.title, at=start_text),
            err=command.as_json,
        )
    return open_alerts[0] if open_alerts else None


def _publish_report_of_alert(
    command: CommandContext, env: Environment, alert: Alert, options: dict[str, object], sending: SendOptions
) -> int:
    """Publishes the report of an alert. The alert is confirmed only after the text was approved."""
    notice_input = _prefill_from_alert(alert, options)
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


def _prefill_from_alert(alert: Alert, options: Mapping[str, object]) -> NoticeInput:
    """What the alert proposes, overridden by the options. Its services are used only with its incident type."""
    base = input_from_alert(alert)
    if options.get("incident_type") not in (None, base.incident_type):
        base = replace(base, services=None)
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
        env = command.open_env()
        sending = pop_send_options(env, command, options)
        target = open_form_for(command, env.databases.environment, incident, sending.actor)
        loaded = load_incident(env.databases.environment, incident)
        notice_kind = NoticeKind.FIRST if loaded.latest is None and notice is NoticeKind.UPDATE else notice
        refuse_unsaid_flags(command, notice_kind, loaded.current_facts, options)
        base = _prefill_from_last_notice(command, env.site.catalog, loaded, notice_kind, options)
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
    command: CommandContext, catalog: Catalog, incident: Incident, notice: NoticeKind, options: Mapping[str, object]
) -> NoticeInput:
    """The initial values of the notice; prints flags for facts of the last notice that are left out."""
    facts = initial_facts(incident, notice, catalog)
    dropped_facts = omitted_facts(incident, notice, catalog)
    flags = (
        list(_dropped_flags(notice_input_from_facts(dropped_facts, command.now()), options)) if dropped_facts else []
    )
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
    _confirm_preview(command, env, preview, sending)
    on_agreed()
    outcome = notices.publish_notice(
        env, notice_input, preview.token, actor=sending.actor, now=command.now(), chosen_channels=sending.channels
    )
    match outcome:
        case notices.Published(incident_id=incident, sequence=sequence):
            shared_status.write_status(env, now=command.now())
            say_recurrences(command, env, incident)
            return deliver(command, env, incident, sequence, texts=bodies_by_language(preview.notice_texts))
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


def refuse_missing_channels(command: CommandContext, env: Environment, notice: NoticeKind) -> None:
    """Raises Refusal if the worker sends this kind of notice to channels that this process cannot queue for."""
    with env.databases.environment.read() as tx:
        connected = stats.worker_channels(tx)
    missing = [
        spec.id
        for spec in env.site.catalog.channels.values()
        if spec.id in connected and spec.id not in env.senders.channels and notice in spec.notice_kinds
    ]
    if missing:
        ready = [id for id in env.senders.channels if notice in env.site.catalog.channels[id].notice_kinds]
        left = " ".join(f"--to {id}" for id in ready) or "--quiet"
        raise Refusal(command.text("channels_elsewhere", channels=", ".join(missing), flags=left), reasons=missing)


def _headline(texts: Mapping[str, object], command: CommandContext) -> tuple[str, ...]:
    text = texts.get(command.messages.language) or next(iter(texts.values()))
    return (getattr(text, "headline", ""),)


def _confirm_preview(command: CommandContext, env: Environment, preview: Preview, sending: SendOptions) -> None:
    """Shows the text and asks for confirmation; without a terminal, ``--yes`` is required."""
    confirm_or_refuse(
        command, preview_lines(command, env, preview), command.text(f"publish_{env.name}"), yes=sending.confirmed
    )


def confirm_or_refuse(command: CommandContext, lines: Iterable[str], question: str, *, yes: bool) -> None:
    """Shows what will be done and asks for confirmation; without a terminal, ``yes`` is required."""
    if not yes and not sys.stdin.isatty():
        raise Refusal(command.text("no_terminal"), code=WRONG_USE)
    for line in lines if not yes or not command.as_json else ():
        click.echo(line, err=command.as_json)
    if not yes:
        click.confirm(question, abort=True, err=command.as_json)


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
