"""Busy times, preparation by the hour, areas and minimums as staff tell them; what each does to a quote."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.carts.errors import AddressOutOfReach, BasketBelowMinimum, StoreClosed
from services.carts.operations import quote_cart
from services.kernel import database
from services.kernel.actors import StaffRole
from services.kernel.errors import BadInput, Forbidden
from services.kernel.paging import PageRequest
from services.stores import rules
from services.stores.errors import (
    BusyNotAllowed,
    DeliveryAreaNotAllowed,
    PreparationTableNotAllowed,
    WeekNotAllowed,
)
from services.stores.events import (
    StoreBusy,
    StoreDeliveryChanged,
    StoreHoursChanged,
    StoreNotBusy,
    StoreOrderTakingChanged,
)
from services.stores.operations import (
    OrderTaking,
    change_delivery,
    change_order_taking,
    change_week,
    end_busy,
    start_busy,
)
from services.stores.queries import store
from services.stores.rules.week import WeekFault, WeekHours, week_of
from services.stores.rules.windows import Window
from services.stores.shown import stores_near
from tests.conftest import Statements, TestClock
from tests.factories.carts import DOOR, make_cart, picture
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import RAILWAY_SQUARE, make_store
from tests.facts import fingerprint, recorded

RUSH = rules.PreparationRow((0, 1, 2, 3, 4, 5, 6), Window(11 * 60, 14 * 60), 50)
TAKING = OrderTaking(auto_accept=True, preparation_minutes=15, preparation=[RUSH], last_order_minutes=45, capacity_orders=4)
AROUND_DOOR = [(60.160, 24.93), (60.160, 24.96), (60.175, 24.96), (60.175, 24.93), (60.160, 24.93)]
ELSEWHERE = [(60.172, 24.93), (60.172, 24.96), (60.185, 24.96), (60.185, 24.93), (60.172, 24.93)]


async def test_a_busy_time_moves_the_promise_and_ends_by_itself(clock: TestClock) -> None:
    made = await make_store(preparation_minutes=10)
    ready = await make_cart(await make_item(made))
    staff = await make_staff(made.id, StaffRole.CLERK)
    usual = await quote_cart(ready.consumer)
    until = clock.now() + timedelta(hours=1)

    busy = await start_busy(staff, 25, until)
    again = await start_busy(staff, 25, until)

    assert (busy.busy_minutes, busy.busy_until, busy.version, again.version) == (25, until, 3, 3)
    later = await quote_cart(ready.consumer)
    assert later.baskets[0].preparation_minutes == 35
    assert later.promised_from - usual.promised_from == timedelta(minutes=25)
    clock.move(hours=1)
    assert (await quote_cart(ready.consumer)).baskets[0].preparation_minutes == 10
    assert (await end_busy(staff)).version == 3
    assert await recorded(StoreBusy) == [StoreBusy(store_id=made.id, extra_minutes=25, until=until)]
    assert await recorded(StoreNotBusy) == []


async def test_a_busy_time_can_be_ended_before(clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id)
    until = clock.now() + timedelta(hours=1)
    await start_busy(staff, 25, until)

    ended = await end_busy(staff)

    assert (ended.busy_minutes, ended.busy_until, ended.version) == (0, None, 3)
    assert await recorded(StoreNotBusy) == [StoreNotBusy(store_id=made.id, busy_until=until)]


async def test_a_busy_time_without_a_near_end_is_refused(clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id)
    before, soon = await fingerprint(), clock.now() + timedelta(hours=1)

    for minutes, until in ((0, soon), (121, soon), (10, clock.now()), (10, clock.now() + timedelta(hours=24, seconds=1))):
        with pytest.raises(BusyNotAllowed):
            await start_busy(staff, minutes, until)

    assert await fingerprint() == before


async def test_orders_are_taken_on_as_the_store_says(clock: TestClock) -> None:
    made = await make_store(opening_hours="Mo-Su 10:00-13:00")
    ready = await make_cart(await make_item(made))

    changed = await change_order_taking(await make_staff(made.id, StaffRole.MANAGER), TAKING)
    again = await change_order_taking(await make_staff(made.id), TAKING)

    assert (changed.auto_accept, changed.preparation_minutes, changed.last_order_minutes) == (True, 15, 45)
    assert (changed.preparation_windows, changed.capacity_orders) == ("Mo-Su 11:00-14:00 50", 4)
    assert (changed.version, again.version) == (3, 3)
    assert await recorded(StoreOrderTakingChanged) == [StoreOrderTakingChanged(store_id=made.id)]
    # Noon: the rush makes it 50 minutes, and the last order comes 45 minutes before one.
    assert (await quote_cart(ready.consumer)).baskets[0].preparation_minutes == 50
    clock.move(minutes=16)
    before = await picture()
    with pytest.raises(StoreClosed) as closed:
        await quote_cart(ready.consumer)
    assert closed.value.opens_at == clock.now() + timedelta(hours=21, minutes=44)
    assert await picture() == before


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"preparation_minutes": 0}, BadInput),
        ({"last_order_minutes": -1}, BadInput),
        ({"capacity_orders": 0}, BadInput),
        ({"capacity_value": 0}, BadInput),
        ({"preparation": [RUSH._replace(minutes=241)]}, BadInput),
        ({"preparation": [RUSH, RUSH]}, PreparationTableNotAllowed),
    ],
)
async def test_numbers_that_nobody_means_are_refused(wrong: dict[str, object], refusal: type[Exception]) -> None:
    made = await make_store()
    staff = await make_staff(made.id)
    before = await fingerprint()

    with pytest.raises(refusal):
        await change_order_taking(staff, OrderTaking(**{"auto_accept": False, "preparation_minutes": 10} | wrong))  # type: ignore[arg-type]

    assert await fingerprint() == before


async def test_an_area_decides_whom_the_store_is_shown_and_brought_to(clock: TestClock) -> None:
    made = await make_store()
    ready = await make_cart(await make_item(made, price=2_000))
    staff = await make_staff(made.id)

    drawn = await change_delivery(staff, radius_m=1_000, area=AROUND_DOOR, minimum_basket=0)
    again = await change_delivery(staff, radius_m=1_000, area=AROUND_DOOR, minimum_basket=0)

    assert (drawn.delivery_area, drawn.version, again.version) == (rules.flat(AROUND_DOOR), 3, 3)
    assert (await quote_cart(ready.consumer)).baskets[0].store_id == made.id
    assert await shown_at_door(clock) == [made.id]
    await change_delivery(staff, radius_m=1_000, area=ELSEWHERE, minimum_basket=0)
    assert await shown_at_door(clock) == []
    with pytest.raises(AddressOutOfReach):
        await quote_cart(ready.consumer)
    round_again = await change_delivery(staff, radius_m=3_000, area=None, minimum_basket=2_001)
    assert (round_again.delivery_area, round_again.delivery_radius_m) == (None, 3_000)
    with pytest.raises(BasketBelowMinimum):
        await quote_cart(ready.consumer)
    assert len(await recorded(StoreDeliveryChanged)) == 3


async def shown_at_door(clock: TestClock) -> list[object]:
    found = await stores_near(DOOR.latitude, DOOR.longitude, at=clock.now(), page=PageRequest())
    return [one.card.id for one in found.page.rows]


async def test_what_cannot_be_delivered_to_is_refused_and_changes_nothing() -> None:
    made = await make_store()
    owner, clerk = await make_staff(made.id), await make_staff(made.id, StaffRole.CLERK)
    before = await fingerprint()

    with pytest.raises(DeliveryAreaNotAllowed) as refused:
        await change_delivery(owner, radius_m=1_000, area=AROUND_DOOR[:-1], minimum_basket=0)
    assert refused.value.fault is rules.AreaFault.NOT_CLOSED
    for radius, least in ((99, 0), (30_001, 0), (1_000, -1)):
        with pytest.raises(BadInput):
            await change_delivery(owner, radius_m=radius, area=None, minimum_basket=least)
    with pytest.raises(Forbidden):
        await change_delivery(clerk, radius_m=1_000, area=None, minimum_basket=0)
    with pytest.raises(Forbidden):
        await change_order_taking(clerk, TAKING)

    assert await fingerprint() == before


async def test_a_week_of_windows_is_kept_as_one_text() -> None:
    made = await make_store(hours_assumed=True)
    staff = await make_staff(made.id)
    week = WeekHours(((Window(600, 1_560),),) * 7)

    changed = await change_week(staff, week)

    assert (changed.opening_hours, changed.hours_assumed, changed.version) == ("Mo-Su 10:00-02:00", False, 2)
    assert week_of(changed.opening_hours) == week
    assert await recorded(StoreHoursChanged) == [
        StoreHoursChanged(store_id=made.id, opening_hours="Mo-Su 10:00-02:00", before="24/7")
    ]
    before = await fingerprint()
    with pytest.raises(WeekNotAllowed) as refused:
        await change_week(staff, WeekHours(((Window(600, 1_560),),) * 7, closed_on_holidays=True))
    assert refused.value.fault is WeekFault.HOLIDAYS_AND_MIDNIGHT
    assert await fingerprint() == before


degrees = some.integers(-300, 300).map(lambda step: step / 10_000)
rings = some.lists(some.tuples(degrees, degrees), min_size=3, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rings, some.lists(some.tuples(degrees, degrees), min_size=1, max_size=12))
async def test_postgresql_and_the_rule_agree_on_every_point(
    house: object, ring: list[rules.Corner], points: list[rules.Corner]
) -> None:
    """Whether the ring crosses itself or not; its own corners, where it is decided by the last digit, among the points."""
    lat, lon = RAILWAY_SQUARE
    area = rules.flat([(lat + north, lon + east) for north, east in [*ring, ring[0]]])
    asked = [(lat + north, lon + east) for north, east in points] + rules.corners_of(area)

    told = await database.rows(
        "SELECT in_delivery_area($1, y, x) FROM unnest($2::float8[], $3::float8[]) WITH ORDINALITY AS p (y, x, n) ORDER BY n",
        area,
        [point[0] for point in asked],
        [point[1] for point in asked],
    )

    assert [record[0] for record in told] == [rules.in_area(area, *point) for point in asked]


async def test_statements_of_each_change(statements: Statements, clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id)
    until = clock.now() + timedelta(hours=1)
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "busy": lambda: start_busy(staff, 10, until),
        "not busy": lambda: end_busy(staff),
        "taking": lambda: change_order_taking(staff, TAKING),
        "delivery": lambda: change_delivery(staff, radius_m=1_000, area=None, minimum_basket=100),
        "week": lambda: change_week(staff, WeekHours(((Window(600, 660),),) * 7)),
    }
    for name, change in changes.items():
        statements.clear()
        await change()
        assert await statements.count() == 4, (name, statements.queries)
    assert (await store(made.id)).version == 6
