"""What is new about purchases, for many who ask at the same moment: two statements, and nobody hears what is another's."""

import asyncio

import pytest

from services.kernel.errors import BadInput, NotFound
from services.orders import operations
from services.orders.news import MOST_AT_ONCE, news_of_purchase
from services.orders.trees import Parts
from tests.conftest import Statements
from tests.factories.orders import consumer_of, make_order, staff_of

ALL = Parts(orders=True, lines=False, payment=True, sequence=True)


async def test_each_hears_what_they_have_not_heard(statements: Statements) -> None:
    first, second = await make_order(), await make_order()
    for order in (first, second):
        await operations.accept_order(staff_of(order), order.id)
    await operations.start_preparing(staff_of(first), first.id)
    statements.clear()
    asked = [(first, 0), (first, 1), (second, 0), (second, 5), (first, 0)]
    found = await asyncio.gather(
        *(news_of_purchase(consumer_of(order), order.purchase_id, after=after, parts=ALL) for order, after in asked)
    )
    kinds = [[event.kind for event in one.events] for one in found]
    both = ["OrderAccepted", "OrderPreparing"]
    assert kinds == [both, both[1:], ["OrderAccepted"], [], both]
    assert [one.sequence for one in found] == [2, 2, 1, 5, 2]
    assert [[order.id for order in one.tree.orders or []] for one in found] == [[order.id] for order, _ in asked]
    assert [one.tree.sequence for one in found] == [2, 2, 1, 1, 2]
    assert found[0].tree.lines is None
    assert await statements.count() == 2


async def test_another_s_purchase_is_nobody_s(statements: Statements) -> None:
    mine, other = await make_order(), await make_order()
    looks = [
        news_of_purchase(consumer_of(mine), other.purchase_id, after=0, parts=ALL),
        news_of_purchase(consumer_of(mine), mine.purchase_id, after=0, parts=ALL),
    ]
    refused, heard = await asyncio.gather(*looks, return_exceptions=True)
    assert isinstance(refused, NotFound)
    assert not isinstance(heard, BaseException)
    assert heard.tree.purchase.id == mine.purchase_id


async def test_no_look_is_larger_than_some(statements: Statements) -> None:
    order = await make_order()
    statements.clear()
    looks = [
        news_of_purchase(consumer_of(order), order.purchase_id, after=number, parts=ALL) for number in range(2 * MOST_AT_ONCE)
    ]
    assert [one.sequence for one in await asyncio.gather(*looks)] == list(range(2 * MOST_AT_ONCE))
    assert await statements.count() == 4


async def test_sequences_begin_at_one() -> None:
    order = await make_order()
    with pytest.raises(BadInput):
        await news_of_purchase(consumer_of(order), order.purchase_id, after=-1, parts=ALL)
