"""Feeds of stock and prices: the highest version counts, in whatever order rows arrive and however often."""

from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalog.events import PricesFed, StockFed
from services.catalog.imports.errors import FeedTooLong
from services.catalog.imports.feeds import ROWS_PER_CALL, FeedOutcome, FeedRow, feed_prices, feed_stock
from services.catalog.operations import hold_stock
from services.kernel.actors import StaffRole, StoreStaff
from services.kernel.database import rows, run
from services.kernel.errors import Forbidden
from services.stores.queries import store as read_store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_item, make_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import recorded

GTIN = "6408430000135"


async def shelf() -> StoreStaff:
    staff = await make_staff((await make_store()).id, StaffRole.OWNER)
    await make_menu(staff.store_id, draft_item("Milk", 150, ref="A1", stock=0), draft_item("Bread", 320, ref="A2", gtin=GTIN))
    return staff


async def sold(staff: StoreStaff) -> dict[str, tuple[int, int | None]]:
    found = await rows("SELECT ref, price, stock FROM items WHERE store_id = $1 ORDER BY ref", staff.store_id)
    return {record["ref"]: (record["price"], record["stock"]) for record in found}


async def test_rows_are_taken_by_reference_or_barcode_and_unknown_ones_are_told() -> None:
    staff = await shelf()
    told = [
        FeedRow(7, 4, ref="A1"),
        FeedRow(7, 9, gtin=GTIN),
        FeedRow(7, 1, ref="A3"),
        FeedRow(7, -1, ref="A1"),
        FeedRow(7, 1, gtin="1"),
    ]

    report = await feed_stock(staff, told)

    unknown, wrong = FeedOutcome.UNKNOWN, FeedOutcome.NOT_ALLOWED
    assert report.outcomes == [FeedOutcome.TAKEN, FeedOutcome.TAKEN, unknown, wrong, wrong]
    assert await sold(staff) == {"A1": (150, 4), "A2": (320, 9)}
    assert [(fact.rows, fact.taken) for fact in await recorded(StockFed)] == [(5, 2)]


async def test_an_older_row_changes_nothing_and_a_repeat_is_told_as_one() -> None:
    staff = await shelf()
    await feed_prices(staff, [FeedRow(5, 199, ref="A1")])
    version = (await read_store(staff.store_id)).version

    report = await feed_prices(staff, [FeedRow(4, 1, ref="A1"), FeedRow(5, 199, ref="A1"), FeedRow(5, 250, ref="A1")])

    assert report.outcomes == [FeedOutcome.OUTDATED, FeedOutcome.REPEATED, FeedOutcome.VERSION_TWICE]
    assert await sold(staff) == {"A1": (199, 0), "A2": (320, None)}
    assert (await read_store(staff.store_id)).version == version
    assert len(await recorded(PricesFed)) == 1


async def test_only_what_is_seen_raises_the_store_s_version() -> None:
    staff = await shelf()
    before = (await read_store(staff.store_id)).version
    await feed_stock(staff, [FeedRow(1, 4, ref="A1")])
    came_back = (await read_store(staff.store_id)).version
    await feed_stock(staff, [FeedRow(2, 3, ref="A1")])
    fewer = (await read_store(staff.store_id)).version

    assert (came_back - before, fewer - came_back) == (1, 0)


async def test_what_orders_hold_is_not_free_to_sell(clock: TestClock) -> None:
    item = await make_item(name="Milk", stock=5, ref="A1")
    staff = await make_staff(item.store_id, StaffRole.OWNER)
    await hold_stock(uuid4(), [(uuid4(), item.id, 2)], clock.now())

    await feed_stock(staff, [FeedRow(1, 6, ref="A1")])

    assert (await sold(staff))["A1"][1] == 4


async def test_any_order_of_arrival_ends_the_same(clock: TestClock) -> None:
    staff = await shelf()
    told = [FeedRow(1, 10, ref="A1"), FeedRow(3, 30, ref="A1"), FeedRow(3, 31, ref="A1"), FeedRow(2, 20, ref="A1")]
    for calls in permutations(told):
        await run("DELETE FROM item_feed_versions")
        for each in calls:
            await feed_stock(staff, [each])
        assert (await sold(staff))["A1"][1] == 30


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_rows_in_one_call_or_in_many_in_any_order_and_twice_end_the_same(clock: TestClock, data: st.DataObject) -> None:
    staff = await shelf()
    one = st.builds(FeedRow, version=st.integers(0, 4), amount=st.integers(1, 9), ref=st.sampled_from(["A1", "A2"]))
    told = data.draw(st.lists(one, min_size=1, max_size=8))
    expected = {ref: max((r.version, -r.amount) for r in told if r.ref == ref) for ref in {r.ref for r in told}}

    await feed_stock(staff, told)
    together = await sold(staff)
    await run("DELETE FROM item_feed_versions")
    for each in data.draw(st.permutations(told + told)):
        await feed_stock(staff, [each])

    assert await sold(staff) == together
    assert {ref: together[ref][1] for ref in expected} == {ref: -least for ref, (_, least) in expected.items()}


async def test_a_feed_is_one_statement_however_many_rows(statements: Statements) -> None:
    staff = await shelf()
    counts = []
    for version, size in ((1, 2), (2, 400)):
        statements.clear()
        await feed_stock(staff, [FeedRow(version, 5, ref="A1"), *[FeedRow(1, 1, ref=f"B{n}") for n in range(size - 1)]])
        counts.append(await statements.count())
    # The first also raises the version, for the item came back.
    assert counts == [4, 3]


async def test_too_many_rows_or_too_little_right_change_nothing() -> None:
    staff = await shelf()
    clerk = await make_staff(staff.store_id, StaffRole.CLERK)
    with pytest.raises(FeedTooLong):
        await feed_stock(staff, [FeedRow(1, 5, ref="A1")] * (ROWS_PER_CALL + 1))
    with pytest.raises(Forbidden):
        await feed_prices(clerk, [FeedRow(1, 5, ref="A1")])
    assert await sold(staff) == {"A1": (150, 0), "A2": (320, None)}
