"""Items are marked out and back with one tap each."""

from datetime import UTC, datetime, timedelta

import pytest

from services.catalog.events import ItemMarkedBack, ItemMarkedOut
from services.catalog.marking import mark_item_back, mark_item_out
from services.catalog.queries import items_by_ids
from services.catalog.rules import available_at, available_from
from services.catalog.rules.offers import UNTIL_SAID
from services.kernel.actors import StaffRole
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_item, make_menu
from tests.factories.identity import make_staff
from tests.facts import recorded


async def test_out_until_somebody_says_otherwise(clock: TestClock) -> None:
    item = await make_item()
    staff = await make_staff(item.store_id, StaffRole.CLERK)
    version = (await read_store(item.store_id)).version

    out = await mark_item_out(staff, item.id)
    await mark_item_out(staff, item.id)

    assert not available_at(out, clock.now() + timedelta(days=3650))
    assert available_from(out, clock.now()) is None
    assert (await read_store(item.store_id)).version == version + 1
    back = await mark_item_back(staff, item.id)
    await mark_item_back(staff, item.id)
    assert available_at(back, clock.now())
    assert (await read_store(item.store_id)).version == version + 2
    assert await recorded(ItemMarkedOut) == [ItemMarkedOut(store_id=item.store_id, item_id=item.id, until=None)]
    assert await recorded(ItemMarkedBack) == [ItemMarkedBack(store_id=item.store_id, item_id=item.id)]


async def test_out_until_a_time(clock: TestClock) -> None:
    item = await make_item()
    until = clock.now() + timedelta(hours=2)

    out = await mark_item_out(await make_staff(item.store_id), item.id, until)

    assert (available_at(out, clock.now()), available_from(out, clock.now()), available_at(out, until)) == (False, until, True)


async def test_a_new_menu_does_not_bring_back_what_staff_marked_out(clock: TestClock) -> None:
    item = await make_item(name="Soup")
    await mark_item_out(await make_staff(item.store_id), item.id)

    await make_menu(item.store_id, draft_item("Soup", 1_200))

    (after,) = await items_by_ids([item.id])
    assert (after.price, available_at(after, clock.now())) == (1_200, False)


@pytest.mark.parametrize("far", [UNTIL_SAID, datetime(9999, 12, 31, tzinfo=UTC)])
async def test_the_end_of_time_is_until_somebody_says_otherwise(clock: TestClock, far: datetime) -> None:
    item = await make_item()

    out = await mark_item_out(await make_staff(item.store_id), item.id, far)

    assert out.unavailable_until == UNTIL_SAID
    assert [event.until for event in await recorded(ItemMarkedOut)] == [None]


async def test_refusals_change_nothing(clock: TestClock) -> None:
    item, foreign = await make_item(), await make_item()
    staff = await make_staff(item.store_id)

    with pytest.raises(BadInput):
        await mark_item_out(staff, item.id, clock.now())
    for stranger in (foreign.id, new_id()):
        with pytest.raises(NotFound):
            await mark_item_out(staff, stranger)
        with pytest.raises(NotFound):
            await mark_item_back(staff, stranger)

    assert all(available_at(each, clock.now()) for each in await items_by_ids([item.id, foreign.id]))
    assert await recorded(ItemMarkedOut) == []


async def test_statements(statements: Statements) -> None:
    item = await make_item()
    staff = await make_staff(item.store_id)
    statements.clear()

    await mark_item_out(staff, item.id)

    assert await statements.count() == 6
