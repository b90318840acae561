"""Several emails in one SMTP session: what is sent together, and to what each reply belongs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest

import pytest

from statuspage.integrations.channels import smtp_client
from statuspage.integrations.channels.base import (
    DeliveryUnknown,
    RecipientDeferred,
    RecipientGone,
    Refused,
    Unreachable,
)
from statuspage.integrations.channels.smtp_pipelining import PipelinedSender
from statuspage.integrations.channels.timeouts import Timeouts
from tests.support.fakes.mail_line import Post, served

SENDER = "status@fitline.example"
HURRIED = Timeouts(connect=5.0, read=0.5, total=5.0)


@contextmanager
def talking(post: Post, *, ahead: bool = True) -> Iterator[PipelinedSender]:
    with served(post) as address, smtp_client.open_session(smtp_client.parse_server(address), HURRIED) as talk:
        yield PipelinedSender(talk, SENDER, pipelines_next=ahead)


def handed(series: PipelinedSender, *names: str) -> list[type[Exception] | None]:
    """The error for each recipient, None if it was accepted."""
    found: list[type[Exception] | None] = []
    for name, then in zip_longest(names, names[1:], fillvalue=""):
        try:
            series.send_one(f"{name}@x", f"To: {name}\r\n".encode(), f"{then}@x" if then else "")
            found.append(None)
        except (Refused, RecipientDeferred, DeliveryUnknown) as error:
            found.append(type(error))
    return found


def to(post: Post) -> list[str]:
    return [name for name, _ in post.taken]


def test_the_beginning_of_the_next_goes_with_the_end_of_an_email() -> None:
    post = Post(waits=True)
    with talking(post) as series:
        assert handed(series, "a", "b", "c", "last") == [None] * 4
    assert post.taken == [(name, f"To: {name}\r\n".encode()) for name in ("a", "b", "c", "last")]
    assert post.commands[-1] == b"QUIT"


@pytest.mark.parametrize(("pipelining", "ahead"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize(
    ("bad", "error"),
    [("gone", RecipientGone), ("later", RecipientDeferred), ("spam", Refused), ("busy", RecipientDeferred)],
)
def test_an_answer_is_about_the_email_it_belongs_to(
    bad: str, error: type[Exception], pipelining: bool, ahead: bool
) -> None:
    post = Post(pipelining=pipelining)
    with talking(post, ahead=ahead) as series:
        names = [f"{bad}-1", "a", f"{bad}-2", f"{bad}-3", "b", f"{bad}-4"]
        assert handed(series, *names) == [error, None, error, error, None, error]
        assert handed(series, "c") == [None]
    assert to(post) == ["a", "b", "c"]


def test_where_the_line_is_cut_after_an_email_it_is_in_doubt_and_the_next_is_not() -> None:
    post = Post()
    with talking(post) as series:
        assert handed(series, "a", "cut") == [None, DeliveryUnknown]
    assert to(post) == ["a", "cut"]


def test_a_server_that_throws_away_what_comes_early_is_known_by_its_silence() -> None:
    post = Post(deaf=True)
    with pytest.raises(Unreachable), talking(post) as series:
        handed(series, "a", "b")
    assert to(post) == ["a"]
    assert not series.replies_consistently


EARLY = [("MAIL", "RCPT", "DATA"), ("RCPT", "DATA"), ("DATA",)]


@pytest.mark.parametrize("strict", EARLY, ids="-".join)
def test_what_a_server_does_not_take_early_is_said_again_in_its_turn_and_from_then_on(strict: tuple[str, ...]) -> None:
    post = Post(strict=strict)
    with talking(post) as series:
        assert handed(series, "a", "b", "gone-1", "c") == [None, None, RecipientGone, None]
    assert to(post) == ["a", "b", "c"]
    assert post.commands.count(b"RCPT TO:<b@x>") == 2, "once early, once in its turn"
    assert [post.commands.count(f"RCPT TO:<{name}@x>".encode()) for name in ("a", "gone-1", "c")] == [1, 1, 1]
    assert not series.replies_consistently


@pytest.mark.parametrize(("bad", "code"), [("odd-1", 2), ("gone-1", 1)])
def test_what_is_refused_in_its_turn_too_was_not_too_early(bad: str, code: int) -> None:
    post = Post()
    with talking(post) as series:
        assert handed(series, "a", bad, "b") == [None, RecipientGone, None]
        assert series.replies_consistently
    assert to(post) == ["a", "b"]
    assert post.commands.count(f"RCPT TO:<{bad}@x>".encode()) == code


def test_what_a_server_says_before_it_hangs_up_is_heard() -> None:
    post = Post()
    with talking(post) as series:
        assert handed(series, "a") == [None]
        with pytest.raises(RecipientGone, match=r"^refused: 550 .* goodbye$"):
            series.send_one("out@x", b"To: out\r\n")
    with pytest.raises(Unreachable, match=r"^channel_down: 421 .* too many$"), talking(post) as series:
        series.send_one("b@x", b"To: b\r\n", "bye@x")
        series.send_one("bye@x", b"To: bye\r\n")
    assert to(post) == ["a", "b"]
    assert series.replies_consistently


def test_nobody_gets_an_email_that_was_begun_for_somebody_else() -> None:
    post = Post()
    with pytest.raises(Unreachable), talking(post) as series:
        series.send_one("a@x", b"To: a\r\n", "b@x")
        series.send_one("c@x", b"To: c\r\n")
    assert to(post) == ["a"]
