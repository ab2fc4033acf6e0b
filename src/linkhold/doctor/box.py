"""The box that systemd keeps the services in: whether the database is inside their reach.

The doctor himself stands outside of it, and reaches what they may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from linkhold.doctor.finding import Finding, fault, ok


@dataclass(frozen=True, slots=True)
class Box:
    """A unit, and the networks that it may and may not talk to."""

    unit: str
    allowed: Sequence[str]
    denied: Sequence[str]

    def lets(self, address: IPv4Address | IPv6Address) -> bool:
        """Tell whether it may talk to an address: what is allowed counts before what is denied."""
        return _within(address, self.allowed) or not _within(address, self.denied)


def read(units: Iterable[Mapping[str, str]]) -> list[Box]:
    """Return the boxes of the units that exist, from what systemd tells of each."""
    return [
        Box(told["Id"], told["IPAddressAllow"].split(), told["IPAddressDeny"].split())
        for told in units
        if told.get("LoadState") == "loaded"
    ]


def examine(boxes: Sequence[Box], hosts: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Look whether each unit may talk to each of the database's hosts, of which the addresses are told."""
    for host, addresses in hosts.items():
        for box in boxes:
            refused = [each for each in addresses if not box.lets(ip_address(each.partition("%")[0]))]
            if refused:
                mend = f"A drop-in with IPAddressAllow={' '.join(refused)}: see docs/postgresql.md."
                yield fault("database", f"{box.unit} may not talk to {host}", mend)
            else:
                yield ok("database", f"{box.unit} may talk to {host}")


def _within(address: IPv4Address | IPv6Address, networks: Sequence[str]) -> bool:
    return any(address in ip_network(each, strict=False) for each in networks)
