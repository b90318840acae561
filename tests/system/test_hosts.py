"""Each host type against its real counterpart: what is uploaded, in which order, and that nothing older replaces it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from statuspage.domain.site_config import HostSpec
from statuspage.integrations.hosting import git as git_host
from statuspage.integrations.hosting import rsync
from statuspage.integrations.hosting.base import Difference, Host, UploadFailed, upload_waves
from tests.support.fakes.s3_proxy import DENIED, SLOW_DOWN
from tests.support.hosts import (
    BUCKET,
    Ssh,
    Store,
    branch_of,
    bucket,
    git,
    load,
    moto,
    opened,
    ours,
    repository,
    site,
    ssh_server,
)
from tests.support.paths import ROOT

__all__ = ["bucket", "moto", "repository", "ssh_server"]

SECURITY_PATH = ".well-known/security.txt"
SECURITY_TXT = {SECURITY_PATH.replace("/", "__"): "Contact: mailto:security@example.com"}
INCIDENT = "ja/incidents/k3m9p2q7x4ab/index.html"


def test_pages_go_before_feeds_and_fronts_come_last() -> None:
    names = ["index.html", "ja/index.html.gz", "ja/feed.rss", INCIDENT, "api/v2/summary.json", "og-ok.png"]
    assert upload_waves(names) == (
        [INCIDENT, "og-ok.png"],
        ["api/v2/summary.json", "ja/feed.rss"],
        ["index.html", "ja/index.html.gz"],
    )


def refused(host: Host, *args: object) -> UploadFailed:
    with pytest.raises(UploadFailed) as caught:
        host.upload(load(*args))
    return caught.value


# A bucket


def test_a_bucket_gets_what_changed_with_its_type_and_how_long_it_may_be_kept(bucket: Store, tmp_path: Path) -> None:
    files = site(tmp_path, **{"og-ok.png": "picture"})
    assert bucket.host.compare(files).new == tuple(files)
    assert bucket.host.upload(load(files, 3)) == 5
    assert ours(bucket.held()) == {name: path.read_text() for name, path in files.items()}
    head = bucket.client.head_object(Bucket=BUCKET, Key="ja/feed.rss")
    assert (head["ContentType"], head["CacheControl"]) == ("application/rss+xml; charset=utf-8", "no-cache")
    assert "max-age" in bucket.client.head_object(Bucket=BUCKET, Key="og-ok.png")["CacheControl"]
    assert bucket.host.compare(files) == Difference()
    puts = [path.removeprefix(f"/{BUCKET}/") for path in bucket.proxy.puts()]
    assert puts[0] == ".statuspage.json"
    assert puts[-2:] in (["index.html", "ja/index.html"], ["ja/index.html", "index.html"])
    before = len(bucket.proxy.puts())
    assert bucket.host.upload(load(site(tmp_path, **{"og-ok.png": "picture", "ja__feed.rss": "more"}), 4)) == 1
    assert len(bucket.proxy.puts()) == before + 2, "the mark and the one file that changed"


def test_what_is_gone_leaves_a_bucket_last_and_what_is_to_be_kept_stays(bucket: Store, tmp_path: Path) -> None:
    bucket.host.upload(load(site(tmp_path, old__index="old"), 1))
    for name in ("kept/by-others", ".well-known/proof"):
        bucket.client.put_object(Bucket=BUCKET, Key=name, Body=b"x")
    files = site(tmp_path)
    assert bucket.host.compare(files) == Difference(removed=("old/index",))
    bucket.host.upload(load(files, 2, "old/index"))
    assert bucket.proxy.log[-1] == ("DELETE", f"/{BUCKET}/old/index")
    assert set(bucket.held()) == {*files, "kept/by-others", ".well-known/proof", ".statuspage.json"}


def test_a_security_txt_that_is_off_leaves_a_bucket(bucket: Store, tmp_path: Path) -> None:
    bucket.host.upload(load(site(tmp_path, **SECURITY_TXT), 1))
    files = site(tmp_path)
    assert bucket.host.compare(files) == Difference(removed=(SECURITY_PATH,))
    bucket.host.upload(load(files, 2, SECURITY_PATH))
    assert set(bucket.held()) == {*files, ".statuspage.json"}


def test_when_a_put_fails_the_old_fronts_stay_and_the_next_time_all_arrives(bucket: Store, tmp_path: Path) -> None:
    bucket.host.upload(load(site(tmp_path), 1))
    files = site(tmp_path, **{f"ja__history__{n}.html": "new" for n in range(10)}, ja__index="x")
    files["index.html"].write_text("new root")
    start = bucket.proxy.counts["PUT"]
    bucket.proxy.spoil = lambda method, path, number: DENIED if method == "PUT" and number >= start + 4 else None
    assert refused(bucket.host, files, 2).code == "denied"
    assert bucket.held()["index.html"] == b"root"
    bucket.proxy.spoil = lambda method, path, number: None
    bucket.host.upload(load(files, 3))
    assert ours(bucket.held()) == {name: path.read_text() for name, path in files.items()}


def test_a_bucket_that_asks_us_to_slow_down_is_tried_again_later(bucket: Store, tmp_path: Path) -> None:
    bucket.proxy.spoil = lambda method, path, number: SLOW_DOWN if method == "PUT" else None
    error = refused(bucket.host, site(tmp_path), 1)
    assert (error.code, error.detail) == ("unreachable", "PutObject: SlowDown")
    assert bucket.held() == {}


def test_an_older_site_never_replaces_a_newer_one_in_a_bucket(bucket: Store, tmp_path: Path) -> None:
    bucket.host.upload(load(site(tmp_path, ja__index="newer"), 7))
    assert refused(bucket.host, site(tmp_path, ja__index="older"), 6).code == "newer"
    assert bucket.held()["ja/index"] == b"newer"


def test_whoever_is_overtaken_in_the_middle_is_refused_by_the_bucket_itself(bucket: Store, tmp_path: Path) -> None:
    bucket.host.upload(load(site(tmp_path), 1))
    older, newer = site(tmp_path, **{"index.html": "older"}), site(tmp_path, **{"index.html": "newer"})
    second = opened(HostSpec("second", "s3", bucket.host._options), tmp_path)
    overtaken: list[int] = []

    def spoil(method: str, path: str, number: int) -> None:
        if method == "PUT" and path.endswith("/index.html") and not overtaken:
            overtaken.append(number)
            second.upload(load(newer, 3))

    bucket.proxy.spoil = spoil
    assert refused(bucket.host, older, 2).code == "contended"
    assert bucket.held()["index.html"] == b"newer"


def test_two_who_claim_at_once_are_told_apart_by_the_bucket(bucket: Store, tmp_path: Path) -> None:
    second = opened(HostSpec("second", "s3", bucket.host._options), tmp_path)
    overtaken: list[int] = []

    def spoil(method: str, path: str, number: int) -> None:
        if method == "PUT" and path.endswith(".statuspage.json") and not overtaken:
            overtaken.append(number)
            second.upload(load(site(tmp_path, **{"index.html": "newer"}), 9))

    bucket.proxy.spoil = spoil
    assert refused(bucket.host, site(tmp_path), 8).code == "newer"
    assert bucket.held()["index.html"] == b"newer"


def test_a_listing_that_lags_behind_only_makes_us_look_twice(bucket: Store, tmp_path: Path) -> None:
    files = site(tmp_path)
    bucket.host.upload(load(files, 1))
    bucket.proxy.hide = frozenset({INCIDENT})
    assert bucket.host.compare(files) == Difference(new=(INCIDENT,))
    assert bucket.host.upload(load({INCIDENT: files[INCIDENT]}, 2)) == 0
    assert bucket.held()[INCIDENT] == b"page"


def test_a_bucket_that_others_use_is_left_alone(bucket: Store, tmp_path: Path) -> None:
    bucket.client.put_object(Bucket=BUCKET, Key="shop/prices.csv", Body=b"1")
    with pytest.raises(UploadFailed) as caught:
        bucket.host.compare(site(tmp_path))
    assert (caught.value.code, caught.value.detail) == ("foreign_files", "shop/prices.csv")


def test_a_bucket_that_is_away_is_told_as_such_without_the_key(tmp_path: Path) -> None:
    away = opened(HostSpec("away", "s3", {"bucket": BUCKET, "endpoint": "http://127.0.0.1:1"}), tmp_path)
    error = refused(away, site(tmp_path), 1)
    assert error.code == "unreachable"
    assert "planted" not in f"{error} {error.detail} {error.__cause__}"


# A branch


def tip(repository: Path) -> list[str]:
    return git(repository, "log", "--format=%s", "gh-pages").splitlines()


def show(repository: Path, name: str) -> str:
    return git(repository, "show", f"gh-pages:{name}")


def names(repository: Path) -> set[str]:
    return set(git(repository, "ls-tree", "-r", "--name-only", "gh-pages").split())


def test_a_branch_gets_one_commit_for_each_notice(repository: Path, tmp_path: Path) -> None:
    branch = branch_of(repository, tmp_path)
    files = site(tmp_path)
    assert branch.compare(files).new == tuple(files)
    assert branch.upload(load(files, 1)) == 4
    assert names(repository) == {*files, ".nojekyll", ".statuspage.json"}
    files |= site(tmp_path, **{INCIDENT.replace("/", "__"): "second notice"})
    assert branch.compare(files) == Difference(changed=(INCIDENT,))
    assert branch.upload(load(files, 2)) == 1
    assert branch.upload(load(files, 3)) == 0, "nothing new, no commit"
    assert tip(repository) == ["Incident k3m9p2q7x4ab", "Incident k3m9p2q7x4ab"]
    assert show(repository, INCIDENT) == "second notice"


def test_what_is_gone_leaves_the_branch_and_the_hosts_own_files_stay(repository: Path, tmp_path: Path) -> None:
    branch = branch_of(repository, tmp_path)
    branch.upload(load(site(tmp_path, old__index="old"), 1))
    somebody_adds(repository, tmp_path, "CNAME", "status.example.com")
    files = site(tmp_path)
    assert branch.compare(files) == Difference(removed=("old/index",))
    branch.upload(load(files, 2, "old/index"))
    assert names(repository) == {*files, "CNAME", ".nojekyll", ".statuspage.json"}


def test_a_security_txt_that_is_off_leaves_the_branch(repository: Path, tmp_path: Path) -> None:
    branch = branch_of(repository, tmp_path)
    branch.upload(load(site(tmp_path, **SECURITY_TXT), 1))
    files = site(tmp_path)
    assert branch.compare(files) == Difference(removed=(SECURITY_PATH,))
    branch.upload(load(files, 2, SECURITY_PATH))
    assert names(repository) == {*files, ".nojekyll", ".statuspage.json"}


def somebody_adds(repository: Path, tmp_path: Path, name: str, text: str) -> None:
    clone = tmp_path / f"clone-{name}"
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(repository), str(clone))
    (clone / name).write_text(text)
    git(clone, "add", name)
    git(clone, "commit", "--quiet", "-m", f"Add {name}")
    git(clone, "push", "--quiet")


def test_what_somebody_else_has_pushed_meanwhile_is_kept_and_ours_comes_on_top(
    repository: Path, tmp_path: Path
) -> None:
    branch = branch_of(repository, tmp_path)
    branch.upload(load(site(tmp_path), 1))
    somebody_adds(repository, tmp_path, "CNAME", "status.example.com")
    branch.upload(load(site(tmp_path, **{"index.html": "second"}), 2))
    assert (show(repository, "CNAME"), show(repository, "index.html")) == ("status.example.com", "second")
    assert len(tip(repository)) == 3


def test_an_older_site_is_never_pushed_over_a_newer_one(repository: Path, tmp_path: Path) -> None:
    first, second = branch_of(repository, tmp_path), branch_of(repository, tmp_path, "second")
    first.upload(load(site(tmp_path), 1))
    second.upload(load(site(tmp_path, **{"index.html": "newer"}), 9))
    assert refused(first, site(tmp_path, **{"index.html": "older"}), 8).code == "newer"
    assert show(repository, "index.html") == "newer"


def hook(repository: Path, text: str) -> None:
    path = repository / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_push_that_a_hook_refuses_leaves_the_branch_as_it_was_and_goes_through_later(
    repository: Path, tmp_path: Path
) -> None:
    branch = branch_of(repository, tmp_path)
    branch.upload(load(site(tmp_path), 1))
    hook(repository, "echo the branch is frozen >&2; exit 1")
    files = site(tmp_path, **{"index.html": "second"})
    error = refused(branch, files, 2)
    assert (error.code, "frozen" in error.detail or "declined" in error.detail) == ("refused", True)
    assert show(repository, "index.html") == "root"
    hook(repository, "exit 0")
    branch.upload(load(files, 2))
    assert show(repository, "index.html") == "second"


def test_a_repository_that_hangs_is_given_up(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = branch_of(repository, tmp_path)
    hook(repository, "sleep 60")
    monkeypatch.setattr("statuspage.integrations.hosting.git.LONG", 2)
    assert refused(branch, site(tmp_path), 1).code == "slow"


def test_git_never_asks_and_never_tells_the_token(tmp_path: Path) -> None:
    spec = HostSpec("pages", "git", {"repository": "https://127.0.0.1:1/status.git", "branch": "gh-pages"})
    (tmp_path / "own").mkdir()
    from statuspage.integrations.hosting.git import GitBranch

    branch = GitBranch(spec, {"token": "planted-token"}, tmp_path / "own")
    error = refused(branch, site(tmp_path), 1)
    assert error.code == "unreachable"
    assert "planted" not in error.detail
    git_environ = branch._environment()
    assert "planted-token" not in str(git_environ), "it is in the header alone, in another form"
    assert [value for value in git_environ.values() if value.startswith("Authorization: Basic ")]


def test_neither_hooks_nor_settings_of_the_account_have_a_say(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "account"
    (account / "hooks").mkdir(parents=True)
    spy = account / "hooks" / "pre-push"
    spy.write_text(f"#!/bin/sh\ntouch {account}/spied\n")
    spy.chmod(0o755)
    settings = f'[core]\n\thooksPath = {account}/hooks\n\tautocrlf = true\n[url "/nowhere/"]\n\tinsteadOf = /\n'
    (account / ".gitconfig").write_text(settings)
    monkeypatch.setenv("HOME", str(account))
    files = site(tmp_path, **{"index.html": "a\r\nb"})
    branch_of(repository, tmp_path).upload(load(files, 1))
    assert not (account / "spied").exists()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert show(repository, "index.html").encode().startswith(b"a")


def test_a_branch_with_other_things_in_it_is_left_alone(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    git(clone, "checkout", "--quiet", "-b", "gh-pages")
    (clone / "program.py").write_text("1")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "A program")
    git(clone, "push", "--quiet", "origin", "gh-pages")
    with pytest.raises(UploadFailed) as caught:
        branch_of(repository, tmp_path).compare(site(tmp_path))
    assert (caught.value.code, caught.value.detail) == ("foreign_files", "program.py")


# A server


def server_of(ssh: Ssh, tmp_path: Path, **other: str) -> Host:
    return opened(HostSpec(f"web{len(other)}", "rsync", {**ssh.options, **other}, ("kept",)), tmp_path)


def test_a_server_gets_what_changed_and_loses_what_is_gone(ssh_server: Ssh, tmp_path: Path) -> None:
    server = server_of(ssh_server, tmp_path)
    files = site(tmp_path, **{"old__index": "old", "index.html.gz": "packed"})
    assert set(server.compare(files).new) == set(files)
    assert server.upload(load(files, 1)) == 6
    assert ours(ssh_server.held()) == {name: path.read_text() for name, path in files.items()}
    assert (ssh_server.folder / "index.html").stat().st_mode & 0o777 == 0o644
    (ssh_server.folder / "kept").mkdir()
    (ssh_server.folder / "kept" / "by-others").write_text("x")
    fewer = {name: path for name, path in files.items() if name != "old/index"}
    fewer["index.html"].write_text("new root")
    assert server.compare(fewer) == Difference(changed=("index.html",), removed=("old/index",))
    assert server.upload(load(fewer, 2, "old/index")) == 2
    assert set(ssh_server.held()) == {*fewer, "kept/by-others", ".statuspage.json"}
    assert server.compare(fewer) == Difference()
    assert refused(server, fewer, 1).code == "newer"


def test_a_security_txt_that_is_off_leaves_the_server(ssh_server: Ssh, tmp_path: Path) -> None:
    server = server_of(ssh_server, tmp_path)
    server.upload(load(site(tmp_path, **SECURITY_TXT), 1))
    files = site(tmp_path)
    assert server.compare(files) == Difference(removed=(SECURITY_PATH,))
    server.upload(load(files, 2, SECURITY_PATH))
    assert set(ssh_server.held()) == {*files, ".statuspage.json"}


@pytest.mark.parametrize(("code", "message"), [(12, "unreachable"), (23, "failed"), (30, "unreachable")])
def test_a_server_that_breaks_off_midway_still_shows_the_old_fronts(
    ssh_server: Ssh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    server = server_of(ssh_server, tmp_path)
    server.upload(load(site(tmp_path), 1))
    files = site(tmp_path, **{INCIDENT.replace("/", "__"): "second", "index.html": "second root"})
    killer = tmp_path / "rsync"
    killer.write_text(f"""#!/bin/sh
echo x >> {tmp_path}/runs
[ "$(wc -l < {tmp_path}/runs)" -lt 2 ] && exec /usr/bin/rsync "$@"
/usr/bin/rsync --bwlimit=1 "$@" & sleep 0.1; kill -9 $!; exit {code}
""")
    killer.chmod(0o755)
    with monkeypatch.context() as broken:
        broken.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert refused(server, files, 2).code == message
    assert (ssh_server.folder / "index.html").read_text() == "root"
    server.upload(load(files, 2))
    assert ours(ssh_server.held()) == {name: path.read_text() for name, path in files.items()}


def behind_rrsync(ssh: Ssh, tmp_path: Path, restricted_to: Path, path: str = "/") -> Host:
    """The host, with a key restricted by Debian's own rrsync as docs/guides/hosting.md says."""
    key = (tmp_path / "sshd" / "user.pub").read_text()
    assert 'command="rrsync /srv/status",restrict ssh-ed25519' in (ROOT / "docs" / "guides" / "hosting.md").read_text(
        "utf-8"
    )
    (tmp_path / "sshd" / "authorized").write_text(f'command="rrsync {restricted_to}",restrict {key}')
    return server_of(ssh, tmp_path, path=path)


def test_behind_rrsync_an_empty_folder_gets_its_first_publication_and_a_second(ssh_server: Ssh, tmp_path: Path) -> None:
    server = behind_rrsync(ssh_server, tmp_path, ssh_server.folder)
    files = site(tmp_path, old__index="old")
    assert set(server.compare(files).new) == set(files)
    assert server.upload(load(files, 1)) == 5
    assert server.compare(files) == Difference()
    fewer = {name: path for name, path in files.items() if name != "old/index"}
    fewer["index.html"].write_text("new root")
    assert server.upload(load(fewer, 2, "old/index")) == 2
    assert ours(ssh_server.held()) == {name: path.read_text() for name, path in fewer.items()}
    assert refused(server, fewer, 1).code == "newer"


def test_behind_rrsync_a_folder_of_others_is_left_alone(ssh_server: Ssh, tmp_path: Path) -> None:
    (ssh_server.folder / "program.py").write_text("1")
    with pytest.raises(UploadFailed) as caught:
        behind_rrsync(ssh_server, tmp_path, ssh_server.folder).compare(site(tmp_path))
    assert (caught.value.code, caught.value.detail) == ("foreign_files", "program.py")


@pytest.mark.parametrize(
    ("restricted_to", "path", "words"),
    [("nowhere", "/", "No such file or directory: "), ("served", "/srv/status", "rrsync error: ")],
)
def test_behind_rrsync_a_wrong_path_says_rrsyncs_own_words(
    ssh_server: Ssh, tmp_path: Path, restricted_to: str, path: str, words: str
) -> None:
    error = refused(behind_rrsync(ssh_server, tmp_path, tmp_path / restricted_to, path), site(tmp_path), 1)
    assert words in error.detail
    assert error.detail.endswith("/nowhere' (exit 12)" if path == "/" else "(exit 12)")
    assert "connection unexpectedly closed" not in error.detail


def test_an_unknown_server_is_not_trusted_and_a_wrong_key_is_told_as_such(ssh_server: Ssh, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    nobody.write_text("")
    assert refused(server_of(ssh_server, tmp_path, known_hosts=str(nobody)), site(tmp_path), 1).code == "denied"
    identity = {"identity": str(tmp_path / "sshd" / "host"), "known_hosts": ssh_server.options["known_hosts"]}
    assert refused(server_of(ssh_server, tmp_path, **identity), site(tmp_path), 1).code == "denied"
    assert ssh_server.held() == {}


def test_a_server_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    away = opened(HostSpec("away", "rsync", {"host": "127.0.0.1", "port": "1", "path": "/srv/x"}), tmp_path)
    error = refused(away, site(tmp_path), 1)
    assert (error.code, "Connection refused" in error.detail) == ("unreachable", True)


@pytest.mark.parametrize("value", ["-oProxyCommand=x", "a b", "host;x", "user@-host", "$(x)", "host:path", ""])
def test_a_host_that_a_program_could_take_for_an_option_is_no_host(value: str) -> None:
    assert rsync.OPTIONS["host"].pattern.fullmatch(value) is None


@pytest.mark.parametrize("value", ["-x", "--upload-pack=x", "a b", "a..b", "a//b", "a.lock", "$(x)", "a:b", "/a", ""])
def test_a_branch_that_a_program_could_take_for_something_else_is_no_branch(value: str) -> None:
    assert git_host.OPTIONS["branch"].pattern.fullmatch(value) is None


@pytest.mark.parametrize("value", ["-oProxyCommand=x:a", "ext::sh -c x", "--upload-pack=x", "file:///a", "ssh://-x/a"])
def test_a_repository_that_a_program_could_take_for_something_else_is_none(value: str) -> None:
    assert git_host.OPTIONS["repository"].pattern.fullmatch(value) is None
