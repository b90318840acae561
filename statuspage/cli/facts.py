"""Facts from engineers: requested with a link that needs no account, or recorded by hand if the answer came another
way."""

from __future__ import annotations

from typing import Any

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import validation_refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.incidents import notifications_json
from statuspage.cli.notices import (
    apply_flags,
    fact_flags,
    load_incident,
    open_for_sending,
    open_form_for,
    pop_send_options,
    publish_notice,
    refuse_unsaid_flags,
    send_flags,
)
from statuspage.cli.show import pack_of, title_of
from statuspage.domain import (
    Incident,
    NoticeInput,
    NoticeKind,
    Question,
    StaffNotification,
    escape_control_characters,
    newest_answers,
)
from statuspage.storage import staff_notifications
from statuspage.usecases import delivery, notices
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import fact_requests, notify

ID = click.Argument(["incident"], metavar="ID")

FOLLOW_UP_FACTS = ("answers", "workarounds", "extra", "text", "only", "reason")
"""The flags for what a follow-up says."""

ENGINEER_FACTS = ("services", "start", "estimate", "ended", "answers")
"""The flags for what engineers know."""


@cli_command(
    "ask",
    ID,
    Flag(["--to"], default="", label="ask-to"),
    Flag(["--end"], type=int, metavar="N"),
    actor_flag(),
    group="facts",
)
def ask_engineers(command: CommandContext, incident: str, to: str, end: int | None, by: str) -> None:
    """Sends a fact request through the staff channels and prints it for forwarding; or revokes a request's link."""
    env = command.open_env()
    if end is not None:
        fact_requests.end_request(env, incident, end, actor=actor_name(by), now=command.now())
        command.print_result(
            {"incident": incident, "ended_request": end}, [command.text("fact_request_revoked", number=end)]
        )
        return
    number = fact_requests.ask_engineers(env, incident, actor=actor_name(by), now=command.now(), recipient=to)
    delivery.drain(env, clock=command.now)
    with env.databases.environment.read() as tx:
        notifications = staff_notifications.notifications_with_key(
            tx, incident, fact_requests.notification_key_prefix(incident, number)
        )
    link, text = _request_message(command, env, incident, number)
    lines = [*_notification_lines(command, notifications), "", text] + (
        [] if link else ["", command.text("fact_request_no_desk", incident=incident)]
    )
    result = {
        "incident": incident,
        "sequence": number,
        "link": link or None,
        "text": text,
        "notifications": notifications_json(notifications),
    }
    command.print_result(result, lines)


def _notification_lines(command: CommandContext, notifications: tuple[StaffNotification, ...]) -> list[str]:
    """The result for each channel; a hint to send it by hand if none succeeded."""
    lines = [
        f"{notification.channel}  {command.messages.label(f'desk.receipts.end_{notification.status}')}"
        for notification in notifications
    ]
    return [
        *lines,
        command.text(
            "facts_requested"
            if all(notification.has_failed for notification in notifications)
            else "facts_requested_sent"
        ),
    ]


def _request_message(command: CommandContext, env: Environment, incident_id: str, number: int) -> tuple[str, str]:
    desk = notify.desk_link(env)
    link = f"{desk}/facts/{fact_requests.request_token(env, incident_id, number)}" if desk else ""
    incident, languages = load_incident(env.databases.environment, incident_id), env.site.catalog.desk_languages
    language = command.messages.language if command.messages.language in languages else languages[0]
    return link, fact_requests.request_message(
        env, incident, _incident_title(command, env, incident_id), link, language
    )


def _incident_title(command: CommandContext, env: Environment, incident_id: str) -> str:
    incident = load_incident(env.databases.environment, incident_id)
    return (
        title_of(command, env.site.catalog, incident)
        if incident.latest
        else fact_requests.monitor_title(env.databases.environment, incident) or incident.id
    )


@cli_command(
    "answer",
    ID,
    *(flag for flag in fact_flags() if flag.name in ENGINEER_FACTS),
    Flag(["--line"], default=""),
    Flag(["--lang"], default=""),
    Flag(["--of"], type=int, default=0, metavar="N"),
    Flag(["--by"], default="", metavar="NAME", label="answer-by"),
    group="facts",
)
def record_answer(
    command: CommandContext, incident: str, line: str, lang: str, of: int, by: str, **options: object
) -> None:
    """Records an engineer's answer. It is shown beside the form and overwrites nothing that was typed."""
    env = command.open_env()
    problems = fact_requests.record_answer(
        env,
        incident,
        apply_flags(NoticeInput(services=()), options),
        actor=actor_name(by),
        now=command.now(),
        text=line,
        language=escape_control_characters(lang) or command.messages.language,
        request_sequence=of,
    )
    if problems:
        raise validation_refusal(command, problems)
    updated_incident = load_incident(env.databases.environment, incident)
    command.print_result(
        {"incident": incident, "sequence": updated_incident.entries[-1].sequence}, [command.text("answered")]
    )


@cli_command("open", group="facts")
def list_open_questions(command: CommandContext) -> None:
    """Lists the questions that are still being checked although customers were told that it works again."""
    env = command.open_env()
    rows = [_open_question_row(command, env, *row) for row in notices.all_open_questions(env)]
    lines = [
        f"{row['incident']}  {row['question']}={'|'.join(row['answers'])}  {row['title']}: {row['prompt']}"
        for row in rows
    ]
    command.print_result(rows, lines or [command.text("no_open_questions")])


def _open_question_row(
    command: CommandContext, env: Environment, incident: Incident, question: Question
) -> dict[str, Any]:
    prompt = f"incident_type.{incident.incident_type}.question.{question.id}.prompt"
    answer = newest_answers(incident).get(f"answer.{question.id}")
    return {
        "incident": incident.id,
        "title": title_of(command, env.site.catalog, incident),
        "question": question.id,
        "prompt": pack_of(command, env.site.catalog).phrases.get(prompt, question.id),
        "answers": list(question.answers),
        "engineer_answer": answer.engineer_answer.facts.answers.get(question.id) if answer else None,
    }


@cli_command(
    "publish",
    ID,
    *(flag for flag in fact_flags() if flag.name in FOLLOW_UP_FACTS),
    *send_flags(),
    group="facts",
)
def publish_follow_up(command: CommandContext, incident: str, **options: object) -> int:
    """Publishes the answers to questions that were still open when it was over, as a short follow-up."""
    env = open_for_sending(command, options)
    sending = pop_send_options(env, command, options)
    target = open_form_for(command, env.databases.environment, incident, sending.actor)
    facts = load_incident(env.databases.environment, incident).public_facts
    refuse_unsaid_flags(command, NoticeKind.FOLLOW_UP, facts, options)
    base = NoticeInput(incident_type=facts.incident_type if facts else "")
    return publish_notice(command, env, apply_flags(base, options), NoticeKind.FOLLOW_UP, target, sending)


COMMANDS = {command.name: command for command in (ask_engineers, record_answer, list_open_questions, publish_follow_up)}
