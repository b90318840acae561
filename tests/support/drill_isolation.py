"""What a drill's process has access to, and what is stored of the live environment."""

from __future__ import annotations

import hashlib
from pathlib import Path


def environ_of(pid: int) -> dict[str, str]:
    """The environment with which a process was started, from the kernel."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if pair)


def holds(pid: int, secret: bytes) -> bool:
    """Whether a process has these bytes anywhere in its writable memory."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                if secret in memory.read(end - start):
                    return True
            except (OSError, OverflowError):
                continue
    return False


def everything_in(home: Path, *, but: str) -> dict[str, str]:
    """Every file and link of an instance, byte for byte, except one folder."""
    found = (path for path in sorted(home.rglob("*")) if path.relative_to(home).parts[0] != but)
    return {str(p.relative_to(home)): str(p.readlink()) if p.is_symlink() else digest(p) for p in found}


def digest(path: Path) -> str:
    """The hash of a file; "" for a folder."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
