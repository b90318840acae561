"""The desk's compiled templates are kept from one start to the next, and never used for another source."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from statuspage.web.server.kept_templates import FILE, KeptTemplates


def _start(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """What a page says after a start with this template, and how many templates were compiled."""
    compiled: list[str] = []
    real = Environment._generate

    def generate(self: Environment, *args: object, **kwargs: object) -> str:
        compiled.append("page")
        return real(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Environment, "_generate", generate)
    kept = KeptTemplates(folder)
    page = Environment(loader=DictLoader({"page": source}), bytecode_cache=kept, autoescape=True).get_template("page")
    kept.save()
    monkeypatch.undo()
    return page.render(name="you"), len(compiled)


def test_a_second_start_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _start(tmp_path / "cache", "Hello {{ name }}", monkeypatch)
    second = _start(tmp_path / "cache", "Hello {{ name }}", monkeypatch)
    assert (first, second) == (("Hello you", 1), ("Hello you", 0))


def test_a_changed_template_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _start(tmp_path / "cache", "Hello {{ name }}", monkeypatch)
    assert _start(tmp_path / "cache", "Goodbye {{ name }}", monkeypatch) == ("Goodbye you", 1)
    assert _start(tmp_path / "cache", "Goodbye {{ name }}", monkeypatch) == ("Goodbye you", 0)


@pytest.mark.parametrize("spoil", ["torn", "writable by others", "another version"])
def test_what_is_in_doubt_is_not_used(spoil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _start(tmp_path / "cache", "Hello {{ name }}", monkeypatch)
    file = tmp_path / "cache" / FILE
    if spoil == "torn":
        file.write_bytes(file.read_bytes()[:-10])
    elif spoil == "writable by others":
        file.chmod(0o666)
    else:
        monkeypatch.setattr("statuspage.web.server.kept_templates.program_version", lambda: "another")
        assert KeptTemplates(tmp_path / "cache")._compiled == {}
        return
    assert _start(tmp_path / "cache", "Hello {{ name }}", monkeypatch) == ("Hello you", 1)
