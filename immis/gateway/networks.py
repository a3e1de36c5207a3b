"""Ranges of network addresses: of M2M SIMs, of an operator's balancers."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Ranges as they are written; ValueError for one that is none."""
    return tuple(ipaddress.ip_network(row, strict=False) for row in texts)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the ranges; what is no address lies in none."""
    if not networks:
        return False
    try:
        result = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    result = getattr(result, "ipv4_mapped", None) or result
    return any(result in network for network in networks)
