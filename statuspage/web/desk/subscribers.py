"""The subscriber page, for leads: counts, single addresses, import and export, progress of bulk sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import BulkSend, Subscriber, SubscriberStatus
from statuspage.storage.subscribers import SubscriberCount
from statuspage.usecases.subscribers import EmailGap, ImportResult, RowError, admin, input, offered_channels
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.translations import Translator

pages = Blueprint("subscribers", __name__)

NOT_TOLD = (SubscriberStatus.PENDING, SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.SUPPRESSED)
"""Statuses of subscribers who get nothing."""


@dataclass(frozen=True, slots=True)
class SubscriberLine:
    """One line about some subscribers, or a single one: its label, its text, and a figure."""

    name: str
    text: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field."""

    field: str
    text: str


@pages.get("/settings/subscribers")
def show_subscribers() -> Response:
    """Shows the counts and the forms."""
    return _subscribers_page()


@pages.post("/settings/subscribers")
def act_on_list() -> Response:
    """Looks up or erases a subscriber, checks, imports or exports a list."""
    acts = {
        "find": _find_subscriber,
        "erase": _erase,
        "check": _check_list,
        "import": _import_list,
        "export": _export_list,
    }
    return acts.get(request.form.get("do", ""), _subscribers_page)()


def _find_subscriber() -> Response:
    translator, typed = request_context.translator(), request.form.get("address", "")
    if not (address := input.parse_email_address(typed)):
        return _subscribers_page(address=typed, problems=(Problem("address", translator.t("subscribers.no_address")),))
    matches = admin.find_by_address(request_context.env().databases.subscribers, address)
    problems = () if matches else (Problem("address", translator.t("subscribers.not_there")),)
    return _subscribers_page(address=address, matches=matches, problems=problems)


def _erase() -> Response:
    count = admin.erase_address(
        request_context.env(),
        request.form.get("address", ""),
        actor=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(request_context.translator().label("cli.subscribers_erased", count=count))
    return redirect(url_for("subscribers.show_subscribers"), 303)


def _check_list() -> Response:
    """Says what an import would do; nothing is stored."""
    text, translator = request.form.get("list", ""), request_context.translator()
    result = _read_list(text, dry_run=True)
    if result.errors:
        return _wrong_list(text, result.errors)
    checked = translator.t(
        "subscribers.checked", added=result.added, known=result.already_active, left_out=result.skipped
    )
    return _subscribers_page(text=text, checked=checked)


def _read_list(text: str, *, dry_run: bool) -> ImportResult:
    return admin.import_subscribers(
        request_context.env(), text, actor=request_context.audit_actor(), now=request_context.now(), dry_run=dry_run
    )


def _wrong_list(text: str, errors: Sequence[RowError]) -> Response:
    translator = request_context.translator()
    nobody = translator.label("cli.subscribers_none_imported")
    sentences = (nobody, *(_fault_sentence(fault, translator) for fault in errors))
    return _subscribers_page(text=text, problems=tuple(Problem("list", line) for line in sentences))


def _import_list() -> Response:
    text, translator = request.form.get("list", ""), request_context.translator()
    imported = _read_list(text, dry_run=False)
    if imported.errors:
        return _wrong_list(text, imported.errors)
    flash(
        translator.label(
            "cli.subscribers_imported", added=imported.added, known=imported.already_active, left_out=imported.skipped
        )
    )
    return redirect(url_for("subscribers.show_subscribers"), 303)


def _export_list() -> Response:
    lines = admin.export_subscribers(
        request_context.env(), actor=request_context.audit_actor(), now=request_context.now()
    )
    response = make_response("".join(lines))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="subscribers-{request_context.now():%Y-%m-%d}.csv"'
    return response


def _fault_sentence(fault: RowError, translator: Translator) -> str:
    prefix = translator.label("cli.subscribers_line", line=fault.line_number)
    return prefix + translator.label(f"cli.list_{fault.key}", column=fault.column, value=fault.value)


def _subscribers_page(
    *,
    address: str = "",
    matches: Sequence[Subscriber] = (),
    text: str = "",
    checked: str = "",
    problems: Sequence[Problem] = (),
) -> Response:
    env, translator = request_context.env(), request_context.translator()
    count_rows, bulk_sends = admin.subscriber_counts(env), admin.running_bulk_sends(env.databases.subscribers)
    page = render_template(
        "subscribers.html",
        section="settings",
        active_count=f"{admin.active_count(count_rows):,}",
        missing_settings=[_lack_row(lack, translator) for lack in offered_channels.email_gaps(env)],
        counts=list(_count_lines(count_rows, translator)),
        bulk_sends=[_bulk_send_line(bulk_send, translator) for bulk_send in bulk_sends],
        address=address,
        matches=[_subscriber_line(subscriber, translator) for subscriber in matches],
        text=text,
        checked=checked,
        by_service=_service_lines(admin.service_counts(env), translator),
        problems=problems,
    )
    return make_response(page, 422 if problems else 200)


def _lack_row(lack: EmailGap, translator: Translator) -> tuple[str, str, str]:
    languages = translator.format_list([_language_name(language) for language in lack.languages])
    return languages, translator.label(f"doctor.email_settings.{lack.reason}"), lack.setting_names


def _count_lines(count_rows: Sequence[SubscriberCount], translator: Translator) -> Iterator[SubscriberLine]:
    for (kind, language), group in groupby(count_rows, key=lambda row: (row.kind, row.language)):
        by_standing: Mapping[SubscriberStatus, int] = {row.status: row.count for row in group}
        others = [
            f"{translator.t(f'subscribers.{standing}')} {by_standing[standing]:,}"
            for standing in NOT_TOLD
            if by_standing.get(standing)
        ]
        name = translator.format_list([translator.t(f"subscribers.{kind}"), _language_name(language)])
        yield SubscriberLine(name, translator.format_list(others), f"{by_standing.get(SubscriberStatus.ACTIVE, 0):,}")


def _service_lines(counts: Mapping[str, int], translator: Translator) -> list[SubscriberLine]:
    """How many get notices of each service, in the order of the page; first those who get all of them."""
    catalog = request_context.env().site.catalog
    services = catalog.packs[translator.language].services
    names = {"": translator.t("subscribers.all_services"), **{id: services[id].name for id in catalog.services}}
    return [SubscriberLine(names[id], "", f"{counts[id]:,}") for id in names if counts.get(id)]


def _bulk_send_line(bulk_send: BulkSend, translator: Translator) -> SubscriberLine:
    channel = " ".join(channel_picker.channel_name(request_context.env().site.catalog, bulk_send.channel, translator))
    return SubscriberLine(
        bulk_send.incident,
        channel,
        translator.t("receipts.bulk_send_share", delivered=f"{bulk_send.delivered:,}", share=bulk_send.percent_done),
    )


def _subscriber_line(subscriber: Subscriber, translator: Translator) -> SubscriberLine:
    """Everything that is stored, for a subscriber who asks."""
    services = request_context.env().site.catalog.packs[translator.language].services
    service_ids = subscriber.preferences.services
    names = [services[id].name if id in services else id for id in service_ids] or [
        translator.t("subscribers.all_services")
    ]
    parts = [
        translator.t(f"subscribers.{key}")
        for key in (subscriber.status, subscriber.kind, subscriber.preferences.topic, subscriber.preferences.level)
    ]
    since_text = translator.t("subscribers.since", time=translator.times.format_day_time(subscriber.created))
    extras = [value for value in (subscriber.contact, *subscriber.consent.values()) if value]
    return SubscriberLine(
        subscriber.address,
        translator.format_list([*parts, _language_name(subscriber.preferences.language), *names, since_text, *extras]),
    )


def _language_name(language: str) -> str:
    packs = request_context.env().site.catalog.packs
    return packs[language].name if language in packs else language
