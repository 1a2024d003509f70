"""Looks that come in at the same moment are read together, and everybody sees their own."""

import asyncio

import pytest

from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.kernel.clock import now
from services.kernel.errors import NotFound
from services.kernel.paging import PageRequest
from services.kernel.unit_of_work import unit_of_work
from services.orders.trees import Parts, purchase_tree
from services.stores.models import StoreKind
from services.stores.shown import stores_near
from tests.conftest import Statements
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer
from tests.factories.orders import consumer_of, make_purchase
from tests.factories.stores import RAILWAY_SQUARE, make_store

EVERYTHING = Parts(orders=True, lines=True, payment=True, sequence=True)


async def test_carts(statements: Statements) -> None:
    pulla, soup = await make_item(name="Pulla"), await make_item(name="Soup")
    anna, ben, nobody = [await make_consumer() for _ in range(3)]
    for item in (soup, pulla, await make_item(pulla.store_id, name="Bun")):
        await add_line(anna, item.id, 1)
    await add_line(ben, pulla.id, 5)
    alone = [await cart_of(who) for who in (anna, ben, nobody)]
    statements.clear()

    together = await asyncio.gather(cart_of(anna), cart_of(ben), cart_of(nobody), cart_of(anna))

    assert list(together) == [*alone, alone[0]]
    assert together[2] is None
    assert together[0] is not None
    assert [[line.name for line in basket.lines] for basket in together[0].baskets] == [["Soup"], ["Pulla", "Bun"]]
    # The first is sent at once, what comes meanwhile goes together.
    assert await statements.count() <= 2


async def test_purchases(statements: Statements) -> None:
    hers, his = await make_purchase(), await make_purchase()
    anna, ben = consumer_of(hers), consumer_of(his)
    statements.clear()

    found = await asyncio.gather(
        purchase_tree(anna, hers.id, EVERYTHING),
        purchase_tree(ben, his.id, EVERYTHING),
        purchase_tree(ben, hers.id, EVERYTHING),
        purchase_tree(anna, hers.id, EVERYTHING),
        return_exceptions=True,
    )

    assert [type(one) for one in found if isinstance(one, BaseException)] == [NotFound]
    assert [one.purchase.id for one in found if not isinstance(one, BaseException)] == [hers.id, his.id, hers.id]
    assert await statements.count() == 1
    async with unit_of_work():
        assert (await purchase_tree(anna, hers.id, EVERYTHING)) == found[0]


async def test_points(statements: Statements) -> None:
    latitude, longitude = RAILWAY_SQUARE
    for number in range(3):
        await make_store(position=(latitude + number / 1_000, longitude))
    points = [(latitude, longitude), (latitude + 0.002, longitude), (0.0, 0.0), (latitude + 0.001, longitude)]
    at, page = now(), PageRequest(2)
    alone = [await stores_near(*point, at=at, page=page) for point in points]
    statements.clear()

    together = await asyncio.gather(*(stores_near(*point, at=at, page=page) for point in points))

    assert together == alone
    assert [len(one.page.rows) for one in together] == [2, 2, 0, 2]
    assert await statements.count() == 1
    other = await asyncio.gather(*(stores_near(*points[0], at=at, page=page, kinds=[kind]) for kind in StoreKind))
    assert sum(len(one.page.rows) for one in other) == 2


async def test_a_look_that_is_given_up_is_nobody_elses_trouble() -> None:
    purchase = await make_purchase()
    anna = consumer_of(purchase)
    looks = [asyncio.ensure_future(purchase_tree(anna, purchase.id, EVERYTHING)) for _ in range(3)]
    await asyncio.sleep(0)
    looks[0].cancel()

    assert (await looks[1]).purchase == (await looks[2]).purchase == purchase
    with pytest.raises(asyncio.CancelledError):
        await looks[0]
