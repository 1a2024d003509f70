"""While there is far too much to do, what matters less is told so by its name alone; everything else passes untouched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.admission import Admission
from api.protocols.doorman import Doorman
from services.kernel.actors import Audience

PATIENCE = (60.0, 0.5, 30.0, 0.02, 0.01)


@dataclass
class Inside:
    """What came through."""

    bodies: list[bytes]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message: Message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})


@pytest.fixture
def turns() -> Admission:
    """One turn, which is taken, as ones before it were for a second each."""
    admission = Admission(1, PATIENCE)
    for _ in range(100):
        admission.try_enter()
        admission.leave(1.0)
    admission.try_enter()
    return admission


@pytest.fixture
def inside() -> Inside:
    return Inside([])


@pytest.fixture
async def phone(turns: Admission, inside: Inside) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Doorman(inside, turns, Audience))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


def body(name: str | None) -> bytes:
    return orjson.dumps({"query": "query { x }", "operationName": name})


@pytest.mark.parametrize("name", ["StoresNear", "Store", "Purchase", "Cart"])
async def test_what_can_wait_is_told_when_to_come_back(phone: httpx.AsyncClient, inside: Inside, name: str) -> None:
    answer = await phone.post("/graphql/consumer", content=body(name))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    told = {"code": "OVERLOADED", "retryAfter": 2.0}
    assert answer.json() == {"errors": [{"message": "Too much is going on. Try again in a moment.", "extensions": told}]}
    assert answer.headers["cache-control"] == "no-store"
    assert inside.bodies == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/graphql/consumer", body("CheckOut")),
        ("/graphql/consumer", body("AddCartLine")),
        ("/graphql/consumer", body("Unknown")),
        ("/graphql/consumer", body(None)),
        ("/graphql/consumer", b""),
        ("/graphql/consumer", b'{"operationName":"Store'),
        ("/webhooks/cards", body("Store")),
    ],
)
async def test_whatever_else_comes_is_for_those_inside(
    phone: httpx.AsyncClient, inside: Inside, path: str, content: bytes
) -> None:
    assert (await phone.post(path, content=content)).text == "in"
    assert inside.bodies == [content]


async def test_a_body_in_pieces_arrives_whole(phone: httpx.AsyncClient, inside: Inside) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield body("Store")
        yield b" "

    assert (await phone.post("/graphql/consumer", content=pieces())).text == "in"
    assert inside.bodies == [body("Store") + b" "]


async def test_where_there_is_room_everybody_goes_in(phone: httpx.AsyncClient, turns: Admission) -> None:
    turns.leave(1.0)
    assert (await phone.post("/graphql/consumer", content=body("Store"))).text == "in"
    assert (await phone.get("/graphql/consumer")).text == "in"
