"""A release is the same bytes whenever and wherever it is built, with a bill of materials and sums that are right."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools import release, sbom
from tools.licences import locked


@pytest.mark.slow
def test_two_builds_in_different_folders_at_different_times_are_equal_byte_for_byte(tmp_path: Path) -> None:
    built = []
    for name, umask in (("first", 0o022), ("a second, elsewhere", 0o077)):
        source, out = tmp_path / name / "checkout", tmp_path / name / "dist"
        earlier = os.umask(umask)
        try:
            subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source)], check=True)
            committed = release.build(source, out)
            release.write_sums(out)
        finally:
            os.umask(earlier)
        assert committed == release.build(source, tmp_path / name / "again")
        built.append({file.name: file.read_bytes() for file in out.iterdir()})
        time.sleep(2.1)  # a zip archive counts every second second
    assert sorted(name.rpartition(".")[2] for name in built[0]) == ["SHA256SUMS", "gz", "whl"]
    assert built[0] == built[1]
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=out, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    made_at = datetime(2026, 1, 1, tzinfo=UTC)
    for name in ("one", "two"):
        sbom.write(tmp_path / name, made_at)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    document = json.loads((tmp_path / "one").read_text("utf-8"))
    assert {each["name"]: each["version"] for each in document["components"]} == locked()
    lock = (ROOT / "constraints.txt").read_text("utf-8")
    assert sum(len(each["hashes"]) for each in document["components"]) == lock.count("--hash=sha256:")
    assert document["metadata"]["timestamp"] == "2026-01-01T00:00:00+00:00"


def test_the_bill_of_materials_is_valid_by_the_schema_of_cyclonedx(tmp_path: Path) -> None:
    sbom.write(tmp_path / "sbom.json", datetime(2026, 1, 1, tzinfo=UTC))
    script = """
import json, pathlib, sys, cyclonedx
from jsonschema import Draft7Validator, RefResolver
folder = pathlib.Path(cyclonedx.__file__).parent / "schema"
load = lambda file: json.loads(pathlib.Path(file).read_text("utf-8"))
schema = load(folder / "bom-1.4.schema.json")
store = {"http://cyclonedx.org/schema/spdx.schema.json": load(folder / "spdx.schema.json")}
resolver = RefResolver(schema["$id"], schema, store=store)
Draft7Validator(schema, resolver=resolver).validate(load(sys.argv[1]))
print("valid")
"""
    python = ROOT / ".clients" / "bin" / "python"
    command = [str(python), "-W", "ignore", "-c", script, str(tmp_path / "sbom.json")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout.strip() == "valid", result.stderr[-2000:]
