"""The messages of the command line, in the terminal's language."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from statuspage import bundled
from statuspage.content.compiled import Lookups, Question, answer


@dataclass(frozen=True, slots=True)
class Messages:
    """One language's labels, as dotted keys. ``home`` is the folder that commands named in them need as a flag."""

    language: str
    labels: Mapping[str, str]
    home: str = ""

    def label(self, key: str, **slots: object) -> str:
        """The label with its slots filled; the key itself if there is no such label. Commands in it work as they
        stand."""
        text = self.labels.get(key, key).format_map({name: str(value) for name, value in slots.items()})
        return add_home(text, self.home) if self.home else text

    def at_home(self, home: str) -> Messages:
        """The same for an instance that is named by a flag."""
        return replace(self, home=home)

    def of_drill(self) -> Messages:
        """The same as a drill says them: nothing is sent there."""
        before = "desk.in_drill."
        overlay = {key.removeprefix(before): text for key, text in self.labels.items() if key.startswith(before)}
        return replace(self, labels={**self.labels, **overlay})

    def has_label(self, key: str) -> bool:
        """Whether there is such a label."""
        return key in self.labels


def add_home(text: str, home: str) -> str:
    """The text with ``--home`` in every command that it names without one."""
    flag = f" --home {shlex.quote(home)}"
    return _commands().sub(lambda match: f"{match[0]}{flag}", text) if " --home" not in text else text


@cache
def _commands() -> re.Pattern[str]:
    """Every command as messages name it: *statuspage queue list*."""
    from statuspage.cli.command_table import all_paths

    paths = sorted((" ".join(path) for path in all_paths()), key=len, reverse=True)
    return re.compile(rf"(?<![\w/])statuspage (?:{'|'.join(map(re.escape, paths))})(?![\w-])")


@cache
def messages_in(language: str) -> Messages:
    """The shipped labels, read without the rest of the content, so that --help is fast."""
    folder = bundled.folder("content") / "languages" / language

    def read(lookups: Lookups) -> dict[str, str]:
        import tomllib

        contents = (lookups.read_bytes(folder / name).decode() for name in ("labels.toml", "desk.toml"))
        return {key: text for content in contents for key, text in _flatten(tomllib.loads(content))}

    return Messages(language, answer(Question(folder, ("labels",), read), user_cache_folder(os.environ)))


def user_cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Where this user's programs keep what they can make again (XDG Base Directory Specification); None without one."""
    caches = Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", ""), ".cache"))
    return caches / "statuspage" if caches.is_absolute() else None


def terminal_language(environ: Mapping[str, str]) -> str:
    """The shipped language that the environment asks for; else English.

    A bare C or POSIX locale asks for none.
    """
    names = ("STATUSPAGE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    locale_name = next((environ[name] for name in names if environ.get(name)), "")
    code = locale_name.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    available = {path.parent.name for path in (bundled.folder("content") / "languages").glob("*/desk.toml")}
    return code if code in available else "en"


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
