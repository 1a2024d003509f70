"""An option is marked out with one tap, and with it whatever cannot be had without it; baskets and quotes know at once."""

from datetime import datetime, timedelta

import pytest

from services.browse.queries import browse
from services.browse.question import Question
from services.browse.rules import Order
from services.carts.errors import ItemNotAvailable
from services.carts.operations import add_line, quote_cart
from services.carts.queries import cart_of
from services.catalog.errors import OptionSoldOut
from services.catalog.events import ItemMarkedOut, OptionsMarkedBack, OptionsMarkedOut
from services.catalog.marking import MarkedOption, mark_item_out, mark_option_back, mark_option_out
from services.catalog.queries import items_by_ids, menu
from services.catalog.rules import ItemForSale, available_at, available_from
from services.catalog.rules.offers import UNTIL_SAID
from services.kernel.actors import StaffRole, StoreStaff
from services.kernel.clock import now
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from services.kernel.paging import PageRequest
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.carts import make_cart
from tests.factories.catalog import draft_item, make_group, make_item, make_menu, make_option, option_named
from tests.factories.identity import make_consumer, make_staff
from tests.factories.stores import RAILWAY_SQUARE, make_store
from tests.facts import fingerprint, recorded


async def kitchen() -> tuple[StoreStaff, list[ItemForSale]]:
    """Three dishes: one asks for bread, one may have it, one has it below a choice; all of one shared group."""
    store = await make_store(opening_hours="Mo-Su 10:00-22:00")
    bread = make_group("Bread", "Rye", ref="B", least=1)
    maybe = make_group("Extra", make_option("Basket", groups=(bread,)))
    tree = await make_menu(
        store.id,
        draft_item("Soup", groups=(bread,)),
        draft_item("Salad", groups=(maybe,)),
        draft_item("Sandwich", groups=(make_group("Kind", make_option("Open", groups=(bread,)), least=1),)),
    )
    return await make_staff(store.id, StaffRole.CLERK), list(tree.menus[0].sections[0].items)


def told(marked: MarkedOption) -> dict[str, bool]:
    return {item.name: available_at(item, now()) for item in marked.items}


async def test_an_option_takes_with_it_what_asks_for_it(clock: TestClock) -> None:
    staff, (soup, *_) = await kitchen()
    rye = option_named(soup, "Rye").id
    version = (await read_store(staff.store_id)).version

    out = await mark_option_out(staff, rye)
    again = await mark_option_out(staff, rye)

    # The salad can be had without its basket; soup and sandwich cannot be had without bread.
    assert told(out) == told(again) == {"Soup": False, "Salad": True, "Sandwich": False}
    assert out.option.unavailable_until == UNTIL_SAID
    shown = (await menu(staff.store_id, now())).menus[0].sections[0].items
    assert [(item.name, available_at(item, now())) for item in shown] == [("Soup", False), ("Salad", True), ("Sandwich", False)]
    assert (await read_store(staff.store_id)).version == version + 1
    back = await mark_option_back(staff, rye)
    assert told(back) == {"Soup": True, "Salad": True, "Sandwich": True}
    await mark_option_back(staff, rye)
    assert (await read_store(staff.store_id)).version == version + 2
    assert await recorded(OptionsMarkedOut) == [OptionsMarkedOut(store_id=staff.store_id, option_ids=[rye], until=None)]
    assert await recorded(OptionsMarkedBack) == [OptionsMarkedBack(store_id=staff.store_id, option_ids=[rye])]


async def test_who_reads_the_item_alone_knows_it_too_also_after_another_menu(clock: TestClock) -> None:
    store = await make_store()
    staff, soon = await make_staff(store.id), clock.now() + timedelta(hours=1)
    bread = make_group("Bread", "Rye", "Wheat", ref="B", least=1)
    (soup,) = (await make_menu(store.id, draft_item("Soup", groups=(bread,)))).menus[0].sections[0].items

    async def alone() -> tuple[bool, datetime | None]:
        (item,) = await items_by_ids([soup.id])
        return available_at(item, clock.now()), available_from(item, clock.now())

    await mark_option_out(staff, option_named(soup, "Rye").id)
    assert await alone() == (True, None)
    await mark_option_out(staff, option_named(soup, "Wheat").id, soon)
    assert await alone() == (False, soon)
    # A menu in which the bread need not be chosen any more, and one in which it must be again.
    await make_menu(store.id, draft_item("Soup", groups=(make_group("Bread", "Rye", "Wheat", ref="B"),)))
    assert await alone() == (True, None)
    await make_menu(store.id, draft_item("Soup", groups=(bread,)))
    assert await alone() == (False, soon)
    clock.move_to(soon)
    assert await alone() == (True, None)


async def test_out_until_a_time_and_for_today(clock: TestClock) -> None:
    staff, (soup, *_) = await kitchen()
    rye, until = option_named(soup, "Rye").id, clock.now() + timedelta(hours=2)

    out = await mark_option_out(staff, rye, until)

    assert [available_at(out.items[0], moment) for moment in (clock.now(), until)] == [False, True]
    today = await mark_option_out(staff, rye, today=True)
    item = await mark_item_out(staff, soup.id, today=True)
    # Midnight in Helsinki.
    midnight = clock.now().replace(hour=21, minute=0)
    assert today.option.unavailable_until == item.unavailable_until == midnight
    assert [event.until for event in await recorded(ItemMarkedOut)] == [midnight]


async def test_what_is_called_the_same_elsewhere_goes_along_when_asked(clock: TestClock) -> None:
    store = await make_store()
    groups = [make_group(name, "Avocado", "Egg", least=1) for name in ("On toast", "On rice")]
    tree = await make_menu(store.id, draft_item("Toast", groups=(groups[0],)), draft_item("Bowl", groups=(groups[1],)))
    staff = await make_staff(store.id)
    toast, bowl = tree.menus[0].sections[0].items
    one, other = (option_named(item, "Avocado") for item in (toast, bowl))

    await mark_option_out(staff, one.id, namesakes=True)

    marked = (await menu(store.id, now())).menus[0].sections[0].items
    assert [option_named(item, "Avocado").unavailable_until for item in marked] == [UNTIL_SAID, UNTIL_SAID]
    assert [option_named(item, "Egg").unavailable_until for item in marked] == [None, None]
    await mark_option_back(staff, other.id)
    marked = (await menu(store.id, now())).menus[0].sections[0].items
    assert [option_named(item, "Avocado").unavailable_until for item in marked] == [UNTIL_SAID, None]


async def test_a_basket_with_it_cannot_be_bought_and_it_cannot_be_put_in(clock: TestClock) -> None:
    item = await make_item(price=1_500, groups=(make_group("Bread", "Rye", "Wheat", least=1),))
    rye, wheat = option_named(item, "Rye").id, option_named(item, "Wheat").id
    consumer = await make_consumer()
    await add_line(consumer, item.id, 1, [rye])
    await make_cart(await make_item(price=900), consumer=consumer)
    staff = await make_staff(item.store_id)

    await mark_option_out(staff, rye)

    cart = await cart_of(consumer)
    assert cart is not None
    assert [line.is_available for basket in cart.baskets for line in basket.lines] == [False, True]
    before = await fingerprint()
    with pytest.raises(ItemNotAvailable):
        await quote_cart(consumer)
    with pytest.raises(OptionSoldOut):
        await add_line(consumer, item.id, 1, [rye])
    assert await fingerprint() == before
    await mark_option_out(staff, wheat)
    with pytest.raises(ItemNotAvailable):
        await add_line(consumer, item.id, 1, [rye])


async def test_refusals_change_nothing(clock: TestClock) -> None:
    staff, (soup, *_) = await kitchen()
    elsewhere, _ = await kitchen()
    rye = option_named(soup, "Rye").id
    before = await fingerprint()

    for refusal, refused in (
        (BadInput, mark_option_out(staff, rye, clock.now())),
        (BadInput, mark_option_out(staff, rye, clock.now() + timedelta(hours=1), today=True)),
        (BadInput, mark_item_out(staff, soup.id, clock.now() + timedelta(hours=1), today=True)),
        (NotFound, mark_option_out(elsewhere, rye)),
        (NotFound, mark_option_back(elsewhere, rye)),
        (NotFound, mark_option_out(staff, new_id())),
    ):
        with pytest.raises(refusal):
            await refused

    assert await fingerprint() == before


async def test_statements(statements: Statements) -> None:
    staff, (soup, *_) = await kitchen()
    rye = option_named(soup, "Rye").id

    assert [await statements.of(asked) for asked in (mark_option_out(staff, rye), mark_option_back(staff, rye))] == [12, 12]


async def test_a_look_over_all_stores_sees_it_too(clock: TestClock) -> None:
    bread = make_group("Bread", "Rye", least=1)
    near, far = [await make_store(name=name, cuisines=["nordic"]) for name in ("Near", "Far")]
    soup = await make_item(near, name="Herring soup", price=900, groups=(bread,))
    await make_item(far, name="Herring soup", price=990)
    question = Question(words="herring", latitude=RAILWAY_SQUARE[0], longitude=RAILWAY_SQUARE[1], at=clock.now())

    async def offers() -> list[tuple[str, bool]]:
        (ware,) = (await browse(question, Order.CHEAPEST, PageRequest())).rows
        return [(offer.near.card.name, offer.can_be_had) for offer in ware.offers]

    assert await offers() == [("Near", True), ("Far", True)]
    await mark_option_out(await make_staff(near.id), option_named(soup, "Rye").id)
    assert await offers() == [("Far", True), ("Near", False)]
