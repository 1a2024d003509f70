"""A server that is told to stop: what is in hand is answered, and every app hears when to come back, not all at once."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from api.protocols.sockets import SocketLimits
from services.bootstrap import Ports
from tests.api.apps import line_to, served
from tests.api.protocol.small_house import calls, small_app

FOR_EVER = "subscription { forEver }"
SLOWLY = 'mutation { adopt(input: {name: "slowly"}) { ... on AdoptSuccess { pet { name } } } }'
RETRY = re.compile(r"Restarting; retryAfter=(\d+\.\d)")


async def test_what_is_in_hand_is_answered_and_the_good_bye_says_when_to_come_back(ports: Ports) -> None:
    async with AsyncExitStack() as server:
        address = await server.enter_async_context(served(small_app(ports)))
        async with line_to(address, "consumer") as line:
            await line.open()
            await line.subscribe("a", FOR_EVER)
            assert (await line.hear())["type"] == "next"
            await line.subscribe("m", SLOWLY)
            await asyncio.sleep(0.1)
            stopping = asyncio.create_task(server.aclose())
            assert await line.hear() == {"id": "m", "type": "next", "payload": {"data": {"adopt": {"pet": {"name": "slowly"}}}}}
            assert await line.hear() == {"id": "m", "type": "complete"}
            code, reason = await line.closed_by_server()
            await stopping
    assert code == 1012
    assert RETRY.fullmatch(reason)
    assert calls == [("ended", 1), ("adopt", 1)]


async def test_who_asks_on_a_kept_line_while_the_server_ends_is_answered_for_the_last_time(ports: Ports) -> None:
    body = b'{"query":"{ hello }"}'
    question = (
        b"POST /graphql/consumer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body)
    )
    async with AsyncExitStack() as server:
        address = await server.enter_async_context(served(small_app(ports)))
        lines = [await asyncio.open_connection(*address.split(":")) for _ in range(3)]
        answers = []
        for reader, writer in lines[:2]:
            writer.write(question)
            answers.append(await reader.readuntil(b"}}"))
        stopping = asyncio.create_task(server.aclose())
        await asyncio.sleep(0.2)
        # One asks again, one has never asked, and one is silent: it is not waited for.
        lines[0][1].write(question)
        lines[2][1].write(question)
        last = [await asyncio.wait_for(reader.read(), 5) for reader, _ in lines]
        await stopping
        for _, writer in lines:
            writer.close()
    assert [b"connection: close" in answer for answer in answers] == [False, False]
    assert [(answer[:12], b"connection: close" in answer) for answer in last] == [
        (b"HTTP/1.1 200", True),
        (b"", False),
        (b"HTTP/1.1 200", True),
    ]


async def test_many_are_asked_back_over_some_time(ports: Ports) -> None:
    bounds = SocketLimits(moved_per_second=2)
    async with AsyncExitStack() as server, AsyncExitStack() as lines:
        address = await server.enter_async_context(served(small_app(ports, bounds=bounds)))
        several = [await lines.enter_async_context(line_to(address, "consumer")) for _ in range(20)]
        for line in several:
            await line.open()
        stopping = asyncio.create_task(server.aclose())
        closes = await asyncio.gather(*(line.closed_by_server() for line in several))
        await stopping
    assert {code for code, _ in closes} == {1012}
    waits = [float(match[1]) for match in (RETRY.fullmatch(reason) for _, reason in closes) if match]
    assert len(waits) == 20
    assert (min(waits) >= 0.5, max(waits) <= 10.5, len({round(wait) for wait in waits}) >= 4) == (True, True, True)


async def test_more_sockets_than_a_server_may_hold_are_sent_elsewhere(ports: Ports) -> None:
    async with served(small_app(ports, bounds=SocketLimits(open_at_once=1))) as address:
        async with line_to(address, "consumer") as line:
            await line.open()
            with pytest.raises(InvalidStatus) as refused:
                async with line_to(address, "consumer"):
                    pass
            assert (refused.value.response.status_code, refused.value.response.headers["retry-after"]) == (503, "5")
        await asyncio.sleep(0.05)
        async with line_to(address, "consumer") as line:
            await line.open()
