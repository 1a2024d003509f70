"""Goods put in at the same moment by several people: one statement, and nobody's cart is anybody else's trouble."""

import asyncio
from contextvars import Context
from uuid import UUID

import pytest

from services.carts.errors import QuantityNotAllowed
from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.carts.repeating import add_line_once
from services.carts.views import CartView
from services.catalog.errors import ChoicesNotAllowed
from services.kernel.actors import Consumer
from services.kernel.database import row, rows
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from tests.conftest import Statements
from tests.factories.carts import picture
from tests.factories.catalog import make_group, make_item, option_named
from tests.factories.identity import make_consumer


async def test_taps_at_once_cost_one_statement_and_each_sees_their_own_cart(statements: Statements) -> None:
    plain, pizza = await make_item(price=100), await make_item(price=1_000, groups=(make_group("Size", "Small", "Large"),))
    old, fresh, keyed, choosy = [await make_consumer() for _ in range(4)]
    large = option_named(pizza, "Large").id
    for item in (plain, pizza):
        await add_line(old, item.id, 1)
    statements.clear()

    carts = await asyncio.gather(
        add_line(old, plain.id, 2),
        add_line(fresh, plain.id, 3),
        add_line_once(keyed, plain.id, 4, key="tap"),
        add_line(choosy, pizza.id, 1, [large], "well done"),
    )

    assert await statements.count() == 1
    assert [cart.version for cart in carts] == [2 + 1, 1, 1, 1]
    assert [[line.quantity for basket in cart.baskets for line in basket.lines] for cart in carts] == [[3, 1], [3], [4], [1]]
    assert [*carts] == [await cart_of(consumer) for consumer in (old, fresh, keyed, choosy)]
    kept = await rows("SELECT person_id, key, result FROM idempotency_keys")
    assert [(*record,) for record in kept] == [(keyed.person_id, "tap", {"cart_id": str(carts[2].id)})]


async def test_a_refusal_is_one_persons() -> None:
    item, pizza = await make_item(), await make_item(groups=(make_group("Size", "Small", "Large", least=1),))
    full, unsure, wordy, glad = [await make_consumer() for _ in range(4)]
    await add_line(full, item.id, 99)
    mark = await picture()

    *refused, cart = await asyncio.gather(
        add_line(full, item.id, 1),
        add_line(unsure, pizza.id, 1),
        add_line(wordy, item.id, 1, note="\x00"),
        add_line(glad, item.id, 1),
        return_exceptions=True,
    )

    assert [type(one) for one in refused] == [QuantityNotAllowed, ChoicesNotAllowed, BadInput]
    assert cart == await cart_of(glad)
    assert [await cart_of(one) for one in (unsure, wordy)] == [None, None]
    assert set(mark) <= set(await picture())


async def test_nobody_waits_for_a_neighbours_cart() -> None:
    item, held, free = await make_item(), await make_consumer(), await make_consumer()
    await add_line(held, item.id, 1)
    async with unit_of_work(held):
        await row("SELECT FROM carts WHERE consumer_id = $1 FOR UPDATE", held.person_id)
        # In contexts of their own: what is asked for here is no part of this transaction.
        waiting, quick = [_outside(consumer, item.id) for consumer in (held, free)]
        await asyncio.wait({quick})
        assert not waiting.done()
    assert [line.quantity for line in (*(await waiting).baskets[0].lines, *quick.result().baskets[0].lines)] == [2, 1]


def _outside(consumer: Consumer, item_id: UUID) -> asyncio.Task[CartView]:
    return asyncio.get_running_loop().create_task(add_line(consumer, item_id, 1), context=Context())


@pytest.mark.parametrize("keyed", [False, True])
async def test_a_storm_of_taps_loses_none(*, keyed: bool) -> None:
    items, consumers = [await make_item() for _ in range(2)], [await make_consumer() for _ in range(4)]
    taps = [(consumer, item, n) for n in range(5) for consumer in consumers for item in items]
    if keyed:
        twice = [add_line_once(consumer, item.id, 1, key=f"{n}{item.id}") for consumer, item, n in taps for _ in range(2)]
        await asyncio.gather(*twice, return_exceptions=True)
        for consumer, item, n in taps:
            await add_line_once(consumer, item.id, 1, key=f"{n}{item.id}")
    else:
        await asyncio.gather(*(add_line(consumer, item.id, 1) for consumer, item, _ in taps))
    for consumer in consumers:
        cart = await cart_of(consumer)
        assert cart
        assert ([line.quantity for basket in cart.baskets for line in basket.lines], cart.version) == ([5, 5], 10)
