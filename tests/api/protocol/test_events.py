"""Answers as server-sent events, by graphql-sse in distinct connections mode, over a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from services.bootstrap import Ports
from services.identity import revocations
from services.kernel.actors import Consumer
from services.kernel.clock import now
from services.settings import GateSettings
from tests.api.apps import access_token, client_of, served
from tests.api.protocol.small_house import calls, small_app

EVENTS = {"accept": "text/event-stream"}


def event(answer: object) -> str:
    return f"event: next\ndata: {orjson.dumps(answer).decode()}\n\n"


COMPLETE = "event: complete\ndata:\n\n"


@pytest.fixture
async def phone(small_address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{small_address}", headers=EVENTS, timeout=10) as client:
        yield client


async def test_a_subscription(phone: httpx.AsyncClient) -> None:
    answer = await phone.post("/graphql/consumer", json={"query": "subscription { count(to: 3) }"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == ":\n\n" + "".join(event({"data": {"count": number}}) for number in range(3)) + COMPLETE


async def test_a_subscription_by_get_as_an_event_source_asks(phone: httpx.AsyncClient) -> None:
    query = urlencode({"query": "subscription Count($to: Int!) { count(to: $to) }", "variables": '{"to":1}'})
    answer = await phone.get(f"/graphql/consumer?{query}")
    assert answer.text == ":\n\n" + event({"data": {"count": 0}}) + COMPLETE


async def test_a_query_and_a_change(phone: httpx.AsyncClient) -> None:
    answer = await phone.post("/graphql/consumer", json={"query": "{ hello }"})
    assert answer.text == ":\n\n" + event({"data": {"hello": "Hello you"}}) + COMPLETE
    adopt = 'mutation { adopt(input: {name: "Tom"}) { __typename } }'
    assert (await phone.post("/graphql/consumer", json={"query": adopt})).text.endswith(COMPLETE)
    assert (await phone.get("/graphql/consumer", params={"query": adopt})).status_code == 405
    assert calls == [("adopt", 1)]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "subscription {"},
        {"query": "subscription { nothing }"},
        {"query": "subscription($n: Int!) { count(to: $n) }", "variables": {"n": "x"}},
    ],
)
async def test_errors_of_the_document_are_an_event(phone: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await phone.post("/graphql/consumer", json=body)
    assert answer.status_code == 200
    first, told, last, rest = answer.text.split("\n\n")
    assert (first, last, rest) == (":", "event: complete\ndata:", "")
    errors = orjson.loads(told.removeprefix("event: next\ndata: "))["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_REQUEST"}


async def test_a_stream_that_breaks_says_so_and_ends(phone: httpx.AsyncClient) -> None:
    answer = await phone.post("/graphql/consumer", json={"query": "subscription { breaks }"})
    gone = {"errors": [{"message": "It is gone.", "extensions": {"code": "NOT_FOUND"}}]}
    assert answer.text == ":\n\n" + event({"data": {"breaks": 1}}) + event(gone) + COMPLETE


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"authorization": "Bearer x"}, {"query": "subscription { count(to: 1) }"}, 401),
        ({}, [], 400),
        ({"accept": "text/event-stream;q=0"}, {"query": "{ hello }"}, 406),
    ],
)
async def test_what_is_refused_before_the_document_keeps_its_status(
    phone: httpx.AsyncClient, headers: dict[str, str], body: object, status: int
) -> None:
    answer = await phone.post("/graphql/consumer", json=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json; charset=utf-8")


@asynccontextmanager
async def listening(address: str, query: str, token: str | None = None) -> AsyncIterator[AsyncIterator[str]]:
    headers = EVENTS | ({"authorization": f"Bearer {token}"} if token else {})
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", headers=headers, timeout=10) as client,
        client.stream("POST", "/graphql/consumer", json={"query": query}) as answer,
    ):
        assert answer.status_code == 200
        yield answer.aiter_lines()


async def test_who_leaves_is_not_read_for(small_address: str) -> None:
    async with listening(small_address, "subscription { forEver }") as lines:
        async for line in lines:
            if line.startswith("data:"):
                break
    async with asyncio.timeout(5):
        while calls != [("ended", 1)]:  # noqa: ASYNC110 - it is another task
            await asyncio.sleep(0.02)


async def test_a_silent_stream_shows_that_it_lives(ports: Ports) -> None:
    impatient = small_app(ports, bounded=GateSettings(heartbeat=0.1))
    async with served(impatient) as address, listening(address, "subscription { forEver }") as lines:
        heard = [line async for _, line in _first(lines, 9)]
    assert heard == [":", "", "event: next", 'data: {"data":{"forEver":0}}', "", ":", "", ":", ""]


async def _first(lines: AsyncIterator[str], most: int) -> AsyncIterator[tuple[int, str]]:
    number = 0
    async for line in lines:
        yield number, line
        number += 1
        if number == most:
            return


async def test_a_session_that_ends_ends_its_streams(small_address: str, person: Consumer) -> None:
    async with listening(small_address, "subscription { mine }", access_token(person)) as lines:
        heard = [line async for _, line in _first(lines, 5)]
        assert heard[3] == f'data: {{"data":{{"mine":"{person.person_id}"}}}}'
        revocations.remember([person.session_id], now())
        rest = [line async for line in lines]
    assert '"UNAUTHENTICATED"' in rest[1]
    assert rest[3:5] == ["event: complete", "data:"]


async def test_so_many_streams_each(ports: Ports, person: Consumer) -> None:
    app = small_app(ports, bounded=GateSettings(streams_each=1))
    async with served(app) as address, client_of(app) as other:
        token = access_token(person)
        ask = {"query": "subscription { count(to: 1) }"}
        headers = EVENTS | {"authorization": f"Bearer {token}"}
        async with listening(address, "subscription { mine }", token) as lines:
            async for line in lines:
                if line.startswith("data:"):
                    break
            refused = await other.post("/graphql/consumer", json=ask, headers=headers)
            assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
        async with asyncio.timeout(5):
            while (await other.post("/graphql/consumer", json=ask, headers=headers)).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
