"""What a monitor needs of this desk, ready to paste into its configuration. The guides show the same texts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from statuspage import bundled

SAMPLE_DESK, SAMPLE_HERE = "https://desk.example.com", "http://127.0.0.1:8000"
"""What stands in the texts for the desk's address: for the monitor, and for a test on the desk's own machine."""

SECRET, KEY = "SECRET", "KEY"
"""What stands in the texts for the secret: as it is, and within a URL."""

TEST = "test.sh"
"""The file with the command that sends a test alert."""

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_IN_QUOTES = re.compile(r'(["\\$`])')


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to paste, and the name of the file or the field where it belongs."""

    name: str
    text: str


def snippets(source: str, address: str, secret: str) -> tuple[Snippet, ...]:
    """The configuration of a monitor for the desk at this address; empty if its own pages ask for the address only.
    Without a secret, ``SECRET`` stands in its place."""
    return tuple(_fill(path, source, address, secret) for path in _files(source) if path.name != TEST)


def test_command(source: str, address: str, secret: str) -> str:
    """The shell command that sends a test alert to the desk as this monitor would."""
    (path,) = (path for path in _files(source) if path.name == TEST)
    return _fill(path, source, address, secret).text


def _files(source: str) -> list[Path]:
    folder = bundled.folder("templates") / "monitors"
    own = folder / source
    return sorted((own if own.is_dir() else folder / "json").iterdir())


def _fill(path: Path, source: str, address: str, secret: str) -> Snippet:
    text = path.read_text("utf-8")
    text = (
        text.replace(SAMPLE_DESK, address).replace(SAMPLE_HERE, address).replace("/intake/backup", f"/intake/{source}")
    )
    if secret:
        written = _written(secret, path.suffix)
        in_url = quote(secret, safe="")
        text = re.sub(rf"\b(?:{SECRET}|{KEY})\b", lambda found: written if found[0] == SECRET else in_url, text)
    return Snippet(path.name, text)


def _written(secret: str, suffix: str) -> str:
    """The secret as this kind of file has to quote it."""
    match suffix:
        case ".sh":
            return _IN_QUOTES.sub(r"\\\1", secret)
        case ".yml" | ".yaml" if not _PLAIN.fullmatch(secret):
            return json.dumps(secret)
        case ".json":
            return json.dumps(secret)[1:-1]
    return secret
