"""Requests to addresses given by strangers, limited to the public internet."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import urlsplit

from statuspage.integrations.channels.base import DeliveryUnknown, Refused, Unreachable
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.http_limits import MAX_RESPONSE_BYTES
from statuspage.integrations.channels.timeouts import Timeouts

Address = IPv4Address | IPv6Address

EGRESS_TIMEOUTS = Timeouts(connect=5.0, read=15.0, total=20.0)
"""Seconds for one request, including all addresses of its host."""

AUTHORITIES_KEPT = 300.0
"""Seconds after which the authorities are read again, because the machine's may have changed."""

MAX_URL_LENGTH = 2000
"""Maximum characters of a URL."""

MAX_ADDRESSES_TRIED = 3
"""How many addresses of one host are tried."""

SPECIAL_IPV4 = tuple(
    map(
        IPv4Network,
        """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
        192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
        203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32""".split(),
    )
)
"""The registry of special addresses (https://www.iana.org/assignments/iana-ipv4-special-registry), multicast, and the
one public address at which a cloud (Azure) talks to its own machines. Listed here, because Python 3.11's ``is_global``
accepts some of them."""

GLOBAL_IPV6 = IPv6Network("2000::/3")
"""IPv6 addresses assigned for public use; all others are private, reserved or multicast."""

SPECIAL_IPV6 = tuple(map(IPv6Network, "2001::/23 2001:db8::/32 3fff::/20 2620:4f:8000::/48".split()))
"""Those among them that are reserved for protocols (such as Teredo) and for examples."""

MAPPED, TRANSLATED, NAT64 = (IPv6Network(net) for net in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
SIX_TO_FOUR = IPv6Network("2002::/16")
ISATAP = (0x00005EFE, 0x02005EFE)


class NotAllowed(Refused):
    """A URL that we do not request. ``reason`` is a label's key (``problem.webhook.KEY``)."""


def is_public(address: Address) -> bool:
    """Whether this address is on the public internet, even if it wraps an IPv4 address (RFC 6052, 3056, 5214).

    Private NAT64 (64:ff9b:1::/48), Teredo and ``::a.b.c.d`` never are.
    """
    if isinstance(address, IPv4Address):
        return not any(address in net for net in SPECIAL_IPV4)
    if any(address in net for net in (MAPPED, TRANSLATED, NAT64)):
        return is_public(_embedded_ipv4(address))
    if address in SIX_TO_FOUR:
        return is_public(IPv4Address(int(address) >> 80 & 0xFFFFFFFF))
    if int(address) >> 32 & 0xFFFFFFFF in ISATAP and not is_public(_embedded_ipv4(address)):
        return False
    return address in GLOBAL_IPV6 and not any(address in net for net in SPECIAL_IPV6)


def _embedded_ipv4(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def resolve_host(host: str) -> Sequence[str]:
    """The addresses from the machine's resolver, in its order. Raises OSError, UnicodeError."""
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


@dataclass(frozen=True, slots=True)
class Egress:
    """The limits of our requests: only to this ``port``, only to addresses for which ``is_allowed`` holds, as found by
    ``resolve``, and only with a certificate signed by the authorities in ``ca_file`` ("": the machine's own)."""

    port: int = 443
    is_allowed: Callable[[Address], bool] = is_public
    resolve: Callable[[str], Sequence[str]] = resolve_host
    ca_file: str = ""
    timeouts: Timeouts = EGRESS_TIMEOUTS

    def url_problem(self, url: str) -> str:
        """What is wrong with the URL as written, before any lookup: ``problem.webhook.KEY``, or ""."""
        try:
            _split_url(url, self.port)
        except NotAllowed as error:
            return error.reason
        return ""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        """One request to a URL whose host is looked up once, with all its addresses checked; redirects are not
        followed.

        Raises NotAllowed, Unreachable if nothing was sent, DeliveryUnknown if no complete response came.
        """
        host, path = _split_url(url, self.port)
        deadline = time.monotonic() + self.timeouts.total
        return self._send_request(
            self._connect(host, self._resolve_addresses(host), deadline), path, body, headers, deadline
        )

    def _resolve_addresses(self, host: str) -> list[str]:
        try:
            addresses = self.resolve(host)
        except (OSError, UnicodeError):
            raise Unreachable("no_connection", "the name leads to no address") from None
        if not addresses:
            raise Unreachable("no_connection", "the name leads to no address")
        # A single forbidden address rejects the host: a mixture suggests an attack.
        if not all("%" not in address and self.is_allowed(ip_address(address)) for address in addresses):
            raise NotAllowed("inside", "the name leads into a network of somebody’s own")
        return list(addresses)[:MAX_ADDRESSES_TRIED]

    def _connect(self, host: str, addresses: Sequence[str], deadline: float) -> _Connection:
        last_error: Exception = OSError()
        for address in addresses:
            seconds = min(self.timeouts.connect, deadline - time.monotonic())
            if seconds <= 0:
                break
            context = _tls_context(self.ca_file, int(time.monotonic() // AUTHORITIES_KEPT))
            connection = _Connection(host, address, self.port, context, seconds)
            try:
                with _time_limit(connection, seconds):
                    connection.connect()
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise Unreachable("no_tls", error.verify_message) from None
            except OSError as error:
                connection.close()
                last_error = error
            else:
                return connection
        raise Unreachable("no_connection", type(last_error).__name__)

    def _send_request(
        self, connection: _Connection, path: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> HttpResponse:
        try:
            with _time_limit(connection, deadline - time.monotonic()):
                if connection.sock is not None:
                    connection.sock.settimeout(self.timeouts.read)
                connection.request("POST", path, body, {**headers, "Connection": "close"})
                with connection.getresponse() as response:
                    text = b"".join(_read_bounded(response, deadline)).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeliveryUnknown("no_response", type(error).__name__) from None
        finally:
            connection.close()
        return HttpResponse(response.status, text, dict(response.getheaders()))


@lru_cache(maxsize=4)
def _tls_context(ca_file: str, _period: int) -> ssl.SSLContext:
    """The same context for all connections of a period: reading the authorities takes longer than a whole request."""
    return ssl.create_default_context(cafile=ca_file or None)


def _split_url(url: str, port: int) -> tuple[str, str]:
    """Host and path of an allowed URL. Raises NotAllowed."""
    if (
        len(url) > MAX_URL_LENGTH
        or not url.isascii()
        or any(char <= " " or char == "\x7f" or char == "\\" for char in url)
    ):
        raise NotAllowed("no_address")
    try:
        parts = urlsplit(url)
        url_port = parts.port
    except ValueError:
        raise NotAllowed("no_address") from None
    if parts.scheme != "https":
        raise NotAllowed("https")
    if not parts.hostname or "%" in parts.hostname:
        raise NotAllowed("no_address")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("user")
    if url_port not in (None, port):
        raise NotAllowed("port")
    return parts.hostname, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


class _Connection(http.client.HTTPSConnection):
    """A connection to one address only, with the given host name in the certificate and in ``Host``."""

    def __init__(self, host: str, address: str, port: int, context: ssl.SSLContext, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._address = address
        self._tls_context = context
        self.held_socket: socket.socket | None = None  # kept, because a final response sets ``sock`` to None

    def connect(self) -> None:
        """Connects without a resolver and without a proxy."""
        self.held_socket = self.sock = socket.create_connection((self._address, self.port), self.timeout)
        self.held_socket = self.sock = self._tls_context.wrap_socket(self.sock, server_hostname=self.host)

    def close(self) -> None:
        """Closes everything."""
        super().close()
        if self.held_socket is not None:
            self.held_socket.close()


@contextmanager
def _time_limit(connection: _Connection, seconds: float) -> Iterator[None]:
    """Closes the connection after ``seconds``, even if the other side keeps sending slowly."""
    alarm = Timer(max(seconds, 0), _shut_down, (connection,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _shut_down(connection: _Connection) -> None:
    if connection.held_socket is not None:
        with suppress(OSError):
            connection.held_socket.shutdown(socket.SHUT_RDWR)


def _read_bounded(response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
    size = 0
    while chunk := response.read1(8192):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES or time.monotonic() > deadline:
            raise http.client.HTTPException
        yield chunk
