"""The options of a host in the content. Valid values can never be taken for a command-line option."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting.base import Host


@dataclass(frozen=True, slots=True)
class Option:
    """One key: the pattern of its value, an example, and whether it is required."""

    pattern: re.Pattern[str]
    example: str
    required: bool = False
    default: str = ""


NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""A file or folder at the top level of a host."""

_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"

PATH = re.compile(r"(?!.*\.\.)~?/[A-Za-z0-9._+@/-]*")
HOST = re.compile(_HOST)
PORT = re.compile(r"[1-9][0-9]{0,4}")
BRANCH = re.compile(r"(?!.*(?:\.\.|//|\.lock|/\.|\.$|/$))[A-Za-z0-9][A-Za-z0-9._/-]*")
REPOSITORY = re.compile(
    rf"(?!.*\.\.)(?:https://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~/+-]+"
    rf"|ssh://{_HOST}(?::[0-9]+)?/[A-Za-z0-9._~/+-]+"
    rf"|{_HOST}:[A-Za-z0-9_~][A-Za-z0-9._~/+-]*"
    rf"|/[A-Za-z0-9._~/+-]+)"
)
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"(?!.*\.\.)(?:[A-Za-z0-9][A-Za-z0-9._-]*/)+")
ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?/?")
REGION = re.compile(r"[a-z0-9-]+")

SSH = {
    "identity": Option(PATH, "/etc/statuspage/id_ed25519"),
    "known_hosts": Option(PATH, "/etc/statuspage/known_hosts"),
}
"""The key file for an SSH server, and the file of known hosts; by default those of the account."""


@dataclass(frozen=True, slots=True)
class HostType:
    """One type of host: its options in the content, the settings it needs, and how to open it (spec, settings, its own
    folder on this machine)."""

    options: Mapping[str, Option]
    secrets: tuple[str, ...]
    optional_secrets: tuple[str, ...]
    open: Callable[[HostSpec, Mapping[str, str], Path], Host]
