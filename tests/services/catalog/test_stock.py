"""Stock is set aside, taken and given back in one transaction each, and never sold twice."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.catalog.errors import ItemSoldOut
from services.catalog.models import HoldState, Item, StockHold
from services.catalog.operations import hold_stock, release_stock, take_stock
from services.kernel.clock import now
from services.kernel.ids import new_id
from services.stores.queries import store as read_store
from tests.conftest import Statements
from tests.factories.catalog import make_item
from tests.factories.stores import make_store


async def stock_of(item_id: UUID) -> int | None:
    return (await Item.get(id=item_id)).stock


async def hold(item_id: UUID, quantity: int = 1, order_id: UUID | None = None) -> None:
    await hold_stock(new_id(), [(order_id or new_id(), item_id, quantity)], now() + timedelta(minutes=10))


async def test_of_fifty_at_once_one_gets_the_last() -> None:
    item = await make_item(stock=1)

    answers = await asyncio.gather(*(hold(item.id) for _ in range(50)), return_exceptions=True)

    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, ItemSoldOut) for answer in answers) == 49
    assert await stock_of(item.id) == 0
    assert await StockHold.all().count() == 1


async def test_many_stores_and_items_at_once_in_any_order_never_wait_in_a_ring() -> None:
    items = [await make_item(stock=20) for _ in range(4)]
    pairs = [(items[place], items[(place + step) % 4]) for place in range(4) for step in (1, 2, 3)]
    orders = [*pairs, *((second, first) for first, second in pairs)]

    await asyncio.gather(*(hold_stock(new_id(), [(new_id(), item.id, 1) for item in pair], now()) for pair in orders))

    assert [await stock_of(item.id) for item in items] == [8, 8, 8, 8]


async def test_a_hold_is_all_or_nothing_and_says_what_is_left() -> None:
    plenty, little = await make_item(stock=10), await make_item(name="Milk", stock=2)
    order = new_id()

    with pytest.raises(ItemSoldOut) as refused:
        await hold_stock(new_id(), [(order, plenty.id, 1), (order, little.id, 2), (order, little.id, 1)], now())

    assert (refused.value.item_id, refused.value.name, refused.value.wanted, refused.value.left) == (little.id, "Milk", 3, 2)
    assert (await stock_of(plenty.id), await stock_of(little.id)) == (10, 2)
    assert await StockHold.all().count() == 0


async def test_what_nobody_counts_needs_no_hold() -> None:
    dish = await make_item()

    await hold(dish.id, 99)

    assert await stock_of(dish.id) is None
    assert await StockHold.all().count() == 0


async def test_released_stock_comes_back_once_and_taken_stock_never() -> None:
    item = await make_item(stock=5)
    released, taken = new_id(), new_id()
    await hold(item.id, 2, released)
    await hold(item.id, 1, taken)

    for _ in range(2):
        await release_stock(released)
        await take_stock(taken)
        await take_stock(released)
        await release_stock(taken)

    assert await stock_of(item.id) == 4
    states = {row.order_id: row.state for row in await StockHold.all()}
    assert states == {released: HoldState.RELEASED, taken: HoldState.TAKEN}


async def test_the_version_rises_only_when_an_item_sells_out_or_comes_back() -> None:
    store = await make_store()
    item = await make_item(store, stock=2)
    start = (await read_store(store.id)).version
    first, second = new_id(), new_id()

    versions = []
    for step in (hold(item.id, 1, first), hold(item.id, 1, second), release_stock(first), release_stock(second)):
        await step
        versions.append((await read_store(store.id)).version - start)

    assert versions == [0, 1, 2, 2]


async def test_statements_of_a_hold_do_not_depend_on_its_size(statements: Statements) -> None:
    store = await make_store()
    items = [await make_item(store, stock=9) for _ in range(6)]
    counts = []
    for several in (items[:1], items):
        statements.clear()
        await hold_stock(new_id(), [(new_id(), item.id, 1) for item in several], now())
        counts.append(await statements.count())

    assert counts == [5, 5]


steps = some.tuples(some.sampled_from(["hold", "take", "release"]), some.integers(0, 3), some.integers(1, 4))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(some.tuples(some.sampled_from(["hold", "take", "release"]), some.integers(0, 3), some.integers(1, 4)), max_size=12)
)
async def test_free_held_and_taken_always_add_up(story: list[tuple[str, int, int]]) -> None:
    item = await make_item(stock=6)
    orders = [new_id() for _ in range(4)]
    held: set[UUID] = set()
    for kind, place, quantity in story:
        order = orders[place]
        if kind == "take":
            await take_stock(order)
        elif kind == "release":
            await release_stock(order)
        elif order not in held:
            held.add(order)
            await asyncio.gather(hold(item.id, quantity, order), return_exceptions=True)

    kept = [row.quantity for row in await StockHold.filter(item_id=item.id).exclude(state=HoldState.RELEASED)]
    free = await stock_of(item.id)
    assert free is not None
    assert free >= 0
    assert free + sum(kept) == 6
