"""npm's oidc-provider on loopback, for tests of sign-in through an identity provider."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from statuspage.settings import Settings
from statuspage.usecases.identity import SignInProvider, open_provider
from tests.support.paths import ROOT

SCRIPT = Path(__file__).with_suffix(".mjs")

DESK, DRILL_DESK = "http://localhost", "http://drill.localhost"
ANSWER = "/sign-in/provider/answer"

PEOPLE = {
    "u-sato": {
        "name": "佐藤 花子",
        "preferred_username": "hanako",
        "email": "sato@example.com",
        "email_verified": True,
        "groups": ["status-leads", "everybody"],
    },
    "u-mori": {"name": "森", "preferred_username": "mori", "email": "mori@example.com", "email_verified": True},
    "u-fake": {"name": "Fake", "preferred_username": "fake", "email": "suzuki@example.com", "email_verified": False},
}
"""Claims by subject."""

GROUPS = "status-leads=lead, status-staff=reporter"


@dataclass
class RunningProvider:
    """A provider that runs. ``desks`` are the addresses of the live and the drill desk."""

    desks: tuple[str, str] = (DESK, DRILL_DESK)
    port: int = 0
    issuer: str = ""
    process: Any = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it, with a new key; at the same address as before, if there was one."""
        clients = [
            {"client_id": name, "client_secret": f"secret of {name}", "redirect_uris": [f"{desk}{ANSWER}"]}
            for name, desk in zip(("desk", "drill-desk"), self.desks, strict=True)
        ]
        setup = json.dumps({"port": self.port, "clients": clients, "people": PEOPLE})
        self.process = subprocess.Popen(
            ["node", str(SCRIPT), setup], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
        )
        for line in self.process.stdout:
            if line.startswith("http"):
                self.issuer = line.strip()
                break
        self.port = urlsplit(self.issuer).port or 0
        self.set(who="u-sato")

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def set(self, **control: Any) -> None:
        """Changes who signs in next, or how answers are spoilt."""
        requests.post(f"{self.issuer}/control", json=control, timeout=10).raise_for_status()

    def reset(self) -> None:
        """As after the start."""
        self.set(who="u-sato", people=PEOPLE, claims={}, foreign=False, broken="")

    def settings(self, **more: str) -> Settings:
        """The settings of an instance that uses it."""
        values = {
            "STATUSPAGE_OIDC_ISSUER": self.issuer,
            "STATUSPAGE_OIDC_NAME": "Example SSO",
            "STATUSPAGE_OIDC_CLIENT_ID": "desk",
            "STATUSPAGE_OIDC_CLIENT_SECRET": "secret of desk",
            "STATUSPAGE_DRILL_OIDC_CLIENT_ID": "drill-desk",
            "STATUSPAGE_DRILL_OIDC_CLIENT_SECRET": "secret of drill-desk",
            "STATUSPAGE_OIDC_GROUPS": GROUPS,
        }
        return Settings(Path("home"), Path("content"), secrets={**values, **more})

    def opened(self, environment: str = "live", **more: str) -> SignInProvider:
        """It, as a desk uses it."""
        provider = open_provider(self.settings(**more), environment)
        assert provider is not None
        return provider


@contextmanager
def running_provider(desks: tuple[str, str] = (DESK, DRILL_DESK)) -> Iterator[RunningProvider]:
    """A provider that runs during the block."""
    provider = RunningProvider(desks)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def come_back(url: str) -> str:
    """What a browser without a script does at the provider: follows it until it leads back to the desk, and returns
    the path with the answer."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(10):
            response = session.get(url, allow_redirects=False, timeout=10)
            assert response.is_redirect, response.text
            url = urljoin(url, response.headers["Location"])
            if urlsplit(url).path == ANSWER:
                return f"{ANSWER}?{urlsplit(url).query}"
    raise AssertionError(url)
