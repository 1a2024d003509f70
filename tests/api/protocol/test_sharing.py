"""Who shares an answer: those whom the resolver declares equal, never two people by accident, and everybody hears in full."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from api.graphql import schema_of
from api.protocols.streams import sharing_in
from api.schema.shared.ids import opaque
from api.schema.shared.sharing import blanked
from services.kernel import nudges
from services.kernel.actors import Audience, Consumer, Courier, Person, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.orders.rules import OrderStage
from tests.api.apps import Line, document, line_to
from tests.api.protocol.small_house import calls, news
from tests.factories.identity import make_staff
from tests.factories.orders import make_order
from tests.factories.stores import make_store

NOBODY = str(UUID(int=0))
# Whoever follows may also read on their own, when nudges were interrupted: once more, not once for each device.
ONE_READING = (1, 2)


@asynccontextmanager
async def lines_of(address: str, audience: str, people: Sequence[Person | None]) -> AsyncIterator[list[Line]]:
    """An open socket for each of them."""
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(line_to(address, audience)) for _ in people]
        for line, person in zip(lines, people, strict=True):
            await line.open(person)
        yield lines


async def all_hear(lines: Sequence[Line], field: str) -> list[str]:
    return [(await line.hear())["payload"]["data"][field] for line in lines]


async def all_follow(lines: Sequence[Line], query: str) -> None:
    for number, line in enumerate(lines):
        await line.subscribe(f"id-{number}", query)


async def tell() -> int:
    """Something new; answers it."""
    news["small"] += 1
    calls.clear()
    await nudges.publish(["small"])
    return news["small"]


async def test_one_reading_serves_all_devices_of_a_person_each_by_its_own_id(small_address: str, person: Consumer) -> None:
    devices = [replace(person, session_id=new_id()) for _ in range(5)]
    async with lines_of(small_address, "consumer", devices) as lines:
        await all_follow(lines, "subscription { ofAPerson }")
        await all_hear(lines, "ofAPerson")
        told = await tell()
        heard = [await line.hear() for line in lines]
        assert [one["id"] for one in heard] == [f"id-{number}" for number in range(5)]
        assert {one["payload"]["data"]["ofAPerson"] for one in heard} == {f"{person.person_id} {NOBODY}  0 {told}"}
        assert len(calls) in ONE_READING


async def test_two_people_never_share_what_is_not_declared(small_address: str) -> None:
    people = [Consumer(new_id(), new_id()) for _ in range(2)]
    async with lines_of(small_address, "consumer", people) as lines:
        for query, field in (("subscription { alone }", "alone"), ("subscription { ofAPerson }", "ofAPerson")):
            await all_follow(lines, query)
            heard = await all_hear(lines, field)
            assert [told.split()[0] for told in heard] == [str(one.person_id) for one in people]
            for number, line in enumerate(lines):
                await line.say({"id": f"id-{number}", "type": "complete"})


async def test_what_is_shared_by_everybody_knows_nobodys_name(small_address: str) -> None:
    people = [Consumer(new_id(), new_id()) for _ in range(5)]
    async with lines_of(small_address, "consumer", people) as lines:
        await all_follow(lines, "subscription { ofEverybody }")
        await all_hear(lines, "ofEverybody")
        told = await tell()
        assert await all_hear(lines, "ofEverybody") == [f"{NOBODY} {told}"] * 5
        assert len(calls) in ONE_READING


async def test_a_guest_has_no_part_in_it(small_address: str, person: Consumer) -> None:
    async with lines_of(small_address, "consumer", [person, None]) as (mine, guests):
        await all_follow([mine, guests], "subscription { ofEverybody }")
        await mine.hear()
        heard = await guests.hear()
        assert (heard["type"], heard["payload"][0]["extensions"]) == ("error", {"code": "UNAUTHENTICATED"})


@pytest.mark.parametrize(
    "query",
    [
        'subscription { ofAPerson(about: "b") }',
        "subscription { told: ofAPerson }",
        "subscription { ...F } fragment F on Subscription { ofAPerson }",
    ],
)
async def test_other_words_are_another_stream(small_address: str, person: Consumer, query: str) -> None:
    async with lines_of(small_address, "consumer", [person, person]) as (one, other):
        await one.subscribe("a", "subscription { ofAPerson }")
        await other.subscribe("a", query)
        assert (await one.hear())["payload"] != (await other.hear())["payload"]
        await tell()
        await asyncio.gather(one.hear(), other.hear())
        assert len(calls) >= 2


async def test_variables_are_part_of_it_in_any_order(small_address: str, person: Consumer) -> None:
    query = "subscription($about: String! $more: Int) { ofAPerson(about: $about, more: $more) }"
    async with lines_of(small_address, "consumer", [person] * 3) as lines:
        for line, variables in zip(
            lines, ({"about": "x", "more": 1}, {"more": 1, "about": "x"}, {"about": "y", "more": 1}), strict=True
        ):
            await line.subscribe("a", query, variables)
        told = await all_hear(lines, "ofAPerson")
        assert [text.split()[2] for text in told] == ["x", "x", "y"]
        await tell()
        await all_hear(lines, "ofAPerson")
        assert len(calls) >= 2


async def test_what_did_not_change_is_not_said_again(small_address: str, person: Consumer) -> None:
    async with lines_of(small_address, "consumer", [person]) as (line,):
        await line.subscribe("a", "subscription { alone }")
        await line.hear()
        await nudges.publish(["small"])
        await line.say({"type": "ping"})
        assert await line.hear() == {"type": "pong"}


async def test_the_tablets_of_a_store_hear_of_an_order_and_those_of_another_do_not(address: str) -> None:
    here, there = await make_store(), await make_store()
    people = [await make_staff(here.id), await make_staff(here.id), await make_staff(there.id)]
    async with lines_of(address, "store", people) as (first, second, other):
        for line in (first, second, other):
            await line.subscribe("queue", document("store", "StoreOrderQueueChanged"))
            assert (await line.hear())["payload"]["data"] == {"storeOrderQueueChanged": []}
        order = await make_order(OrderStage.PLACED, store=here)
        await nudges.publish([f"store:{here.id}", f"store:{there.id}"])
        for line in (first, second):
            (queued,) = (await line.hear())["payload"]["data"]["storeOrderQueueChanged"]
            assert queued["id"] == opaque("StoreOrder", order.id)
        await other.say({"type": "ping"})
        assert await other.hear() == {"type": "pong"}


VIEWERS: dict[Audience, Person] = {
    Audience.CONSUMER: Consumer(new_id(), new_id()),
    Audience.STORE: StoreStaff(new_id(), new_id(), new_id(), StaffRole.CLERK),
    Audience.COURIER: Courier(new_id(), new_id()),
    Audience.SUPPORT: SupportAgent(new_id(), new_id(), SupportLevel.L1),
}


def test_what_is_declared_today() -> None:
    """Read this twice before you add a line: what is blanked must make no difference to what may be seen."""
    declared = {audience: sharing_in(schema_of(audience)._schema) for audience in Audience}
    assert declared == {
        Audience.CONSUMER: {},
        Audience.STORE: {
            "menuEditingChanged": ("person_id", "session_id"),
            "storeOrderQueueChanged": ("person_id", "session_id"),
        },
        Audience.COURIER: {"courierWorkChanged": ("session_id",)},
        Audience.SUPPORT: {},
    }
    for audience, fields in declared.items():
        for facts in fields.values():
            viewer, anybody = VIEWERS[audience], blanked(VIEWERS[audience], facts)
            kept = [fact for fact in viewer.__slots__ if getattr(viewer, fact) == getattr(anybody, fact)]
            assert sorted([*kept, *facts]) == sorted(viewer.__slots__)
