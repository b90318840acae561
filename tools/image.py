"""``make image``: builds an image of the program in dist/, and runs it once. As root, on Debian.

No registry of images is asked: ``mmdebstrap`` makes a Debian of the packages below, pip installs the wheel of this
checkout and the packages of the lock file into it, and ``buildah`` turns that into an image. It is then run without a
container engine (``buildah run`` in a chroot): ``init``, ``serve``, and a look at ``/readyz``.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from statuspage import __version__

ROOT = Path(__file__).resolve().parent.parent
NAME = f"statuspage-desk:{__version__}"
ARCHIVE = ROOT / "dist" / f"statuspage-desk-{__version__}.image.tar"
SUITE, PYTHON = "trixie", "3.13"
"""The release of Debian, and the version of its Python."""

PACKAGES = ("ca-certificates", "git", "openssh-client", "python3-venv", "rsync")
"""What the image has besides a minimal Debian. ``git``, ``rsync`` and ``ssh`` are for hosts of the page."""

USER, HOME, PROGRAM = "10001", "/var/lib/statuspage", "/opt/statuspage/bin/statuspage"
INSTALL = f"""
set -eu
useradd --system --uid {USER} --home-dir {HOME} --shell /usr/sbin/nologin statuspage
install -d -o statuspage -g statuspage {HOME}
python3 -m venv /opt/statuspage
pip="/opt/statuspage/bin/pip --isolated --disable-pip-version-check --no-cache-dir install --quiet"
pip="$pip --no-index --find-links /build/files"
$pip --require-hashes --requirement /build/constraints.txt
$pip --no-deps /build/statuspage_desk-*.whl
rm -rf /build
"""
CONFIG = {
    "--user": USER,
    "--env": f"STATUSPAGE_HOME={HOME}",
    "--workingdir": HOME,
    "--volume": HOME,
    "--entrypoint": f'["{PROGRAM}"]',
    "--cmd": "serve --host 0.0.0.0",
    "--label": f"org.opencontainers.image.version={__version__}",
}
PORTS = ("8000", "8001", "8002", "8003", "8004")
PATIENCE = 180
"""Seconds until the program in the image must answer."""


def main() -> int:
    """Builds the image, runs it, and says where it is."""
    ARCHIVE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as root_folder:
        folder = Path(root_folder)
        build = folder / "build"
        release(build)
        debian(build, folder / "root.tar")
        storage = ["--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
        make_image(storage, folder / "root.tar")
        try_out(storage)
        ARCHIVE.unlink(missing_ok=True)
        buildah(storage, "push", "--quiet", NAME, f"docker-archive:{ARCHIVE}:{NAME}")
        buildah(storage, "rm", "--all")
    print(
        f"{ARCHIVE.relative_to(ROOT)}: {ARCHIVE.stat().st_size // 1_000_000} MB. podman load --input, or docker load."
    )
    return 0


def release(folder: Path) -> None:
    """The wheel, the lock file, and every file that it names, for the Python of the image."""
    folder.mkdir()
    shutil.copy(ROOT / "constraints.txt", folder)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    locked = ["--python-version", PYTHON, "--require-hashes", "-r", str(folder / "constraints.txt")]
    run(*pip, *locked, "-d", str(folder / "files"))
    run(*pip, "setuptools", "wheel", "-d", str(folder / "files"))  # for feedgen, which has no wheel


def debian(build: Path, archive: Path) -> None:
    """A minimal Debian with the program installed."""
    hooks = [f"copy-in {build} /", f"chroot \"$1\" sh -c '{INSTALL}'", 'rm -f "$1"/etc/resolv.conf "$1"/etc/hostname']
    options = [f"--customize-hook={hook}" for hook in hooks]
    slim = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info")]
    packages = f"--include={','.join(PACKAGES)}"
    run("mmdebstrap", "--quiet", "--variant=minbase", packages, *slim, *options, SUITE, str(archive))


def make_image(storage: Sequence[str], archive: Path) -> None:
    container = buildah(storage, "from", *limits(), "scratch")
    buildah(storage, "add", "--quiet", container, str(archive), "/")
    settings = [part for pair in CONFIG.items() for part in pair]
    ports = [part for port in PORTS for part in ("--port", port)]
    buildah(storage, "config", *settings, *ports, container)
    buildah(storage, "commit", "--quiet", "--format", "docker", container, NAME)


def try_out(storage: Sequence[str]) -> None:
    """Runs the image as its user: makes an instance in it, serves it, and waits until it can serve."""
    container = buildah(storage, "from", "--pull-never", *limits(), NAME)
    inside = ["buildah", *storage, "run", "--isolation", "chroot", container, "--"]
    run(*inside, PROGRAM, "--version")
    run(*inside, "sh", "-c", f"test $(id -u) = {USER} && git --version && rsync --version | head -1 && ssh -V")
    run(*inside, PROGRAM, "init", HOME, "--company", "Example", "--starter", "shop", "--language", "en", "--no-input")
    free = [part for name in ("", "site-", "drill-", "drill-site-", "signup-") for part in (f"--{name}port", "0")]
    serve = [*inside, PROGRAM, "serve", "--json", *free[2:], "--port", "18765"]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            print("/readyz:", wait_for_answer("http://127.0.0.1:18765/readyz", process), flush=True)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def wait_for_answer(url: str, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode().strip())
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.5)


def limits() -> list[str]:
    """This machine's own limits, which need no right to be raised."""
    names = {"nproc": resource.RLIMIT_NPROC, "nofile": resource.RLIMIT_NOFILE}
    most = {name: resource.getrlimit(limit)[1] for name, limit in names.items()}
    return [part for name, value in most.items() for part in ("--ulimit", f"{name}={value}:{value}")]


def buildah(storage: Sequence[str], *args: str) -> str:
    """One command of buildah; its last line."""
    environ = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(["buildah", *storage, *args], env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().rpartition("\n")[2]


def run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
