"""A cart that is looked at: told at once, after every change, and as soon as a store in it sells otherwise."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from services.carts.news import news_of_cart
from services.carts.operations import add_line, remove_line
from services.carts.views import CartView
from services.catalog.marking import mark_item_out
from services.kernel import nudges, watching
from services.kernel.database import run
from services.stores.models import Store
from tests.conftest import Statements
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer, make_staff


async def nothing_more(news: AsyncIterator[Any], within: float) -> bool:
    """Whether nothing is told for so long; then nothing can be heard any more."""
    try:
        async with asyncio.timeout(within):
            await anext(news)
    except TimeoutError:
        return True
    return False


def lines(cart: CartView | None) -> list[tuple[str, bool]]:
    return [(line.name, line.is_available) for basket in cart.baskets for line in basket.lines] if cart else []


async def test_what_a_store_and_what_the_person_does_is_told(house: object) -> None:
    item, consumer = await make_item(name="Soup"), await make_consumer()
    staff = await make_staff(item.store_id)
    async with asyncio.timeout(10), aclosing(news_of_cart(consumer)) as news:
        assert await anext(news) is None
        cart = await add_line(consumer, item.id, 1)
        assert lines(await anext(news)) == [("Soup", True)]
        await mark_item_out(staff, item.id)
        assert lines(await anext(news)) == [("Soup", False)]
        await remove_line(consumer, cart.baskets[0].lines[0].id)
        assert lines(await anext(news)) == []


async def test_a_change_that_nobody_was_nudged_about_is_told_within_two_seconds(house: object) -> None:
    item, consumer = await make_item(name="Soup"), await make_consumer()
    await add_line(consumer, item.id, 1)
    async with aclosing(news_of_cart(consumer)) as news:
        await anext(news)
        # As another process does it, whose nudge is lost.
        await run("UPDATE items SET unavailable_until = '9999-01-01Z' WHERE id = $1", item.id)
        await run("UPDATE stores SET version = version + 1 WHERE id = $1", item.store_id)

        async with asyncio.timeout(2):
            assert lines(await anext(news)) == [("Soup", False)]


async def test_an_order_at_the_store_is_no_news_of_the_cart(statements: Statements) -> None:
    item, consumer = await make_item(name="Soup"), await make_consumer()
    await add_line(consumer, item.id, 1)
    async with aclosing(news_of_cart(consumer)) as news:
        await anext(news)
        told = asyncio.create_task(nothing_more(news, 0.3))
        await asyncio.sleep(0.05)
        statements.clear()
        await nudges.publish([f"store:{item.store_id}"])

        assert await told
        # The store's version was looked at, and nothing else.
        assert await statements.count() <= 1


async def test_who_looks_at_nothing_costs_nothing(house: object) -> None:
    watch = watching.Watch("SELECT id, version FROM stores WHERE id = ANY($1)", "store:")
    item = await make_item()
    async with watch.on([item.store_id]):
        looking = vars(watch)["_looking"]

    await asyncio.wait([looking], timeout=1)
    assert looking.cancelled()
    assert (watch._watchers, watch._seen, vars(watch)["_looking"]) == ({}, {}, None)


async def test_two_who_look_at_one_store_are_both_told(house: object) -> None:
    watch = watching.Watch("SELECT id, version FROM stores WHERE id = ANY($1)", "store:")
    item = await make_item()
    async with watch.on([item.store_id]), aclosing(nudges.listen(f"store:{item.store_id}", poll_every=30)) as heard:
        await anext(heard)
        async with watch.on([item.store_id]):
            await Store.filter(id=item.store_id).update(version=100)
        await watch.look()
        async with asyncio.timeout(1):
            assert await anext(heard) == {f"store:{item.store_id}"}
