"""An environment with staff channels, its clock, and real servers on loopback for chat, mail and phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from statuspage.domain.alert import Alert, MonitorAlert
from statuspage.domain.catalog import Catalog
from statuspage.domain.staff_notification import StaffNotification
from statuspage.integrations import channels
from statuspage.storage import staff_notifications
from statuspage.usecases import alerts
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import escalation
from tests.support.desk import Clock, environment_in
from tests.support.environments import with_changes
from tests.support.fakes.hooks import SlackHook, Subscriber
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.fakes.service import running
from tests.support.times import at


@dataclass
class OnCallSetup:
    """An environment, its clock, and the three staff channels."""

    env: Environment
    clock: Clock
    chat: SlackHook
    mail: MailServer
    phone: Subscriber

    def alert(self, identity: str = "gate", title: str = "入館ゲートの応答が遅い") -> Alert:
        now = self.clock()
        signal = MonitorAlert("alertmanager", identity, title, "", {"service": identity.partition("-")[0]}, now)
        return alerts.receive_alerts(self.env, [signal], now=now)[0]

    def over(self, identity: str = "gate", title: str = "入館ゲートの応答が遅い") -> None:
        now = self.clock()
        alerts.receive_alerts(self.env, [MonitorAlert("alertmanager", identity, title, "", {}, now, now)], now=now)

    def work(self, **later: float) -> None:
        """Moves the clock; the worker then escalates and sends what is queued."""
        self.clock.later(**later)
        escalation.run_escalation(self.env, now=self.clock())
        self.carry_out()

    def carry_out(self) -> None:
        """Sends until nothing is due at the clock's time."""
        worker_run = WorkerRun(DeliverySender(self.env, self.clock, lambda: 0.5), "worker", Event())
        worker_run.begin()
        while not worker_run.is_idle or self._due():
            worker_run.start_notifications()
            sleep(0.005)
        worker_run.finish()

    def _due(self) -> tuple[str, ...]:
        with self.env.databases.environment.read() as tx:
            return staff_notifications.QUEUE.due_partitions(tx, self.clock())

    def made(self) -> list[StaffNotification]:
        with self.env.databases.environment.read() as tx:
            return list(reversed(staff_notifications.newest_notifications(tx, 1000)))

    def heard(self) -> tuple[int, int, int]:
        """The numbers of chat messages, emails and phone calls."""
        return len(self.chat.received), len(self.mail.emails), len(self.phone.received)


@pytest.fixture
def on_call_setup(tmp_path: Path, catalog: Catalog) -> Iterator[OnCallSetup]:
    with ExitStack() as stack:
        chat, phone = stack.enter_context(running(SlackHook())), stack.enter_context(running(Subscriber()))
        mail = stack.enter_context(mail_server())
        environ = {
            "STATUSPAGE_ON_CALL_CHAT_URL": chat.url,
            "STATUSPAGE_ON_CALL_PHONE_URL": phone.url,
            "STATUSPAGE_ON_CALL_PHONE_SECRET": phone.secret,
            **{f"STATUSPAGE_ON_CALL_MAIL_{name.upper()}": value for name, value in mail.settings.items()},
        }
        env = environment_in(tmp_path, catalog)
        staff_channels = {id: channels.open_live(spec, environ) for id, spec in catalog.notification_channels.items()}
        yield OnCallSetup(with_changes(env, staff_channels=staff_channels), Clock(at("12:02")), chat, mail, phone)
        env.databases.environment.close()
        env.databases.accounts.close()
