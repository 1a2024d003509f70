"""Phones order through the public doors alone: one purchase over two stores from sign-in to settled, and a living city."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from mobile_contracts.phones.city import City, order_once
from mobile_contracts.phones.city_map import load_city_map
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.habits import EXEMPLARY, PEOPLE
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import Town
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally
from services.dispatch.rules import DeliveryState
from services.kernel import clock
from services.kernel.database import run
from services.orders.queries import orders_of_purchases
from services.orders.rules import OrderStage
from services.payments.ledger import sum_of_everything
from services.seeds.people import courier_phone
from tests.api.city.conftest import SmallTown
from tests.factories.dispatch import job_of, make_searching

pytestmark = pytest.mark.timeout(240)
QUICK = replace(PEOPLE, store=EXEMPLARY.store, courier=EXEMPLARY.courier)
# Seconds of the wall: ten on an idle machine.
PATIENCE = 200.0
WHOLE_LIFE = ["PLACED", "ACCEPTED", "PREPARING", "READY", "HANDED_OVER", "DELIVERED", "SETTLED"]


async def test_one_purchase_over_two_stores_from_sign_in_to_settled(town: SmallTown) -> None:
    story = await asyncio.wait_for(order_once(town.url, seed=1, now=clock.now, tell=town.tell, stores=len(town.stores)), PATIENCE)

    assert len(story.orders) == 2
    assert [[step.stage for step in order.stages] for order in story.orders] == [WHOLE_LIFE, WHOLE_LIFE]
    assert [stop.kind for stop in story.stops] == ["PICKUP", "PICKUP", "DROPOFF"]
    assert {stop.state for stop in story.stops} == {"DONE"}
    assert story.sequences == sorted(set(story.sequences))
    assert story.missed == []
    assert set(story.time_line) >= {"PurchaseCheckedOut", "OrderPlaced", "JobOffered", "OrderSettled"}
    purchase_id = UUID(story.purchase_uuid)
    orders = (await orders_of_purchases([purchase_id]))[purchase_id]
    assert {order.number for order in orders} == {order.number for order in story.orders}
    assert {order.stage for order in orders} == {OrderStage.SETTLED}
    assert await sum_of_everything() == {"EUR": 0}


async def test_what_an_earlier_city_left_undone_keeps_nobody_from_ordering_once(town: SmallTown) -> None:
    jobs_nobody_took = [await make_searching() for _ in range(3)]
    stuck = await make_searching()
    await run(_WITH_A_COURIER, stuck.delivery.id, courier_phone(199), clock.now())

    story = await asyncio.wait_for(order_once(town.url, seed=1, now=clock.now, tell=town.tell, stores=len(town.stores)), PATIENCE)

    assert [[step.stage for step in order.stages] for order in story.orders] == [WHOLE_LIFE, WHOLE_LIFE]
    assert {stop.state for stop in story.stops} == {"DONE"}
    assert story.missed == []
    # What was left is as it was: not taken by the couriers of this one order, and still in the same hands.
    left = [await job_of(job.delivery.id) for job in (*jobs_nobody_took, stuck)]
    assert {job.delivery.courier_id for job in left[:-1]} == {None}
    assert (left[-1].delivery.state, left[-1].delivery.courier_id is None) == (DeliveryState.ASSIGNED, False)


_WITH_A_COURIER = """
WITH rider AS (
    INSERT INTO couriers (person_id, vehicle, state, created_at) SELECT id, 'BICYCLE', 'OFFLINE', $3 FROM people WHERE phone = $2
    RETURNING person_id
)
UPDATE deliveries SET state = 'ASSIGNED', courier_id = rider.person_id, assigned_at = $3 FROM rider WHERE id = $1
"""


async def test_a_city_lives_until_it_is_told_to_end(town: SmallTown) -> None:
    pace, draw = await Pace.taken(clock.now), random.Random(1)
    async with reach(town.url, pace, draw) as gateway:
        tally = Tally(town.tell)
        city = City(Town(gateway, Street(pace), load_city_map(), QUICK, tally, seed=1), pace, draw, consumers=30, couriers=2)
        told = asyncio.Event()
        living = asyncio.create_task(city.live(told))
        try:
            await _until(lambda: tally.counts["deliveries made"] >= 1 or living.done(), PATIENCE)
        finally:
            told.set()
            await asyncio.wait_for(living, 10)

    assert tally.counts["deliveries made"] >= 1
    assert tally.counts["stores open"] == len(town.stores)
    assert [line for line in town.lines if "failed" in line] == []
    assert await sum_of_everything() == {"EUR": 0}


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait for it, or so many seconds of the wall."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - a count has no event
            await asyncio.sleep(0.1)
