"""Asking for a price: what is promised, what stands in the way, and that it is kept as it was signed."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.carts.errors import (
    AddressMissing,
    AddressOutOfReach,
    BasketBelowMinimum,
    CartEmpty,
    CurrencyNotAllowed,
    ItemNotAvailable,
    StoreClosed,
)
from services.carts.models import QuoteRow
from services.carts.operations import add_line, quote_cart
from services.catalog.errors import ChoicesNotAllowed
from services.catalog.models import Item, Option
from services.catalog.rules import TaxClass
from services.kernel.errors import Refusal
from services.pricing.rules import TaxPart
from services.stores.models import Store
from tests.conftest import Statements, TestClock
from tests.factories.carts import DOOR, FAR_AWAY, make_cart, make_quote, picture
from tests.factories.catalog import draft_item, make_group, make_item, make_menu
from tests.factories.identity import make_consumer
from tests.factories.stores import make_store


async def test_a_cart_of_two_stores_is_priced_and_promised(clock: TestClock) -> None:
    kitchen = await make_store(preparation_minutes=25)
    shop = await make_store(preparation_minutes=10, position=(60.1850, 24.9500))
    soup, wine = await make_item(kitchen, price=1_490), await make_item(shop, price=1_195, tax_class=TaxClass.ALCOHOL)

    _, quote = await make_quote(soup, wine, quantity=2, tip=200)

    priced = quote.priced
    assert [basket.store_name for basket in quote.baskets] == [kitchen.name, shop.name]
    assert [basket.distance_m for basket in quote.baskets] == [421, 1_990]
    assert (priced.goods, priced.delivery_fee, priced.service_fee, priced.small_basket_fee, priced.tip) == (
        5_370,
        440,
        268,
        0,
        200,
    )
    assert priced.total == 6_278
    # 2 x 14.90 hold 3.54 of food's tax and 2 x 11.95 hold 4.86 of alcohol's; the fees hold 0.50, 0.30, 0.40 and 0.24.
    assert priced.taxes == (TaxPart(1_350, 2_980, 354), TaxPart(2_550, 2_390 + 708, 486 + 144))
    # The kitchen: 25 min and 131 s; the shop: 10 min and 620 s. Two stops of 4 min and 3 min at the door: 38 min 11 s.
    assert quote.promised_from == datetime(2026, 6, 10, 9, 40, tzinfo=UTC)
    assert quote.promised_until - quote.promised_from == timedelta(minutes=15)
    assert quote.expires_at - clock.now() == timedelta(minutes=10)


async def test_a_quote_is_kept_as_it_was_told() -> None:
    consumer, quote = await make_quote()
    kept = await QuoteRow.get(id=quote.id)
    assert (kept.consumer_id, kept.cart_id, kept.cart_version) == (consumer.person_id, quote.cart_id, quote.cart_version)
    assert (kept.expires_at, kept.used_at, len(kept.signature)) == (quote.expires_at, None, 64)
    assert kept.prices["currency"] == "EUR"


async def refused(quoting: Awaitable[Any], refusal: type[Refusal]) -> Any:
    """The refusal, after it was seen that nothing changed."""
    before = await picture()
    with pytest.raises(refusal) as caught:
        await quoting
    assert await picture() == before
    return caught.value


async def test_nothing_is_not_priced() -> None:
    await refused(quote_cart(await make_consumer()), CartEmpty)


async def test_one_must_say_where() -> None:
    await refused(quote_cart((await make_cart(address=None)).consumer), AddressMissing)


async def test_a_closed_store_says_when_it_opens(clock: TestClock) -> None:
    night = await make_store(opening_hours="Mo-Su 18:00-23:00")
    ready = await make_cart(await make_item(price=2_000), await make_item(night, price=2_000))
    told = await refused(quote_cart(ready.consumer), StoreClosed)
    assert (told.store_id, told.name) == (night.id, night.name)
    assert told.opens_at == datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
    clock.move_to(told.opens_at)
    assert (await quote_cart(ready.consumer)).priced.goods == 4_000


async def test_a_store_shortly_before_closing_takes_no_order() -> None:
    lunch = await make_store(opening_hours="Mo-Su 08:00-12:15")
    ready = await make_cart(await make_item(lunch, price=2_000))
    told = await refused(quote_cart(ready.consumer), StoreClosed)
    assert told.opens_at == datetime(2026, 6, 11, 5, 0, tzinfo=UTC)


async def test_an_address_out_of_reach_names_the_store() -> None:
    near = await make_store(delivery_radius_m=400)
    ready = await make_cart(await make_item(price=2_000), await make_item(near, price=2_000))
    told = await refused(quote_cart(ready.consumer), AddressOutOfReach)
    assert (told.store_id, told.reach_m, told.distance_m) == (near.id, 400, 421)
    await refused(quote_cart((await make_cart(address=FAR_AWAY)).consumer), AddressOutOfReach)


async def test_a_basket_below_the_minimum_of_its_store_is_refused() -> None:
    grand = await make_store(minimum_basket=2_500)
    item = await make_item(grand, price=2_499)
    ready = await make_cart(await make_item(price=5_000), item)
    told = await refused(quote_cart(ready.consumer), BasketBelowMinimum)
    assert (told.store_id, told.goods, told.minimum) == (grand.id, 2_499, 2_500)
    await Item.filter(id=item.id).update(price=2_500)
    assert (await quote_cart(ready.consumer)).priced.goods == 7_500


async def test_what_is_no_longer_to_be_had_is_named(clock: TestClock) -> None:
    ready = await make_cart(await make_item(), await make_item(stock=3), await make_item(), quantity=3)
    marked, few, gone = (item.id for item in ready.items)
    await Item.filter(id=marked).update(unavailable_until=clock.now() + timedelta(hours=1))
    await Item.filter(id=few).update(stock=2)
    await Item.filter(id=gone).update(removed_at=clock.now())
    told = await refused(quote_cart(ready.consumer), ItemNotAvailable)
    assert [(shortage.item_id, shortage.left) for shortage in told.shortages] == [(marked, None), (few, 2), (gone, None)]


async def test_choices_that_the_menu_no_longer_allows_are_refused() -> None:
    item = await make_item(price=2_000)
    ready = await make_cart(item)
    from_now_on = make_group("Size", "Small", "Large", least=1)
    await make_menu(item.store_id, draft_item(item.name, 2_000, groups=(from_now_on,)))
    await refused(quote_cart(ready.consumer), ChoicesNotAllowed)


async def test_an_option_that_is_out_makes_its_line_unavailable(clock: TestClock) -> None:
    ready = await make_cart()
    item = await make_item(price=2_000, groups=(make_group("Size", "Small", "Large", least=1),))
    small = item.groups[0].options[0].id
    await add_line(ready.consumer, item.id, 1, [small])
    await Option.filter(id=small).update(unavailable_until=clock.now() + timedelta(hours=1))
    told = await refused(quote_cart(ready.consumer), ItemNotAvailable)
    assert [shortage.item_id for shortage in told.shortages] == [item.id]


async def test_goods_in_a_currency_that_the_fees_are_not_in_are_refused() -> None:
    ready = await make_cart(await make_item(await make_store(currency="SEK"), price=20_000))
    assert (await refused(quote_cart(ready.consumer), CurrencyNotAllowed)).expected == "EUR"


@pytest.mark.parametrize("change", [{"paused_until": True}, {"state": "CLOSED_DOWN"}])
async def test_a_paused_or_vanished_store_is_not_quoted(change: dict[str, Any], clock: TestClock) -> None:
    ready = await make_cart(await make_item(price=2_000))
    until = clock.now() + timedelta(minutes=30)
    facts = {"paused_until": until, "pause_reason": "BY_STAFF"} if "paused_until" in change else change
    await Store.filter(id=ready.items[0].store_id).update(**facts)
    expected: type[Refusal] = StoreClosed if "paused_until" in change else ItemNotAvailable
    told = await refused(quote_cart(ready.consumer), expected)
    assert getattr(told, "opens_at", until) == until


async def test_quoting_takes_five_statements_however_many_stores(statements: Statements) -> None:
    for stores in (1, 3):
        items = [await make_item(price=2_000) for _ in range(stores)]
        ready = await make_cart(*items, address=DOOR)
        statements.clear()
        await quote_cart(ready.consumer)
        assert await statements.count() == 5  # cart, stores, items, links to groups, the quote
