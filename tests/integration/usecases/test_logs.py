"""The program's logs contain no secret, at any level."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog

from statuspage.domain.delivery import Delivery
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Unsent
from statuspage.settings import Settings, Unreadable
from statuspage.usecases import logging_setup
from tests.support.fakes.x_server import Account, x_server
from tests.support.times import at

PLANTED = Account(
    consumer_key="planted-key-4711",
    consumer_secret="planted/secret+4712=",
    access_token="planted-token-4713",
    access_token_secret="planted 'secret' 4714",
)
SPEC = ChannelSpec("x-ja", "x", "ja", "x", "@fitline_jp")


def planted() -> list[str]:
    return [form for secret in PLANTED.settings.values() for form in (secret, quote(secret, safe=""))]


def settings() -> Settings:
    return Settings(Path("home"), Path("content"), secrets=PLANTED.environ("x-ja"))


def test_no_planted_secret_is_written_down_at_the_most_talkative_level(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(settings(), level=logging.DEBUG)
    delivery = Delivery(1, "k3m9p2q7x4ab", 1, "x-ja", "ja", {"text": "予約ができません。", "plain": ""})
    with x_server(PLANTED) as server:
        channel = channels.open_live(SPEC, PLANTED.environ("x-ja") | {"STATUSPAGE_X_API": server.address})
        channel.deliver(delivery, None, page_readable=True)
        for fault in ("401", "500", "html", "drop"):
            server.next(fault)
            server.posts.clear()
            with pytest.raises(Unsent):
                channel.deliver(delivery, None, page_readable=True)
        assert PLANTED.access_token in server.state.authorized[0]
    log = structlog.get_logger("test")
    for number, secret in enumerate(planted()):
        log.debug("it is %s", secret, given=secret, deep={"list": [secret]}, error=ValueError(secret))
        logging.getLogger("somebody.else").debug("they say %s", secret)
        try:
            raise RuntimeError(secret)
        except RuntimeError:
            log.exception(f"it broke, number {number}")
    written = "".join(capsys.readouterr())
    assert written.count("it broke") == len(planted())
    assert [secret for secret in planted() if secret in written] == []


def test_what_is_named_like_a_secret_is_blanked_whatever_it_holds(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(Settings(Path("home"), Path("content")))
    structlog.get_logger("test").info(
        "signed in", password="hunter2", headers={"Authorization": "Bearer abc", "Host": "a"}
    )
    line = json.loads(capsys.readouterr().err)
    assert (line["password"], line["headers"]) == ("***", {"Authorization": "***", "Host": "a"})


def test_a_line_break_in_what_is_logged_makes_no_second_line(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(Settings(Path("home"), Path("content")))
    structlog.get_logger("test").info("typed", text='first\n{"event": "forged"}\r\x1b[31m')
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_event_says_what_when_and_how_grave(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(Settings(Path("home"), Path("content")))
    structlog.get_logger("test").warning("delivery", channel="x-ja")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["channel"]) == ("delivery", "warning", "x-ja")
    assert line["timestamp"].endswith("Z")


def test_an_error_that_lasts_is_a_line_at_first_and_others_are_lines_of_their_own(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(settings())
    log = structlog.get_logger()
    for number in range(1000):
        try:
            raise ValueError(f"number {number}")
        except ValueError as error:
            log.error("request failed", path=f"/{number}", exc_info=error)
        log.warning("host sync failed", host="pages", failures=number)
    log.warning("host sync failed", host="bucket", failures=1)
    for _ in range(3):
        log.info("delivery", channel="x-ja")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = ["request failed", "host sync failed", "host sync failed"]
    assert [line["event"] for line in lines] == [*told, "delivery", "delivery", "delivery"]
    assert "ValueError: number 0" in lines[0]["exception"]


def test_the_level_is_a_setting(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(
        Settings(Path("home"), Path("content"), secrets={"STATUSPAGE_LOG_LEVEL": "Warning"})
    )
    structlog.get_logger().info("delivery")
    logging.getLogger("library").info("chatter")
    structlog.get_logger().warning("alert refused")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["alert refused"]
    with pytest.raises(Unreadable, match="STATUSPAGE_LOG_LEVEL is one of debug, info, warning, error"):
        logging_setup.configure_logging(Settings(Path("h"), Path("c"), secrets={"STATUSPAGE_LOG_LEVEL": "loud"}))


def test_what_a_library_warns_of_again_and_again_is_a_line_too(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(settings())
    for number in range(1000):
        logging.getLogger("library").warning("the connection to %s was lost", number)
        logging.getLogger("library").info("chatter %s", number % 2)
    lines = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert lines.count("the connection to 0 was lost") == 1
    assert len(lines) == 1001


def library_lines(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int]]:
    """What libraries logged, with how many times it happened."""
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [(event["event"], event.get("count", 1)) for event in events]


def fail(error: Exception) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("library").exception("it failed")


def log_at(time: datetime, text: str, *args: object, level: int = logging.WARNING) -> None:
    """A library logs at this time."""
    record = logging.LogRecord("library", level, __file__, 1, text, args, None)
    record.created = time.timestamp()
    logging.getLogger("library").handle(record)


def test_faults_of_different_kinds_of_a_library_are_different_lines(capsys: pytest.CaptureFixture[str]):
    logging_setup.configure_logging(settings())
    for _ in range(5):
        fail(ValueError("no number"))
        fail(KeyError("no key"))
        for lost in ("mail", "database"):
            logging.getLogger("library").warning("no connection to %s", lost)
        for error in (OSError("refused"), TimeoutError("too late")):
            logging.getLogger("library").warning("not sent: %s", error)
    texts = [text for text, _ in library_lines(capsys)]
    assert texts.count("it failed") == 2
    assert sorted(set(texts) - {"it failed"}) == [
        "no connection to database",
        "no connection to mail",
        "not sent: refused",
        "not sent: too late",
    ]
    assert len(texts) == 6


def test_a_fault_of_a_library_says_how_often_it_happened_while_it_lasts_and_once_it_is_over(
    capsys: pytest.CaptureFixture[str],
):
    logging_setup.configure_logging(settings(), level=logging.INFO)
    for second in range(91):
        log_at(at("12:00") + timedelta(seconds=second), "try %s failed", second)
    assert library_lines(capsys) == [("try 0 failed", 1), ("try 60 failed", 60)]
    log_at(at("12:02"), "chatter", level=logging.INFO)
    assert library_lines(capsys) == [("chatter", 1)], "it may go on"
    log_at(at("12:03"), "chatter", level=logging.INFO)
    assert sorted(library_lines(capsys)) == [("chatter", 1), ("try %s failed", 30)]
    log_at(at("12:04"), "chatter", level=logging.INFO)
    assert library_lines(capsys) == [("chatter", 1)], "it was said"
