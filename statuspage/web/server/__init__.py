"""The program's own HTTP server: its listening sockets, and the static page."""

from statuspage.web.server import run
from statuspage.web.server.http_server import NoPort, ServerThread, address_of, is_loopback, open_listener, port_of
from statuspage.web.server.request_limits import Limits
from statuspage.web.server.run import DrillProcess, Listeners

__all__ = [
    "DrillProcess",
    "Limits",
    "Listeners",
    "NoPort",
    "ServerThread",
    "address_of",
    "is_loopback",
    "open_listener",
    "port_of",
    "run",
]
