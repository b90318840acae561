"""Shared by the tests of subscribers."""

from __future__ import annotations

import pytest

from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, as_role

WRONG = (
    "address,consent_who,consent_when,consent_how,about\n"
    "a@fitline.example,Counter staff,2199-01-01,paper form,incidents\n"
    "nobody,,2026-04-02,paper form,everything\n"
    "c@fitline.example,Counter staff,2026-04-02,paper form,<b>\n"
)


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    return as_role(env, clock, Role.LEAD)
