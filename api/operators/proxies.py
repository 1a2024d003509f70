"""Proxies: whose word is believed about where a request came from, and how far."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

_MOST_HOPS = 20


class Proxies:
    """The networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody's where there are none."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(network, strict=False) for network in networks)
        self._trusts = lru_cache(maxsize=1_024)(self._is_proxy)

    def look_behind(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """The address of who really asks; where our proxy told it, the scope then says so, too, and which scheme they used."""
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        if not self._networks or not self._trusts(peer):
            return peer
        told = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        # From the right: each proxy of ours appends who called it, and whatever stands further left is hearsay.
        for hop in reversed(told[-_MOST_HOPS:]):
            address = _address(hop)
            if address is None:
                break
            peer = str(address)
            if not self._trusts(peer):
                break
        scope["client"] = (peer, 0)
        scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1").strip().lower()
        if scheme in {"http", "https"}:
            scope["scheme"] = scheme if scope["type"] == "http" else {"http": "ws", "https": "wss"}[scheme]
        return peer

    def _is_proxy(self, peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(address in network for network in self._networks)


def asker_of(address: str) -> str:
    """Who is counted as one guest: an IPv4 address, or the /64 that a line of IPv6 gets as a whole."""
    if ":" not in address:
        return address
    read = _address(address)
    return str(IPv6Network((read, 64), strict=False)) if isinstance(read, IPv6Address) else address


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
