"""The worker of an environment."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from statuspage.process_log import Log
from statuspage.storage import stats
from statuspage.storage.engine import Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases import (
    action_items,
    drills,
    incident_events,
    retention,
    retrospectives,
)
from statuspage.usecases.delivery.dispatcher import NamedThreads, WorkerRun
from statuspage.usecases.delivery.draining import HEARTBEAT_EVERY, POLL_SECONDS, Clock
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker_lock import WorkerLease, worker_lock
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.identity import emergency_notice
from statuspage.usecases.notices import holding_notice, report_deadlines, scheduled, update_deadlines
from statuspage.usecases.on_call import current, escalation, fact_requests
from statuspage.usecases.publishing import refresh_front
from statuspage.usecases.redaction import cleanup
from statuspage.usecases.subscribers import emails

RENEW_EVERY = timedelta(minutes=5)
"""How often the time on the front page is refreshed."""

PLANS_EVERY = timedelta(seconds=5)
"""How often scheduled maintenance notices and due promises are checked."""

EMAILS_EVERY = timedelta(seconds=1)
"""How often emails requested on the public pages are checked."""

SCRIPT_EVERY = timedelta(seconds=1)
"""How often a drill's script is checked for due injects."""

ESCALATION_EVERY = timedelta(seconds=1)
"""How often escalations are checked."""

SUMMARY_EVERY = timedelta(seconds=1)
"""How often to check whether this environment's summary for the other one must be updated."""

ROSTERS_EVERY = timedelta(minutes=10)
"""How often rosters are fetched."""

REMINDERS_EVERY = timedelta(minutes=1)
"""How often reminders of action items are checked."""

ISSUES_EVERY = timedelta(seconds=5)
"""How often it is checked whether an issue of an action item is to be made or looked at."""

IDLE_POLL = timedelta(seconds=3)
"""How often the queue is polled although the database has notified nobody, because a notification may be lost."""

SUMMARY_AT_REST = timedelta(seconds=15)
"""How often that is checked while nothing is written."""

_log = Log(__name__)


class PeriodicTimer:
    """When each task last ran. A task is due again after its interval, or at once if the clock was set back."""

    def __init__(self) -> None:
        self._last_done: dict[str, datetime] = {}
        self._unchanged: set[str] = set()

    def note_change(self) -> None:
        """Records that something was written, or may have been."""
        self._unchanged.clear()

    def is_due(self, name: str, interval: timedelta, now: datetime, *, at_rest: timedelta | None = None) -> bool:
        """Whether the task is due; if so, it is recorded as done. It is due after ``at_rest`` if nothing was written
        since it was done."""
        if at_rest is not None and name in self._unchanged:
            interval = at_rest
        last_done = self._last_done.get(name)
        if last_done is not None and timedelta(0) <= now - last_done < interval:
            return False
        self._last_done[name] = now
        self._unchanged.add(name)
        return True


def run(
    env: Environment,
    *,
    clock: Clock,
    stop: Event,
    jitter: Callable[[], float] = random.random,
    wait: bool = True,
    on_start: Callable[[], None] = lambda: None,
    watch: drills.ClockWatch | None = None,
) -> bool:
    """Works until ``stop`` is set, then finishes what is being sent. ``on_start`` is called when its work begins.
    ``watch`` notices that somebody sets the machine's clock.

    While another process is the worker, waits; without ``wait``, returns False at once.
    """
    has_started, background = False, NamedThreads.without_claims(env)
    try:
        while not stop.is_set():
            try:
                with worker_lock(env) as lease:
                    if lease:
                        if not has_started:
                            on_start()
                        has_started = True
                        _work_until_stopped(DeliverySender(env, clock, jitter), lease, stop, background, watch)
                    elif not wait:
                        return False
            except Exception as error:
                _log_error(error)
            stop.wait(POLL_SECONDS)
        return True
    finally:
        background.shut_down()


def _work_until_stopped(
    sender: DeliverySender,
    lease: WorkerLease,
    stop: Event,
    background: NamedThreads,
    watch: drills.ClockWatch | None,
) -> None:
    """Works until ``stop``, or until a database that was away is back: the next run then settles what was
    interrupted."""
    worker_run, timer = WorkerRun(sender, lease.owner, stop, background), PeriodicTimer()
    should_look = True
    try:
        while not stop.is_set() and not _succeeds(worker_run.begin):
            stop.wait(POLL_SECONDS)
        while not stop.is_set():
            now = sender.clock()
            if watch and (step := watch.change(now)) is not None:
                _succeeds(partial(drills.note_clock_step, sender.env, step))
            _run_periodic(sender.env, worker_run, timer, now)
            if timer.is_due("pulse", HEARTBEAT_EVERY, now):
                _succeeds(partial(_beat, sender.env, lease.owner, now))
            _succeeds(partial(_keep_lease, sender.env.databases.environment, lease))
            if worker_run.was_cut_off and _succeeds(partial(_check_databases, sender.env, now)):
                return
            if should_look or worker_run.expects_work(now) or timer.is_due("look", IDLE_POLL, now):
                should_look = not all(
                    [_succeeds(worker_run.start_deliveries), _succeeds(worker_run.start_notifications)]
                )
            _succeeds(worker_run.start_syncs)
            is_notified = lease.presence.wait_for_work(POLL_SECONDS, stop)
            if is_notified or not lease.presence.sees_every_change:
                timer.note_change()
            should_look = is_notified or should_look
    finally:
        worker_run.finish()


def _run_periodic(env: Environment, worker_run: WorkerRun, timer: PeriodicTimer, now: datetime) -> None:
    """Runs the tasks that are due."""
    if timer.is_due("front", RENEW_EVERY, now):
        worker_run.start_background("front", partial(refresh_front, env, now=now))
        worker_run.start_background("forget", partial(cleanup.finish_redactions, env, now=now))
        worker_run.start_background("sweep", partial(emails.write_list_copy, env, now))
        worker_run.start_background("retention", partial(retention.delete_outdated, env, now=now))
    if timer.is_due("emails", EMAILS_EVERY, now):
        _succeeds(partial(worker_run.start_emails, now))
    if timer.is_due("plans", PLANS_EVERY, now):
        _succeeds(partial(scheduled.publish_due, env, now=now))
        _succeeds(partial(update_deadlines.remind_staff, env, now=now))
        _succeeds(partial(holding_notice.remind_staff, env, now=now))
        _succeeds(partial(incident_events.announce_incidents, env, now=now))
        _succeeds(partial(emergency_notice.tell_leads, env, now=now))
    _follow_up(env, worker_run, timer, now)
    if timer.is_due("facts", PLANS_EVERY, now):
        _succeeds(partial(fact_requests.repeat_overdue, env, now=now))
    if timer.is_due("script", SCRIPT_EVERY, now):
        _succeeds(partial(drills.advance_drill, env, now=now))
    if timer.is_due("summary", SUMMARY_EVERY, now, at_rest=SUMMARY_AT_REST):
        _refresh_summary(env, timer, now)
    if timer.is_due("escalation", ESCALATION_EVERY, now):
        _succeeds(partial(escalation.run_escalation, env, now=now))
    if env.content.roster_urls and timer.is_due("rosters", ROSTERS_EVERY, now):
        worker_run.start_background("rosters", partial(current.refresh_rosters, env, now=now))


def _follow_up(env: Environment, worker_run: WorkerRun, timer: PeriodicTimer, now: datetime) -> None:
    """Runs the tasks that are due after incidents."""
    if timer.is_due("actions", REMINDERS_EVERY, now):
        _succeeds(partial(action_items.reminders.remind_owners, env, now=now))
        _succeeds(partial(retrospectives.remind_of_retrospectives, env, now=now))
        _succeeds(partial(report_deadlines.remind_staff, env, now=now))
        _succeeds(partial(action_items.events.announce_items, env, now=now))
    if env.senders.issues and timer.is_due("issues", ISSUES_EVERY, now):
        worker_run.start_background("issues", partial(action_items.issues.advance_issues, env, now=now))


def _refresh_summary(env: Environment, timer: PeriodicTimer, now: datetime) -> None:
    """Writes the summary. What is not in it yet is a change that is still to be written, also while nothing else is."""
    has_run = False

    def refresh() -> None:
        nonlocal has_run
        has_run = shared_status.refresh_status(env, now=now)

    if not (_succeeds(refresh) and has_run):
        timer.note_change()


def _beat(env: Environment, owner: str, now: datetime) -> None:
    with env.databases.environment.begin_without_turn() as tx:
        stats.record_heartbeat(tx, owner, now, env.senders.channels)


def _keep_lease(database: Database, lease: WorkerLease) -> None:
    with database.translate_errors():
        lease.presence.renew()


def _check_databases(env: Environment, now: datetime) -> None:
    """Raises if one of the databases does not answer."""
    with env.databases.environment.read() as tx:
        stats.last_heartbeat(tx)
    emails.is_email_due(env.databases.subscribers, now)


def _succeeds(work: Callable[[], object]) -> bool:
    """Whether the work succeeded. A worker survives a busy database or a full disk."""
    try:
        work()
    except Exception as error:
        _log_error(error)
    else:
        return True
    return False


def _log_error(error: Exception) -> None:
    """Logs the error, unless the database module has already logged that the database does not work."""
    if isinstance(error, DatabaseBusy):
        _log.warning("database busy, retrying")
    elif not isinstance(error, DatabaseBroken):
        _log.error("queue could not be read, retrying", exc_info=error)
