"""While there is far too much to do, what matters less is told so by its name alone; everything else passes untouched."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import orjson
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admission import Admission
from api.protocols.doorman import KEPT_AT_ONCE, Desk, Doorman
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
    transport = httpx.ASGITransport(app=doorman(inside, turns))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


REGISTERED = {"a" * 64: "Store", "b" * 64: "CheckOut"}


def doorman(inside: ASGIApp, turns: Admission) -> Doorman:
    """In this house answers to `Search` are always found kept."""
    desk = Desk.of(Audience.CONSUMER, REGISTERED.get, lambda name: name == "Search")
    return Doorman(inside, turns, {"/graphql/consumer": desk})


def body(name: str | None) -> bytes:
    return orjson.dumps({"query": "query { x }", "operationName": name})


def by_id(member: str, id: str) -> bytes:
    return b'{"%s":"%s","variables":{}}' % (member.encode(), id.encode())


def sent(content: bytes, *more: bytes, path: bytes = b"/graphql/consumer", length: int | None = None) -> bytes:
    """A POST as it comes over the line."""
    head = [b"POST %s HTTP/1.1" % path, b"Host: x", b"Content-Length: %d" % (len(content) if length is None else length), *more]
    return b"\r\n".join(head) + b"\r\n\r\n" + content


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


@pytest.mark.parametrize("member", ["documentId", "doc_id", "sha256Hash"])
async def test_a_registered_document_is_known_by_its_id(phone: httpx.AsyncClient, inside: Inside, member: str) -> None:
    assert (await phone.post("/graphql/consumer", content=by_id(member, "a" * 64))).status_code == 503
    assert (await phone.post("/graphql/consumer", content=by_id(member, "sha256:" + "a" * 64))).status_code == 503
    for let_in in (by_id(member, "b" * 64), by_id(member, "c" * 64)):
        assert (await phone.post("/graphql/consumer", content=let_in)).text == "in"
    assert len(inside.bodies) == 2


async def test_what_is_kept_for_everybody_is_given_a_few_at_a_time(turns: Admission) -> None:
    inside, full, go_on = 0, asyncio.Event(), asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal inside
        inside += 1
        if inside == KEPT_AT_ONCE:
            full.set()
        await go_on.wait()
        await Inside([])(_scope, _receive, send)

    asked = sent(body("Search"))
    guarded = doorman(slow, turns)
    assert guarded.glance(asked) is None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=guarded), base_url="http://testserver") as phone:
        asking = [asyncio.create_task(phone.post("/graphql/consumer", content=body("Search"))) for _ in range(KEPT_AT_ONCE + 2)]
        await full.wait()
        assert guarded.glance(asked) is not None
        go_on.set()
        statuses = [(await answer).status_code for answer in asking]
    assert (sorted(statuses), inside) == ([200] * KEPT_AT_ONCE + [503] * 2, KEPT_AT_ONCE)
    assert guarded.glance(asked) is None


async def test_a_browser_is_told_by_the_doors_which_know_the_headers_of_cors(
    phone: httpx.AsyncClient, turns: Admission, inside: Inside
) -> None:
    assert doorman(inside, turns).glance(sent(body("Store"), b"Origin: https://app.example")) is None
    assert (await phone.post("/graphql/consumer", content=body("Store"), headers={"origin": "https://app.example"})).text == "in"


def test_a_request_in_one_piece_is_refused_by_its_bytes(turns: Admission, inside: Inside) -> None:
    guarded = doorman(inside, turns)
    said = guarded.glance(sent(body("Store"), b"Connection: keep-alive"))
    assert said is not None
    head, _, told = said.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 503 Service Unavailable",
        b"content-type: application/graphql-response+json; charset=utf-8",
        b"content-length: %d" % len(told),
        b"retry-after: 2",
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
    ]
    assert orjson.loads(told)["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryAfter": 2.0}
    turns.leave(1.0)
    assert guarded.glance(sent(body("Store"))) is None


STORE = body("Store")


@pytest.mark.parametrize(
    "data",
    [
        sent(body("CheckOut")),
        sent(STORE, path=b"/webhooks/cards"),
        sent(STORE)[:-1],
        sent(STORE) + b"P",
        sent(STORE) + sent(STORE),
        sent(STORE, length=len(STORE) + 1),
        sent(STORE, b"Content-Length: 1"),
        sent(STORE, b"Connection: close"),
        sent(STORE, b"Connection: keep-alive", b"Connection: close"),
        sent(STORE, b"Transfer-Encoding: chunked"),
        sent(STORE, b"X: y\nTransfer-Encoding: chunked"),
        sent(STORE, b"Expect: 100-continue"),
        sent(STORE, b"Connection: Upgrade", b"Upgrade: websocket"),
        sent(STORE).replace(b"POST", b"PUT"),
        sent(STORE).replace(b"HTTP/1.1", b"HTTP/1.0"),
        sent(STORE).replace(b"\r\n", b"\n"),
        b"",
        b"POST /graphql/consumer HTTP/1.1\r\n\r\n",
    ],
)
def test_bytes_that_are_more_or_less_than_such_a_request_are_for_a_parser(turns: Admission, inside: Inside, data: bytes) -> None:
    assert doorman(inside, turns).glance(data) is None
