"""External checks: the public page as readers get it, the hosts, the channels, the certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from statuspage.integrations import channels
from statuspage.integrations.channels import Channel, Unsent, smtp_client
from statuspage.integrations.hosting import UploadFailed
from statuspage.integrations.net import Certificate, CertificateUnavailable, page_probe, tls_probe
from statuspage.settings import Settings
from statuspage.usecases.diagnostics.findings import Finding, info_finding, ok_finding, problem_finding, unknown_finding
from statuspage.usecases.environment import Environment
from statuspage.usecases.publishing import sync
from statuspage.usecases.subscribers import offered_channels

T = TypeVar("T")

SKEW = timedelta(seconds=30)
"""A larger difference between the page's clock and ours is a problem."""

EXPIRES_SOON = timedelta(days=21)
"""A certificate that expires sooner was not renewed in time: the usual tools renew 30 days before."""


def check_page(env: Environment, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether the public address serves our newest page, and whether its clock agrees with ours."""
    if not env.site.address:
        yield problem_finding("address")
        return
    name = f"{env.site.catalog.leading_pack.language}/feed.rss"
    try:
        response = page_probe.fetch_page(f"{env.site.address}/{name}")
    except page_probe.PageUnreadable as error:
        yield problem_finding("page", address=env.site.address, reason=error)
        return
    yield _compare_page(env, name, response.body)
    if response.date is None:
        yield unknown_finding("clock", why="no_time")
        return
    skew = abs(clock() - response.date)
    seconds = f"{skew.total_seconds():.0f}"
    yield problem_finding("clock", seconds=seconds) if skew > SKEW else ok_finding("clock", seconds=seconds)


def _compare_page(env: Environment, name: str, body: bytes) -> Finding:
    try:
        built = (env.site_folder.current / name).read_bytes()
    except OSError:
        return unknown_finding("page", why="not_built")
    return (
        ok_finding("page", address=env.site.address)
        if built == body
        else problem_finding("behind", address=env.site.address)
    )


def check_hosts(env: Environment) -> Iterator[Finding]:
    """Whether each host can be reached and read, and what differs there. Changes nothing."""
    for name, result in _run_parallel(lambda host_name: _count_differences(env, host_name), env.senders.hosts):
        if isinstance(result, UploadFailed):
            yield problem_finding("host", name=name, reason=result.code, detail=result.detail)
        elif result:
            yield info_finding("owed", name=name, count=result)
        else:
            yield ok_finding("host", name=name)


def _count_differences(env: Environment, name: str) -> int | UploadFailed:
    try:
        difference = sync.compare_host(env, name)
    except UploadFailed as error:
        return error
    return len(difference.to_upload) + len(difference.removed)


def check_channels(env: Environment) -> Iterator[Finding]:
    """Whether the service of each channel accepts the settings. Nobody is notified."""
    for name, reason in env.senders.unready_channels.items():
        yield info_finding("unready", name=name, reason=reason)
    for name, error_detail in _run_parallel(
        lambda channel_name: _probe_channel(env.senders.channels, channel_name), env.senders.channels
    ):
        yield (
            problem_finding("channel", name=name, detail=error_detail)
            if error_detail
            else ok_finding("channel", name=name)
        )
    for missing in offered_channels.email_gaps(env) if env.site.catalog.channels else ():
        languages = ", ".join(env.site.catalog.packs[language].name for language in missing.languages)
        yield info_finding("sign_up", reason=missing.reason, detail=missing.setting_names, languages=languages)


def _probe_channel(channels: Mapping[str, Channel], name: str) -> str:
    try:
        channels[name].probe()
    except Unsent as error:
        return error.detail or error.reason
    return ""


def check_certificates(env: Environment, settings: Settings, now: datetime) -> Iterator[Finding]:
    """When the certificates expire that the page, its hosts and email depend on."""
    probes: dict[str, Callable[[], Certificate]] = {}
    for url in _https_urls(env):
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or 443
        probes[f"{host}:{port}"] = partial(tls_probe.fetch_certificate, host, port)
    for mail in _mail_servers(env, settings.secrets):
        tls_first = mail.security == "smtps"
        probes[f"{mail.host}:{mail.port}"] = partial(
            tls_probe.fetch_mail_certificate, mail.host, mail.port, implicit_tls=tls_first
        )
    for name, certificate in _run_parallel(lambda endpoint: _fetch_certificate(probes[endpoint]), probes):
        yield _certificate_finding(name, certificate, now)


def _certificate_finding(name: str, certificate: Certificate | CertificateUnavailable, now: datetime) -> Finding:
    if isinstance(certificate, CertificateUnavailable):
        return problem_finding("certificate", name=name, reason=certificate)
    days = (certificate.expires_at - now).days
    slots = {"name": name, "days": days, "issuer": certificate.issuer}
    return (
        problem_finding("ending", **slots)
        if certificate.expires_at - now < EXPIRES_SOON
        else ok_finding("certificate", **slots)
    )


def _fetch_certificate(probe: Callable[[], Certificate]) -> Certificate | CertificateUnavailable:
    try:
        return probe()
    except CertificateUnavailable as error:
        return error


def _https_urls(env: Environment) -> Iterator[str]:
    options = [spec.options for spec in env.site.catalog.channels.values() if spec.id in env.senders.channels]
    options += [spec.options for spec in env.site.catalog.hosts.values()]
    urls = [env.site.address, *(str(value) for channel_options in options for value in channel_options.values())]
    yield from (url for url in dict.fromkeys(urls) if url.startswith("https://") and urlsplit(url).hostname)


def _mail_servers(env: Environment, secrets: Mapping[str, str]) -> Iterator[smtp_client.Server]:
    for spec in env.site.catalog.channels.values():
        name = channels.secret_settings(spec).get("server", "")
        if name and spec.id in env.senders.channels:
            mail_server = smtp_client.parse_server(secrets[name])
            if mail_server.security != "smtp-plain":
                yield mail_server


def _run_parallel(work: Callable[[str], T], names: Mapping[str, object]) -> Iterator[tuple[str, T]]:
    with ThreadPoolExecutor(max(len(names), 1)) as pool:
        yield from zip(names, pool.map(work, names), strict=True)
