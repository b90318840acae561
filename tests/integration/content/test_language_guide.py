"""The commands of docs/guides/languages.md make a language whose files read without an error."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.content.loading import read_content
from tests.support.content import SHIPPED
from tests.support.paths import ROOT
from tests.support.trial_company import write_company

GUIDE = ROOT / "docs" / "guides" / "languages.md"


def test_the_guides_commands_copy_a_language_that_reads_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "content")
    commands = re.findall(r"(?m)^(?:cp|rm) .*$", GUIDE.read_text("utf-8"))
    assert len(commands) == 3
    subprocess.run(["bash", "-euc", "\n".join(commands)], cwd=tmp_path, check=True)
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "statuspage")

    catalog, errors = read_content(write_company(tmp_path / "work", "saas", ["en", "eo"]))

    assert errors == ()
    assert catalog is not None
    assert catalog.site.languages == ("en", "eo")
