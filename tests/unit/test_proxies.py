"""Whose word is believed about where a request came from."""

import pytest

from api.operators.proxies import Proxies, asker_of

OURS = ["10.0.0.0/8", "fd00::/8"]


def behind(networks: list[str], peer: str, *, told: str = "", scheme: str = "") -> tuple[str, str]:
    scope = {"type": "http", "client": (peer, 1234), "scheme": "http"}
    address = Proxies(networks).look_behind(scope, {b"x-forwarded-for": told.encode(), b"x-forwarded-proto": scheme.encode()})
    assert scope["client"][0] == address
    return address, str(scope["scheme"])


@pytest.mark.parametrize(
    ("networks", "peer", "told", "address"),
    [
        # Nobody is named, or a stranger speaks: nothing is believed.
        ([], "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (OURS, "9.9.9.9", "6.6.6.6", "9.9.9.9"),
        # A proxy of ours tells who called it; what stands further left was said by the caller.
        (OURS, "10.0.0.1", "6.6.6.6", "6.6.6.6"),
        (OURS, "10.0.0.1", "1.1.1.1, 6.6.6.6", "6.6.6.6"),
        (OURS, "10.0.0.1", "127.0.0.1,6.6.6.6, 10.0.0.2", "6.6.6.6"),
        (OURS, "fd00::1", "2001:db8::7", "2001:db8::7"),
        (OURS, "10.0.0.1", "::ffff:6.6.6.6", "6.6.6.6"),
        # What is no address ends the belief.
        (OURS, "10.0.0.1", "", "10.0.0.1"),
        (OURS, "10.0.0.1", "unknown", "10.0.0.1"),
        (OURS, "10.0.0.1", "6.6.6.6, unknown, 10.0.0.3", "10.0.0.3"),
        (OURS, "10.0.0.1", "6.6.6.6:80", "10.0.0.1"),
        (OURS, "10.0.0.1", ", ".join(["10.0.0.2"] * 10_000), "10.0.0.2"),
    ],
)
def test_the_address(networks: list[str], peer: str, told: str, address: str) -> None:
    assert behind(networks, peer, told=told)[0] == address


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "HTTPS", "https"),
        ("10.0.0.1", "gopher", "http"),
        ("9.9.9.9", "https", "http"),
    ],
)
def test_the_scheme(peer: str, said: str, scheme: str) -> None:
    assert behind(OURS, peer, told="6.6.6.6", scheme=said)[1] == scheme


@pytest.mark.parametrize(
    ("address", "asker"),
    [("6.6.6.6", "6.6.6.6"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("", ""), ("a:b", "a:b")],
)
def test_a_line_of_ipv6_is_one_asker(address: str, asker: str) -> None:
    assert asker_of(address) == asker
