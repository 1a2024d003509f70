"""Carts with goods by weight, choices nested and taxed on their own, menus with hours, and what one may buy on a day."""

from datetime import timedelta
from typing import Any

import pytest

from services.bootstrap import Ports
from services.carts.errors import ItemNotAvailable, QuantityNotAllowed, QuoteOutdated, Shortage
from services.carts.operations import add_line, change_line, quote_cart, remove_line
from services.carts.queries import cart_of
from services.carts.quotes import plain
from services.carts.quotes import read as quotes_read
from services.catalog.operations import replace_menu
from services.catalog.rules import GroupDraft, ItemDraft, Measure, MenuDraft, OptionDraft, SectionDraft, TaxClass
from services.orders import daily, queries
from services.orders.operations import checkout
from services.pricing.rules import TaxPart
from tests.conftest import TestClock
from tests.factories.carts import make_cart, make_quote, picture
from tests.factories.catalog import SEED, make_group, make_item, make_menu, make_option, option_named
from tests.factories.identity import make_consumer
from tests.factories.orders import orders_of
from tests.factories.stores import make_store

BY_WEIGHT: dict[str, Any] = {"sold_by": Measure.WEIGHT, "priced_by": Measure.WEIGHT, "step_grams": 50}


async def test_goods_by_weight_are_priced_by_the_gram_and_rounded_once(house: Ports) -> None:
    ham = await make_item(name="Ham", price=2_495, **BY_WEIGHT)
    consumer, quote = await make_quote(ham, quantity=7)

    cart = await cart_of(consumer)
    assert cart is not None
    (line,) = cart.baskets[0].lines
    (quoted,) = quote.baskets[0].lines
    assert (line.unit_price, line.total, line.grams) == (125, 873, 50)  # 350 g at 24.95 is 8.7325
    assert (quoted.unit_price, quoted.total, quoted.grams) == (125, 873, 50)

    purchase = await checkout(consumer, quote_id=quote.id, key="k", method="card_ok", cards=house.cards)

    (order,) = await orders_of(purchase)
    (bought,) = (await queries.lines_of_orders([order.id]))[order.id]
    assert (bought.quantity, bought.grams, bought.unit_price, bought.total) == (7, 50, 125, 873)


@pytest.mark.parametrize(("step", "quantity"), [(500, 2), (400, 3), (10, 99), (2_500, 1), (50, 20)])
async def test_what_a_cart_holds_by_weight_weighs_the_same_by_another_step(step: int, quantity: int, house: Ports) -> None:
    store = await make_store()
    tree = await make_menu(store.id, ItemDraft(name="Ham", price=24_990, ref="ham", **BY_WEIGHT))
    consumer, quote = await make_quote(tree.menus[0].sections[0].items[0], quantity=20)
    before = await picture()

    await make_menu(store.id, ItemDraft(name="Ham", price=24_990, ref="ham", **BY_WEIGHT | {"step_grams": step}))

    cart = await cart_of(consumer)
    assert cart is not None
    (line,) = cart.baskets[0].lines
    assert (line.quantity, line.grams) == (quantity, step)
    if step == BY_WEIGHT["step_grams"]:
        assert await picture() == before
        return
    assert cart.version == quote.cart_version + 1
    with pytest.raises(QuoteOutdated):
        await checkout(consumer, quote_id=quote.id, key="k", method="card_ok", cards=house.cards)


async def test_a_piece_priced_by_weight_costs_what_it_weighs_as_a_rule() -> None:
    melon = await make_item(name="Melon", price=349, priced_by=Measure.WEIGHT, nominal_grams=1_234)

    _, quote = await make_quote(melon, quantity=3)

    assert [(line.unit_price, line.total) for line in quote.baskets[0].lines] == [(431, 1_292)]  # 4.30666, 12.91998


async def test_choices_six_levels_deep_are_priced_and_taxed_on_their_own() -> None:
    group = make_group("Level 6", OptionDraft(name="Choice 6", price=600, tax_class=TaxClass.ALCOHOL))
    for level in range(5, 0, -1):
        free = 1 if level == 3 else 0
        group = make_group(f"Level {level}", make_option(f"Choice {level}", level * 10, groups=(group,)), free=free)
    dish = await make_item(price=1_000, groups=(group,))
    chosen = [option_named(dish, f"Choice {level}").id for level in range(1, 7)]
    ready = await make_cart(await make_item(dish.store_id, price=500))

    await add_line(ready.consumer, dish.id, 2, chosen)
    quote = await quote_cart(ready.consumer)

    line = next(line for line in quote.baskets[0].lines if line.item_id == dish.id)
    assert (line.unit_price, line.total) == (1_720, 3_440)  # 10.00 + 0.10 + 0.20 + 0.40 + 0.50 + 6.00, the third is free
    assert line.tax_parts == (TaxPart(1_350, 2_240, 266), TaxPart(2_550, 1_200, 244))
    assert (line.tax, line.tax_bps) == (510, 1_350)


async def test_what_is_out_of_its_menus_hours_is_not_put_in_and_not_quoted(clock: TestClock) -> None:
    store = await make_store(opening_hours="24/7")
    lunch = SectionDraft(name="Lunch", items=(ItemDraft(name="Soup", price=1_500),))
    tree = await replace_menu(SEED, store.id, MenuDraft(name="Lunch", sections=(lunch,), hours="Mo-Fr 10:30-14:00"))
    (soup,) = tree.menus[0].sections[0].items
    ready = await make_cart(soup)
    assert ready.cart.baskets[0].lines[0].is_available

    clock.move(hours=2)
    before = await picture()

    for refused in (add_line(ready.consumer, soup.id, 1), quote_cart(ready.consumer)):
        with pytest.raises(ItemNotAvailable) as told:
            await refused
        assert told.value.shortages == (Shortage(soup.id, "Soup", None),)
    cart = await cart_of(ready.consumer)
    assert cart is not None
    assert not cart.baskets[0].lines[0].is_available
    assert await picture() == before


async def test_a_line_holds_no_more_than_one_may_buy_on_a_day() -> None:
    beer, consumer = await make_item(name="Beer", most_per_day=3), await make_consumer()
    await add_line(consumer, beer.id, 2)
    before = await picture()

    with pytest.raises(QuantityNotAllowed) as refused:
        await add_line(consumer, beer.id, 2)

    assert refused.value.most == 3
    assert await picture() == before


async def test_lines_of_one_item_count_together() -> None:
    cold = GroupDraft(name="Cold", options=(OptionDraft(name="Ice"),))
    beer = await make_item(name="Beer", most_per_day=3, groups=(cold,))
    ready = await make_cart(beer, quantity=2)
    await add_line(ready.consumer, beer.id, 2, [option_named(beer, "Ice").id])

    with pytest.raises(ItemNotAvailable) as refused:
        await quote_cart(ready.consumer)

    assert refused.value.shortages == (Shortage(beer.id, "Beer", 3),)


async def test_the_days_earlier_orders_count_at_checkout_until_midnight(house: Ports, clock: TestClock) -> None:
    store = await make_store(opening_hours="24/7")
    beer = await make_item(store, name="Beer", price=2_000, most_per_day=3)
    consumer, first = await make_quote(beer, quantity=2)
    await checkout(consumer, quote_id=first.id, key="first", method="card_ok", cards=house.cards)
    _, second = await make_quote(beer, consumer=consumer, quantity=2)

    with pytest.raises(ItemNotAvailable) as refused:
        await checkout(consumer, quote_id=second.id, key="second", method="card_ok", cards=house.cards)

    assert refused.value.shortages == (Shortage(beer.id, "Beer", 1),)
    # Midnight in Helsinki is 21:00 UTC.
    clock.move(hours=12)
    cart = await cart_of(consumer)
    assert cart is not None
    await remove_line(consumer, cart.baskets[0].lines[0].id)
    _, third = await make_quote(beer, consumer=consumer, quantity=2)
    bought = await checkout(consumer, quote_id=third.id, key="third", method="card_ok", cards=house.cards)
    assert bought.goods == 4_000


async def test_the_days_earlier_orders_count_at_the_quote(house: Ports) -> None:
    beer = await make_item(name="Beer", price=2_000, most_per_day=3)
    consumer, first = await make_quote(beer, quantity=2)
    await checkout(consumer, quote_id=first.id, key="first", method="card_ok", cards=house.cards)
    ready = await make_cart(beer, consumer=consumer, quantity=2)
    before = await picture()

    with pytest.raises(ItemNotAvailable) as refused:
        await daily.quote_cart(consumer)

    assert refused.value.shortages == (Shortage(beer.id, "Beer", 1),)
    assert await picture() == before
    await change_line(consumer, ready.cart.baskets[0].lines[0].id, 1)
    assert (await daily.quote_cart(consumer)).priced.goods == 2_000


async def test_an_item_that_takes_longer_moves_the_promise() -> None:
    _, quick = await make_quote(await make_item(price=2_000))
    _, slow = await make_quote(await make_item(price=2_000, preparation_minutes=55))

    assert (quick.baskets[0].preparation_minutes, slow.baskets[0].preparation_minutes) == (20, 55)
    assert slow.promised_from - quick.promised_from == timedelta(minutes=35)


async def test_ordinary_goods_are_signed_in_the_words_of_before() -> None:
    _, ordinary = await make_quote(await make_item(price=2_000))
    _, weighed = await make_quote(await make_item(price=2_000, **BY_WEIGHT), quantity=20)
    new = {"grams", "most_per_day", "tax_parts"}

    said = [new & plain(quote)["prices"]["baskets"][0]["lines"][0].keys() for quote in (ordinary, weighed)]

    assert said == [set(), {"grams"}]
    assert [quotes_read(plain(quote)) for quote in (ordinary, weighed)] == [ordinary, weighed]
