"""What a store takes on for a quarter of an hour: counted truly however many come at once, and given back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.bootstrap import Ports
from services.carts.operations import quote_cart
from services.kernel.actors import Consumer
from services.kernel.database import row
from services.kernel.ids import new_id
from services.orders.operations import abandon_purchase, cancel_order, checkout
from services.orders.queries import Purchase
from services.stores import rules
from services.stores.errors import StoreAtCapacity
from services.stores.operations import SlotWanted, forget_old_slots, give_back_slot, take_slots
from services.stores.queries import StoreCard
from tests.conftest import Statements, TestClock
from tests.factories.carts import make_cart, make_quote
from tests.factories.catalog import make_item
from tests.factories.orders import orders_of
from tests.factories.stores import make_store
from tests.facts import fingerprint, run_errands


async def buy(house: Ports, consumer: Consumer, quote_id: Any, method: str = "card_ok") -> Purchase:
    return await checkout(consumer, quote_id=quote_id, key=str(quote_id), method=method, cards=house.cards)


async def taken_on(store: StoreCard) -> tuple[int, int]:
    found = await row("SELECT count(*), coalesce(sum(value), 0)::bigint FROM store_slots WHERE store_id = $1", store.id)
    assert found is not None
    return found[0], found[1]


async def test_of_many_at_once_a_slot_takes_as_many_as_the_store_said(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_orders=2)
    item = await make_item(seller, price=1_500)
    quotes = [await make_quote(item) for _ in range(6)]

    told = await asyncio.gather(*(buy(house, consumer, quote.id) for consumer, quote in quotes), return_exceptions=True)

    refused = [one for one in told if isinstance(one, StoreAtCapacity)]
    assert [type(one) for one in told].count(Purchase) == 2
    assert len(refused) == 4
    assert await taken_on(seller) == (2, 3_000)
    slot = rules.slot_of(quotes[0][1].promised_from - timedelta(seconds=quotes[0][1].baskets[0].travel_seconds))
    assert {(one.store_id, one.slot, one.next_slot) for one in refused} == {(seller.id, slot, slot + rules.SLOT)}


async def test_a_refused_checkout_leaves_everything_as_it_was(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_value=4_000)
    item = await make_item(seller, price=2_500, stock=10)
    (first, one), (second, other) = await make_quote(item), await make_quote(item)
    await buy(house, first, one.id)
    before = await fingerprint()

    with pytest.raises(StoreAtCapacity):
        await buy(house, second, other.id)
    with pytest.raises(StoreAtCapacity):
        await quote_cart(second)

    # The numbers that were drawn are lost; nothing else is.
    assert await fingerprint() == before


async def test_what_falls_away_frees_its_place(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_orders=1)
    item = await make_item(seller)
    (first, one), (second, other), (third, last) = [await make_quote(item) for _ in range(3)]

    unpaid = await buy(house, first, one.id, method="card_needs_confirmation")
    await abandon_purchase(first, unpaid.id)
    paid = await buy(house, second, other.id)
    await run_errands(house)
    (order,) = await orders_of(paid)
    with pytest.raises(StoreAtCapacity):
        await quote_cart(third)
    await cancel_order(second, order.id, reason="changed my mind")

    await buy(house, third, last.id)
    assert (await taken_on(seller))[0] == 1


async def test_an_order_larger_than_any_slot_is_taken_by_an_empty_one(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_value=1_000)
    consumer, quote = await make_quote(await make_item(seller, price=2_500))

    await buy(house, consumer, quote.id)

    assert await taken_on(seller) == (1, 2_500)


async def test_the_next_slot_is_the_first_with_room(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_orders=1, capacity_value=5_000)
    slots = [rules.slot_of(clock.now()) + rules.SLOT * count for count in range(3)]
    await take_slots([SlotWanted(new_id(), seller.id, slot, 1_000) for slot in slots[:2]])

    with pytest.raises(StoreAtCapacity) as refused:
        await take_slots([SlotWanted(new_id(), seller.id, slots[0] + timedelta(minutes=14), 1_000)])

    assert (refused.value.slot, refused.value.next_slot) == (slots[0], slots[2])


async def test_places_of_yesterday_are_forgotten(house: Ports, clock: TestClock) -> None:
    seller = await make_store(capacity_orders=1)
    order_id = new_id()
    await take_slots([SlotWanted(order_id, seller.id, clock.now(), 1_000)])
    assert await forget_old_slots() == 0
    clock.move(days=1, minutes=16)

    assert await forget_old_slots() == 1
    await give_back_slot(order_id)


async def test_a_store_without_a_capacity_costs_no_statement(house: Ports, statements: Statements, clock: TestClock) -> None:
    free, limited = await make_store(), await make_store(capacity_orders=5)
    counts = []
    for seller in (free, limited):
        ready = await make_cart(await make_item(seller))
        statements.clear()
        quote = await quote_cart(ready.consumer)
        quoted = await statements.count()
        statements.clear()
        await buy(house, ready.consumer, quote.id)
        counts.append((quoted, await statements.count()))

    assert (counts[1][0] - counts[0][0], counts[1][1] - counts[0][1]) == (1, 4)
