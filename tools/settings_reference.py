"""Writes docs/reference/settings.md: every environment variable that the program reads: ``python -m
tools.settings_reference``.

The names come from the program's code, what a drill is given from ``statuspage.settings``; the explanations are here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from statuspage import settings

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "reference" / "settings.md"

NAME = re.compile(r"STATUSPAGE_[A-Z0-9_]*[A-Z0-9]")

OF_CONTENT = re.compile(r"STATUSPAGE_(X_JA|X|BUCKET|PAGES|ON_CALL_CHAT|ROSTER_SUPPORT|INTAKE_GRAFANA)_[A-Z_]+")
"""Examples of names derived from the channels, hosts and monitors in the content."""

NOT_SET_BY_HAND = frozenset({"STATUSPAGE_ENVIRONMENT"})
"""By which the program tells its own process which environment it is."""

BY_PATTERN = frozenset({"STATUSPAGE_INTAKE_SECRET"})
"""Found by a pattern in the code, together with each monitor's own."""

HEAD = """\
# Settings

<!-- Made by `python -m tools.settings_reference`. Do not edit: change that module. -->

Settings are environment variables, read at the start. With the suffix `_FILE`, a variable names a file that contains
the value: `STATUSPAGE_X_JA_ACCESS_TOKEN_FILE=/run/secrets/token`.

Files with credentials of channels and hosts, and secrets entered on the desk, are re-read within seconds of a change;
then run `statuspage queue resume CHANNEL` to send what is queued. If credentials are in the environment itself, restart
`serve` or `worker`; the queue is kept.

The process of a drill is given only the settings marked *drill*, and none of them opens anything live.
"""

EXPLANATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Where things are": (
        (
            "`STATUSPAGE_HOME`",
            "the instance directory (or `--home`)",
        ),
        (
            "`STATUSPAGE_CONTENT`",
            "the content directory, if it is elsewhere (or `--content`)",
        ),
        (
            "`STATUSPAGE_LANGUAGE`",
            "language of the command line. Default: that of the terminal (`LANG`), or English, also with "
            "the bare locale `C`",
        ),
        (
            "`STATUSPAGE_SUBSCRIBERS_COPIES`",
            "a directory that receives a list of the subscribers each day ([subscribers.md](../guides/subscribers.md))",
        ),
    ),
    "Addresses and web servers": (
        (
            "`STATUSPAGE_ADDRESS`",
            "public address of the page, such as `https://status.example.com`; overrides `address` in `site.toml`",
        ),
        (
            "`STATUSPAGE_PUBLIC_ADDRESS`",
            "public address of the subscription pages, such as `https://follow.example.com`. Without it "
            "nobody can subscribe, and emails do not link to the subscriber's own page "
            "([subscribers.md](../guides/subscribers.md))",
        ),
        (
            "`STATUSPAGE_DRILL_ADDRESS`",
            "the same for the drill page",
        ),
        (
            "`STATUSPAGE_DESK_ADDRESS` `STATUSPAGE_DRILL_DESK_ADDRESS`",
            "public addresses of the desk and the drill desk, such as `https://desk.example.com`; used "
            "in sign-in links, links for engineers, and links between the two desks",
        ),
        (
            "`STATUSPAGE_SECURE=1`",
            "the desks are served over HTTPS: cookies are marked Secure, and browsers must use HTTPS",
        ),
        (
            "`STATUSPAGE_PROXIES`",
            "your web servers in front of the desk, as addresses or networks (`127.0.0.1 10.0.0.0/8`). "
            "Their `X-Forwarded-For` and `X-Forwarded-Proto` are trusted; these headers are removed from "
            "all other requests",
        ),
    ),
    "Monitors and watching the program": (
        (
            "`STATUSPAGE_INTAKE_SECRET` `STATUSPAGE_INTAKE_GRAFANA_SECRET` …",
            "the secret that monitors must send: for all of them, or for one by name. Default for all: "
            "the one in `HOME/intake-secret`, made by `init` ([monitors/](../guides/monitors/README.md))",
        ),
        (
            "`STATUSPAGE_DRILL_INTAKE_SECRET`",
            "the secret for monitors that send to a drill; must differ from the live ones",
        ),
        (
            "`STATUSPAGE_METRICS_TOKEN`",
            "the token required in `Authorization: Bearer …` to read `/metrics`; without it only "
            "programs on this machine can read it, at `127.0.0.1` or `localhost`",
        ),
        (
            "`STATUSPAGE_LOG_LEVEL`",
            "the lowest level that is logged: `debug`, `info` (the default), `warning`, `error`",
        ),
        (
            "`STATUSPAGE_DEBUG=1`",
            "prints a traceback when a command fails unexpectedly",
        ),
    ),
    "Databases and their secrets": (
        (
            "`STATUSPAGE_DATABASE_URL`",
            "the database of live, if it is not a file of the instance: `postgresql://USER@HOST/NAME` "
            "([postgresql.md](../guides/postgresql.md))",
        ),
        (
            "`STATUSPAGE_DRILL_DATABASE_URL` `STATUSPAGE_ACCOUNTS_DATABASE_URL`",
            "the same for the drill and the accounts",
        ),
        (
            "`STATUSPAGE_SUBSCRIBERS_DATABASE_URL`",
            "the same for subscribers; `statuspage signup` needs only this one",
        ),
        (
            "`STATUSPAGE_SECRETS_DATABASE_URL`",
            "the same for secrets entered on the desk; needed if the others are on a server",
        ),
        (
            "`STATUSPAGE_SECRET_KEY`",
            "the key of these secrets, from `statuspage secrets new-key`; several separated by commas, "
            "the newest first. Required with PostgreSQL; default: the one in `HOME/secret-key` "
            "([secrets](../guides/operate.md#secrets-entered-on-the-desk))",
        ),
    ),
    "Signing in through an identity provider": (
        (
            "`STATUSPAGE_OIDC_ISSUER`",
            "the provider's issuer, exactly as it names itself; turns this way of signing in on "
            "([sign-in.md](../guides/sign-in.md))",
        ),
        (
            "`STATUSPAGE_OIDC_CLIENT_ID` `STATUSPAGE_OIDC_CLIENT_SECRET`",
            "our client there, for the live desk alone",
        ),
        (
            "`STATUSPAGE_DRILL_OIDC_CLIENT_ID` `STATUSPAGE_DRILL_OIDC_CLIENT_SECRET`",
            "another client, for the drill desk. Without it, nobody signs in there through the provider",
        ),
        (
            "`STATUSPAGE_OIDC_GROUPS`",
            "the role of each group: `status-leads=lead, support=reporter`. Without it, everybody needs an invitation",
        ),
        (
            "`STATUSPAGE_OIDC_GROUPS_CLAIM`",
            "the claim of the ID token with the groups. Default: `groups`",
        ),
        (
            "`STATUSPAGE_OIDC_SCOPE`",
            "what the provider is asked for. Default: `openid profile email`",
        ),
        (
            "`STATUSPAGE_OIDC_NAME`",
            "the provider's name on the desk. Default: its host",
        ),
        (
            "`STATUSPAGE_OIDC_PASSWORDS=0`",
            "passwords are not accepted beside the provider; invitations and emergency links are",
        ),
    ),
    "Credentials": (
        (
            "`STATUSPAGE_X_JA_CONSUMER_KEY` `…_CONSUMER_SECRET` `…_ACCESS_TOKEN` `…_ACCESS_TOKEN_SECRET`",
            "credentials of the channel `x-ja` of `channels.toml`. For another channel, use its id in "
            "capitals with `_` for `-`",
        ),
        (
            "`STATUSPAGE_ON_CALL_CHAT_URL` and others, `STATUSPAGE_ROSTER_SUPPORT_URL`",
            "staff channels and roster addresses of `on_call.toml` ([on-call.md](../guides/on-call.md))",
        ),
        (
            "`STATUSPAGE_BUCKET_ACCESS_KEY` `…_SECRET_KEY` `…_SESSION_TOKEN`, `STATUSPAGE_PAGES_TOKEN`",
            "credentials of the hosts `bucket` and `pages` of `hosts.toml` "
            "([hosting.md](../guides/hosting.md)). For another host, use its name in capitals",
        ),
        (
            "`STATUSPAGE_GITHUB_TOKEN`",
            "the token with which action items become issues ([issues](../guides/operate.md#issues-at-github))",
        ),
    ),
    "Other services": (
        (
            "`STATUSPAGE_GITHUB_API`",
            "another address of GitHub's API, such as `https://github.example.com/api/v3`; without HTTPS "
            "only on this machine",
        ),
        (
            "`STATUSPAGE_X_API`",
            "another host that answers as X does; likewise for the other types, by name",
        ),
        (
            "`STATUSPAGE_RESOLVER`",
            "a name server for `doctor` to use instead of this machine's",
        ),
    ),
}
"""By heading: names, and what they mean."""


def read_by_the_program() -> set[str]:
    """Every complete name that is a string in the code; ``…_FILE`` is another way to set the same."""
    return {name.removesuffix("_FILE") for name in _texts() if NAME.fullmatch(name)} - NOT_SET_BY_HAND | BY_PATTERN


def _texts() -> Iterator[str]:
    for path in (ROOT / "statuspage").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def explained() -> set[str]:
    """The names with an explanation, examples left out."""
    names = (name for rows in EXPLANATIONS.values() for names, _ in rows for name in NAME.findall(names))
    return {name for name in names if not OF_CONTENT.fullmatch(name)}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, rows in EXPLANATIONS.items():
        parts.append(f"\n## {title}\n\n| name | meaning | drill |\n|---|---|---|\n")
        parts += [f"| {names} | {meaning} | {_drill_mark(names)} |\n" for names, meaning in rows]
    return "".join(parts)


def _drill_mark(names: str) -> str:
    return "drill" if all(name in settings.DRILL_MAY_SEE for name in NAME.findall(names)) else ""


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
