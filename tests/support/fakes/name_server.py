"""A name server on loopback that speaks the real protocol (RFC 1035) over UDP and has a few zones."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zones = Mapping[str, Mapping[tuple[str, str], str]]
"""Zone → (name, type) → value. Each zone's SOA and NS are under its own name."""


@contextmanager
def name_server(zones: Zones, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[str]:
    """``HOST:PORT`` of a server with these zones, during the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server_socket:
        server_socket.bind(address)
        Thread(target=_serve, args=(server_socket, zones), daemon=True).start()
        yield f"{address[0]}:{server_socket.getsockname()[1]}"
        server_socket.close()


def _serve(server_socket: socket.socket, zones: Zones) -> None:
    while True:
        try:
            asked, sender = server_socket.recvfrom(4096)
            server_socket.sendto(answer(dns.message.from_wire(asked), zones).to_wire(), sender)
        except OSError:
            return


def answer(query: dns.message.Message, zones: Zones) -> dns.message.Message:
    """The answer of a server with these zones."""
    (question,) = query.question
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA | dns.flags.RA
    zone = next((z for z in zones if question.name.is_subdomain(dns.name.from_text(z))), None)
    if zone is None:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    name, record_type = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
    known = zones[zone]
    if found := known.get((name, record_type)):
        response.answer.append(dns.rrset.from_text_list(name + ".", 60, "IN", record_type, found.split(", ")))
        return response
    response.authority.append(dns.rrset.from_text(zone + ".", 60, "IN", "SOA", known[(zone, "SOA")]))
    if not any(each == name for each, _ in known):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response


def zone(name: str, servers: str, contact: str, **hosts: str) -> dict[tuple[str, str], str]:
    """One zone: its name servers, its contact, and its hosts (``app="192.0.2.1"`` or the name it is an alias of)."""
    found = {
        (name, "NS"): servers,
        (name, "SOA"): f"{servers.split(', ')[0]} {contact}. 1 7200 3600 1209600 60",
    }
    for host, value in hosts.items():
        full = name if host == "apex" else f"{host}.{name}"
        found[(full, "CNAME" if value.endswith(".") else "AAAA" if ":" in value else "A")] = value
    return found
