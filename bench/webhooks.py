"""How fast subscribers' webhooks are called, with slow and dead ones among them.

``python -m bench.webhooks call FOLDER COUNT PORT`` calls them in a separate process, to measure its cost;
``python -m bench.webhooks serve FOLDER`` is their server: it prints its port, and records each call in ``called``.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.costs import listening, measured
from bench.figures import Figures
from bench.mailing import work
from statuspage import bundled
from statuspage.content import loading
from statuspage.domain.subscription import SubscriberType
from statuspage.integrations.channels.public_egress import Egress
from statuspage.integrations.channels.subscriber_webhook import DEFAULT_CONNECTIONS, SubscriberWebhooks, new_secret
from tests.support.bulk_sends import bulk_send_of, enqueue_for_all, environment_with, subscribe
from tests.support.desk import Clock
from tests.support.site import composed
from tests.support.times import at
from tests.support.webhook_channel import SPEC

COUNT = 10_000
SLOW_SECONDS = 2.0
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_CERTIFICATE = (
    *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hooks".split(),
    *("-addext", "subjectAltName=DNS:*.hooks.example"),
)
_REPLIES = {"failing": b"500 Internal Server Error"}
_REPLY = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def report(folder: Path, figures: Figures, count: int = COUNT) -> None:
    """Calls all of them once; those that failed would be called again later."""
    folder.mkdir()
    print(f"{count:,} webhooks over TLS on loopback, {DEFAULT_CONNECTIONS} at a time; 2 % take 2 s, 2 % are dead ends")
    _make_certificate(folder)
    with listening("bench.webhooks", "serve", str(folder)) as port:
        cost = measured([sys.executable, "-m", "bench.webhooks", "call", str(folder), str(count), str(port)])
    began, ended = map(float, (folder / "times").read_text().split())
    calls = dict(line.split() for line in (folder / "called").read_text().splitlines())
    healthy = [float(when) - began for path, when in calls.items() if path.startswith("/healthy/")]
    expected = sum(_kind(number) == "healthy" for number in range(count))
    if len(healthy) != expected:
        raise SystemExit(f"{len(healthy)} of {expected} healthy webhooks have been called")
    figures.add(f"{count:,} webhooks, until all healthy ones have it", max(healthy), "s")
    figures.add(f"{count:,} webhooks, healthy ones", len(healthy) / max(healthy), "a second")
    figures.add(f"{count:,} webhooks, until all have been tried once", ended - began, "s")
    figures.add(f"{count:,} webhooks, processor", cost.processor, "s")
    figures.add(f"{count:,} webhooks, memory", cost.megabytes, "MB")


def _kind(number: int) -> str:
    """Of each fifty, one is slow, and one a dead end: in turn, it answers 500 or refuses the connection."""
    match number % 100:
        case 7 | 57:
            return "slow"
        case 23:
            return "failing"
        case 73:
            return "refusing"
        case _:
            return "healthy"


def _resolve(host: str) -> Sequence[str]:
    """Nobody listens at the second of these addresses."""
    return ("127.0.0.2",) if host.startswith("refusing") else ("127.0.0.1",)


def _is_allowed(_address: object) -> bool:
    return True


def call(folder: Path, count: int, port: int) -> None:
    """Calls every webhook once, with the shipped limits, except that this loopback counts as the internet."""
    catalog, _ = loading.read_content(bundled.folder("content") / "demo")
    assert catalog is not None
    egress = Egress(port, _is_allowed, _resolve, str(folder / "authorities.pem"))
    spec = replace(SPEC, options={"connections": str(DEFAULT_CONNECTIONS)})
    env = environment_with(folder, catalog, SubscriberWebhooks(spec, egress, lambda: datetime.now(UTC)))
    assert env.databases.subscribers is not None
    kinds = [_kind(number) for number in range(count)]
    addresses = [f"https://{kind}-{number}.hooks.example/{kind}/{number}" for number, kind in enumerate(kinds)]
    subscribe(env.databases.subscribers, addresses, subscriber_type=SubscriberType.WEBHOOK, secret=new_secret())
    sequence, clock = enqueue_for_all(env, composed(catalog, ("12:03", "first"))), Clock(at("12:03"))
    began = time.monotonic()
    work(env, clock)
    while not bulk_send_of(env, sequence).is_complete:  # A turn has ended before its end.
        clock.later(seconds=1)
        work(env, clock)
    (folder / "times").write_text(f"{began} {time.monotonic()}")


async def serve(folder: Path) -> None:
    """Answers each call as its path says."""
    with (folder / "called").open("ab", buffering=0) as file:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
            await reader.readexactly(int(fields["content-length"]))
            path = head.split()[1]
            kind = path.split("/")[1]
            if kind == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            file.write(f"{path} {time.monotonic()}\n".encode())
            writer.write(_REPLY % _REPLIES.get(kind, b"204 No Content"))
            await writer.drain()
            writer.close()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "hooks.pem", folder / "hooks.key")
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context, backlog=100)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


def _make_certificate(folder: Path) -> None:
    """The server's; and the authorities of this machine with it, because every machine has about as many to read."""
    file = folder / "hooks.pem"
    subprocess.run(
        [*_CERTIFICATE, "-keyout", str(folder / "hooks.key"), "-out", str(file)], check=True, capture_output=True
    )
    known = _AUTHORITIES.read_text() if _AUTHORITIES.exists() else ""
    (folder / "authorities.pem").write_text(known + file.read_text())


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(Path(sys.argv[2])))
    else:
        call(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
