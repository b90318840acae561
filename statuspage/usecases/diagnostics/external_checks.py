"""The way out: the public page as readers get it, the targets, the channels, the certificates on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from statuspage.integrations import channels
from statuspage.integrations.channels import Server, Unsent, server
from statuspage.integrations.hosting import NotCarried
from statuspage.integrations.net import Certificate, NotShown, page_probe, tls_probe
from statuspage.settings import Settings
from statuspage.usecases.diagnostics.findings import Finding, know, unknown, well, wrong_finding
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import sync
from statuspage.usecases.subscribers import offered_channels

T = TypeVar("T")

SKEW = timedelta(seconds=30)
"""Further apart than this, times on the page and times in the books no longer fit."""

ENDING = timedelta(days=21)
"""A certificate that ends sooner was not renewed in time: the usual programs renew 30 days before."""


def page(world: Environment, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether the public address answers with our own newest page, and whether its clock agrees with ours."""
    if not world.address:
        yield wrong_finding("address")
        return
    name = f"{world.catalog.leading.language}/feed.json"
    try:
        found = page_probe.fetch_page(f"{world.address}/{name}")
    except page_probe.NotRead as error:
        yield wrong_finding("page", address=world.address, reason=error)
        return
    yield _same(world, name, found.body)
    if found.date is None:
        yield unknown("clock", why="no_time")
        return
    apart = abs(clock() - found.date)
    seconds = f"{apart.total_seconds():.0f}"
    yield wrong_finding("clock", seconds=seconds) if apart > SKEW else well("clock", seconds=seconds)


def _same(world: Environment, name: str, body: bytes) -> Finding:
    try:
        ours = (world.target.current / name).read_bytes()
    except OSError:
        return unknown("page", why="not_built")
    return well("page", address=world.address) if ours == body else wrong_finding("behind", address=world.address)


def targets(world: Environment) -> Iterator[Finding]:
    """Whether each target can be reached and read, and what there is not as it is here; nothing is changed."""
    for name, found in _together(lambda one: _compared(world, one), world.mirrors):
        if isinstance(found, NotCarried):
            yield wrong_finding("target", name=name, reason=found.code, detail=found.detail)
        elif found:
            yield know("owed", name=name, count=found)
        else:
            yield well("target", name=name)


def _compared(world: Environment, name: str) -> int | NotCarried:
    try:
        found = sync.compare(world, name)
    except NotCarried as error:
        return error
    return len(found.fresh) + len(found.gone)


def ways(world: Environment) -> Iterator[Finding]:
    """Whether the other side of each channel accepts the settings; nobody is told anything."""
    for name, why in world.unready.items():
        yield know("unready", name=name, reason=why)
    for name, said in _together(lambda one: _probed(world, one), world.channels):
        yield wrong_finding("channel", name=name, detail=said) if said else well("channel", name=name)
    for one in offered_channels.lacking(world):
        languages = ", ".join(world.catalog.books[language].name for language in one.languages)
        yield know("sign_up", reason=one.why, detail=one.settings, languages=languages)


def _probed(world: Environment, name: str) -> str:
    try:
        world.channels[name].probe()
    except Unsent as error:
        return error.detail or error.reason
    return ""


def certificates_on_the_way(world: Environment, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Until when the certificates hold on which the page, its targets and mail depend."""
    asked: dict[str, Callable[[], Certificate]] = {}
    for url in _secured(world):
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or 443
        asked[f"{host}:{port}"] = partial(tls_probe.shown, host, port)
    for mail in _mail_servers(world, settings.secrets):
        first = mail.security == "smtps"
        asked[f"{mail.host}:{mail.port}"] = partial(tls_probe.shown_by_mail, mail.host, mail.port, first=first)
    for name, found in _together(lambda one: _shown(asked[one]), asked):
        yield _judged(name, found, now)


def _judged(name: str, found: Certificate | NotShown, now: datetime) -> Finding:
    if isinstance(found, NotShown):
        return wrong_finding("certificate", name=name, reason=found)
    days = (found.until - now).days
    slots = {"name": name, "days": days, "issuer": found.issuer}
    return wrong_finding("ending", **slots) if found.until - now < ENDING else well("certificate", **slots)


def _shown(ask: Callable[[], Certificate]) -> Certificate | NotShown:
    try:
        return ask()
    except NotShown as error:
        return error


def _secured(world: Environment) -> Iterator[str]:
    options = [spec.options for spec in world.catalog.channels.values() if spec.id in world.channels]
    options += [spec.options for spec in world.catalog.targets.values()]
    said = [world.address, *(str(value) for some in options for value in some.values())]
    yield from (one for one in dict.fromkeys(said) if one.startswith("https://") and urlsplit(one).hostname)


def _mail_servers(world: Environment, secrets: Mapping[str, str]) -> Iterator[Server]:
    for spec in world.catalog.channels.values():
        name = channels.secrets(spec).get("server", "")
        if name and spec.id in world.channels:
            found = server(secrets[name])
            if found.security != "smtp-plain":
                yield found


def _together(work: Callable[[str], T], names: Mapping[str, object]) -> Iterator[tuple[str, T]]:
    with ThreadPoolExecutor(max(len(names), 1)) as pool:
        yield from zip(names, pool.map(work, names), strict=True)
