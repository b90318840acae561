"""A text for customers does not name colleagues."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain.notice_input import NoticeInput
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices.staff_names import name_problems
from tests.support.desk import env, person_in

__all__ = ["env"]

INPUT = NoticeInput()


@pytest.fixture
def staffed(env: Environment) -> Environment:
    """An environment with accounts whose names are a person, a single word, and a role."""
    for login, name in (("ken", "渡辺 健"), ("kim", "Ann Kim"), ("desk", "サポート"), ("ops", "Operations")):
        person_in(env, login, name, password="")
    return env


@pytest.mark.parametrize(
    "text", ["渡辺 健が設定しました。", "渡辺健の作業です。", "渡辺　健", "Ann Kim changed it.", "ANN  KIM"]
)
def test_a_colleague_is_named_in_no_text_for_customers(staffed: Environment, text: str):
    (problem,) = name_problems(staffed, replace(INPUT, postmortem={"ja": text}))
    assert (problem.field, problem.code) == ("postmortem.ja", "text.staff_name")
    assert [one.field for one in name_problems(staffed, replace(INPUT, extra={"en": text}))] == ["extra.en"]


@pytest.mark.parametrize(
    "text", ["サポートへお問い合わせください。", "Operations are normal.", "渡辺町の店舗", "Hann Kimber"]
)
def test_roles_and_ordinary_words_are_no_names(staffed: Environment, text: str):
    assert [*name_problems(staffed, replace(INPUT, text={"ja": text}))] == []
