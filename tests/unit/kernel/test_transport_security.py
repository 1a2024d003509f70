"""What `sslmode` in DATABASE_URL asks for, read as libpq reads it, and what the server hears of it."""

import asyncio
import ssl
import struct
from pathlib import Path

import certifi
import pytest

from services.adapters.floors import ServerUnfit, check_database
from services.kernel.database import connection_arguments
from services.kernel.transport_security import transport_security

SSL_REQUEST, STARTUP = 80_877_103, 196_608


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require"])
def test_a_mode_that_checks_nothing_is_handed_on(mode: str) -> None:
    assert connection_arguments(f"postgresql://u@db.example/p?sslmode={mode}")["ssl"] == mode


def test_an_address_that_says_nothing_leaves_it_to_the_driver() -> None:
    assert "ssl" not in connection_arguments("postgresql://u@db.example/p")


@pytest.mark.parametrize(
    ("query", "by_name"),
    [
        ({"sslmode": "verify-full"}, True),
        ({"sslmode": "verify-ca", "sslrootcert": "system"}, False),
        ({"sslmode": "verify-full", "sslrootcert": certifi.where()}, True),
        # As libpq: whoever names the roots wants them looked at.
        ({"sslmode": "require", "sslrootcert": certifi.where()}, False),
    ],
)
def test_a_mode_that_checks_makes_a_context_that_does(query: dict[str, str], by_name: bool) -> None:
    context = transport_security(query)["ssl"]

    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is by_name


async def test_an_unknown_mode_and_a_missing_certificate_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(ServerUnfit, match=r"^DATABASE_URL is not an address like"):
        await check_database("postgresql://u@db.example/p?sslmode=perhaps")
    with pytest.raises(ServerUnfit, match=r"^A certificate that DATABASE_URL names cannot be read: .*No such file"):
        await check_database(f"postgresql://u@db.example/p?sslmode=verify-full&sslrootcert={tmp_path}/none.pem")


@pytest.mark.parametrize(("mode", "first"), [("disable", STARTUP), ("require", SSL_REQUEST)])
async def test_the_server_is_asked_for_it_before_it_hears_a_name(mode: str, first: int) -> None:
    heard: list[int] = []

    async def no_ssl_here(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(struct.unpack("!ii", await reader.readexactly(8))[1])
        writer.write(b"N")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(no_ssl_here, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ServerUnfit):
            await check_database(f"postgresql://u@127.0.0.1:{port}/p?sslmode={mode}")

    assert heard == [first]
