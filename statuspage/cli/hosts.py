"""The hosts of the public page: lists them, and generates web server configuration."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.notices import host_lines
from statuspage.rendering.site import server_config
from statuspage.usecases.publishing import sync

SERVERS = {"nginx": server_config.nginx, "caddy": server_config.caddy}


@cli_command(
    "config",
    click.Argument(["server"], type=Choice([*SERVERS])),
    Flag(["--folder"], default="", metavar="DIR", label="host-folder"),
    group="host",
)
def print_server_config(command: CommandContext, server: str, folder: str) -> None:
    """Prints a web server's configuration for the page: types, caching, who may read and frame it."""
    env = command.open_env(warn=False)
    name = urlsplit(env.site.address).hostname or "status.example.com"
    text = SERVERS[server](name, folder or str(env.site_folder.current), env.site.catalog.languages)
    command.print_result({"server": server, "settings": text}, [text.rstrip("\n")])


@cli_command("list", group="host")
def list_hosts(command: CommandContext) -> None:
    """Lists the hosts in hosts.toml, and whether each is up to date."""
    env = command.open_env()
    rows = {name: serialization.to_json_value(status) for name, status in sync.sync_statuses(env).items()}
    command.print_result(rows, host_lines(command, env) or [command.text("no_hosts", folder=env.site_folder.current)])


COMMANDS = {command.name: command for command in (list_hosts, print_server_config)}
