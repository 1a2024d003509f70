"""The wire: whatever bytes come in end in a close, never in the log or at the neighbour's; the slow and the dead are let go."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from api.protocols.wire import _owed_after
from services.bootstrap import Ports
from tests.api.apps import line_to, served
from tests.api.protocol.raw import frame, handshake, raw_line, watched_log
from tests.api.protocol.small_house import calls, small_app
from tests.api.protocol.test_sockets import settles

HEARTBEAT = 0.5
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PROTOCOLS_OWN = {1000, 1002, 1003, 1005, 1006, 1007, 1009, *range(4400, 4430)}


@pytest.fixture(scope="module")
async def quick(ports: Ports) -> AsyncIterator[str]:
    """A server whose heart beats fast."""
    async with served(small_app(ports), heartbeat=HEARTBEAT) as address:
        yield address


TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
HOSTILE: list[tuple[str, bytes, int]] = [
    ("not masked", frame(b"{}", masked=False), 1002),
    ("a reserved bit", frame(b"{}", rsv=4), 1002),
    ("an unknown opcode", frame(b"", opcode=3), 1002),
    ("an unknown control", frame(b"", opcode=11), 1002),
    ("a fragmented ping", frame(b"", opcode=PING, fin=False), 1002),
    ("a ping of 126 bytes", frame(b"x" * 126, opcode=PING), 1002),
    ("nothing to continue", frame(b"x", opcode=CONTINUED), 1002),
    ("a text in a text", frame(b"x", fin=False) + frame(b"y"), 1002),
    ("broken UTF-8", frame(b"\xff\xfe"), 1007),
    ("half a character", frame(b'{"type":"ping","payload":"\xc3', fin=False) + frame(b'"}', opcode=CONTINUED), 1007),
    ("a surrogate in UTF-8", frame(b'{"type":"ping","payload":"\xed\xa0\x80"}'), 1007),
    ("larger than allowed", frame(b"", said=2**40), 1009),
    ("a length beyond its sign", frame(b"", said=2**63), 1009),
    ("a close of one byte", frame(b"x", opcode=CLOSE), 1002),
    ("a close of a forbidden code", frame((1005).to_bytes(2, "big"), opcode=CLOSE), 1002),
    ("a close whose reason is no text", frame((1000).to_bytes(2, "big") + b"\xff", opcode=CLOSE), 1007),
    ("a long close reason", frame((4999).to_bytes(2, "big") + b"r" * 123, opcode=CLOSE), 4999),
    ("many small pieces", frame(b"", fin=False) + frame(b"", opcode=CONTINUED, fin=False) * 100, 1009),
    ("binary", frame(b"{}", opcode=BINARY), 4400),
    ("no message", frame(b"[]"), 4400),
]


@pytest.mark.parametrize(("bytes_sent", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
async def test_hostile_frames_end_in_a_close(small_address: str, bytes_sent: bytes, code: int) -> None:
    with watched_log() as said, capture_logs() as ours:
        async with raw_line(small_address) as raw:
            await raw.send(bytes_sent)
            assert await raw.closed_with() == code
    assert said == []
    assert [one for one in ours if one["log_level"] in {"error", "critical"}] == []


frames = st.builds(
    frame,
    st.binary(max_size=140) | st.sampled_from([b"{}", b'{"type":"ping"}', b'{"type":"complete","id":"a"}']),
    opcode=st.integers(0, 15),
    fin=st.booleans(),
    rsv=st.sampled_from([0, 0, 0, 1, 4]),
    masked=st.sampled_from([True, True, True, False]),
    said=st.none() | st.integers(0, 2**64 - 1),
)


@SOME
@given(sent=st.lists(frames | st.binary(max_size=40), min_size=1, max_size=6), opened=st.booleans())
@example(sent=[frame(b"", opcode=CLOSE)], opened=False)
async def test_any_bytes_after_the_handshake(small_address: str, sent: list[bytes], opened: bool) -> None:
    with watched_log() as said, capture_logs() as ours:
        async with raw_line(small_address, opened=opened) as raw, line_to(small_address, "consumer") as neighbour:
            await raw.send(b"".join(sent))
            await raw.send(frame(b"\x03\xe8", opcode=CLOSE))
            raw.writer.write_eof()
            code = await raw.closed_with()
            # What the client closes with is said back to it.
            assert code in PROTOCOLS_OWN or 3_000 <= code < 5_000
            await neighbour.say({"type": "ping"})
            assert await neighbour.hear() == {"type": "pong"}
    assert said == []
    assert [one for one in ours if one["log_level"] in {"error", "critical"}] == []


@SOME
@given(noise=st.binary(max_size=60), place=st.sampled_from(["path", "header", "protocol", "after"]))
async def test_any_handshake(small_address: str, noise: bytes, place: str) -> None:
    clean = noise.replace(b"\r", b"").replace(b"\n", b"")
    asked = {
        "path": handshake("consumer").replace(b"/graphql/consumer", b"/" + clean.replace(b" ", b"")),
        "header": handshake("consumer", b"X-Strange: " + clean),
        "protocol": handshake("consumer", protocol=clean),
        "after": handshake("consumer") + noise,
    }[place]
    host, port = small_address.split(":")
    with watched_log() as said:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(asked)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(100), 5)
        writer.close()
    assert answer[:12] in {b"", b"HTTP/1.1 101", b"HTTP/1.1 400", b"HTTP/1.1 403", b"HTTP/1.1 404"}, answer
    assert said == []


async def test_an_answer_to_a_ping_is_none_where_it_is_part_of_a_message(quick: str) -> None:
    async with raw_line(quick) as raw:
        opcode, payload = await raw.hear()
        assert opcode == PING
        answer = frame(payload, opcode=PONG)
        await raw.send(frame(b"", said=len(answer)))
        await asyncio.sleep(0.05)
        await raw.send(answer)
        assert await raw.closed_with() == 1007


@pytest.mark.parametrize("pieces", [1, 3, 10])
async def test_a_ping_is_answered_in_pieces_and_beside_messages(quick: str, pieces: int) -> None:
    async with raw_line(quick) as raw:
        for _ in range(4):
            opcode, payload = await raw.hear()
            while opcode != PING:
                opcode, payload = await raw.hear()
            answer = frame(b'{"type":"ping"}') + frame(payload, opcode=PONG) if pieces == 3 else frame(payload, opcode=PONG)
            size = -(-len(answer) // pieces)
            for at in range(0, len(answer), size):
                await raw.send(answer[at : at + size])
                await asyncio.sleep(0.01)


heads = st.sampled_from([0, 1, 9, 125, 126, 127, 300, 65_535, 65_536, 70_000])


@given(sizes=st.lists(heads, min_size=1, max_size=5), cut=st.integers(0, 100))
def test_where_a_frame_ends_is_known(sizes: list[int], cut: int) -> None:
    frames = [frame(b"x" * size) for size in sizes]
    whole = b"".join(frames)
    assert _owed_after(whole, 0) == 0
    lacking = min(cut, sizes[-1])
    assert _owed_after(whole[: len(whole) - lacking], 0) == lacking
    assert _owed_after(whole[-lacking:], lacking) == 0 if lacking else True
    rest = _owed_after(frames[0][:5], 0)
    assert rest is None


async def test_a_peer_that_answers_no_ping_is_let_go_within_two_beats(quick: str) -> None:
    async with raw_line(quick) as raw, line_to(quick, "consumer") as neighbour:
        await neighbour.open()
        await raw.say({"id": "a", "type": "subscribe", "payload": {"query": "subscription { forEver }"}})
        began = time.monotonic()
        assert await raw.closed_with() == 1013
        assert time.monotonic() - began <= 2 * HEARTBEAT + 0.5
        await settles("ended")
        await asyncio.sleep(2 * HEARTBEAT)
        await neighbour.subscribe("q", "{ hello }")
        assert (await neighbour.hear())["type"] == "next"


async def test_who_does_not_read_costs_a_bounded_buffer_and_is_let_go(quick: str) -> None:
    async with raw_line(quick) as raw, line_to(quick, "consumer") as neighbour:
        await neighbour.open()
        await raw.say({"id": "a", "type": "subscribe", "payload": {"query": "subscription { torrent }"}})
        async with asyncio.timeout(10):
            while len(calls) < 2:  # noqa: ASYNC110 - it is on the other side of a socket
                await asyncio.sleep(0.01)
            produced = -1
            while produced != len(calls):
                produced = len(calls)
                await neighbour.subscribe("q", "{ hello }")
                assert [(await neighbour.hear())["type"] for _ in range(2)] == ["next", "complete"]
                await asyncio.sleep(0.2)
        # What the kernel takes, and one buffer more: nothing is made for who does not take it.
        assert produced * 60_000 < 8_000_000
        await settles("ended")
        assert len(calls) == produced + 1
        # What was on its way is still there to be read, and then nothing.
        assert await raw.closed_with() in {1006, 1013}


@pytest.mark.parametrize("opcode", [TEXT, PING, PONG])
async def test_a_flood_of_frames_ends_in_a_close(small_address: str, opcode: int) -> None:
    with watched_log() as said:
        async with raw_line(small_address) as raw:
            await raw.send(frame(b'{"type":"pong"}', opcode=opcode) * 400)
            await raw.say({"type": "ping"})
            assert (TEXT, b'{"type":"pong"}') in [await raw.hear() for _ in range(401 if opcode == PING else 1)]
            await raw.send(frame(b'{"type":"pong"}', opcode=opcode) * 400)
            assert await raw.closed_with() in {1008, 1006}
    assert said == []


@pytest.mark.parametrize("more", [[b"X: y"] * 200, [b"X: " + b"y" * 10_000]])
async def test_a_handshake_that_is_none_is_answered(small_address: str, more: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection(*small_address.split(":"))
    writer.write(handshake("consumer", *more))
    assert (await asyncio.wait_for(reader.read(), 3)).startswith(b"HTTP/1.1 400 ")
    writer.transport.abort()
    await asyncio.sleep(0)
