"""Prints how to configure a web server for the public page."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Flag, cli_command
from statuspage.rendering.site import server_config

SERVERS = {"nginx": server_config.nginx, "caddy": server_config.caddy}


@cli_command(
    "host",
    click.Argument(["server"], type=click.Choice([*SERVERS])),
    Flag(["--folder"], default="", metavar="DIR", label="host-folder"),
)
def print_server_config(command: CommandContext, server: str, folder: str) -> None:
    """Prints a web server's settings for the page: types, caching, who may read and frame it."""
    env = command.open_env(warn=False)
    name = urlsplit(env.address).hostname or "status.example.com"
    text = SERVERS[server](name, folder or str(env.site_folder.current), env.catalog.languages)
    command.print_result({"server": server, "settings": text}, [text.rstrip("\n")])


COMMANDS: dict[str, click.Command] = {"host": print_server_config}
