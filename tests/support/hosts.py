"""Real hosts on loopback: an S3 server, a bare repository, an SSH server."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from statuspage.domain.site_config import HostSpec
from statuspage.integrations.hosting.base import Host, UploadBatch
from statuspage.integrations.hosting.registry import TYPES
from tests.support.fakes.s3_proxy import Proxy, s3_proxy
from tests.support.paths import ROOT

SECRETS = {"access_key": "AKIAPLANTED", "secret_key": "planted-secret-key"}
BUCKET = "status.example.com"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an S3 server."""
    port = free_port()
    python = ROOT / ".clients" / "bin" / "python"
    assert python.exists(), "The S3 server is missing. `make test-all` installs it."
    command = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    log = (tmp_path_factory.mktemp("moto") / "log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        address = f"http://127.0.0.1:{port}"
        answers(address, server)
        yield address
        server.terminate()
        server.wait(20)


def answers(address: str, server: subprocess.Popen[bytes], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while True:
        assert server.poll() is None and time.monotonic() < until, "it did not start"
        try:
            requests.get(f"{address}/moto-api/", timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return


@dataclass
class Store:
    """A bucket behind a proxy that may break requests, and its host."""

    client: Any
    proxy: Proxy
    host: Host

    def held(self) -> dict[str, bytes]:
        """Everything in the bucket."""
        listed = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed}


@pytest.fixture
def bucket(moto: str, tmp_path: Path) -> Iterator[Store]:
    """An empty bucket."""
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.session.Session().client("s3", endpoint_url=moto, **keys)
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    client.create_bucket(Bucket=BUCKET)
    with s3_proxy(moto) as proxy:
        spec = HostSpec("bucket", "s3", {"bucket": BUCKET, "endpoint": proxy.address, "region": "us-east-1"}, ("kept",))
        yield Store(client, proxy, opened(spec, tmp_path))
    client.close()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty bare repository."""
    path = tmp_path / "published.git"
    git(tmp_path, "init", "--quiet", "--bare", str(path))
    return path


def branch_of(repository: Path, tmp_path: Path, name: str = "pages") -> Host:
    """The host that uploads to a branch of this repository."""
    return opened(HostSpec(name, "git", {"repository": str(repository), "branch": "gh-pages"}), tmp_path)


def git(at: Path, *args: str) -> str:
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    return subprocess.run(["git", *who, *args], cwd=at, capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Ssh:
    """A running SSH server and what is needed to connect."""

    options: Mapping[str, str]
    folder: Path
    log: Path = field(default=Path())

    def held(self) -> dict[str, bytes]:
        """Everything in the folder, including hidden files."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[Ssh]:
    """An SSH server with its own keys, configuration and folder."""
    own = tmp_path / "sshd"
    own.mkdir(mode=0o700)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own / key], check=True)
    shutil.copy(own / "user.pub", own / "authorized")
    port = free_port()
    settings = f"""Port {port}
ListenAddress 127.0.0.1
HostKey {own / "host"}
AuthorizedKeysFile {own / "authorized"}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""
    (own / "settings").write_text(settings)
    known = (own / "host.pub").read_text().split()[:2]
    (own / "known").write_text(f"[127.0.0.1]:{port} {' '.join(known)}\n")
    folder = tmp_path / "served"
    folder.mkdir()
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "host": f"{getpass.getuser()}@127.0.0.1",
        "port": str(port),
        "path": str(folder),
        "identity": str(own / "user"),
        "known_hosts": str(own / "known"),
    }
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", own / "settings"]
    with (own / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as server:
        listens(port, server)
        yield Ssh(options, folder, own / "log")
        server.terminate()
        server.wait(20)


def listens(port: int, server: subprocess.Popen[bytes], patience: float = 20) -> None:
    until = time.monotonic() + patience
    while True:
        assert server.poll() is None and time.monotonic() < until, "it did not start"
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def opened(spec: HostSpec, tmp_path: Path) -> Host:
    """The host, with its own folder."""
    own = tmp_path / "own" / spec.id
    own.mkdir(parents=True)
    return TYPES[spec.type].open(spec, SECRETS if spec.type == "s3" else {}, own)


def site(tmp_path: Path, **message: str) -> dict[str, Path]:
    """A small site with these texts: a page, a feed, two front pages, and any others named."""
    words = {
        "ja/incidents/k3m9p2q7x4ab/index.html": "page",
        "ja/feed.rss": "feed",
        "ja/index.html": "front",
        "index.html": "root",
    }
    words |= {name.replace("__", "/"): text for name, text in message.items()}
    files = {}
    for number, (name, text) in enumerate(words.items()):
        files[name] = tmp_path / f"local-{number}-{abs(hash(text))}"
        files[name].write_text(text)
    return files


def load(files: Mapping[str, Path], fence: int, *gone: str) -> UploadBatch:
    """All of it, with this fence."""
    return UploadBatch(files, gone, fence)


def ours(held: Mapping[str, bytes]) -> dict[str, str]:
    """The files on a host, without hidden ones."""
    return {name: data.decode() for name, data in held.items() if not name.startswith(".")}
