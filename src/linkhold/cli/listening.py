"""The address that is served: resolved, reserved, and asked whether it answers."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import TypeAlias

from linkhold import clock
from linkhold.errors import LinkholdError

Address: TypeAlias = str | tuple[str, int]
"""The path of a Unix socket, or a numeric host and a port."""

ANSWER_SECONDS = 10.0
OK = 200


def resolved(host: str) -> str:
    """Return the numeric address of the host to listen on; raises `LinkholdError`."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        raise LinkholdError(
            f"LINKHOLD_HOST is {host!r}, which is no address of this machine: try 127.0.0.1 or 0.0.0.0."
        ) from None


def addresses(host: str) -> list[str]:
    """Return the numeric addresses of a host; none when it cannot be found."""
    with contextlib.suppress(OSError):
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None)})
    return []


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[int]:
    """Hold a port, a free one for 0, while the workers bind it beside us; raises `LinkholdError`.

    Each worker binds the port with SO_REUSEPORT, which would let a second Linkhold bind it too and
    get every other request. So we bind it once without, to see that nobody has it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind((host, port))
            port = alone.getsockname()[1]
        with socket.socket(family) as beside:
            beside.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            beside.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            beside.bind((host, port))
            yield port
    except OSError as error:
        raise LinkholdError(
            f"Cannot listen on {host} port {port}: {error.strerror}. LINKHOLD_HOST and LINKHOLD_PORT choose"
            " another address; LINKHOLD_PORT=0 picks a free port."
        ) from None


def wait_until_answered(address: Address) -> None:
    """Wait until a request is answered there."""
    while not is_answered(address):
        clock.sleep(0.02)


def is_answered(address: Address) -> bool:
    """Tell whether whoever listens there answers a request within some seconds."""
    return ask(address, "/healthz")[0] == OK


def ask(address: Address, path: str) -> tuple[int | None, str]:
    """Return the status and the body that are answered to a GET there; None and nothing without an answer."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    if isinstance(address, tuple) and ":" in address[0]:
        family = socket.AF_INET6
    with contextlib.suppress(OSError, ValueError), socket.socket(family) as asking:
        asking.settimeout(ANSWER_SECONDS)
        asking.connect(address)
        asking.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: asking.recv(2**16), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), body.decode(errors="replace")
    return None, ""


def of_socket(given: socket.socket) -> Address:
    """Return where a listening socket is reached from this machine."""
    name = given.getsockname()
    return name if isinstance(name, str) else (reachable(name[0]), name[1])


def reachable(host: str) -> str:
    """Return an address at which a listener on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound


def from_elsewhere(host: str) -> str | None:
    """Return this machine's address on its network, when a listener on `host` is reached by it."""
    address = ipaddress.ip_address(host)
    if address.is_loopback:
        return None
    if not address.is_unspecified:
        return host
    # Connecting a datagram socket sends nothing: it asks the kernel which way it would send. The
    # address is one of those kept for documentation (RFC 5737, RFC 3849).
    family, target = (
        (socket.AF_INET, "192.0.2.1") if address.version == 4 else (socket.AF_INET6, "2001:db8::1")  # noqa: PLR2004
    )
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((target, 9))
        return str(asking.getsockname()[0])
    return None


def url(host: str, port: int) -> str:
    """Return the URL of a listener."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
