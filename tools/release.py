"""``make release``: builds wheel and source archive in dist/, and tests them as an operator gets them.

Beside them are the lock file, a bill of materials (CycloneDX) and ``SHA256SUMS``. Every build of one commit gives the
same bytes.

The wheel is built from the source archive alone and installed with the lock file into an empty environment, from which
``make demo`` is run. pip-audit checks the locked versions for known vulnerabilities; if its source of advisories cannot
be reached, the output says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from statuspage import __version__
from tools import sbom
from tools.licences import PAGE, locked, page

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"


def main() -> int:
    """Runs everything in turn; stops at the first failure."""
    refuse_unready()
    shutil.rmtree(DIST, ignore_errors=True)
    committed = build(ROOT, DIST)
    shutil.copy(ROOT / "constraints.txt", DIST)
    sbom.write(DIST / f"statuspage_desk-{__version__}.cdx.json", committed)
    write_sums(DIST)
    with tempfile.TemporaryDirectory() as root_folder:
        python = installed(Path(root_folder))
        for folder in ("tests", "tools"):
            shutil.copytree(ROOT / folder, Path(root_folder) / folder, ignore=shutil.ignore_patterns("__pycache__"))
        run(str(python), "-m", "tools.demo", cwd=Path(root_folder))
    audit()
    print(f"Ready in dist/: {', '.join(sorted(file.name for file in DIST.iterdir()))}")
    return 0


def build(source: Path, out: Path) -> datetime:
    """Builds the source archive, and the wheel from it alone; returns the time of the last commit, which all files in
    them have, so that every build of one commit gives the same bytes."""
    shown = subprocess.run(
        ["git", "-C", str(source), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True
    )
    epoch = shown.stdout.strip()
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)]
    os.umask(0o022)  # archives keep the rights of the files
    if subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, check=False).returncode:
        sys.exit(f"This did not work: {' '.join(command)}")
    return datetime.fromtimestamp(int(epoch), UTC)


def write_sums(folder: Path) -> None:
    """Writes ``SHA256SUMS``, which ``sha256sum --check`` reads."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines), "ascii")


def refuse_unready() -> None:
    """Checks that the changelog and the licences are up to date with the version."""
    if f"\n## {__version__}\n" not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        sys.exit(f"CHANGELOG.md has nothing about {__version__}.")
    if PAGE.read_text("utf-8") != page():
        sys.exit("docs/reference/licences.md is not that of the lock: make licences")


def installed(folder: Path) -> Path:
    """The Python of a new environment with nothing but the wheel and the packages in the lock file."""
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, "--require-hashes", "--requirement", str(DIST / "constraints.txt"))
    run(*pip, "--no-deps", *map(str, DIST.glob("*.whl")))
    return python


def audit() -> None:
    """Prints known vulnerabilities of the locked versions, or how many could not be checked. Exits if there are any."""
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "venv", folder)
        pip = [f"{folder}/bin/pip", "--disable-pip-version-check", "install", "--quiet", "pip-audit"]
        if subprocess.run(pip, capture_output=True, check=False).returncode:
            print("pip-audit cannot be had here: nothing was asked about the locked versions.")
            return
        lock = ["--no-deps", "--disable-pip", "--require-hashes", "--requirement", str(DIST / "constraints.txt")]
        ask = [f"{folder}/bin/pip-audit", "--format", "json", "--progress-spinner", "off", *lock]
        output = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    try:
        answer = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        answer = []
    known = {package["name"]: [each["id"] for each in package["vulns"]] for package in answer if package.get("vulns")}
    asked = sum("vulns" in package for package in answer)
    print(
        f"Asked about {asked} of {len(locked())} locked versions"
        + ("." if asked else ": no source can be reached from here.")
    )
    if known:
        sys.exit("\n".join(f"{name}: {', '.join(ids)}" for name, ids in known.items()))


def run(*command: str, cwd: Path | None = None) -> None:
    """Runs the command; aborts the release if it fails."""
    if subprocess.run(command, cwd=cwd, check=False).returncode:
        sys.exit(f"This did not work: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
