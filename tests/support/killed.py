"""Runs the program in its own process that is really killed at a named point.

Nothing of the program is changed or replaced: the interpreter's tracing hook watches which function is entered or left,
and the NTH time it is the named one, the process sends itself SIGKILL.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from multiprocessing.process import BaseProcess
from types import CodeType, FrameType
from typing import Any, NoReturn

from statuspage.cli import framework

Hook = Callable[[FrameType, str, Any], Any]


@dataclass(frozen=True)
class Point:
    """A function by module and name, when it is entered (*call*) or left (*return*), only if ``if_so``.

    ``together``: threads that arrive before the NTH time wait there, so that all are killed at the same place.
    """

    module: str
    name: str
    event: str
    if_so: Callable[[FrameType, Any], bool] = lambda frame, answer: True
    together: bool = False


def _is_post(frame: FrameType, _answer: Any) -> bool:
    return bool(frame.f_locals["delivery"].channel != "site")


def _is_site(frame: FrameType, _answer: Any) -> bool:
    return bool(frame.f_locals["delivery"].channel == "site")


def _from(caller: str) -> Callable[[FrameType, Any], bool]:
    return lambda frame, _answer: frame.f_back is not None and frame.f_back.f_code.co_name == caller


POINTS = {
    "committed": Point(
        "statuspage.usecases.notices.publication", "publish_notice", "return", lambda _, answer: answer is not None
    ),
    "claimed": Point("statuspage.usecases.delivery.dispatcher", "WorkerRun._attempt_delivery", "call", _is_post),
    "sent": Point(
        "statuspage.usecases.delivery.sender", "DeliverySender._deliver", "return", lambda _, answer: answer is not None
    ),
    "all sent": Point(
        "statuspage.usecases.delivery.sender",
        "DeliverySender._deliver",
        "return",
        lambda _, answer: answer is not None,
        together=True,
    ),
    "recorded": Point("statuspage.usecases.delivery.dispatcher", "WorkerRun._settle_delivery", "return", _is_post),
    "staging": Point("statuspage.integrations.hosting.folder", "_write_file", "return", _from("_stage_files")),
    "replacing": Point("pathlib", "Path.replace", "return", _from("_replace")),
    "written": Point("statuspage.usecases.delivery.dispatcher", "WorkerRun._settle_delivery", "call", _is_site),
    "filling": Point("statuspage.integrations.hosting.folder", "Build.write_files", "return"),
    "switching": Point("pathlib", "Path.replace", "call", _from("switch")),
    "switched": Point("pathlib", "Path.replace", "return", _from("switch")),
}
"""After commit and before the claim; after the claim; after sending and before the record (one channel, or all of
them); after the record; while the site's files are written beside it; while they are moved into place; when they are in
place but not recorded; while a whole build is filled; before it replaces the old one; after."""


OF_ISSUES = {
    "issue made": Point(
        "statuspage.usecases.action_items.issues", "_make_once", "return", lambda _, answer: answer is not None
    ),
}
"""After an issue was made and before it is recorded."""


def code_of(point: Point) -> CodeType:
    """The code of the watched function."""
    function = reduce(getattr, point.name.split("."), importlib.import_module(point.module))
    code: CodeType = function.__code__
    return code


def armed(point: Point, nth: int) -> Hook:
    """The hook that ends this process at the NTH passage of the point. All other functions run untraced."""
    code, left, turn = code_of(point), [nth], threading.Lock()

    def passed(frame: FrameType, answer: Any) -> None:
        if point.if_so(frame, answer):
            with turn:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            if point.together:
                threading.Event().wait()

    def left_now(frame: FrameType, event: str, answer: Any) -> Hook:
        if event == "return":
            passed(frame, answer)
        return left_now

    def entered(frame: FrameType, _event: str, _answer: Any) -> Hook | None:
        if frame.f_code is not code:
            return None
        if point.event == "return":
            return left_now
        passed(frame, None)
        return None

    return entered


def watch(point: str, nth: int) -> None:
    """Ends this process at the NTH passage of this point."""
    hook = armed({**POINTS, **OF_ISSUES}[point], nth)
    threading.settrace(hook)
    sys.settrace(hook)


def play(environ: Mapping[str, str], message: str, args: Sequence[str], point: str = "", nth: int = 1) -> NoReturn:
    """The work of such a process: the program with these arguments, its output appended to a file, up to the point, or
    to its end if none is named."""
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["statuspage", *args]
    words = os.open(message, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(words, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if point:
        watch(point, nth)
    code = framework.run(args)
    sys.stdout.flush()
    os._exit(code)


LAUNCHER = multiprocessing.get_context("forkserver")
"""Starts those processes: it has imported the program once, opened nothing, and forks."""
LAUNCHER.set_forkserver_preload(["tests.support.killed"])


def started(*given: Any) -> BaseProcess:
    """A process that runs this; its ``exitcode`` is -9 if it was killed."""
    process = LAUNCHER.Process(target=play, args=given)
    process.start()
    return process
