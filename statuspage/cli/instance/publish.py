"""Uploads the public page to its hosts manually, or lists what would be uploaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import NOT_WRITTEN, Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.integrations.hosting import Difference, UploadFailed
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.publishing import site_updates, sync

T = TypeVar("T")


@cli_command(
    "publish",
    Flag(["--target", "names"], multiple=True, metavar="NAME", label="target"),
    Flag(["--dry-run"], is_flag=True),
)
def publish_site(command: CommandContext, names: tuple[str, ...], dry_run: bool) -> int:
    """Compares every file on the hosts with the local ones, and uploads what differs."""
    env = command.open_env(warn=False)
    if restore_guard.held_since(env.databases.environment):
        raise Refusal(command.text("send_hold"))
    host_names = _selected_hosts(command, env, names)
    if not env.site_folder.is_ready:
        site_updates.build_site(env, now=command.now())
    return _print_differences(command, env, host_names) if dry_run else _print_synced(command, env, host_names)


def _selected_hosts(command: CommandContext, env: Environment, names: tuple[str, ...]) -> list[str]:
    if not env.senders.hosts:
        raise Refusal(command.text("no_hosts", folder=env.site_folder.current))
    for name in names:
        if name not in env.senders.hosts:
            sentence = command.text("no_host", target=name, known=", ".join(env.senders.hosts))
            raise Refusal(with_nearest(command, sentence, name, env.senders.hosts))
    return list(names or env.senders.hosts)


def _print_differences(command: CommandContext, env: Environment, host_names: list[str]) -> int:
    differences = _run_in_parallel(lambda name: _compare_host(env, name), host_names)
    rows = {name: _sync_json(difference) for name, difference in differences.items()}
    command.print_result(
        {"hosts": rows},
        [line for name, difference in differences.items() for line in _difference_lines(command, name, difference)],
    )
    return _exit_code(row for row in rows.values())


def _compare_host(env: Environment, name: str) -> Difference | UploadFailed:
    try:
        return sync.compare_host(env, name)
    except UploadFailed as error:
        return error


def _sync_json(difference: Difference | UploadFailed) -> dict[str, object]:
    if isinstance(difference, UploadFailed):
        return {"code": difference.code, "detail": difference.detail}
    return dict(serialization.to_json_value(difference))


def _difference_lines(command: CommandContext, name: str, difference: Difference | UploadFailed) -> list[str]:
    if isinstance(difference, UploadFailed):
        return [_failure_line(command, name, difference.code, difference.detail)]
    paths_by_change = {"new": difference.new, "changed": difference.changed, "gone": difference.removed}
    marked_paths = [
        f"  {mark} {path}"
        for mark, key in (("+", "new"), ("~", "changed"), ("-", "gone"))
        for path in paths_by_change[key]
    ]
    totals = {key: len(paths) for key, paths in paths_by_change.items()}
    return [
        command.text("host_would_change" if marked_paths else "host_up_to_date", target=name, **totals),
        *marked_paths,
    ]


def _print_synced(command: CommandContext, env: Environment, host_names: list[str]) -> int:
    results = _run_in_parallel(lambda name: sync.sync_everything(env, name, now=command.now()), host_names)
    rows = {name: serialization.to_json_value(result) for name, result in results.items()}
    lines = []
    for name, sync_result in results.items():
        if sync_result.code:
            lines.append(_failure_line(command, name, sync_result.code, sync_result.detail))
        else:
            lines.append(
                command.text(
                    "host_busy" if sync_result.busy else "host_synced", target=name, changed=sync_result.changed
                )
            )
    command.print_result({"hosts": rows}, lines)
    return _exit_code(rows.values())


def _failure_line(command: CommandContext, name: str, code: str, detail: str) -> str:
    reason = command.messages.label(f"host.reason.{code}")
    return f"{name}: {reason} {detail}".rstrip()


def _exit_code(rows: Iterable[dict[str, object]]) -> int:
    return NOT_WRITTEN if any(row.get("code") for row in rows) else 0


def _run_in_parallel(work: Callable[[str], T], names: list[str]) -> dict[str, T]:
    """Runs all in parallel, so that no host waits for another."""
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


COMMANDS: dict[str, click.Command] = {"publish": publish_site}
