"""Says how a web server has to be set up for the public page."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.framework import Flag, verb
from statuspage.rendering.site import server_config

SERVERS = {"nginx": server_config.nginx, "caddy": server_config.caddy}


@verb(
    "host",
    click.Argument(["server"], type=click.Choice([*SERVERS])),
    Flag(["--folder"], default="", metavar="DIR", label="host-folder"),
)
def host(door: CommandContext, server: str, folder: str) -> None:
    """Prints a web server's settings for the page: types, caching, who may read and frame it."""
    world = door.world(warn=False)
    name = urlsplit(world.address).hostname or "status.example.com"
    text = SERVERS[server](name, folder or str(world.target.current), world.catalog.languages)
    door.put({"server": server, "settings": text}, [text.rstrip("\n")])


VERBS: dict[str, click.Command] = {"host": host}
