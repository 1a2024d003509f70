"""Nobody takes all the sockets there are: an address of guests and a person may each hold so many, and another is told so."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.bootstrap import Ports
from services.kernel.actors import Consumer, Courier
from services.kernel.ids import new_id
from services.settings import GateSettings
from tests.api.apps import Line, access_token, line_to, served
from tests.api.protocol.small_house import small_app

FULL = (4420, "Too many sockets; retryAfter=5")


@pytest.fixture(scope="module")
async def tight(ports: Ports) -> AsyncIterator[str]:
    bounded = GateSettings(sockets_per_address=3, sockets_per_person=2)
    async with served(small_app(ports, bounded=bounded, proxies=["127.0.0.1"])) as address:
        yield address


async def come(stack: AsyncExitStack, address: str, audience: str = "consumer", *, of: str = "192.0.2.1") -> Line:
    return await stack.enter_async_context(line_to(address, audience, headers={"x-forwarded-for": of}))


@pytest.mark.parametrize(("home", "neighbour"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1")])
async def test_an_address_of_guests_holds_so_many(tight: str, home: str, neighbour: str) -> None:
    async with AsyncExitStack() as stack:
        lines = [await come(stack, tight, audience, of=home) for audience in ("consumer", "store", "courier")]
        await lines[0].open()
        assert await (await come(stack, tight, of=home)).closed_by_server() == FULL
        if ":" in home:
            assert await (await come(stack, tight, of="2001:db8::ffff")).closed_by_server() == FULL
        await (await come(stack, tight, of=neighbour)).open()
        await lines[1].connection.close()
        await (await come(stack, tight, of=home)).open()
        assert [line.connection.close_code for line in (lines[0], lines[2])] == [None, None]


async def test_a_person_holds_so_many_wherever_they_are(tight: str) -> None:
    person = Consumer(new_id(), new_id())
    async with AsyncExitStack() as stack:
        for device in range(2):
            line = await come(stack, tight, of=f"192.0.2.{device}")
            await line.open(Consumer(person.person_id, new_id()))
        third = await come(stack, tight)
        await third.say({"type": "connection_init", "payload": {"authorization": f"Bearer {access_token(person)}"}})
        assert await third.closed_by_server() == FULL
        await line.connection.close()
        await (await come(stack, tight)).open(person)


async def test_who_has_signed_in_leaves_the_seat_to_other_guests_of_the_address(tight: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await (await come(stack, tight, "courier")).open(Courier(new_id(), new_id()))
        for _ in range(3):
            await (await come(stack, tight)).open()
        assert await (await come(stack, tight)).closed_by_server() == FULL


def test_production_has_bounds_of_its_own() -> None:
    assert GateSettings().sockets_of(production=True) == (1_000, 50)
    assert GateSettings().sockets_of(production=False) == (None, None)
    assert GateSettings(sockets_per_person=7).sockets_of(production=True) == (1_000, 7)
