"""The applications for other WSGI servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from werkzeug.test import Client

from statuspage import wsgi
from tests.support.instance import home

__all__ = ["home"]


def get(application: Any, path: str) -> Any:
    """The response to a GET."""
    return Client(application).get(path)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """An environment that only names the instance."""
    monkeypatch.setenv("STATUSPAGE_HOME", str(home))
    monkeypatch.delenv("STATUSPAGE_LANGUAGE", raising=False)


@pytest.mark.slow
def test_desk_and_site_are_served_from_the_instance_that_the_environment_names() -> None:
    assert get(wsgi.site(), "/ja/").status_code == 200
    assert get(wsgi.desk(), "/sign-in").status_code == 200


@pytest.mark.slow
def test_no_reader_waits_until_a_template_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = wsgi.desk()
    monkeypatch.setattr(Environment, "compile", lambda *_: pytest.fail("translated while somebody waits"))
    assert get(desk, "/sign-in").status_code == 200


@pytest.mark.slow
def test_behind_https_the_cookies_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_SECURE", "1")
    headers = get(wsgi.desk(), "/sign-in").headers
    assert "Strict-Transport-Security" in headers
    assert all("Secure" in cookie for cookie in headers.getlist("Set-Cookie"))


def test_a_drill_is_not_served_from_a_process_that_holds_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_ENVIRONMENT", "drill")
    monkeypatch.setenv("STATUSPAGE_X_JA_CONSUMER_KEY", "planted-secret")
    with pytest.raises(wsgi.NotClean, match="STATUSPAGE_X_JA_CONSUMER_KEY") as refused:
        wsgi.desk()
    assert "planted-secret" not in str(refused.value)


@pytest.mark.slow
def test_a_drill_is_served_from_a_clean_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_ENVIRONMENT", "drill")
    assert "訓練" in get(wsgi.desk(), "/sign-in").text
