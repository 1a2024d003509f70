"""Couriers and deliveries for tests: through the real operations, to the state wanted, with the clock where it stands."""

from dataclasses import dataclass
from datetime import timedelta
from math import cos, radians
from uuid import UUID

from services.dispatch import operations
from services.dispatch.queries import Delivery, JobOffer, Stop, delivery_of, stops_of, work_of
from services.dispatch.rules import DeliveryState, Point, StopKind, Vehicle
from services.kernel import clock
from services.kernel.actors import Courier
from services.kernel.database import row, rows, run
from services.orders.queries import Purchase, any_purchase, orders_by_ids
from services.orders.rules import OrderStage
from tests.factories.identity import make_courier
from tests.factories.orders import DOOR, make_purchase
from tests.factories.orders import picture as picture_of_orders
from tests.factories.stores import RAILWAY_SQUARE

Place = tuple[float, float]
DOOR_PLACE: Place = (DOOR.latitude, DOOR.longitude)
S = DeliveryState
_ROAD = (S.ASSIGNED, S.TO_PICKUP, S.AT_PICKUP, S.PICKED_UP, S.TO_DROPOFF, S.AT_DROPOFF, S.DELIVERED)


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery with its courier (None before somebody accepted) and its purchase."""

    courier: Courier | None
    delivery: Delivery
    purchase: Purchase
    stops: list[Stop]

    @property
    def rider(self) -> Courier:
        """The courier, who is there."""
        assert self.courier is not None
        return self.courier

    @property
    def pickups(self) -> list[Stop]:
        return [stop for stop in self.stops if stop.kind is StopKind.PICKUP]

    @property
    def door(self) -> Stop:
        return self.stops[-1]


def away(place: Place, *, north: float = 0, east: float = 0) -> Place:
    """The place so many metres north and east of another."""
    metres_per_degree = 111_319.5
    return place[0] + north / metres_per_degree, place[1] + east / (metres_per_degree * cos(radians(place[0])))


async def make_courier_on_shift(
    position: Place | None = RAILWAY_SQUARE, *, name: str = "Mika Salo", vehicle: Vehicle = Vehicle.BICYCLE
) -> Courier:
    """A courier who takes jobs, seen a moment ago at the railway square, elsewhere, or (None) nowhere yet."""
    courier = await make_courier(name)
    await operations.start_shift(courier, vehicle)
    if position is not None:
        await put(courier, position)
    return courier


async def put(courier: Courier, place: Place, *, accuracy_m: float = 5.0) -> None:
    """Let the courier be seen at a place now, however far away they were; not by way of the rules."""
    await run(_PUT, courier.person_id, *place, accuracy_m, clock.now())


_PUT = """
INSERT INTO courier_positions (courier_id, latitude, longitude, accuracy_m, taken_at, received_at) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (courier_id) DO UPDATE SET latitude = $2, longitude = $3, accuracy_m = $4, taken_at = $5, received_at = $5
"""


async def make_searching(purchase: Purchase | None = None) -> Job:
    """A delivery that looks for a courier now; of a new purchase whose one order is ready, unless one is given."""
    bought = purchase or await make_purchase(OrderStage.READY, ready_at=clock.now())
    await operations.plan_purchase(bought.id)
    await run("UPDATE deliveries SET search_from = $2 WHERE purchase_id = $1 AND state = 'PLANNED'", bought.id, clock.now())
    await operations.start_searches()
    found = await row("SELECT id FROM deliveries WHERE purchase_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", bought.id)
    assert found is not None
    return await job_of(found["id"])


async def make_delivery(
    state: DeliveryState = S.ASSIGNED,
    *,
    orders: int = 1,
    purchase: Purchase | None = None,
    courier: Courier | None = None,
) -> Job:
    """A delivery of `orders` ready orders that went the whole way to its state: from SEARCHING over OFFERED to DELIVERED.

    A courier at the railway square takes it unless another one is given. Of several pick-ups, the states until PICKED_UP are
    those of the first.
    """
    bought = purchase or await make_purchase(*[OrderStage.READY] * orders, ready_at=clock.now())
    job = await make_searching(bought)
    if state is S.SEARCHING:
        return job
    rider = courier or await make_courier_on_shift()
    offer = await _ask_only(rider)
    if state is S.OFFERED:
        return await job_of(job.delivery.id, rider)
    await operations.accept_job(rider, offer.id)
    for step in _ROAD[1 : _ROAD.index(state) + 1]:
        await _ride(rider, job.delivery.id, step)
    return await job_of(job.delivery.id, rider)


async def _ask_only(rider: Courier) -> JobOffer:
    """Offer what is searched to this courier, as if nobody else had been seen lately."""
    await run("UPDATE courier_positions SET taken_at = taken_at - interval '1 day' WHERE courier_id <> $1", rider.person_id)
    await operations.offer_jobs()
    await run("UPDATE courier_positions SET taken_at = taken_at + interval '1 day' WHERE courier_id <> $1", rider.person_id)
    return await offer_to(rider)


async def _ride(rider: Courier, delivery_id: UUID, step: DeliveryState) -> None:
    if step is S.TO_DROPOFF:
        # The further pick-ups lie between the first one and the door.
        for _ in (await job_of(delivery_id)).pickups[1:]:
            for between in (S.TO_PICKUP, S.AT_PICKUP, S.PICKED_UP):
                await step_to(rider, delivery_id, between)
    await step_to(rider, delivery_id, step)


async def step_to(rider: Courier, delivery_id: UUID, step: DeliveryState) -> Delivery:
    """One button of the courier's, at the stop that is next."""
    job = await job_of(delivery_id)
    stop = next(one for one in job.stops if one.state in {"WAITING", "AT"})
    if step in {S.TO_PICKUP, S.TO_DROPOFF}:
        return await operations.set_out(rider, stop.id)
    if step in {S.AT_PICKUP, S.AT_DROPOFF}:
        await put(rider, (stop.latitude, stop.longitude))
        return await operations.arrive_at_stop(rider, stop.id)
    if step is S.PICKED_UP:
        return await operations.collect(rider, stop.id, await codes_of(stop))
    return await operations.deliver(rider, stop.id, job.delivery.drop_off_pin)


async def codes_of(stop: Stop) -> list[str]:
    """What the store says for the orders of a pick-up."""
    return [order.collection_code for order in await orders_by_ids(stop.order_ids)]


async def job_of(delivery_id: UUID, courier: Courier | None = None) -> Job:
    """A delivery as it stands now."""
    delivery = await delivery_of(delivery_id)
    stops = (await stops_of([delivery_id]))[delivery_id]
    return Job(courier, delivery, await any_purchase(delivery.purchase_id), stops)


async def offer_to(courier: Courier) -> JobOffer:
    """The live offer before this courier."""
    offer = (await work_of(courier)).offer
    assert offer is not None
    return offer


def point(place: Place, *, after: float = 0, accuracy_m: float = 5.0) -> Point:
    """A position taken so many seconds after the present."""
    return Point(*place, accuracy_m, clock.now() + timedelta(seconds=after))


async def picture() -> list[str]:
    """All that dispatch and orders keep, as text: equal before and after means that nothing changed."""
    return [*await picture_of_orders(), *[record[0] for record in await rows(_PICTURE)]]


_PICTURE = """
SELECT c::text FROM couriers c UNION ALL SELECT h::text FROM shifts h UNION ALL SELECT d::text FROM deliveries d
UNION ALL SELECT s::text FROM stops s UNION ALL SELECT so::text FROM stop_orders so UNION ALL SELECT o::text FROM job_offers o
UNION ALL SELECT p::text FROM courier_positions p UNION ALL SELECT m::text FROM position_samples m
UNION ALL SELECT t::text FROM ledger_transactions t UNION ALL SELECT e::text FROM ledger_entries e ORDER BY 1
"""
