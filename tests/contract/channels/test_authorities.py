"""A server whose certificate nobody vouches for is sent nothing, and the message is sent later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.integrations.channels.base import Unreachable
from statuspage.integrations.channels.http_client import HttpClient
from tests.support.certificates import certificate, server_context
from tests.support.fakes.service import Reply, Request, Service, running

PEM = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n"


class Listener(Service):
    """A service that accepts everything."""

    def is_message(self, request: Request) -> bool:
        return True

    def answer(self, request: Request) -> Reply:
        return Reply(200, "{}")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of certificate authorities, which is not there yet."""
    file = tmp_path / "authorities.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    return file


@pytest.fixture
def service() -> Iterator[Listener]:
    with running(Listener()) as listener:
        yield listener


def refusal(service: Service) -> Unreachable:
    with pytest.raises(Unreachable) as raised:
        HttpClient(service.address).request("POST", "/", json={})
    assert (raised.value.reason, service.requests) == ("no_connection", [])
    return raised.value


@pytest.mark.parametrize("content", [None, "", "no certificate", PEM], ids=["missing", "empty", "text", "damaged"])
def test_without_a_usable_file_of_authorities_nothing_is_sent(
    service: Listener, trusted: Path, tmp_path: Path, content: str | None
) -> None:
    service.use_tls(server_context(certificate(tmp_path)))
    if content is not None:
        trusted.write_text(content)
    assert refusal(service).detail not in ("", "SSLError"), "it says what is wrong"


def test_a_certificate_of_another_authority_or_one_that_has_expired_is_named(
    service: Listener, trusted: Path, tmp_path: Path
) -> None:
    old = certificate(tmp_path, "old", lasts=-timedelta(days=1))
    service.use_tls(server_context(old))
    trusted.write_bytes(certificate(tmp_path, "another").read_bytes())
    assert refusal(service).detail == "certificate: self-signed certificate"
    trusted.write_bytes(old.read_bytes())
    assert refusal(service).detail == "certificate: certificate has expired"


def test_with_the_right_authority_it_is_sent(service: Listener, trusted: Path, tmp_path: Path) -> None:
    file = certificate(tmp_path)
    service.use_tls(server_context(file))
    trusted.write_bytes(file.read_bytes())
    assert HttpClient(service.address).request("POST", "/", json={}).ok
    assert service.requests == ["POST /"]
