"""What checkout takes: the quote as it was signed, once, and only while all of it is still true."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.carts.errors import (
    AddressOutOfReach,
    ChangeKind,
    ItemNotAvailable,
    QuoteExpired,
    QuoteNotGenuine,
    QuoteOutdated,
    StoreClosed,
)
from services.carts.models import QuoteRow
from services.carts.operations import add_line, change_line, close_cart, remove_line, set_address, set_tip, take_quote
from services.carts.queries import cart_of
from services.carts.quotes import Quote
from services.catalog.models import Item
from services.kernel.actors import Consumer
from services.kernel.database import run
from services.kernel.errors import NotFound, Refusal
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.stores.models import Store
from tests.conftest import Statements, TestClock
from tests.factories.carts import DOOR, FAR_AWAY, make_quote, picture
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer
from tests.factories.stores import make_store


async def check_out(consumer: Consumer, quote_id: UUID) -> Quote:
    """As orders does it: the quote and the end of its cart in one transaction."""
    async with unit_of_work(consumer):
        quote = await take_quote(consumer, quote_id)
        await close_cart(quote.cart_id)
        return quote


async def refused(taking: Awaitable[Any], refusal: type[Refusal]) -> Any:
    """The refusal, after it was seen that nothing changed."""
    before = await picture()
    with pytest.raises(refusal) as caught:
        await taking
    assert await picture() == before
    assert type(caught.value) is refusal
    return caught.value


async def test_a_quote_is_taken_as_it_was_told(clock: TestClock) -> None:
    consumer, quote = await make_quote(tip=150)
    clock.move(minutes=9, seconds=59)
    assert await check_out(consumer, quote.id) == quote
    assert (await QuoteRow.get(id=quote.id)).used_at == clock.now()
    assert await cart_of(consumer) is None


async def test_a_quote_is_good_for_ten_minutes(clock: TestClock) -> None:
    consumer, quote = await make_quote()
    clock.move(minutes=10)
    told = await refused(check_out(consumer, quote.id), QuoteExpired)
    assert told.expired_at == quote.expires_at


async def test_a_quote_is_taken_once_however_many_ask() -> None:
    consumer, quote = await make_quote()
    answers = await asyncio.gather(*(check_out(consumer, quote.id) for _ in range(6)), return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, QuoteExpired)] == [quote]


async def test_the_quote_of_somebody_else_is_not_found() -> None:
    _, quote = await make_quote()
    stranger = await make_consumer()
    for quote_id in (quote.id, new_id()):
        before = await picture()
        with pytest.raises(NotFound):
            await check_out(stranger, quote_id)
        assert await picture() == before


@pytest.mark.parametrize(
    "change",
    [
        "prices = jsonb_set(prices, '{baskets,0,lines,0,total}', '1')",
        "prices = jsonb_set(prices, '{baskets,0,delivery_fee}', '0')",
        "address = jsonb_set(address, '{street}', '\"Elsewhere 1\"')",
        "expires_at = expires_at + interval '1 day'",
        "promised_until = promised_until + interval '1 minute'",
        "cart_version = cart_version + 1",
        "signature = repeat('0', 64)",
    ],
)
async def test_a_quote_changed_in_the_database_is_not_honoured(change: str) -> None:
    consumer, quote = await make_quote()
    await run(f"UPDATE quotes SET {change} WHERE id = $1", quote.id)  # noqa: S608 - changes of our own
    await refused(check_out(consumer, quote.id), QuoteNotGenuine)


async def test_a_changed_cart_is_told_line_by_line() -> None:
    consumer, quote = await make_quote(await make_item(name="Soup", price=1_500), await make_item(name="Bread", price=2_000))
    soup, bread = (basket.lines[0] for basket in quote.baskets)
    await change_line(consumer, soup.line_id, 2)
    await remove_line(consumer, bread.line_id)
    await add_line(consumer, (await make_item(name="Cake", price=1_200)).id, 1)

    told = await refused(check_out(consumer, quote.id), QuoteOutdated)

    assert [(change.name, change.kind, change.quoted, change.present) for change in told.changes] == [
        ("Soup", ChangeKind.QUANTITY, 1_500, 3_000),
        ("Bread", ChangeKind.REMOVED, 2_000, None),
        ("Cake", ChangeKind.ADDED, None, 1_200),
    ]
    assert (told.quoted_total, told.present_total) == (3_500 + 340 + 175, 4_200 + 340 + 210)


async def test_a_dearer_price_is_told_and_not_charged() -> None:
    consumer, quote = await make_quote(await make_item(price=1_500))
    await Item.filter(id=quote.baskets[0].lines[0].item_id).update(price=1_700)
    told = await refused(check_out(consumer, quote.id), QuoteOutdated)
    assert [(change.kind, change.quoted, change.present) for change in told.changes] == [(ChangeKind.PRICE, 1_500, 1_700)]


async def test_another_tip_or_address_makes_a_quote_old_without_lines() -> None:
    consumer, quote = await make_quote()
    await set_tip(consumer, 100)
    told = await refused(check_out(consumer, quote.id), QuoteOutdated)
    assert (told.changes, told.present_total - told.quoted_total) == ((), 100)
    consumer, quote = await make_quote()
    await set_address(consumer, DOOR)
    assert (await refused(check_out(consumer, quote.id), QuoteOutdated)).changes == ()


async def test_stock_hours_and_reach_are_looked_at_again(clock: TestClock) -> None:
    item = await make_item(price=2_000, stock=2)
    consumer, quote = await make_quote(item, quantity=2)
    await Item.filter(id=item.id).update(stock=1)
    told = await refused(check_out(consumer, quote.id), ItemNotAvailable)
    assert [shortage.left for shortage in told.shortages] == [1]
    await Item.filter(id=item.id).update(stock=2)

    await Store.filter(id=item.store_id).update(delivery_radius_m=400)
    await refused(check_out(consumer, quote.id), AddressOutOfReach)
    await Store.filter(id=item.store_id).update(delivery_radius_m=5_000)

    end = clock.now() + timedelta(minutes=30)
    await Store.filter(id=item.store_id).update(paused_until=end, pause_reason="BY_STAFF")
    assert (await refused(check_out(consumer, quote.id), StoreClosed)).opens_at == end
    await Store.filter(id=item.store_id).update(paused_until=None, pause_reason=None)

    assert await check_out(consumer, quote.id) == quote


async def test_a_store_that_stops_taking_orders_within_the_ten_minutes_is_noticed(clock: TestClock) -> None:
    lunch = await make_store(opening_hours="Mo-Su 08:00-12:25")
    consumer, quote = await make_quote(await make_item(lunch, price=2_000))
    clock.move(minutes=6)
    await refused(check_out(consumer, quote.id), StoreClosed)


async def test_an_address_moved_out_of_reach_is_told_as_such() -> None:
    consumer, quote = await make_quote()
    await set_address(consumer, FAR_AWAY)
    await refused(check_out(consumer, quote.id), AddressOutOfReach)


async def test_a_refused_checkout_leaves_the_quote_to_be_taken() -> None:
    consumer, quote = await make_quote()

    async def fails_later() -> None:
        async with unit_of_work(consumer):
            await check_out(consumer, quote.id)
            raise ItemNotAvailable([])

    await refused(fails_later(), ItemNotAvailable)
    assert await check_out(consumer, quote.id) == quote


async def test_adding_while_a_checkout_runs_opens_the_next_cart() -> None:
    consumer, quote = await make_quote()
    item = await make_item()
    taken = asyncio.Event()

    async def slow_checkout() -> None:
        async with unit_of_work(consumer):
            await check_out(consumer, quote.id)
            taken.set()
            await asyncio.sleep(0.1)

    async def tap() -> None:
        await taken.wait()
        await add_line(consumer, item.id, 1)

    await asyncio.gather(slow_checkout(), tap())
    cart = await cart_of(consumer)
    assert cart is not None
    assert (cart.id != quote.cart_id, cart.goods) == (True, item.price)


async def test_taking_costs_the_same_however_many_stores(statements: Statements) -> None:
    for stores in (1, 3):
        consumer, quote = await make_quote(*[await make_item(price=2_000) for _ in range(stores)])
        statements.clear()
        await take_quote(consumer, quote.id)
        assert await statements.count() == 6  # quote and cart locked, cart, stores, items, links to groups, the mark
