"""How fast letters go out: a bare client of Python's own smtplib, with as many connections, on the same server."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Thread

from tests.fakes.mail_sink import Sink, mail_sink

LETTERS = 20_000
CONNECTIONS = 4
SENDER = "status@fitline.example"


def report(folder: Path, letters: int = LETTERS) -> None:
    """The bare client alone, on a server that takes everything and writes down each letter."""
    folder.mkdir()
    print(f"{letters:,} letters over {CONNECTIONS} connections, to a server on loopback")
    with mail_sink(folder / "bare") as sink:
        seconds = _timed(lambda: bare(sink, _letter(), letters))
        print(f"  bare smtplib: {letters / seconds:,.0f} letters a second, {len(sink.taken()):,} arrived")


def bare(sink: Sink, letter: bytes, count: int) -> None:
    """As little as it takes: letters made beforehand, but for the recipient and the id of each."""
    shares = [range(start, count, CONNECTIONS) for start in range(CONNECTIONS)]
    threads = [Thread(target=_hand_over, args=(sink.port, letter, share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def recipient(number: int) -> str:
    """An address like many."""
    return f"customer-{number:07d}@mail.example"


def _hand_over(port: int, letter: bytes, numbers: Sequence[int]) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="[127.0.0.1]") as smtp:
        for number in numbers:
            own = f"To: {recipient(number)}\r\nMessage-ID: <bare.{number}@fitline.example>\r\n".encode()
            smtp.sendmail(SENDER, [recipient(number)], own + letter)


def _letter() -> bytes:
    """About as large as a notice with both its parts."""
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["From"], made["Subject"] = SENDER, "Classes cannot be booked in the member app"
    made.set_content("Classes cannot be booked in the member app.\n" * 20)
    made.add_alternative("<p>Classes cannot be booked in the member app.</p>\n" * 160, subtype="html", cte="base64")
    return made.as_bytes()


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
