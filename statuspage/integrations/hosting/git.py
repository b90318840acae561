"""A branch of a git repository, as used by page hosts: one commit for each notice, never a forced push.

Our own repository beside the site holds what was pushed last. Hooks, configuration and credential helpers of the
account do not affect it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting import subprocesses
from statuspage.integrations.hosting.base import (
    FENCE_FILE,
    Difference,
    UploadBatch,
    UploadFailed,
    fence_content,
    is_front_page,
    is_ours,
    parse_fence,
    refuse_foreign_files,
    refuse_newer,
)
from statuspage.integrations.hosting.options import BRANCH, REPOSITORY, SSH, HostType, Option
from statuspage.integrations.hosting.subprocesses import LONG, QUICK, CompletedRun, last_line

OPTIONS: Mapping[str, Option] = {
    "repository": Option(REPOSITORY, "git@git.example.com:example/status.git", required=True),
    "branch": Option(BRANCH, "gh-pages", default="gh-pages"),
    **SSH,
}

_KEPT_FILES = ("CNAME", "README.md")
"""Files of the host or the owner at the top level of the branch."""

_NO_JEKYLL = ".nojekyll"
"""Without it, GitHub Pages leaves out names that begin with an underscore."""

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
_IDENTITY = {"NAME": "statuspage", "EMAIL": "statuspage@localhost"}


class GitBranch:
    """One branch. ``renewal_interval``: an update of the front page alone is committed at most once an hour."""

    gzip_copies = False
    renewal_interval = timedelta(hours=1)

    def __init__(self, spec: HostSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._options, self._keep = spec.options, (*_KEPT_FILES, *spec.kept_paths)
        self._ref = f"refs/heads/{spec.options['branch']}"
        self._repository = folder / "repository.git"
        self._token = secrets.get("token", "")

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """Compares by git's object ids."""
        head = self._fetch_head()
        remote_ids = {name: id for name, id in self._list_tree(head) if is_ours(name, self._keep)}
        removed = tuple(sorted(remote_ids.keys() - files.keys()))
        refuse_foreign_files(removed, self._read_fence(head))
        changed = (
            name for name in files if name in remote_ids and remote_ids[name] != _object_id(files[name].read_bytes())
        )
        return Difference(tuple(name for name in files if name not in remote_ids), tuple(changed), removed)

    def upload(self, batch: UploadBatch) -> int:
        """One commit on the known head of the branch; if the push is rejected, one more attempt on the current head."""
        head = self._known_head() or self._fetch_head()
        for is_last_attempt in (False, True):
            fence = self._read_fence(head)
            refuse_newer(fence, batch.fence)
            commit, changed = self._create_commit(head, batch)
            if not changed:
                return 0
            result = self._run_git(
                "push", "--porcelain", "--no-verify", "--", self._url, f"{commit}:{self._ref}", is_long=True
            )
            if result.exit_code == 0:
                self._git_output("update-ref", self._ref, commit)
                return changed
            if is_last_attempt or not _is_behind(result):
                raise UploadFailed(_git_reason(result), _git_error(result))
            head = self._fetch_head()
        raise AssertionError("unreachable")

    def _create_commit(self, head: str, batch: UploadBatch) -> tuple[str, int]:
        """Creates a commit that adds the batch to ``head``; returns it, and the number of files that differ."""
        self._git_output("read-tree", head) if head else self._git_output("read-tree", "--empty")
        paths = "".join(f"{path}\n" for path in batch.files.values()).encode()
        ids = self._git_output("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).split()
        entries = dict(zip(batch.files, ids, strict=True))
        remote_ids = dict(self._list_tree(head))
        changed = [name for name, id in entries.items() if remote_ids.get(name) != id]
        removed = [name for name in batch.removed if name in remote_ids]
        if not changed and not removed:
            return head, 0
        entries |= {FENCE_FILE: self._write_blob(fence_content(batch.fence)), _NO_JEKYLL: self._write_blob(b"")}
        index_lines = [f"100644 {id}\t{name}\n" for name, id in entries.items()] + [
            f"0 {'0' * 40}\t{name}\n" for name in removed
        ]
        self._git_output("update-index", "--index-info", stdin="".join(index_lines).encode())
        tree = self._git_output("write-tree").strip()
        parents = ["-p", head] if head else []
        message = _commit_message(changed, batch.fence).encode()
        return self._git_output("commit-tree", tree, *parents, "-F", "-", stdin=message).strip(), len(changed) + len(
            removed
        )

    def _write_blob(self, data: bytes) -> str:
        return self._git_output("hash-object", "-w", "--stdin", stdin=data).strip()

    def _list_tree(self, commit: str) -> Iterator[tuple[str, str]]:
        if commit:
            for line in self._git_output("ls-tree", "-r", "-z", commit).split("\0")[:-1]:
                details, _, name = line.partition("\t")
                yield name, details.split()[2]

    def _read_fence(self, commit: str) -> int | None:
        result = self._run_git("cat-file", "blob", f"{commit}:{FENCE_FILE}") if commit else None
        return parse_fence(result.stdout) if result and result.exit_code == 0 else None

    def _known_head(self) -> str:
        """The head that we last pushed or fetched."""
        self._ensure_repository()
        result = self._run_git("rev-parse", "--verify", "--quiet", f"{self._ref}^{{commit}}")
        return result.stdout.decode().strip() if result.exit_code == 0 else ""

    def _fetch_head(self) -> str:
        """The current head of the branch; "" if the branch does not exist."""
        self._ensure_repository()
        listing = self._run_git("ls-remote", "--", self._url, self._ref)
        if listing.exit_code:
            raise UploadFailed(_git_reason(listing), _git_error(listing))
        if not listing.stdout.strip():
            self._run_git("update-ref", "-d", self._ref)
            return ""
        fetch = self._run_git(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--", self._url, f"+{self._ref}:{self._ref}", is_long=True
        )
        if fetch.exit_code:
            raise UploadFailed(_git_reason(fetch), _git_error(fetch))
        return self._known_head()

    def _ensure_repository(self) -> None:
        if not (self._repository / "HEAD").is_file():
            self._repository.mkdir(parents=True, exist_ok=True)
            self._git_output("init", "--quiet", "--bare", "--template=", "--", str(self._repository))

    @property
    def _url(self) -> str:
        return self._options["repository"]

    def _git_output(self, *args: str, stdin: bytes = b"") -> str:
        result = self._run_git(*args, stdin=stdin, is_long=True)
        if result.exit_code:
            raise UploadFailed("failed", _git_error(result))
        return result.stdout.decode()

    def _run_git(self, *args: str, stdin: bytes = b"", is_long: bool = False) -> CompletedRun:
        timeout = LONG if is_long else QUICK
        result = subprocesses.run(
            ["git", *args], env=self._environment(), timeout=timeout, stdin=stdin, cwd=self._repository
        )
        return CompletedRun(
            result.exit_code, result.stdout, result.stderr.replace(self._token, "…") if self._token else result.stderr
        )

    def _environment(self) -> dict[str, str]:
        settings = dict(_SETTINGS)
        if self._token and self._url.startswith("https://"):
            basic = base64.b64encode(f"git:{self._token}".encode()).decode()
            settings[f"http.{self._url}.extraHeader"] = f"Authorization: Basic {basic}"
        numbered = enumerate(settings.items())
        pairs = {
            variable: setting
            for n, (key, value) in numbered
            for variable, setting in ((f"GIT_CONFIG_KEY_{n}", key), (f"GIT_CONFIG_VALUE_{n}", value))
        }
        return {
            "GIT_DIR": str(self._repository),
            "GIT_INDEX_FILE": str(self._repository / "carried"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_SSH_COMMAND": subprocesses.ssh_command(self._options),
            "GIT_SSH_VARIANT": "ssh",
            **{f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _IDENTITY.items()},
            **pairs,
        }


def _object_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _commit_message(changed: list[str], fence: int) -> str:
    """The commit message: the incidents whose pages it changes."""
    paths = [name.split("/") for name in changed]
    incidents = dict.fromkeys(path[2] for path in paths if len(path) > 3 and path[1] == "incidents")
    if all(map(is_front_page, changed)):
        subject = "The time on the front is renewed"
    else:
        subject = f"Incident {', '.join(incidents)}" if 0 < len(incidents) < 4 else f"{len(changed)} files"
    return f"{subject}\n\nFence: {fence}\n"


def _is_behind(result: CompletedRun) -> bool:
    output = result.stdout.decode("utf-8", "replace") + result.stderr
    return any(phrase in output for phrase in ("non-fast-forward", "fetch first", "stale info", "cannot lock ref"))


def _git_reason(result: CompletedRun) -> str:
    output = result.stdout.decode("utf-8", "replace") + result.stderr
    if "[remote rejected]" in output or "hook declined" in output:
        return "refused"
    denials = ("Authentication failed", "Permission denied", "could not read Username", "Host key verification failed")
    if any(phrase in output for phrase in (*denials, "terminal prompts disabled", "403")):
        return "denied"
    return "contended" if _is_behind(result) else "unreachable"


def _git_error(result: CompletedRun) -> str:
    errors = [line for line in result.stderr.splitlines() if line.startswith(("fatal:", "error:", "remote:", "ssh:"))]
    rejected = [line for line in result.stdout.decode("utf-8", "replace").splitlines() if line.startswith("!")]
    return last_line("\n".join(errors + rejected)) or last_line(result.stderr)


HOST_TYPE = HostType(OPTIONS, (), ("token",), GitBranch)
