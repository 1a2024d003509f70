"""Positions: what phones send, believed or counted as refused, seen by the consumer, kept at a coarse grain for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.dispatch.errors import NotOnShift
from services.dispatch.events import CourierNearby
from services.dispatch.operations.moves import facts
from services.dispatch.queries import lock_delivery, stops_of
from services.dispatch.rules import ON_THE_MAP, DeliveryState, Point, Sifted, StopKind, sift
from services.kernel import nudges
from services.kernel.actors import Courier
from services.kernel.clock import now, speed
from services.kernel.database import Row, rows, run
from services.kernel.errors import BadInput
from services.kernel.together import Together
from services.kernel.unit_of_work import unit_of_work
from services.settings import Limits, settings
from services.stores.rules import distance_m


@dataclass(frozen=True, slots=True)
class _Call:
    """What one phone sent at once."""

    courier_id: UUID
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class _Taken:
    """What came of a call, and the delivery whose door the courier has come near to, if it may have to be told."""

    sifted: Sifted
    nearby: UUID | None


@dataclass(slots=True)
class _Ride:
    """A courier as the database knew them, what is believed of them since, and whether that has come near to the door."""

    before: Row
    last: Point | None
    is_nearby: bool = False
    believed: list[Point] = field(default_factory=list)


async def record_positions(courier: Courier, points: Sequence[Point]) -> Sifted:
    """Take in what the phone sends, at most 250 points a call; answers what was believed and what was refused for which reason.

    Calls that come in together are written together, each courier's in the order in which they came; nobody is answered before
    their own points are committed. It commits by itself: call it outside of any unit of work. Raises NotOnShift, BadInput.
    """
    limits = settings().limits
    if len(points) > limits.points_per_call:
        raise BadInput(f"At most {limits.points_per_call} points a call.", field="points")
    taken = await _calls.done(_Call(courier.person_id, points))
    if taken.nearby:
        await _tell_nearby(courier, taken.nearby)
    return taken.sifted


async def _take_in(calls: Sequence[_Call]) -> list[_Taken | Exception]:
    """What each call comes to: one statement that reads, one that writes, however many they are."""
    found = await rows(_BEFORE, list({call.courier_id for call in calls}), _ON_THE_MAP)
    rides = {before["person_id"]: _Ride(before, _last(before)) for before in found if before["courier_state"] == "ONLINE"}
    at, limits = now(), settings().limits
    taken = [_believe(rides.get(call.courier_id), call.points, at, limits) for call in calls]
    moved = [ride for ride in rides.values() if ride.believed]
    if moved:
        await _keep(moved, at)
        await nudges.publish([f"purchase:{ride.before['purchase_id']}" for ride in moved if _worth_a_nudge(ride, at)])
    return taken


# A city's couriers in a few milliseconds; more than that wait for the next turn, so that no statement grows without bounds.
_calls = Together(_take_in, most=100)


def _believe(ride: _Ride | None, points: Sequence[Point], at: datetime, limits: Limits) -> _Taken | Exception:
    if ride is None:
        return NotOnShift()
    sifted = sift(ride.last, points, at, limits)
    if not sifted.accepted:
        return _Taken(sifted, None)
    ride.believed += sifted.accepted
    ride.last = sifted.accepted[-1]
    if not _is_nearby(ride.before, ride.last):
        return _Taken(sifted, None)
    ride.is_nearby = True
    return _Taken(sifted, ride.before["delivery_id"])


_ON_THE_MAP = sorted(ON_THE_MAP)
_BEFORE = """
SELECT c.person_id, c.state AS courier_state, p.latitude, p.longitude, p.accuracy_m, p.taken_at, p.received_at,
    d.id AS delivery_id, d.purchase_id, d.state, d.nearby_told, s.latitude AS door_latitude, s.longitude AS door_longitude
FROM couriers c
LEFT JOIN courier_positions p ON p.courier_id = c.person_id
LEFT JOIN deliveries d ON d.courier_id = c.person_id AND d.state = ANY($2)
LEFT JOIN stops s ON s.delivery_id = d.id AND s.kind = 'DROPOFF'
WHERE c.person_id = ANY($1::uuid[])
"""


def _last(before: Row) -> Point | None:
    if before["taken_at"] is None:
        return None
    return Point(before["latitude"], before["longitude"], before["accuracy_m"], before["taken_at"])


def _worth_a_nudge(ride: _Ride, at: datetime) -> bool:
    """The consumer's map moves at most once a second of their own time; near the door it moves when they are told so."""
    if ride.before["delivery_id"] is None or ride.is_nearby:
        return False
    received_at: datetime | None = ride.before["received_at"]
    return received_at is None or (at - received_at).total_seconds() >= max(speed(), 1.0)


async def _keep(moved: Sequence[_Ride], at: datetime) -> None:
    # In one order, so that two processes that write the same couriers wait for one another, and not each for the other.
    rides = sorted(moved, key=lambda ride: ride.before["person_id"])
    lasts = [(ride.before["person_id"], *_columns(ride.believed[-1])) for ride in rides]
    kept = [sample for ride in rides for sample in _samples(ride)]
    await run(_KEEP, at, *_transposed(lasts, 5), *_transposed(kept, 6))


def _columns(point: Point) -> tuple[float, float, float, datetime]:
    return point.latitude, point.longitude, point.accuracy_m, point.taken_at


def _samples(ride: _Ride) -> list[tuple[UUID, int, UUID, float, float, datetime]]:
    """Of each 20 seconds of a delivery, the last point."""
    courier_id, delivery_id, grain = ride.before["person_id"], ride.before["delivery_id"], settings().limits.position_grain
    if delivery_id is None:
        return []
    points = {int(point.taken_at.timestamp()) // grain: point for point in ride.believed}
    return [
        (courier_id, number, delivery_id, point.latitude, point.longitude, point.taken_at) for number, point in points.items()
    ]


def _transposed(records: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[record[place] for record in records] for place in range(width)]


# The newest point wins, whichever call is written first; of each 20 seconds one point is kept.
_KEEP = """
WITH sampled AS (
    INSERT INTO position_samples (courier_id, grain, delivery_id, latitude, longitude, taken_at)
    SELECT * FROM unnest($7::uuid[], $8::bigint[], $9::uuid[], $10::float8[], $11::float8[], $12::timestamptz[])
    ON CONFLICT DO NOTHING
)
INSERT INTO courier_positions AS p (courier_id, latitude, longitude, accuracy_m, taken_at, received_at)
SELECT l.*, $1 FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::real[], $6::timestamptz[]) AS l
ON CONFLICT (courier_id) DO UPDATE SET latitude = EXCLUDED.latitude, longitude = EXCLUDED.longitude,
    accuracy_m = EXCLUDED.accuracy_m, taken_at = EXCLUDED.taken_at, received_at = EXCLUDED.received_at
WHERE p.taken_at < EXCLUDED.taken_at
"""


def _is_nearby(before: Row, point: Point) -> bool:
    if before["state"] != DeliveryState.TO_DROPOFF or before["nearby_told"]:
        return False
    metres = distance_m(point.latitude, point.longitude, before["door_latitude"], before["door_longitude"])
    return metres <= settings().limits.nearby


async def _tell_nearby(courier: Courier, delivery_id: UUID) -> None:
    """Tell it once. Where this fails nothing is lost: the next point, seconds later, is near too."""
    async with unit_of_work(courier) as work:
        delivery = await lock_delivery(delivery_id)
        work.nudge(f"purchase:{delivery.purchase_id}")
        told = await run(
            "UPDATE deliveries SET nearby_told = true WHERE id = $1 AND NOT nearby_told AND state = 'TO_DROPOFF'", delivery_id
        )
        if told:
            stops = (await stops_of([delivery_id]))[delivery_id]
            await work.record(CourierNearby(**facts(delivery, [stop for stop in stops if stop.kind is StopKind.DROPOFF])))


async def forget_old_positions() -> int:
    """Timer: samples older than thirty days are deleted; answers how many."""
    return await run(
        "DELETE FROM position_samples WHERE taken_at < $1", now() - timedelta(seconds=settings().limits.positions_kept_for)
    )
