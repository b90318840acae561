"""Lets every request that changes something leave a line in the audit log, whatever its page does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Flask, g, request
from werkzeug.wrappers import Response

from statuspage.process_log import Log
from statuspage.storage.engine import DatabaseBroken, DatabaseBusy, start_collecting, stop_collecting
from statuspage.usecases import audit_log
from statuspage.usecases.audit_log import Actor
from statuspage.web.desk import request_context
from statuspage.web.desk.security import SAFE_METHODS

RECORDED_ELSEWHERE: Mapping[str, str] = {
    "intake.receive_webhook": "a monitor's message: the alert itself says who sent what, and when",
    "intake.receive_test": "a monitor's test alert, which is deleted after some minutes",
    "intake.receive_heartbeat": "a monitor's heartbeat: its newest time is all that is kept",
}
"""Endpoints whose changes leave no line in the audit log, each with the reason."""

_BUTTON = re.compile(r"[a-z_]{1,32}")

_log = Log(__name__)


def follow_changes(app: Flask) -> None:
    """After each request that changed something and recorded nothing itself, records who did what, from where. Call it
    after whatever identifies the account."""
    app.before_request(_start)
    app.after_request(_record_changes)
    app.teardown_request(_stop)


def _stop(error: BaseException | None) -> None:
    stop_collecting()


def _start() -> None:
    if request.method not in SAFE_METHODS and request.endpoint not in RECORDED_ELSEWHERE:
        g.row_changes = start_collecting()


def _record_changes(response: Response) -> Response:
    changes = g.pop("row_changes", None)
    stop_collecting()
    if changes is None or not changes.lack_a_line:
        return response
    try:
        audit_log.record_changes(
            request_context.env().databases.accounts,
            str(request.endpoint),
            changes,
            target=" ".join(str(value) for name, value in (request.view_args or {}).items() if name != "token"),
            by=_actor(),
            now=request_context.now(),
            **_detail(),
        )
    except (DatabaseBusy, DatabaseBroken) as error:  # What was done is done, and its own record says by whom.
        _log.error("audit log not written", endpoint=request.endpoint, error=type(error).__name__)
    return response


def _detail() -> dict[str, str]:
    """The environment, unless it is live, and the button that was pressed."""
    environment, pressed = request_context.env().name, request.form.get("do", "")
    return {
        **({} if environment == "live" else {"environment": environment}),
        **({"do": pressed} if _BUTTON.fullmatch(pressed) else {}),
    }


def _actor() -> Actor:
    """Who is signed in, or the address of whoever used a link."""
    given: Actor | None = g.get("audit_actor")
    if given is not None:
        return given
    if request_context.current_account() is None:
        return Actor(origin=request_context.network_address())
    return request_context.audit_actor()
