"""How fast emails are sent, compared with a bare client using Python's smtplib with as many connections to one server.

``python -m bench.mailing FOLDER COUNT PORT`` sends COUNT emails in a separate process, to measure its memory.
"""

from __future__ import annotations

import smtplib
import sys
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Event, Thread

from bench.costs import measured
from bench.figures import Figures
from statuspage import bundled
from statuspage.content import loading
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.draining import POLL_SECONDS
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment.model import Environment
from tests.support.bulk_sends import (
    SENDER,
    address,
    bulk_send_of,
    channel_to,
    delivery_of_notice,
    enqueue_for_all,
    environment_with,
    subscribe,
)
from tests.support.deliveries import due
from tests.support.desk import Clock
from tests.support.fakes.mail_sink import Sink, mail_sink
from tests.support.site import composed
from tests.support.times import at

EMAIL_COUNT = 20_000
CONNECTIONS = 4
TURNS = 3
FEW, MANY = 1_000, 100_000


def report(folder: Path, figures: Figures, emails: int = EMAIL_COUNT) -> None:
    """Measures both in turn, then the memory with few and with many emails."""
    folder.mkdir()
    print(f"{emails:,} emails over {CONNECTIONS} connections, to a server on loopback; both taken in turn")
    theirs, mine = [], []
    for turn in range(TURNS):
        with mail_sink(folder / f"bare-{turn}") as sink:
            theirs.append(_timed(lambda sink=sink: bare(sink, _email(), emails)))  # type: ignore[misc] # mypy cannot infer a lambda with a default
        root_folder = folder / f"ours-{turn}"
        root_folder.mkdir()
        with mail_sink(root_folder / "taken") as sink:
            mine.append(ours(root_folder, sink.port, emails))
            assert len(sink.taken()) == emails
        print(f"  bare smtplib {emails / theirs[-1]:7,.0f} a second   ours {emails / mine[-1]:7,.0f}")
    speed = sorted(theirs)[TURNS // 2] / sorted(mine)[TURNS // 2]
    figures.add("emails, speed to that of a bare smtplib client", speed, "times", 1, floor=True)
    _memory(folder)


def bare(sink: Sink, email: bytes, count: int) -> None:
    """The minimum: emails prepared in advance except for recipient and id."""
    shares = [range(start, count, CONNECTIONS) for start in range(CONNECTIONS)]
    threads = [Thread(target=_hand_over, args=(sink.port, email, share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ours(folder: Path, port: int, count: int) -> float:
    """The seconds to send to ``count`` subscribers, each with individual links, and each recorded."""
    catalog, _ = loading.read_content(bundled.folder("content") / "demo")
    assert catalog is not None
    env = environment_with(folder, catalog, channel_to(f"smtp-plain://127.0.0.1:{port}"))
    assert env.databases.subscribers is not None
    subscribe(env.databases.subscribers, [address(number) for number in range(count)])
    sequence, clock = enqueue_for_all(env, composed(catalog, ("12:03", "first"))), Clock(at("12:03"))
    seconds = 0.0
    while delivery_of_notice(env, sequence).status is not DeliveryStatus.DELIVERED:
        seconds += _timed(lambda: work(env, clock))
        clock.later(seconds=2)
    assert bulk_send_of(env, sequence).delivered == count
    return seconds


def work(env: Environment, clock: Clock) -> None:
    """Works until nothing is due, polling the queue twice a second like a worker. The tests poll two hundred times a
    second, which takes a third of the processor that is measured here."""
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5, Event()), "worker", Event())
    worker_run.begin()
    while not worker_run.is_idle or due(env, clock):
        worker_run.start_deliveries()
        until = time.monotonic() + POLL_SECONDS
        while not worker_run.is_idle and time.monotonic() < until:
            time.sleep(0.005)
    worker_run.finish()


def _memory(folder: Path) -> None:
    for count in (FEW, MANY):
        root_folder = folder / f"memory-{count}"
        root_folder.mkdir()
        with mail_sink(root_folder / "taken") as sink:
            cost = measured([sys.executable, "-m", "bench.mailing", str(root_folder), str(count), str(sink.port)])
        print(f"  {count:>7,} subscribers: {cost.megabytes:.0f} MB, {cost.processor:.1f} s of processors")


def _hand_over(port: int, email: bytes, numbers: Sequence[int]) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="[127.0.0.1]") as smtp:
        for number in numbers:
            own = f"To: {address(number)}\r\nMessage-ID: <bare.{number}@fitline.example>\r\n".encode()
            smtp.sendmail(SENDER, [address(number)], own + email)


def _email() -> bytes:
    """An email about as large as a notice with both its parts."""
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["From"], made["Subject"] = SENDER, "You cannot book classes in the member app"
    made.set_content("You cannot book classes in the member app.\n" * 20)
    made.add_alternative("<p>You cannot book classes in the member app.</p>\n" * 160, subtype="html", cte="base64")
    return made.as_bytes()


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    ours(Path(sys.argv[1]), int(sys.argv[3]), int(sys.argv[2]))
