"""Trusts the client address forwarded by our own reverse proxies, and by no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Network = IPv4Network | IPv6Network

_WAS_PROXIED = "statuspage.came_through"
_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")
_PREFIX = "HTTP_X_FORWARDED_"


class TrustedProxies:
    """Wraps the application behind these proxies.

    ``X-Forwarded-For`` and ``X-Forwarded-Proto`` count if one of the proxies sends the request; of several addresses,
    the last one that is not itself a proxy. From anybody else they are removed, like all other headers of this kind:
    the requested host is the one in ``Host``.
    """

    def __init__(self, application: WSGIApplication, proxies: Sequence[Network]) -> None:
        self._application = application
        self._proxies = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = {name: environ.pop(name) for name in _proxy_names(environ)}
        environ[_WAS_PROXIED] = bool(forwarded)
        if self._is_ours(environ.get("REMOTE_ADDR", "")):
            self._apply_forwarded(environ, forwarded)
        return self._application(environ, start_response)

    def _apply_forwarded(self, environ: WSGIEnvironment, forwarded: dict[str, str]) -> None:
        hops = [hop.strip() for hop in forwarded.get(f"{_PREFIX}FOR", "").split(",") if hop.strip()]
        strangers = [hop for hop in hops if not self._is_ours(hop)]
        if hops:
            environ["REMOTE_ADDR"] = (strangers or hops)[-1]
        if forwarded.get(f"{_PREFIX}PROTO") in ("http", "https"):
            environ["wsgi.url_scheme"] = forwarded[f"{_PREFIX}PROTO"]

    def _is_ours(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


def was_proxied(environ: WSGIEnvironment) -> bool:
    """Whether a proxy, ours or another, forwarded this request, according to its headers."""
    return bool(environ.get(_WAS_PROXIED))


def is_loopback(address: str) -> bool:
    """Whether this is an address of this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def is_loopback_host(host: str) -> bool:
    """Whether a ``Host`` header names this machine itself, with or without a port."""
    name = urlsplit(f"//{host}").hostname or ""
    return name == "localhost" or is_loopback(name)


def _proxy_names(environ: WSGIEnvironment) -> list[str]:
    return [name for name in environ if name.startswith(_PREFIX) or name in _FORWARDED]
