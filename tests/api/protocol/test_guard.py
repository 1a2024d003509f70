"""What every operation passes on every transport: prices, buckets, turns and deadlines, each with its typed answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from pydantic import SecretStr

from services.bootstrap import Ports
from services.kernel.actors import Consumer, SupportAgent, SupportLevel
from services.kernel.database import rows
from services.kernel.ids import new_id
from services.settings import GateSettings, RateLimit
from tests.api.apps import Doors, access_token, client_of, line_to, served, told
from tests.api.protocol.small_house import calls, small_app

HELLO = "query Greet { hello }"
TIGHT = RateLimit(burst=3, per_second=0.01)


@asynccontextmanager
async def house_with(ports: Ports, **gate: Any) -> AsyncIterator[Doors]:
    async with client_of(small_app(ports, bounded=GateSettings(**gate))) as client:
        yield Doors(client)


def keeping(name: str, seconds: float) -> str:
    return f'mutation {{ keep(name: "{name}", seconds: {seconds}) }}'


async def kept(name: str) -> list[str]:
    return [found["key"] for found in await rows("SELECT key FROM idempotency_keys WHERE operation = $1", name)]


# --- buckets ---------------------------------------------------------------------------------------------------------------


async def test_a_burst_is_followed_by_a_typed_no(ports: Ports, person: Consumer) -> None:
    async with house_with(ports, person=TIGHT) as doors:
        for _ in range(3):
            assert (await doors.ask("consumer", HELLO, actor=person)).status == 200
        refused = await doors.ask("consumer", HELLO, actor=person)
        assert (refused.status, refused.data, refused.codes) == (429, None, ["RATE_LIMITED"])
        # A point runs out in a hundred seconds; a few may have passed since the first was poured in.
        retry_after = refused.errors[0]["extensions"]["retryAfter"]
        assert 80 < retry_after <= int(refused.headers["retry-after"]) <= 100
        # Another device of the same person has a bucket of its own, and so have guests.
        assert (await doors.ask("consumer", HELLO, actor=Consumer(person.person_id, new_id()))).status == 200
        assert (await doors.ask("consumer", HELLO)).status == 200


async def test_every_transport_pours_into_the_same_bucket(ports: Ports, person: Consumer) -> None:
    app = small_app(ports, bounded=GateSettings(person=RateLimit(burst=4, per_second=0.001)))
    async with served(app) as address, client_of(app) as client, line_to(address, "consumer") as line:
        doors, token = Doors(client), access_token(person)
        bearer = {"authorization": f"Bearer {token}", "accept": "application/json"}
        assert (await doors.ask("consumer", HELLO, token=token)).status == 200
        assert (await client.get(f"/graphql/consumer?{urlencode({'query': HELLO})}", headers=bearer)).status_code == 200
        assert (
            await client.post("/graphql/consumer", json={"query": HELLO}, headers=bearer | {"accept": "text/event-stream"})
        ).text
        await line.open(person)
        await line.subscribe("a", HELLO)
        assert (await line.hear())["type"] == "next"
        assert (await line.hear())["type"] == "complete"

        assert (await doors.ask("consumer", HELLO, token=token)).codes == ["RATE_LIMITED"]
        assert told(await client.get(f"/graphql/consumer?{urlencode({'query': HELLO})}", headers=bearer)).status == 429
        streamed = await client.post(
            "/graphql/consumer", json={"query": "subscription { count(to: 1) }"}, headers=bearer | {"accept": "text/event-stream"}
        )
        assert (streamed.status_code, told(streamed).codes) == (429, ["RATE_LIMITED"])
        for name, query in (("b", HELLO), ("c", "subscription { count(to: 1) }")):
            await line.subscribe(name, query)
            heard = await line.hear()
            assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_in_development_nobody_is_throttled(ports: Ports, person: Consumer) -> None:
    async with house_with(ports) as doors:
        for _ in range(300):
            assert (await doors.ask("consumer", HELLO, actor=person)).status == 200


# --- prices ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "headers", "seen"),
    [
        ("support", {"x-cost": "please"}, True),
        ("support", {}, False),
        ("consumer", {"x-cost": "please"}, False),
        ("consumer", {"x-cost": "the key of our own tools"}, True),
    ],
)
async def test_prices_are_for_our_own_tools(ports: Ports, audience: str, headers: dict[str, str], seen: bool) -> None:
    actor = SupportAgent(new_id(), new_id(), SupportLevel.L1) if audience == "support" else Consumer(new_id(), new_id())
    key = SecretStr("the key of our own tools")
    async with house_with(ports, cost_key=key, person=RateLimit(burst=100, per_second=0.001)) as doors:
        query = {"query": "{ pets { selfAgain { toys { name } } } }"}
        answer = await doors.client.post(
            f"/graphql/{audience}", json=query, headers={"authorization": f"Bearer {access_token(actor)}"} | headers
        )
    # 20 pets with 20 toys each: 420 nodes.
    assert answer.json().get("extensions") == ({"cost": {"price": 9, "left": 91}} if seen else None)


async def test_what_may_answer_too_much_is_refused_before_it_runs(small: Doors) -> None:
    below = "pets { toys { name } } " * 2
    answer = await small.ask("consumer", "{ pets { a: selfAgain { toys { name } } } " + below + "}")
    assert answer.status == 200
    calls.clear()
    deep = "toys { name } " + "selfAgain { toys { name } " * 6 + "}" * 6
    levels = " ".join(f"l{n}: pets {{ {deep} }}" for n in range(9))
    answer = await small.ask("consumer", f"{{ {levels} }}")
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert "25000 objects" in answer.errors[0]["message"]
    assert calls == []


@pytest.mark.parametrize(
    ("key", "codes"),
    [("the partner's own key", []), ("another key", ["PERSISTED_QUERY_NOT_IN_LIST"]), ("", ["PERSISTED_QUERY_NOT_IN_LIST"])],
)
async def test_partners_tools_may_ask_with_documents_of_no_release(ports: Ports, key: str, codes: list[str]) -> None:
    gate = GateSettings(partner_keys={"partner": SecretStr("the partner's own key"), "unset": SecretStr("")})
    async with client_of(small_app(ports, open_inside=False, only_registered=True, bounded=gate)) as client:
        headers = {"x-partner-key": key}
        assert (await Doors(client).post("consumer", {"query": HELLO}, headers=headers)).codes == codes
        look = await Doors(client).post("consumer", {"query": "{ __schema { types { name } } }"}, headers=headers)
        assert (look.status, look.data) == (400, None)


# --- deadlines -------------------------------------------------------------------------------------------------------------


async def test_a_query_that_takes_too_long(ports: Ports) -> None:
    async with house_with(ports, query_within=0.2) as doors:
        answer = await doors.ask("consumer", "{ wait(seconds: 8) }")
    assert (answer.status, answer.data, answer.codes) == (504, None, ["TIMEOUT"])
    assert calls == [("cancelled", 1)]


async def test_a_change_that_takes_too_long_leaves_nothing(ports: Ports) -> None:
    name = str(new_id())
    async with house_with(ports, mutation_within=0.2) as doors:
        answer = await doors.ask("consumer", keeping(name, 8))
        assert (answer.status, answer.codes) == (504, ["TIMEOUT"])
        assert await kept(name) == []
        assert (await doors.ask("consumer", keeping(name, 0))).status == 200
    assert await kept(name) == ["before", "after"]


async def test_a_body_that_does_not_come(ports: Ports) -> None:
    async with served(small_app(ports, bounded=GateSettings(body_within=0.2))) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(
            f"POST /graphql/consumer HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            'Content-Length: 99\r\n\r\n{"query"'.encode()
        )
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"] == {"code": "TIMEOUT"}


# --- who goes away ---------------------------------------------------------------------------------------------------------


async def leave_after(address: str, query: str, seconds: float, accept: str = "application/json") -> None:
    """Ask over a connection of one's own, and cut it."""
    _, writer = await asyncio.open_connection(*address.split(":"))
    body = orjson.dumps({"query": query})
    head = (
        f"POST /graphql/consumer HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
        f"Accept: {accept}\r\nContent-Length: {len(body)}"
    )
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await asyncio.sleep(seconds)
    writer.transport.abort()


async def leave_the_stream_after(address: str, query: str, seconds: float) -> None:
    await leave_after(address, query, seconds, "text/event-stream")


async def hang_up_after(address: str, query: str, seconds: float) -> None:
    """Ask over a socket, and be gone."""
    async with line_to(address, "consumer") as line:
        await line.open()
        await line.subscribe("a", query)
        await asyncio.sleep(seconds)
        line.connection.transport.abort()


async def complete_after(address: str, query: str, seconds: float) -> None:
    """Ask over a socket, and want it no more."""
    async with line_to(address, "consumer") as line:
        await line.open()
        await line.subscribe("a", query)
        await asyncio.sleep(seconds)
        await line.say({"id": "a", "type": "complete"})
        await line.subscribe("a", HELLO)
        assert await line.hear() == {"id": "a", "type": "next", "payload": {"data": {"hello": "Hello you"}}}


WAYS_TO_GO = [leave_after, leave_the_stream_after, hang_up_after, complete_after]


async def eventually(done: Any) -> None:
    async with asyncio.timeout(8):
        while not await done():  # noqa: ASYNC110 - it is another task's doing
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("go", WAYS_TO_GO)
async def test_a_query_ends_with_who_asked(small_address: str, go: Any) -> None:
    await go(small_address, "{ wait(seconds: 30) }", 0.3)

    async def cancelled() -> bool:
        return ("cancelled", 1) in calls

    await eventually(cancelled)
    assert calls == [("cancelled", 1)]


@pytest.mark.parametrize("go", WAYS_TO_GO)
async def test_a_change_is_carried_to_its_end(small_address: str, go: Any) -> None:
    name = str(new_id())
    await go(small_address, keeping(name, 0.8), 0.3)
    assert await kept(name) == []

    async def done() -> bool:
        return await kept(name) == ["before", "after"]

    await eventually(done)


@pytest.mark.parametrize("go", [hang_up_after, complete_after])
async def test_a_farewell_in_the_same_moment_takes_no_change_back(small_address: str, go: Any) -> None:
    name = str(new_id())
    await go(small_address, keeping(name, 0.1), 0)

    async def done() -> bool:
        return await kept(name) == ["before", "after"]

    await eventually(done)


# --- turns -----------------------------------------------------------------------------------------------------------------


async def test_too_much_at_once_is_shed_with_a_time_to_come_back(ports: Ports) -> None:
    async with house_with(ports, at_once=1, patience=(5.0, 5.0, 5.0, 0.05, 0.05)) as doors:
        answers = await asyncio.gather(*(doors.ask("consumer", "{ wait(seconds: 0.3) }") for _ in range(4)))
        shed = [answer for answer in answers if answer.status != 200]
        assert len(shed) == 3
        for answer in shed:
            assert (answer.status, answer.data, answer.codes) == (503, None, ["OVERLOADED"])
            assert 0.2 <= answer.errors[0]["extensions"]["retryAfter"] <= int(answer.headers["retry-after"])
        # Nothing is left over: the next one gets its turn at once.
        assert (await doors.ask("consumer", HELLO)).status == 200
