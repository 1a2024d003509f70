"""Putting goods into the cart: what is kept, what is refused, and with how many statements."""

import asyncio

import pytest

from services.carts.errors import CartFull, CurrencyNotAllowed, ItemNotAvailable, QuantityNotAllowed
from services.carts.models import CartLine
from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.catalog.errors import ChoicesNotAllowed
from services.catalog.marking import mark_item_back, mark_item_out
from services.catalog.models import Item
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from tests.conftest import Statements, TestClock
from tests.factories.carts import picture
from tests.factories.catalog import draft_item, make_group, make_item, make_menu, make_option, option_named
from tests.factories.identity import make_consumer, make_staff
from tests.factories.stores import make_store


async def test_goods_of_another_store_stand_beside_what_is_there() -> None:
    consumer = await make_consumer()
    soup, milk = await make_item(name="Salmon soup", price=1_290), await make_item(name="Milk", price=129)
    await add_line(consumer, soup.id, 1)

    cart = await add_line(consumer, milk.id, 3, note=" the organic one ")

    assert [(basket.store.id, [line.name for line in basket.lines]) for basket in cart.baskets] == [
        (soup.store_id, ["Salmon soup"]),
        (milk.store_id, ["Milk"]),
    ]
    assert (cart.baskets[1].lines[0].quantity, cart.baskets[1].lines[0].note) == (3, "the organic one")
    assert ([basket.goods for basket in cart.baskets], cart.goods) == ([1_290, 387], 1_677)
    assert cart == await cart_of(consumer)


async def test_the_same_goods_with_the_same_choices_join_their_line() -> None:
    consumer = await make_consumer()
    pizza = await make_item(price=1_000, groups=(make_group("Toppings", "Ham", "Olives", most=2),))
    ham, olives = option_named(pizza, "Ham").id, option_named(pizza, "Olives").id
    await add_line(consumer, pizza.id, 1, [ham, olives])
    await add_line(consumer, pizza.id, 2, [olives, ham])

    cart = await add_line(consumer, pizza.id, 1, [ham])

    assert [(line.quantity, len(line.options)) for line in cart.baskets[0].lines] == [(3, 2), (1, 1)]
    assert cart.version == 3


async def test_choices_are_priced_with_the_free_ones_off() -> None:
    toppings = make_group(
        "Toppings", make_option("Ham", 200), make_option("Feta", 300), make_option("Olives", 100), most=3, free=1
    )
    pizza = await make_item(price=1_000, groups=(toppings,))
    options = [option_named(pizza, name).id for name in ("Ham", "Feta", "Olives")]

    cart = await add_line(await make_consumer(), pizza.id, 2, options)

    line = cart.baskets[0].lines[0]
    assert (line.unit_price, line.total) == (1_300, 2_600)
    assert [option.name for option in line.options] == ["Ham", "Feta", "Olives"]


@pytest.mark.parametrize("quantity", [0, -3, 100, 2_147_483_647])
async def test_absurd_quantities_are_refused_and_open_no_cart(quantity: int) -> None:
    consumer, item = await make_consumer(), await make_item()
    before = await picture()
    with pytest.raises(QuantityNotAllowed):
        await add_line(consumer, item.id, quantity)
    assert await picture() == before
    assert await cart_of(consumer) is None


async def test_a_line_does_not_grow_beyond_99() -> None:
    consumer, item = await make_consumer(), await make_item()
    await add_line(consumer, item.id, 98)
    before = await picture()
    with pytest.raises(QuantityNotAllowed) as refused:
        await add_line(consumer, item.id, 2)
    assert refused.value.quantity == 100
    assert await picture() == before
    assert (await add_line(consumer, item.id, 1)).baskets[0].lines[0].quantity == 99


async def test_a_cart_holds_100_lines() -> None:
    consumer, item = await make_consumer(), await make_item()
    cart = await add_line(consumer, item.id, 1)
    await CartLine.bulk_create(
        CartLine(id=new_id(), cart_id=cart.id, item_id=item.id, option_ids=[], quantity=1, note=f"{n}", position=n)
        for n in range(2, 101)
    )
    before = await picture()
    with pytest.raises(CartFull) as refused:
        await add_line(consumer, item.id, 1, note="one more")
    assert refused.value.most == 100
    assert await picture() == before
    assert (await add_line(consumer, item.id, 1)).baskets[0].lines[0].quantity == 2


async def test_taps_at_once_cannot_pass_the_limits_together() -> None:
    consumer, item = await make_consumer(), await make_item()
    await add_line(consumer, item.id, 95)
    answers = await asyncio.gather(*(add_line(consumer, item.id, 1) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, QuantityNotAllowed) for answer in answers) == 4
    cart = await cart_of(consumer)
    assert cart is not None
    assert ([line.quantity for line in cart.baskets[0].lines], cart.version) == ([99], 5)


async def test_the_first_taps_at_once_open_one_cart() -> None:
    consumer, items = await make_consumer(), [await make_item() for _ in range(4)]
    await asyncio.gather(*(add_line(consumer, item.id, 1) for item in items))
    cart = await cart_of(consumer)
    assert cart is not None
    assert (len(cart.baskets), cart.version) == (4, 4)


async def test_choices_that_are_not_allowed_are_refused() -> None:
    consumer = await make_consumer()
    pizza = await make_item(groups=(make_group("Size", "Small", "Large", least=1),))
    other = await make_item(groups=(make_group("Sauce", "Hot"),))
    before = await picture()
    for wrong in ([], [option_named(other, "Hot").id], [option.id for option in pizza.groups[0].options], [new_id()]):
        with pytest.raises(ChoicesNotAllowed):
            await add_line(consumer, pizza.id, 1, wrong)
    assert await picture() == before


async def test_an_item_that_never_was_is_not_found() -> None:
    before = await picture()
    with pytest.raises(NotFound):
        await add_line(await make_consumer(), new_id(), 1)
    assert await picture() == before


@pytest.mark.parametrize("state", ["DRAFT", "CLOSED_DOWN"])
async def test_an_item_of_a_store_that_is_not_there_is_not_found(state: str) -> None:
    item = await make_item(await make_store(state=state))
    before = await picture()
    with pytest.raises(NotFound):
        await add_line(await make_consumer(), item.id, 1)
    assert await picture() == before


async def test_what_is_sold_out_is_refused_until_it_is_back(clock: TestClock) -> None:
    consumer, empty, marked = await make_consumer(), await make_item(stock=0), await make_item()
    await Item.filter(id=marked.id).update(unavailable_until=clock.now().replace(hour=15))
    before = await picture()
    for item in (empty, marked):
        with pytest.raises(ItemNotAvailable) as refused:
            await add_line(consumer, item.id, 1)
        assert [shortage.item_id for shortage in refused.value.shortages] == [item.id]
    assert await picture() == before
    clock.move_to(clock.now().replace(hour=15))
    assert (await add_line(consumer, marked.id, 1)).goods == marked.price


async def test_currencies_are_not_mixed() -> None:
    consumer, euros = await make_consumer(), await make_item()
    crowns = await make_item(await make_store(currency="SEK"))
    await add_line(consumer, euros.id, 1)
    before = await picture()
    with pytest.raises(CurrencyNotAllowed) as refused:
        await add_line(consumer, crowns.id, 1)
    assert (refused.value.currency, refused.value.expected) == ("SEK", "EUR")
    assert await picture() == before


async def test_a_note_with_a_null_byte_is_bad_input() -> None:
    with pytest.raises(BadInput):
        await add_line(await make_consumer(), (await make_item()).id, 1, note="a\0b")


async def test_a_cart_is_its_consumer_s_alone() -> None:
    owner, other, item = await make_consumer(), await make_consumer(), await make_item()
    await add_line(owner, item.id, 1)
    assert await cart_of(other) is None


async def test_adding_costs_one_statement_where_the_item_is_known(statements: Statements) -> None:
    consumer, plain = await make_consumer(), await make_item()
    pizza = await make_item(groups=(make_group("Size", "Small", "Large", least=1),))
    large = [pizza.groups[0].options[1].id]
    statements.clear()
    await add_line(consumer, plain.id, 1)
    assert await statements.count() == 4  # the store's version, item, links to groups; and the goods put, with the cart read
    statements.clear()
    await add_line(consumer, pizza.id, 1, large)
    assert await statements.count() == 6  # and groups, options
    statements.clear()
    carts = [await add_line(consumer, plain.id, 2), await add_line(consumer, pizza.id, 1, large)]
    assert await statements.count() == 2
    assert [[line.quantity for basket in cart.baskets for line in basket.lines] for cart in carts] == [[3, 1], [3, 2]]
    assert carts[1] == await cart_of(consumer)


async def test_a_menu_changed_since_the_last_tap_is_seen() -> None:
    consumer, store = await make_consumer(), await make_store()
    pizza = await make_item(store, name="Pizza", groups=(make_group("Size", "Small", "Large"),))
    await add_line(consumer, pizza.id, 1)
    await make_menu(store.id, draft_item("Pizza", groups=(make_group("Size", "Small", "Large", least=1),)))
    before = await picture()
    with pytest.raises(ChoicesNotAllowed):
        await add_line(consumer, pizza.id, 1)
    assert await picture() == before
    assert (await add_line(consumer, pizza.id, 1, [option_named(pizza, "Large").id])).version == 2


async def test_what_is_marked_out_between_two_taps_is_refused_until_it_is_back() -> None:
    consumer, item = await make_consumer(), await make_item()
    staff = await make_staff(item.store_id)
    await add_line(consumer, item.id, 1)
    await mark_item_out(staff, item.id)
    before = await picture()
    for _ in range(2):
        with pytest.raises(ItemNotAvailable):
            await add_line(consumer, item.id, 1)
    assert await picture() == before
    await mark_item_back(staff, item.id)
    assert (await add_line(consumer, item.id, 1)).baskets[0].lines[0].quantity == 2


async def test_the_cart_is_read_with_one_statement_however_large(statements: Statements) -> None:
    consumer = await make_consumer()
    for _ in range(3):
        store = await make_store()
        items = [await make_item(store, groups=(make_group("Size", "Small", "Large", least=1),)) for _ in range(4)]
        for item in items:
            await add_line(consumer, item.id, 1, [item.groups[0].options[0].id])
    statements.clear()
    cart = await cart_of(consumer)
    assert await statements.count() == 1
    assert cart is not None
    assert [len(basket.lines) for basket in cart.baskets] == [4, 4, 4]
