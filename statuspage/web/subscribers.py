"""Who is told, for leads: how many, one address, a list taken over or handed out, how far notices have got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.mailings import Mailing
from statuspage.store.subscribers import Count
from statuspage.subscribers import looking_after, offering, typed
from statuspage.subscribers.lists import Wrong
from statuspage.subscribers.looking_after import NoBooks
from statuspage.subscriptions import Standing, Subscriber
from statuspage.web import here, ways
from statuspage.web.voice import Voice

pages = Blueprint("subscribers", __name__)

LEFT = (Standing.PENDING, Standing.UNSUBSCRIBED, Standing.SUPPRESSED)
"""How those stand who are not told."""


@dataclass(frozen=True, slots=True)
class Line:
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
def show() -> Response:
    """How many there are, and the forms."""
    return _page()


@pages.post("/subscribers")
def act() -> Response:
    """Looks one up, forgets one, takes a list over or hands it out."""
    acts = {"look": _look, "erase": _erase, "import": _take_over, "export": _hand_out}
    return acts.get(request.form.get("do", ""), _page)()


def _look() -> Response:
    voice, said = here.voice(), request.form.get("address", "")
    if not (address := typed.address(said)):
        return _page(address=said, problems=(Problem("address", voice.t("subscribers.no_address")),))
    try:
        found = looking_after.at(here.world(), address)
    except NoBooks:
        abort(404)
    nothing = () if found else (Problem("address", voice.t("subscribers.not_there")),)
    return _page(address=address, found=found, problems=nothing)


def _erase() -> Response:
    try:
        count = looking_after.erase(here.world(), request.form.get("address", ""), by=here.who().name, now=here.now())
    except NoBooks:
        abort(404)
    flash(here.voice().label("cli.subscribers_erased", count=count))
    return redirect(url_for("subscribers.show"), 303)


def _take_over() -> Response:
    text, voice = request.form.get("list", ""), here.voice()
    try:
        taken = looking_after.take_over(here.world(), text, by=here.who().name, now=here.now())
    except NoBooks:
        abort(404)
    if taken.faults:
        nobody = voice.label("cli.subscribers_nothing_taken")
        said = (nobody, *(_sentence(one, voice) for one in taken.faults))
        return _page(text=text, problems=tuple(Problem("list", line) for line in said))
    flash(voice.label("cli.subscribers_taken", added=taken.added, known=taken.known, left_out=taken.left_out))
    return redirect(url_for("subscribers.show"), 303)


def _hand_out() -> Response:
    try:
        lines = looking_after.hand_out(here.world(), by=here.who().name, now=here.now())
    except NoBooks:
        abort(404)
    answer = make_response("".join(lines))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="subscribers-{here.now():%Y-%m-%d}.csv"'
    return answer


def _sentence(wrong: Wrong, voice: Voice) -> str:
    where = voice.label("cli.subscribers_line", line=wrong.line)
    return where + voice.label(f"cli.list_{wrong.key}", column=wrong.column, value=wrong.value)


def _page(
    *, address: str = "", found: Sequence[Subscriber] = (), text: str = "", problems: Sequence[Problem] = ()
) -> Response:
    world, voice = here.world(), here.voice()
    try:
        counted, going = looking_after.counts(world), looking_after.under_way(world)
    except NoBooks:
        abort(404)
    page = render_template(
        "subscribers.html",
        here="home",
        told=f"{looking_after.told(counted):,}",
        lacking=[(voice.label(f"doctor.mail_lacks.{why}"), settings) for why, settings in offering.lacking(world)],
        counts=list(_counts(counted, voice)),
        going=[_going(one, voice) for one in going],
        address=address,
        found=[_one(each, voice) for each in found],
        text=text,
        problems=problems,
    )
    return make_response(page, 422 if problems else 200)


def _counts(counted: Sequence[Count], voice: Voice) -> Iterator[Line]:
    for (kind, language), group in groupby(counted, key=lambda one: (one.kind, one.language)):
        many: Mapping[Standing, int] = {one.standing: one.count for one in group}
        left = [f"{voice.t(f'subscribers.{one}')} {many[one]:,}" for one in LEFT if many.get(one)]
        name = voice.listed([voice.t(f"subscribers.{kind}"), _language(language)])
        yield Line(name, voice.listed(left), f"{many.get(Standing.ACTIVE, 0):,}")


def _going(one: Mailing, voice: Voice) -> Line:
    channel = " ".join(ways.named(here.world(), one.channel, voice))
    return Line(one.incident, channel, voice.t("receipts.mailed_share", told=f"{one.told:,}", share=one.share))


def _one(one: Subscriber, voice: Voice) -> Line:
    """Everything that is kept, as somebody may ask to be told it."""
    services, asked = here.world().catalog.books[voice.language].services, one.wish.services
    names = [services[id].name if id in services else id for id in asked] or [voice.t("subscribers.every")]
    said = [voice.t(f"subscribers.{key}") for key in (one.standing, one.kind, one.wish.about, one.wish.how_much)]
    since = voice.t("subscribers.since", time=voice.times.day_clock(one.created))
    more = [value for value in (one.contact, *one.proof.values()) if value]
    return Line(one.address, voice.listed([*said, _language(one.wish.language), *names, since, *more]))


def _language(language: str) -> str:
    books = here.world().catalog.books
    return books[language].name if language in books else language
