"""The same again: what can still be had is in the cart, and of each line it is told what changed."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar
from uuid import UUID

import pytest

from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.catalog.models import Item
from services.catalog.rules import GroupDraft, ItemForSale, Measure
from services.catalog.rules.for_sale import UNTIL_SAID
from services.catalog.rules.measures import price_of_one
from services.kernel.actors import Consumer
from services.kernel.database import rows
from services.kernel.errors import NotFound
from services.kernel.idempotency import KeyReusedWithOtherInput
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.orders.again import Again, AgainChange, order_again
from services.orders.models import OrderLineRow
from services.pricing.rules import unit_price
from services.stores.models import Store, StoreState
from services.stores.queries import StoreCard
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_menu, make_option, option_named
from tests.factories.identity import make_consumer
from tests.factories.orders import make_order
from tests.factories.stores import make_store

STATEMENTS, STATEMENTS_WITH_CHOICES = 11, 13
Answer = TypeVar("Answer")
Bought = tuple[ItemForSale, int, list[dict[str, object]]]


async def buy(consumer: Consumer, store: StoreCard, *lines: Bought) -> UUID:
    """A purchase of these lines at the prices of now."""
    order = await make_order(consumer=consumer, store=store)
    await OrderLineRow.filter(order_id=order.id).delete()
    for place, (item, quantity, options) in enumerate(lines):
        await OrderLineRow.create(
            id=new_id(),
            order_id=order.id,
            position=place,
            item_id=item.id,
            name=item.name,
            quantity=quantity,
            unit_price=unit_price(price_of_one(item.price, item.grams), ()),
            options=options,
            note="",
            tax_class="FOOD",
            tax_bps=1_350,
            tax=0,
            total=item.price * quantity,
            grams=item.grams,
        )
    return order.purchase_id


async def menu_of(store: StoreCard, *names: str, **facts: object) -> list[ItemForSale]:
    tree = await make_menu(store.id, *(draft_item(name, 500, **facts) for name in names))
    return list(tree.menus[0].sections[0].items)


def told(again: Again) -> list[tuple[str, int, list[str]]]:
    return [(line.name, line.quantity_put, [change.value for change in line.changes]) for line in again.lines]


async def in_the_cart(consumer: Consumer) -> dict[str, int]:
    cart = await cart_of(consumer)
    return {line.name: line.quantity for basket in cart.baskets for line in basket.lines} if cart else {}


async def test_what_is_as_it_was_comes_into_the_cart_once() -> None:
    consumer, store = await make_consumer(), await make_store()
    soup, bread = await menu_of(store, "Soup", "Bread")
    purchase = await buy(consumer, store, (soup, 2, []), (bread, 1, []))

    first = await order_again(consumer, purchase, key="k")
    second = await order_again(consumer, purchase, key="k")

    assert told(first) == [("Soup", 2, []), ("Bread", 1, [])]
    assert first.lines == second.lines
    assert await in_the_cart(consumer) == {"Soup": 2, "Bread": 1}
    other = await buy(consumer, store, (bread, 1, []))
    with pytest.raises(KeyReusedWithOtherInput):
        await order_again(consumer, other, key="k")


async def test_goods_put_by_another_phone_meanwhile_are_seen_and_kept() -> None:
    consumer, store = await make_consumer(), await make_store()
    soup, bread = await menu_of(store, "Soup", "Bread")
    purchase = await buy(consumer, store, (soup, 2, []), (bread, 1, []))

    async with unit_of_work(consumer):
        await add_line(consumer, soup.id, 98)
        # In contexts of their own: they are no part of this transaction.
        again = _outside(order_again(consumer, purchase, key="k"))
        ours = (await rows("SELECT pg_backend_pid() AS pid"))[0]["pid"]
        while not await _outside(rows(_WAIT_FOR, ours)):
            assert not again.done()

    assert told(await again) == [("Soup", 0, ["NO_ROOM"]), ("Bread", 1, [])]
    assert await in_the_cart(consumer) == {"Soup": 98, "Bread": 1}


_WAIT_FOR = "SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))"


def _outside(doing: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
    return asyncio.get_running_loop().create_task(doing, context=Context())


@pytest.mark.parametrize(("groups", "expected"), [((), STATEMENTS), ((make_group("Sauce", "Chilli"),), STATEMENTS_WITH_CHOICES)])
async def test_statements_are_as_many_whatever_the_lines(
    groups: tuple[GroupDraft, ...], expected: int, statements: Statements
) -> None:
    costs = []
    for count in (1, 3, 10):
        consumer, store = await make_consumer(), await make_store()
        items = await menu_of(store, *(f"Dish {number}" for number in range(count)), groups=groups)
        purchase = await buy(consumer, store, *[(item, 1, []) for item in items])
        statements.clear()
        again = await order_again(consumer, purchase, key="k")
        costs.append(await statements.count())
        assert again.cart == await cart_of(consumer)
        assert again.cart
        assert again.cart.version == count

    assert costs == [expected] * 3


async def test_line_by_line_what_changed() -> None:
    consumer, store = await make_consumer(), await make_store()
    names = ("Same", "Dearer", "Gone", "Out", "Few", "Empty")
    items = await menu_of(store, *names)
    purchase = await buy(consumer, store, *[(item, 3, []) for item in items])
    drafts = [draft_item(name, 700 if name == "Dearer" else 500) for name in names if name != "Gone"]
    await make_menu(store.id, *drafts)
    await Item.filter(id=items[3].id).update(unavailable_until=UNTIL_SAID)
    await Item.filter(id=items[4].id).update(stock=2)
    await Item.filter(id=items[5].id).update(stock=0)
    await Store.filter(id=store.id).update(version=99)

    again = await order_again(consumer, purchase, key="k")

    assert told(again) == [
        ("Same", 3, []),
        ("Dearer", 3, ["PRICE"]),
        ("Gone", 0, ["GONE"]),
        ("Out", 0, ["OUT_OF_STOCK"]),
        ("Few", 2, ["FEWER"]),
        ("Empty", 0, ["OUT_OF_STOCK"]),
    ]
    assert (again.lines[1].unit_price, again.lines[1].unit_price_now) == (500, 700)
    assert await in_the_cart(consumer) == {"Same": 3, "Dearer": 3, "Few": 2}


async def test_options_are_known_by_id_and_in_old_lines_by_name_and_a_lost_one_is_told() -> None:
    consumer, store = await make_consumer(), await make_store()
    group = make_group("Sauce", make_option("Chilli", 50), make_option("Garlic", 50), ref="sauce")
    (kebab,) = await menu_of(store, "Kebab", groups=(group,))
    chilli = option_named(kebab, "Chilli")
    by_id = {"id": str(chilli.id), "name": "As it was called", "price": 50}
    purchase = await buy(
        consumer, store, (kebab, 1, [by_id]), (kebab, 2, [{"name": "Garlic", "price": 50}]), (kebab, 1, [{"name": "Curry"}])
    )

    again = await order_again(consumer, purchase, key="k")

    assert told(again) == [("Kebab", 1, ["PRICE"]), ("Kebab", 2, ["PRICE"]), ("Kebab", 0, ["OPTION_GONE"])]
    assert [line.unit_price_now for line in again.lines] == [550, 550, None]


@pytest.mark.parametrize(
    ("step", "price", "stock", "expected"),
    [
        (500, 24_990, None, ("Ham", 2, [])),  # a kilogram, as it was
        (400, 24_990, None, ("Ham", 3, [])),  # as near as can be
        (500, 26_990, None, ("Ham", 2, ["PRICE"])),
        (500, 24_990, 1, ("Ham", 1, ["FEWER"])),
        (10, 24_990, None, ("Ham", 99, ["FEWER"])),  # as many as a line holds
    ],
)
async def test_goods_by_weight_weigh_what_they_did_by_another_step(
    step: int, price: int, stock: int | None, expected: tuple[str, int, list[str]]
) -> None:
    consumer, store = await make_consumer(), await make_store()
    by_weight = {"sold_by": Measure.WEIGHT, "priced_by": Measure.WEIGHT}
    tree = await make_menu(store.id, draft_item("Ham", 24_990, ref="ham", step_grams=50, **by_weight))
    purchase = await buy(consumer, store, (tree.menus[0].sections[0].items[0], 20, []))
    await make_menu(store.id, draft_item("Ham", price, ref="ham", step_grams=step, stock=stock, **by_weight))

    again = await order_again(consumer, purchase, key="k")

    assert told(again) == [expected]
    assert await in_the_cart(consumer) == {"Ham": expected[1]}


async def test_a_closed_store_is_told_with_its_opening_and_one_that_is_gone(clock: TestClock) -> None:
    consumer = await make_consumer()
    closed, gone = await make_store(opening_hours="Mo-Su 17:00-22:00"), await make_store()
    (soup,), (cake,) = await menu_of(closed, "Soup"), await menu_of(gone, "Cake")
    purchases = [await buy(consumer, closed, (soup, 1, [])), await buy(consumer, gone, (cake, 1, []))]
    await Store.filter(id=gone.id).update(state=StoreState.CLOSED_DOWN, version=9)

    first, second = [await order_again(consumer, purchase, key=str(purchase)) for purchase in purchases]

    assert told(first) == [("Soup", 1, ["STORE_CLOSED"])]
    assert first.lines[0].opens_at == clock.now().replace(hour=14)
    assert told(second) == [("Cake", 0, ["STORE_GONE"])]
    assert AgainChange.STORE_GONE in second.lines[0].changes
    assert await in_the_cart(consumer) == {"Soup": 1}


async def test_another_s_purchase_is_not_found_and_changes_nothing() -> None:
    consumer, stranger, store = await make_consumer(), await make_consumer(), await make_store()
    (soup,) = await menu_of(store, "Soup")
    purchase = await buy(consumer, store, (soup, 1, []))

    with pytest.raises(NotFound):
        await order_again(stranger, purchase, key="k")

    assert await in_the_cart(stranger) == {}
