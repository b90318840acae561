"""Which passwords are accepted."""

from __future__ import annotations

import pytest

from statuspage.usecases import passwords
from statuspage.usecases.passwords import PasswordProblem

COMPANY = ("Bluebird Air", "青い鳥航空")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "123456789012",
        "aaaaaaaaaaaa",
        "statuspage12",
        "qwertyuiop12",
        "Sunshine2024!",
        "1q2w3e4r5t6y",
        "パスワードパスワード",
        "a" * 200,
        "bluebird2026",
        "BluebirdAir1",
        "kobayashi.yu1",
    ],
)
def test_what_anybody_would_try_is_refused(password: str):
    words = (*COMPANY, "Kobayashi Yuko", "kobayashi.yu")
    problem = PasswordProblem.COMMON if len(password) >= 12 else PasswordProblem.LENGTH
    assert passwords.problem_of(password, words=words) is problem


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "桜が咲く春の夜に月を見る",
        "lagoon 7 hammer teapot",
        "x9#kQ2vLm8!w",
        "lagoon hammer teapot window " * 9,
    ],
)
def test_unrelated_words_and_long_sentences_are_accepted(password: str):
    assert passwords.problem_of(password, words=COMPANY) is None


def test_the_words_of_one_person_are_not_held_against_another():
    assert passwords.problem_of("zorblaxian13", words=("Zorblaxian",)) is PasswordProblem.COMMON
    assert passwords.problem_of("zorblaxian13", words=("Sato",)) is None


@pytest.mark.parametrize(
    ("password", "is_allowed"), [("x9#kQ2vLm8!", False), ("x9#kQ2vLm8!w" * 21, True), ("x" * 257, False)]
)
def test_the_length_is_12_to_256(password: str, is_allowed: bool):
    assert (passwords.problem_of(password, words=()) is not PasswordProblem.LENGTH) is is_allowed
