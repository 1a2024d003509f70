"""Changing what is in the cart, where it goes, what the courier gets; and carts that nobody touches."""

from dataclasses import replace

import pytest

from services.carts.errors import QuantityNotAllowed, TipNotAllowed
from services.carts.models import Cart, CartState
from services.carts.operations import add_line, change_line, expire_idle_carts, remove_line, set_address, set_tip
from services.carts.queries import cart_of
from services.catalog.marking import mark_item_out
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from tests.conftest import Statements, TestClock
from tests.factories.carts import DOOR, make_cart, picture
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer, make_staff


async def test_a_line_holds_what_is_said() -> None:
    ready = await make_cart()
    line = ready.cart.baskets[0].lines[0]
    cart = await change_line(ready.consumer, line.id, 5)
    assert (cart.baskets[0].lines[0].quantity, cart.baskets[0].goods) == (5, 7_500)
    assert cart.version == ready.cart.version + 1


@pytest.mark.parametrize("quantity", [0, -1, 100])
async def test_a_line_refuses_absurd_quantities(quantity: int) -> None:
    ready = await make_cart()
    before = await picture()
    with pytest.raises(QuantityNotAllowed):
        await change_line(ready.consumer, ready.cart.baskets[0].lines[0].id, quantity)
    assert await picture() == before


async def test_a_removed_line_leaves_the_others() -> None:
    ready = await make_cart()
    first, second = ready.cart.baskets
    cart = await remove_line(ready.consumer, first.lines[0].id)
    assert [basket.store for basket in cart.baskets] == [second.store]
    empty = await remove_line(ready.consumer, second.lines[0].id)
    assert (empty.baskets, empty.goods, empty.address) == ((), 0, DOOR)


async def test_the_lines_of_somebody_else_are_not_found() -> None:
    ready, stranger = await make_cart(), await make_consumer()
    await add_line(stranger, ready.items[0].id, 1)
    before = await picture()
    for line_id in (ready.cart.baskets[0].lines[0].id, new_id()):
        with pytest.raises(NotFound):
            await change_line(stranger, line_id, 2)
        with pytest.raises(NotFound):
            await remove_line(stranger, line_id)
    assert await picture() == before


async def test_a_checked_out_cart_is_closed_to_changes() -> None:
    ready = await make_cart()
    await Cart.filter(id=ready.cart.id).update(state=CartState.CHECKED_OUT)
    before = await picture()
    with pytest.raises(NotFound):
        await remove_line(ready.consumer, ready.cart.baskets[0].lines[0].id)
    assert await picture() == before
    fresh = await add_line(ready.consumer, ready.items[0].id, 1)
    assert (fresh.id != ready.cart.id, len(fresh.baskets)) == (True, 1)


async def test_address_and_tip_open_a_cart_and_stay() -> None:
    consumer = await make_consumer()
    assert (await set_address(consumer, DOOR)).address == DOOR
    assert (await set_tip(consumer, 250)).tip == 250
    moved = await set_address(consumer, replace(DOOR, note=""))
    assert (moved.address, moved.tip, moved.version) == (replace(DOOR, note=""), 250, 3)


async def test_what_cannot_be_meant_is_not_kept() -> None:
    ready = await make_cart(tip=100)
    before = await picture()
    with pytest.raises(BadInput):
        await set_address(ready.consumer, replace(DOOR, latitude=91.0))
    for tip in (-1, 10_001):
        with pytest.raises(TipNotAllowed):
            await set_tip(ready.consumer, tip)
    assert await picture() == before


async def test_goods_that_went_out_are_shown_as_not_available() -> None:
    ready = await make_cart()
    item = ready.items[0]
    await mark_item_out(await make_staff(item.store_id), item.id)
    cart = await cart_of(ready.consumer)
    assert cart is not None
    assert [line.is_available for basket in cart.baskets for line in basket.lines] == [False, True]


async def test_changing_takes_one_write_and_one_read(statements: Statements) -> None:
    ready = await make_cart()
    line = ready.cart.baskets[0].lines[0]
    for call in (change_line(ready.consumer, line.id, 2), set_tip(ready.consumer, 1), set_address(ready.consumer, DOOR)):
        statements.clear()
        await call
        assert await statements.count() == 2


async def test_a_cart_nobody_touched_for_a_week_is_let_go(clock: TestClock) -> None:
    idle = await make_cart()
    clock.move(days=3)
    busy = await make_cart(await make_item())
    clock.move(days=4, seconds=-1)
    assert await expire_idle_carts() == 0
    clock.move(seconds=1)
    assert await expire_idle_carts() == 1
    assert await expire_idle_carts() == 0
    assert await cart_of(idle.consumer) is None
    assert (await Cart.get(id=idle.cart.id)).state is CartState.EXPIRED
    assert await cart_of(busy.consumer) is not None
