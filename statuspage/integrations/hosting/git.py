"""A branch of a git repository, as hosts of pages read it: one commit for each notice, never a forced push.

A repository of our own beside the site holds what was pushed last. No hook, no configuration and no credential helper
of the account has a say in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from statuspage.domain import TargetSpec
from statuspage.integrations.hosting import subprocesses
from statuspage.integrations.hosting.base import (
    MARK,
    Difference,
    NotCarried,
    UploadBatch,
    fence_in,
    is_front,
    is_ours,
    mark,
    refuse_newer,
    refuse_strangers,
)
from statuspage.integrations.hosting.host_type import HostType
from statuspage.integrations.hosting.options import BRANCH, REPOSITORY, SSH, Option
from statuspage.integrations.hosting.subprocesses import LONG, QUICK, Done, last_line

OPTIONS: Mapping[str, Option] = {
    "repository": Option(REPOSITORY, "git@git.example.com:example/status.git", needed=True),
    "branch": Option(BRANCH, "gh-pages", default="gh-pages"),
    **SSH,
}

_KEPT = ("CNAME", "README.md")
"""Files of the host or the people at the top of the branch."""

_RAW = ".nojekyll"
"""Without it GitHub's pages leave out names that begin with an underscore."""

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.autocrlf": "false",
    "core.attributesFile": "/dev/null",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "protocol.file.allow": "always",
    "http.followRedirects": "false",
}
_WHO = {"NAME": "statuspage", "EMAIL": "statuspage@localhost"}


class Branch:
    """One branch. ``pace``: a renewed front alone is worth a commit once an hour."""

    twins = False
    pace = timedelta(hours=1)

    def __init__(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._options, self._keep = spec.options, (*_KEPT, *spec.keep)
        self._ref = f"refs/heads/{spec.options['branch']}"
        self._repository = folder / "repository.git"
        self._token = secrets.get("token", "")

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """By the names that git gives to contents."""
        head = self._fetched()
        there = {name: id for name, id in self._tree(head) if is_ours(name, self._keep)}
        gone = tuple(sorted(there.keys() - files.keys()))
        refuse_strangers(gone, self._fence(head))
        changed = (name for name in files if name in there and there[name] != _object_id(files[name].read_bytes()))
        return Difference(tuple(n for n in files if n not in there), tuple(changed), gone)

    def carry(self, load: UploadBatch) -> int:
        """One commit on what we know of the branch; once more on what it has become, when that is refused."""
        head = self._known() or self._fetched()
        for last in (False, True):
            fence = self._fence(head)
            refuse_newer(fence, load.fence)
            commit, changed = self._commit(head, load)
            if not changed:
                return 0
            done = self._git("push", "--porcelain", "--no-verify", "--", self._url, f"{commit}:{self._ref}", long=True)
            if done.code == 0:
                self._must("update-ref", self._ref, commit)
                return changed
            if last or not _is_behind(done):
                raise NotCarried(_git_reason(done), _git_words(done))
            head = self._fetched()
        raise AssertionError("unreachable")

    def _commit(self, head: str, load: UploadBatch) -> tuple[str, int]:
        """The commit that adds the load to this one; it and how many files differ."""
        self._must("read-tree", head) if head else self._must("read-tree", "--empty")
        paths = "".join(f"{path}\n" for path in load.files.values()).encode()
        ids = self._must("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).split()
        entries = dict(zip(load.files, ids, strict=True))
        there = dict(self._tree(head))
        changed = [name for name, id in entries.items() if there.get(name) != id]
        gone = [name for name in load.gone if name in there]
        if not changed and not gone:
            return head, 0
        entries |= {MARK: self._blob(mark(load.fence)), _RAW: self._blob(b"")}
        lines = [f"100644 {id}\t{name}\n" for name, id in entries.items()] + [f"0 {'0' * 40}\t{n}\n" for n in gone]
        self._must("update-index", "--index-info", stdin="".join(lines).encode())
        tree = self._must("write-tree").strip()
        parents = ["-p", head] if head else []
        message = _commit_message(changed, load.fence).encode()
        return self._must("commit-tree", tree, *parents, "-F", "-", stdin=message).strip(), len(changed) + len(gone)

    def _blob(self, data: bytes) -> str:
        return self._must("hash-object", "-w", "--stdin", stdin=data).strip()

    def _tree(self, commit: str) -> Iterator[tuple[str, str]]:
        if commit:
            for line in self._must("ls-tree", "-r", "-z", commit).split("\0")[:-1]:
                about, _, name = line.partition("\t")
                yield name, about.split()[2]

    def _fence(self, commit: str) -> int | None:
        done = self._git("cat-file", "blob", f"{commit}:{MARK}") if commit else None
        return fence_in(done.out) if done and done.code == 0 else None

    def _known(self) -> str:
        """What we pushed or fetched last."""
        self._make()
        done = self._git("rev-parse", "--verify", "--quiet", f"{self._ref}^{{commit}}")
        return done.out.decode().strip() if done.code == 0 else ""

    def _fetched(self) -> str:
        """What the branch is now; "" while it does not exist."""
        self._make()
        listed = self._git("ls-remote", "--", self._url, self._ref)
        if listed.code:
            raise NotCarried(_git_reason(listed), _git_words(listed))
        if not listed.out.strip():
            self._git("update-ref", "-d", self._ref)
            return ""
        fetch = self._git(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--", self._url, f"+{self._ref}:{self._ref}", long=True
        )
        if fetch.code:
            raise NotCarried(_git_reason(fetch), _git_words(fetch))
        return self._known()

    def _make(self) -> None:
        if not (self._repository / "HEAD").is_file():
            self._repository.mkdir(parents=True, exist_ok=True)
            self._must("init", "--quiet", "--bare", "--template=", "--", str(self._repository))

    @property
    def _url(self) -> str:
        return self._options["repository"]

    def _must(self, *args: str, stdin: bytes = b"") -> str:
        done = self._git(*args, stdin=stdin, long=True)
        if done.code:
            raise NotCarried("failed", _git_words(done))
        return done.out.decode()

    def _git(self, *args: str, stdin: bytes = b"", long: bool = False) -> Done:
        timeout = LONG if long else QUICK
        done = subprocesses.run(["git", *args], env=self._environ(), timeout=timeout, stdin=stdin, cwd=self._repository)
        return Done(done.code, done.out, done.err.replace(self._token, "…") if self._token else done.err)

    def _environ(self) -> dict[str, str]:
        settings = dict(_SETTINGS)
        if self._token and self._url.startswith("https://"):
            basic = base64.b64encode(f"git:{self._token}".encode()).decode()
            settings[f"http.{self._url}.extraHeader"] = f"Authorization: Basic {basic}"
        numbered = enumerate(settings.items())
        pairs = {
            k: v
            for n, (key, value) in numbered
            for k, v in ((f"GIT_CONFIG_KEY_{n}", key), (f"GIT_CONFIG_VALUE_{n}", value))
        }
        return {
            "GIT_DIR": str(self._repository),
            "GIT_INDEX_FILE": str(self._repository / "carried"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_SSH_COMMAND": subprocesses.ssh(self._options),
            "GIT_SSH_VARIANT": "ssh",
            **{f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _WHO.items()},
            **pairs,
        }


def _object_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _commit_message(changed: list[str], fence: int) -> str:
    """What this commit is about: the incidents whose pages it changes."""
    parts = [name.split("/") for name in changed]
    told = dict.fromkeys(one[2] for one in parts if len(one) > 3 and one[1] == "incidents")
    if all(map(is_front, changed)):
        about = "The time on the front is renewed"
    else:
        about = f"Incident {', '.join(told)}" if 0 < len(told) < 4 else f"{len(changed)} files"
    return f"{about}\n\nFence: {fence}\n"


def _is_behind(done: Done) -> bool:
    said = done.out.decode("utf-8", "replace") + done.err
    return any(word in said for word in ("non-fast-forward", "fetch first", "stale info", "cannot lock ref"))


def _git_reason(done: Done) -> str:
    said = done.out.decode("utf-8", "replace") + done.err
    if "[remote rejected]" in said or "hook declined" in said:
        return "refused"
    denied = ("Authentication failed", "Permission denied", "could not read Username", "Host key verification failed")
    if any(word in said for word in (*denied, "terminal prompts disabled", "403")):
        return "denied"
    return "contended" if _is_behind(done) else "unreachable"


def _git_words(done: Done) -> str:
    said = [line for line in done.err.splitlines() if line.startswith(("fatal:", "error:", "remote:", "ssh:"))]
    rejected = [line for line in done.out.decode("utf-8", "replace").splitlines() if line.startswith("!")]
    return last_line("\n".join(said + rejected)) or last_line(done.err)


HOST_TYPE = HostType(OPTIONS, (), ("token",), Branch)
