"""Whatever comes over a line: it is answered or closed, in time, and everybody else is answered meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from api.protocols import lines
from services.bootstrap import Ports
from tests.api.apps import served
from tests.api.protocol.raw import watched_log
from tests.api.protocol.small_house import small_app

ENOUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BODY = b'{"query":"{ hello }"}'
SOUND = (
    b"POST /graphql/consumer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


@pytest.fixture
async def impatient(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(lines.BoundedLine, "head_within", 0.3)
    async with served(small_app(ports)) as address:
        yield address


@asynccontextmanager
async def line(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address.split(":"))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def told(address: str, pieces: Sequence[bytes]) -> bytes:
    """Send these pieces; everything that comes back until the server closes."""
    async with line(address) as (reader, writer):
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(5):
                return await reader.read()
        except ConnectionError:
            return b""


async def test_a_sound_request(impatient: str) -> None:
    assert (await told(impatient, [SOUND])).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "head", [b"", b"POST", b"POST /graphql/consumer HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"GET / HTTP/1.1\r\nX: "]
)
async def test_a_head_that_does_not_come_is_not_waited_for(impatient: str, head: bytes) -> None:
    assert await told(impatient, [head]) == b""


async def test_a_second_head_that_does_not_come_is_not_waited_for(impatient: str) -> None:
    kept = SOUND.replace(b"Connection: close\r\n", b"")
    answer = await told(impatient, [kept, b"POST /graphql/consumer HTTP/1.1\r\n"])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * lines.MOST_HEAD,
        b"GET / HTTP/1.1\r\nX: " + b"a" * lines.MOST_HEAD + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: header\r\n" * 4_000 + b"\r\n",
    ],
)
async def test_a_head_without_end(impatient: str, head: bytes) -> None:
    assert (await told(impatient, [head])).startswith(b"HTTP/1.1 400 ")


KEPT = SOUND.replace(b"Connection: close\r\n", b"")
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 400])
async def test_an_offer_of_another_protocol_is_answered_in_this_one_with_the_body_kept(small_address: str, pieces: int) -> None:
    offered = KEPT.replace(b"Content-Type", OFFER + b"Content-Type") + SOUND
    size = -(-len(offered) // pieces)
    answer = await told(small_address, [offered[at : at + size] for at in range(0, len(offered), size)])
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert answer.count(b'{"data":{"hello":') == 2


async def test_a_tunnel_is_refused(small_address: str) -> None:
    answer = await told(small_address, [b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"])
    assert answer[9:10] == b"4"


@pytest.mark.parametrize(
    "wrong", [b"NONSENSE\r\n\r\n", b"POST /graphql/consumer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz"]
)
async def test_what_comes_after_a_sound_request_does_not_cost_it_its_answer(small_address: str, wrong: bytes) -> None:
    answer = await told(small_address, [KEPT + KEPT + wrong + SOUND])
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"400"]
    assert answer.count(b'{"data":{"hello":') == 2


async def test_a_head_that_does_not_come_does_not_cost_the_one_before_its_answer(impatient: str) -> None:
    slow = b'{"query":"{ wait(seconds: 0.6) }"}'
    before = KEPT.replace(b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % len(slow)).replace(BODY, slow)
    answer = await told(impatient, [before + b"POST /graphql/consumer HTTP/1.1\r\n"])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'{"data":{"wait":"done"}}' in answer


pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"GET ", b"POST ", b"/graphql/consumer", b" HTTP/1.1\r\n", b" HTTP/9.9\r\n", b"Host: 127.0.0.1\r\n", b"\r\n"]
    ),
    st.sampled_from([b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n", b"ffffffffff\r\n"]),
    st.sampled_from([b"Content-Type: application/json\r\n", b"Upgrade: websocket\r\nConnection: Upgrade\r\n", BODY, SOUND]),
)


@ENOUGH
@given(sent=st.lists(pieces, max_size=8))
async def test_any_bytes(small_address: str, sent: list[bytes]) -> None:
    async with line(small_address) as (reader, writer):
        writer.write(b"".join(sent))
        try:
            async with asyncio.timeout(0.03):
                heard = await reader.read(65_536)
        except (TimeoutError, ConnectionError):
            heard = b""
        assert not heard or heard[9:10] in b"1234"
    assert (await told(small_address, [SOUND])).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("rest", [b"", b"NONSENSE\r\n\r\n"])
async def test_who_asks_twice_and_leaves_is_not_in_the_log(small_address: str, rest: bytes) -> None:
    kept = SOUND.replace(b"Connection: close\r\n", b"")
    with watched_log() as said, capture_logs() as ours:
        for _ in range(10):
            async with line(small_address) as (_, writer):
                writer.write(kept * 2 + rest)
                await asyncio.sleep(0.002)
        assert (await told(small_address, [SOUND])).startswith(b"HTTP/1.1 200 ")
    assert said == []
    assert [one for one in ours if one["log_level"] == "error"] == []


NO = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno"


class Glancing:
    """An application that refuses some requests by their bytes, and answers the others itself."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def glance(self, data: bytes) -> bytes | None:
        self.seen.append(data)
        return NO if b"/no " in data else None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
            await send({"type": "http.response.body", "body": b"yes"})


def asked(path: str, body: bytes = b"") -> bytes:
    return b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(body), body)


async def test_what_is_answered_at_a_glance_leaves_the_line_as_it_was() -> None:
    app = Glancing()
    async with served(app) as address, line(address) as (reader, writer):
        for path, answer in (("no", NO), ("no", NO), ("yes", b"HTTP/1.1 200 OK"), ("no", NO), ("yes", b"HTTP/1.1 200 OK")):
            writer.write(asked(path))
            assert (await reader.readexactly(len(answer))) == answer
            if answer is not NO:
                assert (await reader.readuntil(b"yes")).endswith(b"yes")


async def test_nothing_is_answered_at_a_glance_amidst_something_else() -> None:
    app = Glancing()
    async with served(app) as address, line(address) as (reader, writer):
        # A body that looks like a request, and comes after its head.
        inner = asked("no")
        whole = asked("yes", inner)
        writer.write(whole[: -len(inner)])
        assert (await reader.readuntil(b"yes")).startswith(b"HTTP/1.1 200 OK")
        writer.write(inner)
        writer.write(asked("yes"))
        assert (await reader.readuntil(b"yes")).startswith(b"HTTP/1.1 200 OK")
    assert inner not in app.seen


async def test_a_line_that_was_told_no_is_kept_no_longer_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines.BoundedLine, "head_within", 0.2)
    async with served(Glancing()) as address, line(address) as (reader, writer):
        writer.write(asked("no"))
        assert await reader.readexactly(len(NO)) == NO
        await asyncio.sleep(0.4)
        writer.write(asked("no"))
        assert await reader.readexactly(len(NO)) == NO
