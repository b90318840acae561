"""Every host of docs/guides/hosting.md, set up with the tables and commands of that page."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest
import requests

from tests.support.hosts import BUCKET, Ssh, moto, ssh_server
from tests.support.paths import ROOT
from tests.support.playing import Player, clean_environ
from tests.system.test_web_servers import running_server

__all__ = ["moto", "ssh_server"]

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "guides" / "hosting.md").read_text("utf-8")


def in_page(pattern: str) -> str:
    """The only text of the page that fits."""
    (found,) = set(re.findall(pattern, PAGE, re.MULTILINE | re.DOTALL))
    assert isinstance(found, str)
    return found


def with_ours(text: str, ours: Mapping[str, str]) -> str:
    """The text with the page's examples replaced; each must be in it."""
    for example, own in ours.items():
        assert example in text, example
        text = text.replace(example, own)
    return text


def table_of(host: str, ours: Mapping[str, str]) -> str:
    """One host's table in the page's hosts.toml."""
    text = with_ours(in_page(rf"^(\[{host}\][^\n]*\n.*?)\n(?:\n|```)"), ours)
    assert tomllib.loads(text)
    return text


@pytest.fixture
def player(made_instance: Path, tmp_path: Path) -> Player:
    """An instance with a page."""
    home = Path(shutil.copytree(made_instance, tmp_path / "instance", symlinks=True))
    return Player(home, clean_environ(STATUSPAGE_ADDRESS="https://status.example.com"))


def publish(player: Player, table: str, **environ: str) -> None:
    """The commands of the page, with this ``hosts.toml``."""
    (player.home / "content" / "hosts.toml").write_text(table, "utf-8")
    commands = in_page(r"Then, once:\n\n```\n(.+?)```").splitlines()
    assert len(commands) == 2
    own = Player(player.home, {**player.environ, **environ})
    for command in commands:
        program, *words = command.partition("#")[0].split()
        assert program == "statuspage"
        result = own.run(*words)
        assert result.code == 0, result.err + result.out


def page_in(folder: Path) -> dict[str, bytes]:
    """Every file that readers may ask for."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0][0] != ".")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def ours(player: Player) -> dict[str, bytes]:
    found = page_in(player.home / "site" / "current")
    assert len(found) > 100
    return found


def uploaded(held: Mapping[str, bytes], player: Player) -> None:
    """What is there is the page. Compressed copies are for our own server only where a host compresses by itself."""
    wanted = ours(player)
    plain = {name for name in wanted if not name.endswith(".gz")}
    assert plain <= set(held)
    assert {name: held[name] for name in plain} == {name: wanted[name] for name in plain}
    assert set(held) <= set(wanted)


def test_a_bare_repository_with_the_hook_of_the_page_puts_it_into_the_web_servers_folder(
    player: Player, ssh_server: Ssh, tmp_path: Path
) -> None:
    bare, served = tmp_path / "status.git", tmp_path / "srv-status"
    served.mkdir()
    places = {"/srv/status.git": str(bare)}
    init = with_ours(in_page(r"`(git init --bare [^`]+)`"), places)
    subprocess.run(init.split(), check=True, capture_output=True)
    hook = bare / "hooks" / "post-receive"
    hook.write_text(with_ours(in_page(r"^```sh\n(#!/bin/sh\ngit --work-tree.*?)^```"), {"/srv/status": str(served)}))
    hook.chmod(0o755)
    address = in_page(r'`repository = "(ssh://[^"]+)"`').replace("/srv/status.git", str(bare))
    user, port = ssh_server.options["host"], ssh_server.options["port"]
    values = {
        "git@github.com:example/status.git": address.replace("deploy@www.example.com", f"{user}:{port}"),
        "/etc/statuspage/id_ed25519": ssh_server.options["identity"],
        "/etc/statuspage/known_hosts": ssh_server.options["known_hosts"],
    }
    publish(player, table_of("pages", values))
    uploaded(page_in(served), player)


def test_a_bucket_holds_the_page(player: Player, moto: str) -> None:
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.session.Session().client("s3", endpoint_url=moto, **keys)
    client.create_bucket(Bucket=BUCKET)
    names = re.findall(r"`(STATUSPAGE_BUCKET_\w+)`", PAGE)
    table = table_of("bucket", {"https://s3.example.com": moto, "ap-northeast-1": "us-east-1"})
    publish(player, table, **dict.fromkeys(names, "planted-key"))
    listed = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = {one["Key"] for part in listed for one in part["Contents"]}
    assert {f"status/{name}" for name in ours(player) if not name.endswith(".gz")} <= stored
    front = client.get_object(Bucket=BUCKET, Key="status/ja/index.html")
    assert front["CacheControl"] == "no-cache"
    assert front["Body"].read() == ours(player)["ja/index.html"]
    client.close()


def test_rrsync_over_ssh_carries_the_page_and_nginx_and_caddy_serve_it_with_the_settings_of_the_page(
    player: Player, ssh_server: Ssh, tmp_path: Path
) -> None:
    key, known = tmp_path / "id_ed25519", tmp_path / "known_hosts"
    makes_key = with_ours(in_page(r"`(ssh-keygen [^`]+)`"), {"/etc/statuspage/id_ed25519": str(key)})
    subprocess.run(["sh", "-c", makes_key], check=True, capture_output=True)
    port = ssh_server.options["port"]
    scan = with_ours(in_page(r"`(ssh-keyscan [^`]+)`"), {"github.com": f"-p {port} 127.0.0.1"})
    known.write_text(subprocess.run(scan.split(), check=True, capture_output=True, text=True).stdout)
    line = in_page(r"`(command=\"rrsync [^`]+)`")
    public = key.with_suffix(".pub").read_text()
    allowed = with_ours(line, {"/srv/status": str(ssh_server.folder), "ssh-ed25519 AAAA…": public})
    (tmp_path / "sshd" / "authorized").write_text(allowed)
    values = {
        "deploy@www.example.com": ssh_server.options["host"],
        'path = "/srv/status"': f'path = "{in_page(r"`path` is then `([^`]+)`")}"',
        'port = "22"': f'port = "{port}"',
        "/etc/statuspage/id_ed25519": str(key),
        "/etc/statuspage/known_hosts": str(known),
    }
    publish(player, table_of("web", values))
    uploaded(page_in(ssh_server.folder), player)
    for server in ("nginx", "caddy"):
        command = in_page(rf"`(statuspage host config {server} --folder /srv/status) >>? [^`]+`")
        words = with_ours(command, {"/srv/status": str(ssh_server.folder)}).split()[1:]
        settings = player.run(*words)
        assert settings.code == 0, settings.err
        with running_server(server, settings.out, "status.example.com", tmp_path) as address:
            answer = requests.get(f"{address}/ja/", timeout=10)
            assert answer.content == ours(player)["ja/index.html"]
            assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
            assert answer.headers["Cache-Control"] == "no-cache"


def test_a_key_that_may_reach_another_folder_only_says_rrsyncs_own_words(
    player: Player, ssh_server: Ssh, tmp_path: Path
) -> None:
    public = (tmp_path / "sshd" / "user.pub").read_text()
    (tmp_path / "sshd" / "authorized").write_text(f'command="rrsync {tmp_path}/nowhere",restrict {public}')
    values = {
        "deploy@www.example.com": ssh_server.options["host"],
        'path = "/srv/status"': 'path = "/"',
        'port = "22"': f'port = "{ssh_server.options["port"]}"',
        "/etc/statuspage/id_ed25519": ssh_server.options["identity"],
        "/etc/statuspage/known_hosts": ssh_server.options["known_hosts"],
    }
    (player.home / "content" / "hosts.toml").write_text(table_of("web", values), "utf-8")
    result = player.run("publish")
    assert result.code == 3
    assert "No such file or directory" in result.out + result.err
    assert "nowhere" in result.out + result.err
