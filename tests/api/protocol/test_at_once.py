"""What is kept and true is answered at once, as the doors would answer it, and everything else is left to them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from api.app import make_app
from api.operators import metrics
from api.protocols.entrance import Entrance
from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.catalog.marking import mark_item_out
from services.identity import revocations
from services.kernel import clock
from services.kernel.actors import Person
from services.settings import Settings
from tests.api.apps import access_token, document, served
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer, make_staff
from tests.factories.stores import make_store

HEAD = b"POST /graphql/consumer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
Told = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def address(house_settings: Settings, ports: Ports) -> AsyncIterator[str]:
    async with served(make_app(house_settings, ports)) as address:
        yield address


class Phone:
    """One line, on which request after request is asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, body: bytes, *headers: bytes, size: int | None = None) -> Told:
        length = b"Content-Length: %d\r\n" % (len(body) if size is None else size)
        self.writer.write(HEAD + length + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body)
        return await self.hear()

    async def hear(self) -> Told:
        status, *lines = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        return int(status.split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))


@pytest.fixture
async def phone(address: str) -> AsyncIterator[Phone]:
    reader, writer = await asyncio.open_connection(*address.split(":"))
    try:
        yield Phone(reader, writer)
    finally:
        writer.transport.abort()


async def test_what_a_partner_may_ask_is_answered_to_nobody_else(house_settings: Settings, ports: Ports) -> None:
    gate = house_settings.gate.model_copy(update={"partner_keys": {"partner": SecretStr("the partner's own key")}})
    chosen = house_settings.model_copy(update={"documents": "released", "gate": gate})
    store = await make_store()
    asking = orjson.dumps(
        {"query": "query M($id: ID!) { store(id: $id) { name } }", "variables": {"id": opaque("Store", store.id)}}
    )
    async with served(make_app(chosen, ports)) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        phone = Phone(reader, writer)
        partner = [(await phone.ask(asking, b"X-Partner-Key: the partner's own key"))[0] for _ in range(3)]
        guest = await phone.ask(asking)
        writer.transport.abort()
    assert partner == [200] * 3
    assert b"PERSISTED_QUERY_NOT_IN_LIST" in guest[2]


async def question() -> bytes:
    store = await make_store(name="Ekberg")
    await make_item(store.id, name="Pulla")
    return asked(store.id)


def asked(store_id: UUID) -> bytes:
    variables = {"id": opaque("Store", store_id)}
    return orjson.dumps({"query": document("consumer", "Store"), "variables": variables, "operationName": "Store"})


def bearer(actor: Person) -> bytes:
    return b"Authorization: Bearer " + access_token(actor).encode()


def counted() -> float:
    return float(metrics._operations("consumer", "Store", "ok")._value.get())


def but_for_names(told: Told) -> Told:
    status, headers, body = told
    return status, {name: value for name, value in headers.items() if name not in {"x-request-id", "date"}}, body


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that came as far as the doors."""
    paths: list[str] = []
    inside = Entrance.__call__

    async def noted(entrance: Entrance, scope: Scope, receive: Receive, send: Send) -> None:
        paths.append(scope["path"])
        await inside(entrance, scope, receive, send)

    monkeypatch.setattr(Entrance, "__call__", noted)
    return paths


async def test_an_answer_at_once_is_the_doors_answer(phone: Phone, led: list[str]) -> None:
    body, before = await question(), counted()

    told = [await phone.ask(body) for _ in range(5)]

    assert [status for status, _, _ in told] == [200] * 5
    assert orjson.loads(told[0][2])["data"]["store"]["name"] == "Ekberg"
    assert {but_for_names(one)[2] for one in told} == {told[0][2]}
    assert all(but_for_names(one) == but_for_names(told[1]) for one in told)
    assert len({headers["x-request-id"] for _, headers, _ in told}) == 5
    assert counted() - before == 5
    # Rendered, found, and from then on known again by its bytes.
    assert len(led) == 2


async def test_a_phone_gets_it_compressed_and_under_the_name_it_gave(phone: Phone, led: list[str]) -> None:
    body, more = await question(), (b"Accept-Encoding: gzip", b"X-Request-Id: phone-7f3a:1", b"X-Pannier-App: consumer/ios/1.0.0")

    told = [await phone.ask(body, *more) for _ in range(4)]

    assert [(one[1].get("content-encoding"), one[1]["x-request-id"]) for one in told[1:]] == [("gzip", "phone-7f3a:1")] * 3
    assert but_for_names(told[1]) == but_for_names(told[2]) == but_for_names(told[3])
    assert len(led) == 2


async def test_whoever_is_signed_out_is_refused_at_once_too(phone: Phone, led: list[str]) -> None:
    body, anna = await question(), await make_consumer()
    signed = bearer(anna)
    assert [(await phone.ask(body, signed))[0] for _ in range(3)] == [200] * 3

    revocations.remember([anna.session_id], clock.now())

    status, _, answer = await phone.ask(body, signed)
    assert (status, orjson.loads(answer)["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert len(led) == 3


async def test_a_change_is_seen_at_once(phone: Phone) -> None:
    store = await make_store()
    item = await make_item(store.id, name="Pulla")
    body = asked(store.id)
    before = [(await phone.ask(body))[2] for _ in range(3)]

    await mark_item_out(await make_staff(store_id=store.id), item.id)

    after = (await phone.ask(body))[2]
    assert before[0] == before[2] != after
    assert b'"isAvailable":false' in after


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Accept: text/plain", 406),
        (b"Authorization: Bearer nobody", 401),
        (b"Host: evil.example", 421),
        (b"Content-Encoding: gzip", 415),
    ],
)
async def test_what_a_door_refuses_is_refused(phone: Phone, led: list[str], header: bytes, status: int) -> None:
    body = await question()
    assert [(await phone.ask(body, b"Accept: application/graphql-response+json"))[0] for _ in range(3)] == [200] * 3
    accept = () if header.startswith(b"Accept") else (b"Accept: application/graphql-response+json",)

    assert (await phone.ask(body, header, *accept))[0] == status

    assert (await phone.ask(body, b"Accept: application/graphql-response+json"))[0] == 200
    assert len(led) == 2 + (status != 421)


async def test_a_body_that_has_not_come_whole_is_waited_for(phone: Phone) -> None:
    body = await question()
    assert [(await phone.ask(body))[0] for _ in range(3)] == [200] * 3

    phone.writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % (len(body) + 1) + body)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(first := asyncio.ensure_future(phone.hear())), 0.2)
    phone.writer.write(b" ")

    assert (await first)[0] == 200
    assert (await phone.ask(body))[0] == 200
