"""The program's own HTTP server: the doors it listens on, and the static page."""

from statuspage.web.server import run
from statuspage.web.server.http_server import Listening, NoPort, address_of, bind, is_loopback, port_of
from statuspage.web.server.request_limits import Limits
from statuspage.web.server.run import Doors, DrillProcess

__all__ = [
    "Doors",
    "DrillProcess",
    "Limits",
    "Listening",
    "NoPort",
    "address_of",
    "bind",
    "is_loopback",
    "port_of",
    "run",
]
