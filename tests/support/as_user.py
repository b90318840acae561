"""Runs a command as another user: ``unshare --mount -- python -m tests.support.as_user UID GROUPS UMASK COMMAND …``.

The user's own group has the user's number; ``GROUPS`` are more, separated by commas, or ``-``. The process stays the
same one. Python itself is made accessible, even if it is in root's home folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from tools import operate


def prefix_for(uid: int, groups: Iterable[int] = (), umask: str = "0022") -> tuple[str, ...]:
    """What to put before a command."""
    more = ",".join(map(str, groups)) or "-"
    return ("unshare", "--mount", "--", sys.executable, "-m", "tests.support.as_user", str(uid), more, umask)


def main() -> None:
    """Becomes that user, then the command."""
    uid, groups, umask, *command = sys.argv[1:]
    operate.let_others_run_python()
    os.setgroups([] if groups == "-" else [int(group) for group in groups.split(",")])
    os.setgid(int(uid))
    os.setuid(int(uid))
    os.umask(int(umask, 8))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
