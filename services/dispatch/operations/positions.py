"""Positions: what phones send, believed or counted as refused, seen by the consumer, kept at a coarse grain for a while."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.dispatch.errors import NotOnShift
from services.dispatch.events import CourierNearby
from services.dispatch.operations.moves import facts
from services.dispatch.queries import lock_delivery, stops_of
from services.dispatch.rules import ON_THE_MAP, DeliveryState, Point, Sifted, StopKind, sift
from services.kernel.actors import Courier
from services.kernel.clock import now, speed
from services.kernel.database import Row, row, run
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from services.stores.rules import distance_m


async def record_positions(courier: Courier, points: Sequence[Point]) -> Sifted:
    """Take in what the phone sends, at most 250 points a call; answers what was believed and what was refused for which reason.

    Raises NotOnShift, BadInput.
    """
    limits = settings().limits
    if len(points) > limits.points_per_call:
        raise BadInput(f"At most {limits.points_per_call} points a call.", field="points")
    async with unit_of_work(courier) as work:
        before = await row(_BEFORE, courier.person_id, sorted(ON_THE_MAP))
        if before is None or before["courier_state"] != "ONLINE":
            raise NotOnShift
        sifted = sift(_last(before), points, now(), limits)
        if sifted.accepted:
            await _keep(courier.person_id, before["delivery_id"], sifted.accepted)
            if before["delivery_id"] and _worth_a_nudge(before):
                work.nudge(f"purchase:{before['purchase_id']}")
            if _is_nearby(before, sifted.accepted[-1]):
                await _tell_nearby(before["delivery_id"])
    return sifted


_BEFORE = """
SELECT c.state AS courier_state, p.latitude, p.longitude, p.accuracy_m, p.taken_at, p.received_at,
    d.id AS delivery_id, d.purchase_id, d.state, d.nearby_told, s.latitude AS door_latitude, s.longitude AS door_longitude
FROM couriers c
LEFT JOIN courier_positions p ON p.courier_id = c.person_id
LEFT JOIN deliveries d ON d.courier_id = c.person_id AND d.state = ANY($2)
LEFT JOIN stops s ON s.delivery_id = d.id AND s.kind = 'DROPOFF'
WHERE c.person_id = $1
"""


def _last(before: Row) -> Point | None:
    if before["taken_at"] is None:
        return None
    return Point(before["latitude"], before["longitude"], before["accuracy_m"], before["taken_at"])


def _worth_a_nudge(before: Row) -> bool:
    """The consumer's map moves at most once a second of their own time."""
    waited: timedelta | None = now() - before["received_at"] if before["received_at"] else None
    return waited is None or waited.total_seconds() >= max(speed(), 1.0)


async def _keep(courier_id: UUID, delivery_id: UUID | None, points: list[Point]) -> None:
    grain = settings().limits.position_grain
    kept = {int(point.taken_at.timestamp()) // grain: point for point in points} if delivery_id else {}
    last = points[-1]
    await run(
        _KEEP,
        courier_id,
        last.latitude,
        last.longitude,
        last.accuracy_m,
        last.taken_at,
        now(),
        delivery_id,
        list(kept),
        [point.latitude for point in kept.values()],
        [point.longitude for point in kept.values()],
        [point.taken_at for point in kept.values()],
    )


# The newest point wins, whichever call is written first; of each 20 seconds one point is kept.
_KEEP = """
WITH sampled AS (
    INSERT INTO position_samples (courier_id, grain, delivery_id, latitude, longitude, taken_at)
    SELECT $1, s.grain, $7, s.latitude, s.longitude, s.taken_at
    FROM unnest($8::bigint[], $9::float8[], $10::float8[], $11::timestamptz[]) AS s (grain, latitude, longitude, taken_at)
    ON CONFLICT DO NOTHING
)
INSERT INTO courier_positions AS p (courier_id, latitude, longitude, accuracy_m, taken_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (courier_id) DO UPDATE SET latitude = EXCLUDED.latitude, longitude = EXCLUDED.longitude,
    accuracy_m = EXCLUDED.accuracy_m, taken_at = EXCLUDED.taken_at, received_at = EXCLUDED.received_at
WHERE p.taken_at < EXCLUDED.taken_at
"""


def _is_nearby(before: Row, point: Point) -> bool:
    if before["state"] != DeliveryState.TO_DROPOFF or before["nearby_told"]:
        return False
    metres = distance_m(point.latitude, point.longitude, before["door_latitude"], before["door_longitude"])
    return metres <= settings().limits.nearby


async def _tell_nearby(delivery_id: UUID) -> None:
    async with unit_of_work() as work:
        delivery = await lock_delivery(delivery_id)
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
