"""``make operate``: runs all commands of the quick start and of the first hour (docs/guides), in order, on a clean
machine each.

The machine is this one in namespaces of its own: changes to its folders are discarded, and loopback is the only
network. Added to it are the names in DNS, a trusted certificate, and a ``systemctl`` that starts what a unit says as
its user. ``--short`` uses the existing environment instead of installing the wheel.

The info string of a fenced block says what to do with it: ``sh`` is run; a second word is the file to write the text
to, or one of ``install``, ``caddy``, ``laptop``, ``findings`` (exits with 1 if there are any). Any other block is for
readers.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import certifi

ROOT = Path(__file__).resolve().parent.parent
GUIDES = tuple(ROOT / "docs" / "guides" / name for name in ("quick-start.md", "first-hour.md"))
OVERLAID = ("/etc", "/var", "/opt", "/usr/local", "/home", "/run")
NAMES = tuple(f"{name}.example.com" for name in ("status", "follow", "desk", "drill-desk", "drill"))
LETSENCRYPT = Path("/etc/letsencrypt/live/status.example.com")
SYSTEMCTL = Path("/usr/local/bin/systemctl")
STATE = Path("/run/operate")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Fence:
    """A fenced block of the guide: its first line, its language, the rest of the info string, and the text."""

    line: int
    language: str
    more: str
    text: str


def fences(guide: str) -> Iterator[Fence]:
    """All fenced blocks, in order."""
    for found in re.finditer(r"^```(\S+)(?: ([^\n]+))?\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL):
        yield Fence(guide[: found.start()].count("\n") + 1, found[1], found[2] or "", found[3])


def steps(guide: str) -> list[Fence]:
    """Those that are executed."""
    return [fence for fence in fences(guide) if fence.language == "sh" or fence.more.startswith("/")]


def main() -> int:
    """Enters the namespaces for each guide or, if already inside, runs one."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--short", action="store_true")
    asked.add_argument("--only", choices=[guide.stem for guide in GUIDES])
    asked.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    guides = [guide for guide in GUIDES if given.only in (None, guide.stem)]
    if given.inside:
        return carry_out(guides[0], given.inside, short=given.short)
    with tempfile.TemporaryDirectory() as folder:
        release = released(Path(folder) / "release", short=given.short)
        more = ["--short"] if given.short else []
        inside = [sys.executable, "-m", "tools.operate", "--inside", str(release), *more]
        seal = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        for guide in guides:
            done = subprocess.run([*seal, *inside, "--only", guide.stem], cwd=ROOT, check=False)
            if done.returncode:
                return done.returncode
    return 0


def released(folder: Path, *, short: bool) -> Path:
    """What an operator has: the lock file, the wheel, and, in place of the network, every file in the lock file."""
    folder.mkdir()
    shutil.copy(ROOT / "constraints.txt", folder)
    if not short:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
        theirs = ["--python-version", guides_python(), "--no-deps"]
        files = ["--require-hashes", "-r", "constraints.txt", "-d", "files"]
        subprocess.run([*pip, *theirs, *files], check=True, cwd=folder)
        subprocess.run(
            [*pip, "setuptools", "wheel", "-d", "files"], check=True, cwd=folder
        )  # for feedgen, which has no wheel
    return folder


def guides_python() -> str:
    """The version of the machine's own Python, which the guide's commands use; it may differ from this one."""
    script = "import sys; print(*sys.version_info[:2], sep='.')"
    return subprocess.run(
        ["python3", "-c", script], env={"PATH": PATH}, check=True, capture_output=True, text=True
    ).stdout.strip()


def carry_out(guide: Path, release: Path, *, short: bool) -> int:
    """Runs every step in turn; stops at the first failure."""
    bare_machine()
    environ = {
        "PATH": PATH,
        "LANG": "C.UTF-8",
        "HOME": "/root",
        "STATUSPAGE_LANGUAGE": "en",
        "SSL_CERT_FILE": str(STATE / "authorities.pem"),
        "CURL_CA_BUNDLE": str(STATE / "believed.pem"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(release / "files"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    try:
        for step in steps(guide.read_text("utf-8")):
            print(f"{guide.name}:{step.line}", flush=True)
            if not done(step, release, environ, short=short):
                print(f"docs/guides/{guide.name}:{step.line}: this step does not work", flush=True)
                for log in sorted(STATE.glob("*.log")):
                    print(f"{log.name}: {log.read_text('utf-8', 'replace')[-2000:]}", flush=True)
                return 1
    finally:
        for pid in (STATE / "running").glob("*"):
            end(pid)
    print(f"Every step of docs/guides/{guide.name} works.", flush=True)
    return 0


def done(step: Fence, release: Path, environ: dict[str, str], *, short: bool) -> bool:
    """Whether the step succeeded; prints each command as it runs."""
    if step.more.startswith("/"):
        file = Path(step.more)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(step.text, "utf-8")
        print(f"    {file}", flush=True)
        return True
    if step.more == "install" and short:
        Path("/opt/statuspage").symlink_to(ROOT / ".venv")
        believe()
        return True
    print(re.sub("^", "    ", step.text.rstrip(), flags=re.MULTILINE), flush=True)
    where = laptop() if step.more == "laptop" else release
    code = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", step.text], cwd=where, env=environ, check=False
    ).returncode
    if step.more == "install" and code == 0:
        believe()
    if step.more == "caddy":
        believe_caddy()
    return code in ((0, 1) if step.more == "findings" else (0,))


def bare_machine() -> None:
    """From now on changes to these folders are discarded, and loopback is the only network."""
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    root_folder = Path(tempfile.mkdtemp())
    run("mount", "-t", "tmpfs", "tmpfs", str(root_folder))
    for number, folder in enumerate(OVERLAID):
        upper, work = root_folder / f"{number}.upper", root_folder / f"{number}.work"
        upper.mkdir()
        work.mkdir()
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={folder},upperdir={upper},workdir={work}", folder)
    shutil.rmtree("/etc/nginx/sites-enabled", ignore_errors=True)
    Path("/etc/nginx/sites-enabled").mkdir(parents=True)
    (STATE / "running").mkdir(parents=True)
    let_others_run_python()
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write("".join(f"127.0.0.1 {name}\n" for name in NAMES))
    certify()
    SYSTEMCTL.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} systemctl "$@"\n')
    SYSTEMCTL.chmod(0o755)


def let_others_run_python() -> None:
    """Makes this Python accessible to the service user, even if it is in root's home folder."""
    base = Path(sys.base_prefix).resolve()
    if not base.is_relative_to("/root"):
        return
    top = Path("/root") / base.relative_to("/root").parts[0]
    kept = Path(tempfile.mkdtemp())
    run("mount", "--bind", str(top), str(kept))
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/root")
    top.mkdir()
    run("mount", "--move", str(kept), str(top))


def certify() -> None:
    """Creates a certificate for all names where certbot would put it, and makes curl trust it."""
    LETSENCRYPT.mkdir(parents=True)
    names = ",".join(f"DNS:{name}" for name in NAMES)
    made = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /O=Operate/CN=status"
    )
    files = ["-out", str(LETSENCRYPT / "fullchain.pem"), "-keyout", str(LETSENCRYPT / "privkey.pem")]
    subprocess.run([*made.split(), "-addext", f"subjectAltName={names}", *files], check=True, capture_output=True)
    shutil.copy(LETSENCRYPT / "fullchain.pem", STATE / "believed.pem")


def believe() -> None:
    """Makes the program trust that certificate as well, by mounting a longer list over its list of authorities."""
    (theirs,) = Path("/opt/statuspage/").resolve().glob("lib/*/site-packages/certifi/cacert.pem")
    longer = STATE / "authorities.pem"
    longer.write_bytes(Path(certifi.where()).read_bytes() + (STATE / "believed.pem").read_bytes())
    run("mount", "--bind", str(longer), str(theirs))


def believe_caddy() -> None:
    """Trusts the authority that Caddy created for itself, because there is no public one."""
    root = Path("/var/lib/caddy/pki/authorities/local/root.crt")
    until = time.monotonic() + 120
    while not root.exists():
        if time.monotonic() > until:
            raise TimeoutError((STATE / "caddy.log").read_text("utf-8"))
        time.sleep(0.1)
    for file in (STATE / "believed.pem", STATE / "authorities.pem"):
        with file.open("ab") as more:
            more.write(root.read_bytes())


def laptop() -> Path:
    """A folder of somebody else."""
    folder = Path(tempfile.mkdtemp())
    os.environ.pop("STATUSPAGE_HOME", None)
    return folder


def run(*command: str) -> None:
    subprocess.run(command, check=True)


# a replacement for systemd


def systemctl(*given: str) -> int:
    """``enable --now``, ``restart``, ``reload`` and ``stop`` of a service; ``daemon-reload`` does nothing."""
    words = [word for word in given if not word.startswith("-")]
    verb, *names = words
    for name in names:
        running = STATE / "running" / name
        if verb in ("stop", "restart"):
            end(running)
        if verb in ("enable", "restart", "start", "reload") and not running.exists():
            running.write_text(str(start(name)))
    return 0


def start(name: str) -> int:
    """Starts the service; returns its process id."""
    log = (STATE / f"{name}.log").open("ab")
    if name == "nginx":
        command, environ = ["nginx", "-g", "daemon off;"], dict(os.environ)
    elif name == "caddy":
        caddyfile = Path("/etc/caddy/Caddyfile")
        ours = "{\nlocal_certs\nskip_install_trust\nadmin off\n"  # Into the options with which the guide begins.
        caddyfile.write_text(ours + caddyfile.read_text().removeprefix("{\n"))
        command = ["caddy", "run", "--config", str(caddyfile), "--adapter", "caddyfile"]
        environ = {**os.environ, "XDG_DATA_HOME": "/var/lib", "HOME": "/var/lib/caddy"}
    else:
        command, environ = unit(Path(f"/etc/systemd/system/{name}.service"))
    process = subprocess.Popen(
        command, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
    )
    return process.pid


def unit(file: Path) -> tuple[list[str], dict[str, str]]:
    """What a unit starts, as which user, with which file mode mask and which settings."""
    unit_fields = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines() if "=" in line)
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/var/lib/statuspage"}
    for line in Path(unit_fields["EnvironmentFile"]).read_text("utf-8").splitlines():
        key, _, value = line.partition("=")
        environ[key] = value.strip('"')
    masked = ["sh", "-c", f'umask {unit_fields.get("UMask", "0022")} && exec "$@"', "sh"]
    return ["runuser", "-u", unit_fields["User"], "--", *masked, *unit_fields["ExecStart"].split()], environ


def is_over(pid: int) -> bool:
    """Whether the process has ended, even if nobody has waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def end(running: Path) -> None:
    """Asks the process to stop, and waits until it has."""
    if not running.exists():
        return
    pid = int(running.read_text())
    running.unlink()
    try:
        os.killpg(pid, signal.SIGTERM)
        until = time.monotonic() + 30
        while time.monotonic() < until and not is_over(pid):
            time.sleep(0.1)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(systemctl(*sys.argv[2:]) if sys.argv[1:2] == ["systemctl"] else main())
