"""Several goods at a time are put as if one after the other: the same lines, the same refusals, the same version."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, QuantityNotAllowed
from services.carts.operations import add_line
from services.carts.putting_several import Put, put_several
from services.carts.queries import cart_of
from services.carts.views import CartView
from services.carts.wishes import Asked, Wish
from services.catalog.errors import ChoicesNotAllowed
from services.catalog.known_items import read_item
from services.catalog.models import Item
from services.catalog.rules import ItemForSale
from services.kernel.actors import Consumer
from services.kernel.errors import Refusal
from services.settings import settings
from services.stores.models import Store
from tests.factories.carts import picture
from tests.factories.catalog import make_group, make_item, option_named
from tests.factories.identity import make_consumer
from tests.factories.stores import make_store


async def asked_for(consumer: Consumer, *wanted: tuple[ItemForSale, int, Sequence[str], str]) -> list[Asked]:
    return [
        (
            Wish(consumer, item.id, tuple(option_named(item, name).id for name in names), quantity, note),
            await read_item(item.id),
        )
        for item, quantity, names, note in wanted
    ]


async def put_one_by_one(asked: Sequence[Asked]) -> list[type[Refusal] | None]:
    refused: list[type[Refusal] | None] = []
    for wish, _ in asked:
        try:
            await add_line(wish.consumer, wish.item_id, wish.quantity, wish.option_ids, wish.note)
            refused.append(None)
        except Refusal as one:
            refused.append(type(one))
    return refused


def looks(cart: CartView | None) -> Any:
    """A cart without what no two carts share."""
    assert cart
    lines = [(line.item_id, line.option_ids, line.note, line.quantity) for basket in cart.baskets for line in basket.lines]
    return cart.version, lines


@pytest.mark.parametrize("has_cart", [False, True])
async def test_as_if_one_after_the_other(*, has_cart: bool) -> None:
    plain, out, crowns = await make_item(), await make_item(), await make_item(await make_store(currency="SEK"))
    pizza = await make_item(groups=(make_group("Size", "Small", "Large", least=1),))
    await Item.filter(id=out.id).update(stock=0)
    carts, told = [], []
    for several in (False, True):
        consumer = await make_consumer()
        if has_cart:
            await add_line(consumer, plain.id, 3)
        asked = await asked_for(
            consumer,
            (pizza, 1, ["Large"], ""),
            (out, 1, [], ""),
            (plain, 50, [], ""),
            (crowns, 1, [], ""),
            (plain, 1, [], "cold"),
            (pizza, 1, [], ""),
            (plain, 50, [], ""),
            (pizza, 2, ["Large"], ""),
            (plain, 46, [], ""),
            (plain, 0, [], ""),
        )
        if several:
            put = await put_several(consumer, asked)
            assert put
            assert put.cart == await cart_of(consumer)
            told.append([type(one) if one else None for one in put.refused])
        else:
            told.append(await put_one_by_one(asked))
        carts.append(looks(await cart_of(consumer)))

    assert told[0] == told[1]
    assert set(told[1]) == {None, ItemNotAvailable, CurrencyNotAllowed, ChoicesNotAllowed, QuantityNotAllowed}
    assert carts[0] == carts[1]


async def test_a_full_cart_takes_more_of_what_it_holds_and_nothing_else() -> None:
    consumer, items = await make_consumer(), [await make_item() for _ in range(2)]
    most = settings().limits.lines_per_cart
    filled = await put_several(consumer, await asked_for(consumer, *[(items[0], 1, [], str(number)) for number in range(most)]))

    put = await put_several(consumer, await asked_for(consumer, (items[1], 1, [], ""), (items[0], 1, [], "0")))

    assert filled
    assert put
    assert filled.refused == (None,) * most
    assert [type(one) for one in put.refused] == [CartFull, type(None)]
    assert looks(put.cart)[0] == most + 1


async def test_what_is_refused_altogether_leaves_all_as_it_was() -> None:
    consumer, out = await make_consumer(), await make_item()
    await Item.filter(id=out.id).update(stock=0)
    before = await picture()

    put = await put_several(consumer, await asked_for(consumer, (out, 1, [], "")))

    assert put
    assert (put.cart, [type(one) for one in put.refused]) == (None, [ItemNotAvailable])
    assert await picture() == before


async def test_nothing_is_put_where_a_store_became_another() -> None:
    consumer, same, other = await make_consumer(), await make_item(), await make_item()
    asked = await asked_for(consumer, (same, 1, [], ""), (other, 1, [], ""))
    await Store.filter(id=other.store_id).update(version=99)
    before = await picture()

    assert await put_several(consumer, asked) is None
    assert await picture() == before


async def test_a_storm_loses_nothing() -> None:
    consumer, items = await make_consumer(), [await make_item() for _ in range(3)]
    asked = await asked_for(consumer, *[(item, 1, [], "") for item in items])

    async def until_put() -> Put:
        while True:
            if put := await put_several(consumer, asked):
                return put

    await asyncio.gather(*(until_put() for _ in range(4)), *(add_line(consumer, item.id, 1) for item in items))

    cart = await cart_of(consumer)
    assert cart
    assert sorted(line.quantity for basket in cart.baskets for line in basket.lines) == [5, 5, 5]
    assert cart.version == 15
