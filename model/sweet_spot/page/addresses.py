"""Where a server listens, and under which names it may be reached."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::", "")
PORT = 5006


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    return address in ("localhost", "::1") or address.startswith("127.")


def origins(address: str, port: int) -> list[str]:
    """The hosts under which the page may be opened: the socket refuses every other.

    Another site in the same browser cannot speak to the page, even by a name that it points here.
    """
    if is_loopback(address):
        hosts = {LOOPBACK, "localhost"}
    elif address in EVERYWHERE:
        hosts = {LOOPBACK, "localhost", socket.gethostname(), *_own_addresses()}
    else:
        hosts = {address}
    return sorted(f"{host}:{port}" for host in hosts)


def _own_addresses() -> set[str]:
    """Addresses of this machine: by its name, and the one from which it reaches the network."""
    found = {own_address()}
    try:
        for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            found.add(str(entry[4][0]))
    except OSError:
        pass  # a machine need not know its own name
    return found


def own_address() -> str:
    """The address of this machine on the network that it reaches others by; loopback if none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks for the way out
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK
