"""Alerts, and the Amazon SNS topics that send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import clock_of
from statuspage.domain import Catalog, escape_control_characters
from statuspage.storage import alerts as alert_rows
from statuspage.storage.engine import Database
from statuspage.usecases import alerts

if TYPE_CHECKING:
    from statuspage.domain import Alert, MonitorAlert
    from statuspage.storage.inbound_messages import TopicState

ALERT_ID = click.Argument(["alert"], metavar="ID")


def actor_flag() -> Flag:
    """The flag for the person who acts, if it is not the user of this machine."""
    return Flag(["--by"], default="", metavar="NAME")


def parse_monitor_alerts(command: CommandContext, catalog: Catalog, source: str, body: bytes) -> Sequence[MonitorAlert]:
    """The alerts in a monitor's request body. Refuses an unknown monitor and an invalid body."""
    from statuspage.integrations.monitors import Unreadable, all_monitors

    known_monitors = all_monitors(catalog.json_mappings)
    if source not in known_monitors:
        sentence = command.text("no_source", source=escape_control_characters(source), known=", ".join(known_monitors))
        raise Refusal(with_nearest(command, sentence, source, known_monitors))
    try:
        return known_monitors[source].parse(body, command.now())
    except Unreadable as error:
        raise Refusal(command.text("unreadable_alert", reason=error)) from error


@cli_command("receive", click.Argument(["source"]), click.Argument(["file"], metavar="FILE|-"), group="alert")
def receive_alert(command: CommandContext, source: str, file: str) -> None:
    """Receives a monitor's request body as an alert."""
    env = command.open_env()
    monitor_alerts = parse_monitor_alerts(command, env.site.catalog, source, read_bytes(file))
    if command.is_drill:
        _refuse_forbidden_phrases(command, env.site.catalog, monitor_alerts)
    received = alerts.receive_alerts(env, monitor_alerts, now=command.now())
    rows = [{"alert": item.id, "incident": item.incident or None, "state": item.state.value} for item in received]
    command.print_result(
        rows, (f"{item.id}  {command.text('alert_' + item.state)}  {item.monitor_alert.title}" for item in received)
    )


def _refuse_forbidden_phrases(
    command: CommandContext, catalog: Catalog, monitor_alerts: Sequence[MonitorAlert]
) -> None:
    from statuspage.usecases import drills

    try:
        drills.refuse_forbidden(catalog, *drills.alert_texts(monitor_alerts))
    except drills.ForbiddenPhraseError as error:
        raise Refusal(command.messages.label("problem.text.denies", text=error.phrase)) from error


@cli_command("list", group="alert")
def list_alerts(command: CommandContext) -> None:
    """Lists the unsettled alerts."""
    env = command.open_env()
    clock = clock_of(command, env.site.catalog)
    with env.databases.environment.read() as tx:
        waiting = alert_rows.open_alerts(tx)
        groups = alert_rows.summarize_groups(tx, [alert.id for alert in waiting])
    more_texts = {id: f" {command.text('alert_more', count=group.count)}" for id, group in groups.items()}
    headings = (
        f"{alert.id}  {clock.format_time(alert.received_at)}  {command.text('alert_' + alert.state)}"
        f"  {alert.monitor_alert.title}"
        for alert in waiting
    )
    lines = [f"{heading}{more_texts.get(alert.id, '')}" for heading, alert in zip(headings, waiting, strict=True)]
    rows = [_alert_json(alert) | {"grouped": groups[alert.id].count if alert.id in groups else 0} for alert in waiting]
    command.print_result(rows, lines or [command.text("no_alerts")])


def _alert_json(alert: Alert) -> dict[str, object]:
    result: dict[str, object] = serialization.to_json_value(alert)
    return result | {"started_at": serialization.to_json_value(alert.t0)}


@cli_command("acknowledge", ALERT_ID, actor_flag(), group="alert")
def acknowledge_alert(command: CommandContext, alert: str, by: str) -> None:
    """Acknowledges an alert."""
    updated_alert = alerts.acknowledge(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": updated_alert.incident or None},
        [command.text("acknowledged", alert=updated_alert.id)],
    )


@cli_command("confirm", ALERT_ID, actor_flag(), group="alert")
def confirm_alert(command: CommandContext, alert: str, by: str) -> None:
    """Confirms an alert: opens an incident whose clock started with the alert."""
    from statuspage.usecases.environment import shared_status

    env = command.open_env()
    incident = alerts.confirm(env, alert, actor=actor_name(by), now=command.now())
    shared_status.write_status(env, now=command.now())
    command.print_result({"alert": alert, "incident": incident.id}, [command.text("confirmed", incident=incident.id)])


@cli_command("dismiss", ALERT_ID, actor_flag(), group="alert")
def dismiss_alert(command: CommandContext, alert: str, by: str) -> None:
    """Dismisses an alert as a false alarm, without an incident."""
    updated_alert = alerts.false_alarm(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": None}, [command.text("false_alarm", alert=updated_alert.id)]
    )


@cli_command("watch", ALERT_ID, actor_flag(), group="alert")
def watch_alert(command: CommandContext, alert: str, by: str) -> None:
    """Marks an alert as watched."""
    updated_alert = alerts.watch(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": None}, [command.text("alert_watched", alert=updated_alert.id)]
    )


@cli_command("group", ALERT_ID, click.Argument(["target"], metavar="ID"), actor_flag(), group="alert")
def group_alert(command: CommandContext, alert: str, target: str, by: str) -> None:
    """Groups an alert with another one, or with an incident."""
    updated_alert = alerts.group(command.open_env(), alert, target, actor=actor_name(by), now=command.now())
    result = {"alert": updated_alert.id, "incident": updated_alert.incident or None}
    command.print_result(result, [command.text("alert_grouped", alert=updated_alert.incident or updated_alert.id)])


@cli_command("ungroup", ALERT_ID, actor_flag(), group="alert")
def ungroup_alert(command: CommandContext, alert: str, by: str) -> None:
    """Removes an alert from its group."""
    updated_alert = alerts.ungroup(command.open_env(), alert, actor=actor_name(by), now=command.now())
    command.print_result(
        {"alert": updated_alert.id, "incident": updated_alert.incident or None},
        [command.text("alert_ungrouped", alert=updated_alert.id)],
    )


@cli_command(
    "topic",
    click.Argument(["topic"], metavar="[ARN]", required=False, default=""),
    Flag(["--refuse"], is_flag=True, label="refuse-topic"),
    actor_flag(),
    group="alert",
)
def decide_topic(command: CommandContext, topic: str, refuse: bool, by: str) -> None:
    """Approves or refuses a topic; without one, lists those waiting."""
    from statuspage.usecases.alerts import sns_topics

    env = command.open_env()
    if not topic:
        asking_topics = sns_topics.pending_topics(env.databases.environment)
        rows = [
            {"topic": item.arn, "state": item.state.value, "requested_at": item.requested_at.isoformat()}
            for item in asking_topics
        ]
        command.print_result(
            rows, [escape_control_characters(item.arn) for item in asking_topics] or [command.text("topics_none")]
        )
        return
    state = _apply_decision(command, env.databases.environment, topic, refuse, actor_name(by))
    command.print_result(
        {"topic": topic, "state": state.value}, [command.messages.label(f"desk.topic.{_DECISION_LABELS[state.value]}")]
    )


def _apply_decision(command: CommandContext, database: Database, arn: str, refuse: bool, actor: str) -> TopicState:
    from statuspage.integrations.monitors import AuthenticationFailed, SnsUnavailable, SnsVerifier
    from statuspage.storage.inbound_messages import TopicState
    from statuspage.usecases.alerts import sns_topics

    try:
        if refuse:
            sns_topics.refuse_topic(database, arn, actor=actor, now=command.now())
            return TopicState.REFUSED
        sns_topics.approve_topic(database, SnsVerifier(), arn, actor=actor, now=command.now())
    except sns_topics.NoSuchTopic as unknown_topic:
        raise Refusal(command.text("topic_gone", topic=escape_control_characters(arn))) from unknown_topic
    except (SnsUnavailable, AuthenticationFailed) as failed:
        raise Refusal(command.messages.label("desk.topic.failed")) from failed
    return TopicState.APPROVED


_DECISION_LABELS = {"approved": "confirmed", "refused": "rejected"}

COMMANDS = {
    command.name: command
    for command in (
        receive_alert,
        list_alerts,
        acknowledge_alert,
        confirm_alert,
        dismiss_alert,
        watch_alert,
        group_alert,
        ungroup_alert,
        decide_topic,
    )
}
