"""Google's certificates: kept as long as Google says, asked for once, and never taken from anywhere else."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from services.adapters.firebase import GoogleCertificates, max_age
from services.kernel.errors import Unavailable
from tests.conftest import NOON

URL = "https://certificates.example/x509"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken")])
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), 1, NOON, NOON + timedelta(days=20))
    return unsigned.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


GOOD = httpx.Response(200, json={"one": certificate(KEY)}, headers={"cache-control": "public, max-age=100, must-revalidate"})


class Google:
    """Answers as it is told and counts how often it was asked."""

    def __init__(self, answer: httpx.Response | Exception = GOOD) -> None:
        self.answer = answer
        self.asked = 0

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Wall:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def certificates(google: Google, wall: Wall) -> GoogleCertificates:
    return GoogleCertificates(URL, httpx.MockTransport(google), wall)


async def test_a_key_is_asked_for_once_while_it_is_fresh(wall: Wall) -> None:
    google = Google()
    keys = certificates(google, wall)

    found = await asyncio.gather(*(keys.public_key("one") for _ in range(20)))
    wall.at += 99
    found.append(await keys.public_key("one"))

    assert google.asked == 1
    assert {key.public_numbers() for key in found if key} == {KEY.public_key().public_numbers()}
    wall.at += 1
    await keys.public_key("one")
    assert google.asked == 2


async def test_unknown_key_ids_do_not_make_us_ask_without_end(wall: Wall) -> None:
    google = Google()
    keys = certificates(google, wall)

    for number in range(50):
        assert await keys.public_key(f"forged-{number}") is None
    assert google.asked == 1
    wall.at += 60
    assert await keys.public_key("forged") is None
    assert google.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("away"),
        httpx.ReadTimeout("slow"),
        httpx.Response(302, headers={"location": "https://evil.example/keys"}),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=["one"]),
        httpx.Response(200, json={"one": "no certificate"}),
        httpx.Response(200, json={"one": 7}),
        httpx.Response(200, json={"one": certificate(ec.generate_private_key(ec.SECP256R1()))}),
        httpx.Response(200, content=b" " * (64 * 1024 + 1)),
    ],
)
async def test_without_good_certificates_nothing_can_be_known(wall: Wall, answer: httpx.Response | Exception) -> None:
    google = Google(answer)
    keys = certificates(google, wall)

    for _ in range(5):
        with pytest.raises(Unavailable):
            await keys.public_key("one")
    assert google.asked == 1

    wall.at += 2
    google.answer = GOOD
    assert await keys.public_key("one") is not None


async def test_keys_past_their_time_are_not_used_when_google_is_away(wall: Wall) -> None:
    google = Google()
    keys = certificates(google, wall)
    await keys.public_key("one")
    google.answer = httpx.ConnectError("away")
    wall.at += 100

    with pytest.raises(Unavailable):
        await keys.public_key("one")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("public, max-age=19302, must-revalidate, no-transform", 19302),
        ("max-age=5", 5),
        ("Max-Age = 7 , public", 7),
        ("s-maxage=100", 60),
        ("", 60),
        ("max-age=-1", 60),
        ("max-age=999999999", 86400),
        ("max-age=0", 0),
    ],
)
def test_max_age(header: str, seconds: float) -> None:
    assert max_age(header) == seconds
