"""Who is told, for leads: how many, one address, a list taken over or handed out, how far notices have got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import BulkSend, Standing, Subscriber
from statuspage.storage.subscribers import Count
from statuspage.usecases.subscribers import Lack, NoBooks, Wrong, admin, input, offered_channels
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.translations import Translator

pages = Blueprint("subscribers", __name__)

LEFT = (Standing.PENDING, Standing.UNSUBSCRIBED, Standing.SUPPRESSED)
"""How those stand who are not told."""


@dataclass(frozen=True, slots=True)
class SubscriberLine:
    """What is shown of some, or of one: what it is, what is to be said of it, and a figure."""

    name: str
    text: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field."""

    field: str
    text: str


@pages.get("/subscribers")
def show_subscribers() -> Response:
    """How many there are, and the forms."""
    return _subscribers_page()


@pages.post("/subscribers")
def act() -> Response:
    """Looks one up, forgets one, takes a list over or hands it out."""
    acts = {"look": _look, "erase": _erase, "import": _take_over, "export": _hand_out}
    return acts.get(request.form.get("do", ""), _subscribers_page)()


def _look() -> Response:
    voice, said = request_context.voice(), request.form.get("address", "")
    if not (address := input.mail_address(said)):
        return _subscribers_page(address=said, problems=(Problem("address", voice.t("subscribers.no_address")),))
    try:
        found = admin.at(request_context.world(), address)
    except NoBooks:
        abort(404)
    nothing = () if found else (Problem("address", voice.t("subscribers.not_there")),)
    return _subscribers_page(address=address, found=found, problems=nothing)


def _erase() -> Response:
    try:
        count = admin.erase(
            request_context.world(),
            request.form.get("address", ""),
            by=request_context.who().name,
            now=request_context.now(),
        )
    except NoBooks:
        abort(404)
    flash(request_context.voice().label("cli.subscribers_erased", count=count))
    return redirect(url_for("subscribers.show_subscribers"), 303)


def _take_over() -> Response:
    text, voice = request.form.get("list", ""), request_context.voice()
    try:
        taken = admin.take_over(request_context.world(), text, by=request_context.who().name, now=request_context.now())
    except NoBooks:
        abort(404)
    if taken.faults:
        nobody = voice.label("cli.subscribers_nothing_taken")
        said = (nobody, *(_sentence(one, voice) for one in taken.faults))
        return _subscribers_page(text=text, problems=tuple(Problem("list", line) for line in said))
    flash(voice.label("cli.subscribers_taken", added=taken.added, known=taken.known, left_out=taken.left_out))
    return redirect(url_for("subscribers.show_subscribers"), 303)


def _hand_out() -> Response:
    try:
        lines = admin.hand_out(request_context.world(), by=request_context.who().name, now=request_context.now())
    except NoBooks:
        abort(404)
    answer = make_response("".join(lines))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="subscribers-{request_context.now():%Y-%m-%d}.csv"'
    return answer


def _sentence(wrong: Wrong, voice: Translator) -> str:
    where = voice.label("cli.subscribers_line", line=wrong.line)
    return where + voice.label(f"cli.list_{wrong.key}", column=wrong.column, value=wrong.value)


def _subscribers_page(
    *, address: str = "", found: Sequence[Subscriber] = (), text: str = "", problems: Sequence[Problem] = ()
) -> Response:
    world, voice = request_context.world(), request_context.voice()
    try:
        counted, going = admin.counts(world), admin.under_way(world)
    except NoBooks:
        abort(404)
    page = render_template(
        "subscribers.html",
        here="home",
        told=f"{admin.told_count(counted):,}",
        lacking=[_lack(one, voice) for one in offered_channels.lacking(world)],
        counts=list(_counts(counted, voice)),
        going=[_going(one, voice) for one in going],
        address=address,
        found=[_subscriber_line(each, voice) for each in found],
        text=text,
        problems=problems,
    )
    return make_response(page, 422 if problems else 200)


def _lack(one: Lack, voice: Translator) -> tuple[str, str, str]:
    languages = voice.listed([_language(language) for language in one.languages])
    return languages, voice.label(f"doctor.mail_lacks.{one.why}"), one.settings


def _counts(counted: Sequence[Count], voice: Translator) -> Iterator[SubscriberLine]:
    for (kind, language), group in groupby(counted, key=lambda one: (one.kind, one.language)):
        many: Mapping[Standing, int] = {one.standing: one.count for one in group}
        left = [f"{voice.t(f'subscribers.{one}')} {many[one]:,}" for one in LEFT if many.get(one)]
        name = voice.listed([voice.t(f"subscribers.{kind}"), _language(language)])
        yield SubscriberLine(name, voice.listed(left), f"{many.get(Standing.ACTIVE, 0):,}")


def _going(one: BulkSend, voice: Translator) -> SubscriberLine:
    channel = " ".join(channel_picker.channel_name(request_context.world(), one.channel, voice))
    return SubscriberLine(
        one.incident, channel, voice.t("receipts.mailed_share", told=f"{one.told:,}", share=one.share)
    )


def _subscriber_line(one: Subscriber, voice: Translator) -> SubscriberLine:
    """Everything that is kept, as somebody may ask to be told it."""
    services, asked = request_context.world().catalog.books[voice.language].services, one.wish.services
    names = [services[id].name if id in services else id for id in asked] or [voice.t("subscribers.every")]
    said = [voice.t(f"subscribers.{key}") for key in (one.standing, one.kind, one.wish.about, one.wish.how_much)]
    since = voice.t("subscribers.since", time=voice.times.day_clock(one.created))
    more = [value for value in (one.contact, *one.proof.values()) if value]
    return SubscriberLine(one.address, voice.listed([*said, _language(one.wish.language), *names, since, *more]))


def _language(language: str) -> str:
    books = request_context.world().catalog.books
    return books[language].name if language in books else language
