"""Positions: a statement a call, the newest wins, one sample in twenty seconds, nearby told once, nobody outside a shift."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from services.dispatch.errors import NotOnShift
from services.dispatch.events import CourierNearby
from services.dispatch.operations import end_shift, forget_old_positions, record_positions
from services.dispatch.queries import position_of
from services.dispatch.rules import DeliveryState, PointFault, Sifted
from services.kernel import nudges
from services.kernel.actors import Courier
from services.kernel.database import rows, run
from services.kernel.errors import BadInput
from tests.conftest import Statements, TestClock
from tests.factories.dispatch import (
    DOOR_PLACE,
    away,
    make_courier_on_shift,
    make_delivery,
    picture,
    point,
    put,
)
from tests.factories.identity import make_courier
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import recorded

D = DeliveryState


async def latitude_of(courier: Courier) -> float:
    seen = await position_of(courier.person_id)
    assert seen
    return seen.latitude


async def test_positions_are_taken_on_shift_only() -> None:
    fresh, gone = await make_courier(), await make_courier_on_shift()
    await end_shift(gone)
    before = await picture()
    for courier in (fresh, gone):
        with pytest.raises(NotOnShift):
            await record_positions(courier, [point(RAILWAY_SQUARE)])
    assert await picture() == before


async def test_more_than_250_points_are_too_many(clock: TestClock) -> None:
    courier = await make_courier_on_shift(None)
    before = await picture()
    with pytest.raises(BadInput):
        await record_positions(courier, [point(RAILWAY_SQUARE)] * 251)
    assert await picture() == before
    sifted = await record_positions(courier, [point(RAILWAY_SQUARE, after=-count) for count in range(250)])
    assert len(sifted.accepted) == 250


async def test_what_is_not_believed_is_counted_and_changes_nothing(clock: TestClock) -> None:
    courier = await make_courier_on_shift()
    before = await picture()
    sifted = await record_positions(
        courier,
        [
            point(RAILWAY_SQUARE, after=-5),
            point(RAILWAY_SQUARE, after=31),
            point(RAILWAY_SQUARE, after=1, accuracy_m=101),
            point((42.5, 24.9443), after=2),
            point((float("nan"), 24.9443), after=3),
        ],
    )
    assert sifted.accepted == []
    assert sifted.refused == dict.fromkeys(PointFault, 1)
    assert await picture() == before


async def test_a_call_costs_a_statement_and_the_first_one_two(clock: TestClock, statements: Statements) -> None:
    idle, job = await make_courier_on_shift(), await make_delivery(D.TO_DROPOFF)
    far = away(DOOR_PLACE, north=900)
    for courier in (idle, job.rider):
        await put(courier, far)
    for cost in (2, 1):
        clock.move(seconds=4)
        for courier, points in ((idle, 1), (job.rider, 250)):
            statements.clear()
            sifted = await record_positions(courier, [point(far, after=-count / 100) for count in range(points)])
            assert len(sifted.accepted) == points
            assert await statements.count() == cost


async def test_what_is_known_of_a_courier_is_never_believed_against_the_database(
    clock: TestClock, statements: Statements
) -> None:
    courier, job = await make_courier_on_shift(RAILWAY_SQUARE), await make_delivery(D.TO_DROPOFF)
    there = away(DOOR_PLACE, north=900)
    await put(job.rider, there)
    clock.move(seconds=4)
    await record_positions(courier, [point(RAILWAY_SQUARE)])
    await record_positions(job.rider, [point(there)])
    clock.move(seconds=4)

    # Another process has taken a newer point in, from far away, and told that the courier is near.
    await put(courier, (42.5, 24.9443))
    await run("UPDATE deliveries SET nearby_told = true WHERE id = $1", job.delivery.id)
    before = await picture()
    clock.move(seconds=4)
    statements.clear()
    assert (await record_positions(courier, [point(RAILWAY_SQUARE)])).refused == {PointFault.TOO_FAST: 1}
    assert await statements.count() == 1
    assert await picture() == before
    await put(job.rider, DOOR_PLACE)
    clock.move(seconds=4)
    assert len((await record_positions(job.rider, [point(DOOR_PLACE)])).accepted) == 1
    assert await recorded(CourierNearby) == []

    await run("UPDATE couriers SET state = 'OFFLINE' WHERE person_id = $1", courier.person_id)
    before = await picture()
    clock.move(seconds=4)
    for places in ([point((42.5, 24.9443))], []):
        with pytest.raises(NotOnShift):
            await record_positions(courier, places)
    assert await picture() == before


async def test_calls_that_come_in_together_cost_two_statements_together(clock: TestClock, statements: Statements) -> None:
    couriers, gone = [await make_courier_on_shift() for _ in range(5)], await make_courier()
    statements.clear()
    rides = {courier: [point(away(RAILWAY_SQUARE, north=place), after=place) for place in (1, 2)] for courier in couriers}
    calls = [record_positions(courier, [rides[courier][turn]]) for turn in (0, 1) for courier in couriers]

    *taken, refused = await asyncio.gather(*calls, record_positions(gone, [point(RAILWAY_SQUARE)]), return_exceptions=True)

    assert await statements.count() == 2
    assert [(len(one.accepted), one.refused) for one in taken if isinstance(one, Sifted)] == [(1, {})] * 10
    assert isinstance(refused, NotOnShift)
    assert [await latitude_of(courier) for courier in couriers] == [away(RAILWAY_SQUARE, north=2)[0]] * 5


async def test_one_point_of_each_twenty_seconds_of_a_job_is_kept(clock: TestClock) -> None:
    idle, job = await make_courier_on_shift(), await make_delivery(D.TO_PICKUP)
    for _ in range(25):
        clock.move(seconds=4)
        for courier in (idle, job.rider):
            await record_positions(courier, [point(RAILWAY_SQUARE)])
    kept = await rows("SELECT courier_id, delivery_id, grain FROM position_samples ORDER BY grain")
    # 100 seconds from a full minute on: 4 s to 100 s after noon lie in six grains.
    assert [(one["courier_id"], one["delivery_id"]) for one in kept] == [(job.rider.person_id, job.delivery.id)] * 6
    clock.move(days=30, seconds=-90)
    assert await forget_old_positions() == 1
    clock.move(seconds=91)
    assert await forget_old_positions() == 5


async def test_the_newest_point_wins_whatever_call_is_written_last(clock: TestClock) -> None:
    for _ in range(5):
        courier = await make_courier_on_shift()
        clock.move(minutes=1)
        calls = [record_positions(courier, [point(away(RAILWAY_SQUARE, north=count), after=-20 + count)]) for count in range(20)]
        await asyncio.gather(*calls[::2], *calls[1::2])
        assert await latitude_of(courier) == away(RAILWAY_SQUARE, north=19)[0]


async def test_nearby_is_told_once_and_on_the_way_to_the_door_only(clock: TestClock) -> None:
    job = await make_delivery(D.PICKED_UP)
    await put(job.rider, DOOR_PLACE)
    clock.move(seconds=4)
    await record_positions(job.rider, [point(DOOR_PLACE)])
    assert await recorded(CourierNearby) == []

    other = await make_delivery(D.TO_DROPOFF)
    for metres, told in ((800, 0), (505, 0), (495, 1), (600, 1), (20, 1)):
        await put(other.rider, away(DOOR_PLACE, north=metres))
        clock.move(seconds=4)
        await record_positions(other.rider, [point(away(DOOR_PLACE, north=metres))])
        assert len(await recorded(CourierNearby)) == told
    (event,) = await recorded(CourierNearby)
    assert (event.delivery_id, event.courier_id) == (other.delivery.id, other.rider.person_id)


async def test_nearby_is_told_once_by_parallel_calls_too(clock: TestClock) -> None:
    job = await make_delivery(D.TO_DROPOFF)
    await put(job.rider, DOOR_PLACE)
    clock.move(seconds=10)
    await asyncio.gather(*(record_positions(job.rider, [point(DOOR_PLACE, after=-count / 10)]) for count in range(20)))
    assert len(await recorded(CourierNearby)) == 1


async def _count_nudges(topic: str, seen: list[object]) -> None:
    async for nudged in nudges.listen(topic, poll_every=60):
        seen += [nudged]


async def test_the_consumers_map_moves_at_most_once_a_second(clock: TestClock) -> None:
    job = await make_delivery(D.TO_DROPOFF)
    seen: list[object] = []
    listener = asyncio.create_task(_count_nudges(f"purchase:{job.purchase.id}", seen))
    await asyncio.sleep(0.05)
    for tenth in range(40):
        clock.move(milliseconds=100)
        await record_positions(job.rider, [point(away(RAILWAY_SQUARE, north=tenth))])
        await asyncio.sleep(0.002)
    listener.cancel()
    with suppress(asyncio.CancelledError):
        await listener
    # Four seconds, forty calls: the first reading, and what a phone in the street wants to see.
    assert 1 < len(seen) <= 6


async def test_a_late_batch_is_believed_in_order(clock: TestClock) -> None:
    job = await make_delivery(D.TO_DROPOFF)
    clock.move(minutes=5)
    late = [point(away(RAILWAY_SQUARE, north=-5 * count), after=-count) for count in range(60)]
    assert len((await record_positions(job.rider, late)).accepted) == 60
    seen = await position_of(job.rider.person_id)
    assert seen
    assert (seen.taken_at, seen.latitude) == (clock.now(), RAILWAY_SQUARE[0])
    clock.move(seconds=4)
    assert (await record_positions(job.rider, late)).refused == {PointFault.STALE: 60}
    assert seen.taken_at == clock.now() - timedelta(seconds=4)
