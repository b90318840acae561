"""The wheel is the whole program: in an empty place, away from the checkout, it makes an instance and publishes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import requests

from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT))
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def statuspage(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a new environment with nothing but the wheel and the packages in the lock file."""
    folder = tmp_path_factory.mktemp("elsewhere")
    _run(sys.executable, "-m", "venv", str(folder))
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run(*pip, "--require-hashes", "--requirement", str(ROOT / "constraints.txt"))
    _run(*pip, "--no-deps", str(wheel))
    return folder / "bin" / "statuspage"


@pytest.fixture(scope="module")
def home(statuspage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance made by the installed program."""
    made = tmp_path_factory.mktemp("operator") / "instance"
    _run(str(statuspage), "init", "--demo", str(made), cwd=made.parent, env=_bare(made.parent))
    return made


def _run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def _bare(home: Path) -> dict[str, str]:
    """Only the variables of every login."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}


def test_the_wheel_carries_templates_styles_content_and_migrations_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("templates", "static", "content"):
        there = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        bundled = {name.removeprefix("statuspage/bundled_files/") for name in names if "/bundled_files/" in name}
        assert there <= bundled
    assert any(re.search(r"storage/migrations/.*\.py$", name) for name in names)
    assert "statuspage/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


def test_the_distribution_has_the_version_of_the_package(statuspage: Path, tmp_path: Path) -> None:
    from statuspage import __version__

    asked = "from importlib.metadata import version; print(version('statuspage-desk'))"
    output = _run(str(statuspage.with_name("python")), "-c", asked, cwd=tmp_path, env=_bare(tmp_path))
    assert output.strip() == __version__


def test_the_installed_program_says_what_it_can_do(statuspage: Path, tmp_path: Path) -> None:
    output = _run(str(statuspage), "--help", cwd=tmp_path, env=_bare(tmp_path))
    assert all(verb in output for verb in ("init", "serve", "report", "resolve", "drill"))


def test_the_installed_program_finds_its_sample_content_in_order(statuspage: Path, home: Path) -> None:
    output = _run(str(statuspage), "check", "--home", str(home), "--json", cwd=home.parent, env=_bare(home.parent))
    assert json.loads(output) == []


def test_a_first_report_from_the_installed_program_stands_on_the_page(statuspage: Path, home: Path) -> None:
    flags = ["--incident-type", "booking", "--start", "5m", "--estimate", "unknown", "--yes", "--json"]
    output = _run(str(statuspage), "report", "--home", str(home), *flags, cwd=home.parent, env=_bare(home.parent))
    answer = json.loads(output)
    for language in ("ja", "en", "ja-simple"):
        page = home / "site" / "current" / language / "incidents" / answer["incident"] / "index.html"
        assert f'id="n-{answer["sequence"]}"' in page.read_text(encoding="utf-8")


def test_the_installed_program_serves_desk_and_page_and_stops_when_asked(statuspage: Path, home: Path) -> None:
    output_file = home.with_name("said.txt")
    with output_file.open("w") as out:
        command = [str(statuspage), "serve", "--home", str(home)]
        serving = subprocess.Popen(command, cwd=home.parent, env=_bare(home.parent), stdout=out, stderr=out)
    try:
        desk, page, *_ = _addresses(serving, output_file)
        assert "Fitline" in requests.get(desk, timeout=10).text
        assert "Fitline" in requests.get(page, timeout=10).text
    finally:
        serving.terminate()
        code = serving.wait(timeout=20)
    assert code == 0


def _addresses(serving: subprocess.Popen[bytes], output_file: Path) -> list[str]:
    """The four addresses it prints, those of the desk and the public page first."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        text = output_file.read_text(encoding="utf-8")
        assert serving.poll() is None, text
        if "account link" in text:
            return list(dict.fromkeys(re.findall(r"http://127\.0\.0\.1:\d+", text)))
        time.sleep(0.1)
    raise AssertionError(output_file.read_text(encoding="utf-8"))
