"""A tap with a key puts goods in once: said again, by a twin at the same moment, or for something else."""

import asyncio

import pytest

from services.carts.errors import QuantityNotAllowed
from services.carts.models import CartLine
from services.carts.operations import remove_line
from services.carts.queries import cart_of
from services.carts.repeating import add_line_once
from services.kernel.errors import BadInput
from services.kernel.idempotency import KeyReusedWithOtherInput, OperationInProgress
from tests.conftest import Statements
from tests.factories.carts import picture
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer


async def test_said_again_it_happened_once_and_the_cart_is_told_as_it_stands() -> None:
    consumer, item = await make_consumer(), await make_item()
    first = await add_line_once(consumer, item.id, 2, key="tap")
    before = await picture()

    assert await add_line_once(consumer, item.id, 2, key="tap") == first == await cart_of(consumer)
    assert await picture() == before

    await remove_line(consumer, first.baskets[0].lines[0].id)
    assert (await add_line_once(consumer, item.id, 2, key="tap")).baskets == ()


async def test_another_tap_and_another_persons_key_put_in_more() -> None:
    consumer, item = await make_consumer(), await make_item()
    await add_line_once(consumer, item.id, 1, key="one")

    cart = await add_line_once(consumer, item.id, 1, key="two")
    other = await add_line_once(await make_consumer(), item.id, 1, key="one")

    assert [line.quantity for line in (*cart.baskets[0].lines, *other.baskets[0].lines)] == [2, 1]


async def test_twins_at_the_same_moment_put_it_in_once() -> None:
    consumer, item = await make_consumer(), await make_item()

    told = await asyncio.gather(*(add_line_once(consumer, item.id, 1, key="tap") for _ in range(8)), return_exceptions=True)

    assert {type(one) for one in told} <= {type(await cart_of(consumer)), OperationInProgress}
    assert [line.quantity for line in await CartLine.all()] == [1]


async def test_a_tap_costs_one_statement_where_the_item_is_known(statements: Statements) -> None:
    consumer, item = await make_consumer(), await make_item()
    await add_line_once(consumer, item.id, 1, key="one")
    statements.clear()
    await add_line_once(consumer, item.id, 1, key="two")
    assert await statements.count() == 1


async def test_the_key_of_something_else_is_refused() -> None:
    consumer, item = await make_consumer(), await make_item()
    await add_line_once(consumer, item.id, 1, key="tap")
    before = await picture()

    with pytest.raises(KeyReusedWithOtherInput):
        await add_line_once(consumer, item.id, 2, key="tap")
    for key in ("", "k" * 129):
        with pytest.raises(BadInput):
            await add_line_once(consumer, item.id, 1, key=key)

    assert await picture() == before


async def test_a_refused_tap_leaves_its_key_unused() -> None:
    consumer, item = await make_consumer(), await make_item()
    with pytest.raises(QuantityNotAllowed):
        await add_line_once(consumer, item.id, 1_000, key="tap")

    cart = await add_line_once(consumer, item.id, 1, key="tap")

    assert [line.quantity for line in cart.baskets[0].lines] == [1]
