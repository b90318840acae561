"""Writes the software bill of materials of a release: CycloneDX 1.4 as JSON, from the lock file with its hashes.

Two runs on one commit give the same bytes: its time is that of the commit, its serial number follows from its content.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from statuspage import __version__
from tools.licences import ROOT, licence_of

DISTRIBUTION = "statuspage-desk"

_PACKAGE = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\n]*\n((?:\s+--hash=sha256:[0-9a-f]{64}[^\n]*\n?)*)", re.MULTILINE
)


def locked_packages(lock: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 of every file of each package in the lock file."""
    return [
        (name, version, re.findall(r"sha256:([0-9a-f]{64})", hashes))
        for name, version, hashes in _PACKAGE.findall(lock)
    ]


def bill_of_materials(lock: str, made_at: datetime) -> dict[str, Any]:
    """The document. A package has one hash for each of its files, of which an installation uses one."""
    components = [_component(name, version, hashes) for name, version, hashes in locked_packages(lock)]
    program = _component(DISTRIBUTION, __version__, []) | {
        "type": "application",
        "licenses": [{"license": {"id": "MIT"}}],
    }
    references = [component["bom-ref"] for component in components]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps([program, components], sort_keys=True))}",
        "version": 1,
        "metadata": {"timestamp": made_at.astimezone(UTC).isoformat(timespec="seconds"), "component": program},
        "components": components,
        "dependencies": [{"ref": program["bom-ref"], "dependsOn": references}],
    }


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
    }
    if hashes:
        component["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in hashes]
        component["licenses"] = [{"license": {"name": licence_of(name)}}]
    return component


def write(file: Path, made_at: datetime) -> None:
    """Writes the document of this checkout's lock file."""
    document = bill_of_materials((ROOT / "constraints.txt").read_text("utf-8"), made_at)
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), datetime.now(UTC))
