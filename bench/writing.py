"""The cost of the preview while somebody types: composing alone, and the form's whole response to a keystroke."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from bench.figures import Figures
from bench.history import NOW
from statuspage.domain.facts import NoticeKind, Precision
from statuspage.domain.notice_input import NoticeInput, StartInput, TypedTime
from statuspage.usecases import accounts, notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.app import create_app
from tests.support.desk import Browser

TURNS = 21
TYPED = NoticeInput(
    incident_type="booking",
    start=StartInput(Precision.ABOUT, TypedTime("5m")),
    extra={"en": "Please come to the front desk."},
)


def report(env: Environment, figures: Figures) -> None:
    """Both in milliseconds; the budget for the preview is 50."""
    target = notices.new_incident_target(env, now=NOW)
    words = _taken(lambda: notices.preview_notice(env, TYPED, notice_kind=NoticeKind.FIRST, target=target, now=NOW))
    browser = _writer(env)
    sent = {
        **browser.fields(),
        "incident_type": "booking",
        "start": "5m",
        "extra-en": TYPED.extra["en"],
        "do": "refresh",
    }
    answer = _taken(lambda: browser.client.post("/incidents/new", data=sent))
    print(f"The preview of a first report in {len(env.site.catalog.languages)} languages; median of {TURNS}")
    print(f"  every word for every medium {words[0]:.1f} ms, the form's answer to a key, draft kept {answer[0]:.1f} ms")
    figures.add("every word for every medium, processor", words[1], "ms", 50)
    figures.add("the form's answer to a key, processor", answer[1], "ms", 15)


def _writer(env: Environment) -> Browser:
    person = accounts.add_account(env.databases.accounts, "bench", "Bench", role=Role.REPORTER, language="en", now=NOW)
    browser = Browser(create_app(env, clock=lambda: NOW + timedelta(seconds=1)))
    browser.open(f"/sign-in/link/{accounts.create_sign_in_link(env.databases.accounts, person.id, now=NOW)}").send()
    return browser.open("/incidents/new")


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds, and those of a processor."""
    seconds, used = [], []
    for _ in range(TURNS + 1):
        began, before = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - began)
        used.append(time.process_time() - before)
    return _median(seconds), _median(used)


def _median(values: list[float]) -> float:
    return statistics.median(values[1:]) * 1000
