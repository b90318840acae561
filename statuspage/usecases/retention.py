"""Deletes what is older than the company keeps it: once a day, in small portions, nothing that was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from statuspage.process_log import Log
from statuspage.storage import accounts, audit_log, retention, subscribers
from statuspage.storage.api import requests as api_requests
from statuspage.storage.engine import Connection, Database
from statuspage.storage.retention import RetentionRun
from statuspage.usecases.api import idempotency
from statuspage.usecases.environment import Environment
from statuspage.usecases.throttling import FORGET_AFTER, TRUSTED_FOR

EVERY = timedelta(days=1)

PORTION = 500
"""Rows deleted in one transaction, so that nobody waits for it."""

IN_ACCOUNTS = ("audit_log", "refused_sign_ins")
IN_ENVIRONMENT = ("alerts", "drafts", "staff_notifications")
IN_SUBSCRIBERS = ("unconfirmed_subscribers", "subscription_emails")


def _forget_failures(tx: Connection, now: datetime) -> None:
    audit_log.delete_old_failures(tx, counted_before=now - FORGET_AFTER, at_home_before=now - TRUSTED_FOR)
    accounts.delete_expired(tx, now)


def _forget_requests(tx: Connection, now: datetime) -> None:
    subscribers.delete_request_counts(tx, now - EVERY)


def _forget_answers(tx: Connection, now: datetime) -> None:
    api_requests.delete_older(tx, now - idempotency.KEPT_FOR)


ALONG_WITH: Mapping[str, Callable[[Connection, datetime], None]] = {
    "drafts": _forget_answers,
    "refused_sign_ins": _forget_failures,
    "unconfirmed_subscribers": _forget_requests,
}
"""What is deleted on the same occasion, because it has ended: sessions, links, answers of the API, failures and
requests that count no more."""

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class KindOfRecord:
    """How many days records of this kind are kept, and the last run; None before the first one."""

    name: str
    days: int
    last_run: RetentionRun | None


def delete_outdated(env: Environment, *, now: datetime) -> None:
    """Deletes outdated records of every kind that was not looked at for a day. Interrupted, it goes on next time."""
    with env.databases.accounts.read() as tx:
        runs = retention.list_runs(tx, env.name)
    days = asdict(env.site.catalog.site.retention)
    for kind, database in _databases(env).items():
        last = runs.get(kind)
        if last is not None and timedelta(0) <= now - last.ran_at < EVERY:
            continue
        removed = _delete_kind(database, kind, now - timedelta(days=days[kind]))
        if kind in ALONG_WITH:
            with database.begin() as tx:
                ALONG_WITH[kind](tx, now)
        with env.databases.accounts.begin() as tx:
            retention.save_run(tx, env.name, kind, RetentionRun(now, removed))
        if removed:
            _log.info("old records deleted", kind=kind, count=removed)


def list_kinds(env: Environment) -> tuple[KindOfRecord, ...]:
    """Every kind of record of this environment with its period and its last run."""
    with env.databases.accounts.read() as tx:
        runs = retention.list_runs(tx, env.name)
    days = asdict(env.site.catalog.site.retention)
    databases = _databases(env)
    return tuple(KindOfRecord(kind, days[kind], runs.get(kind)) for kind in days if kind in databases)


def _databases(env: Environment) -> Mapping[str, Database]:
    """Where the records of each kind are. A drill looks after its own only."""
    databases = env.databases
    found = dict.fromkeys(IN_ENVIRONMENT, databases.environment)
    if env.live_status_path is None:
        found |= dict.fromkeys(IN_ACCOUNTS, databases.accounts)
    if databases.subscribers is not None:
        found |= dict.fromkeys(IN_SUBSCRIBERS, databases.subscribers)
    return found


def _delete_kind(database: Database, kind: str, before: datetime) -> int:
    removed = 0
    while True:
        with database.begin() as tx:
            portion = retention.delete_portion(tx, kind, before, PORTION)
        removed += portion
        if portion < PORTION:
            return removed
