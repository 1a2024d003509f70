"""Couriers as this process saw them last: good for whoever makes sure, by the statement that writes, that it is still so."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.dispatch.rules import ON_THE_MAP, Point
from services.kernel.database import Row, rows

# Half a kilobyte each: a country's couriers.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Ride:
    """A courier on shift, their last believed position and when it came, and the delivery they are on the way for."""

    courier_id: UUID
    last: Point | None
    received_at: datetime | None
    delivery_id: UUID | None
    purchase_id: UUID | None
    state: str | None
    nearby_told: bool | None
    door: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Step:
    """Where a ride goes on: its newest point, none where nothing was believed, and the samples of it that are kept."""

    ride: Ride
    point: Point | None
    samples: Sequence[tuple[int, Point]] = ()


_known: OrderedDict[UUID, Ride] = OrderedDict()


async def rides_of(courier_ids: Collection[UUID]) -> dict[UUID, Ride]:
    """The couriers on shift among these, as they were seen last; who was not seen lately is read, by one statement for all."""
    unseen = [courier_id for courier_id in courier_ids if courier_id not in _known]
    read = _read(await rows(_READ, unseen, _ON_THE_MAP)) if unseen else {}
    return {courier_id: ride for courier_id in courier_ids if (ride := _known.get(courier_id) or read.get(courier_id))}


async def keep_all(steps: Iterable[Step], at: datetime, *, whatever: bool = False) -> dict[UUID, Ride | None]:
    """Write where rides have gone; answers, as they are now, those that are not as they were seen: nothing of them was kept.

    None stands for a courier who is not on shift. `whatever` writes of all who are on shift, and the newest point wins.
    """
    # In one order, so that two processes that write the same couriers wait for one another, and not each for the other.
    ordered = sorted(_to_look_at(steps), key=lambda step: step.ride.courier_id)
    if not ordered:
        return {}
    for step in ordered:
        # What becomes of it is not known if the statement fails.
        _known.pop(step.ride.courier_id, None)
    found = await rows(_KEEP, at, whatever, _ON_THE_MAP, *_seen(ordered), *_points(ordered), *_samples(ordered))
    changed: dict[UUID, Ride | None] = {}
    if found:
        now = _read(found)
        changed = {record["person_id"]: now.get(record["person_id"]) for record in found}
    for step in ordered:
        if step.ride.courier_id not in changed:
            _remember(step, at)
    return changed


def _to_look_at(steps: Iterable[Step]) -> Iterable[Step]:
    """All but those that were read in this moment and go nowhere."""
    return (step for step in steps if step.point is not None or step.ride.courier_id in _known)


def _remember(step: Step, at: datetime) -> None:
    ride, point = step.ride, step.point
    if point is not None:
        ride = Ride(ride.courier_id, point, at, ride.delivery_id, ride.purchase_id, ride.state, ride.nearby_told, ride.door)
    _known[ride.courier_id] = ride
    if len(_known) > MOST:
        _known.popitem(last=False)


def _read(found: Iterable[Row]) -> dict[UUID, Ride]:
    return {record["person_id"]: _ride(record) for record in found if record["courier_state"] == "ONLINE"}


def _ride(record: Row) -> Ride:
    return Ride(
        courier_id=record["person_id"],
        last=Point(record["latitude"], record["longitude"], record["accuracy_m"], record["taken_at"])
        if record["taken_at"]
        else None,
        received_at=record["received_at"],
        delivery_id=record["delivery_id"],
        purchase_id=record["purchase_id"],
        state=record["state"],
        nearby_told=record["nearby_told"],
        door=(record["door_latitude"], record["door_longitude"]) if record["door_latitude"] is not None else None,
    )


def _seen(steps: Sequence[Step]) -> tuple[list[object], ...]:
    rides = [step.ride for step in steps]
    return (
        [ride.courier_id for ride in rides],
        [ride.last and ride.last.taken_at for ride in rides],
        [ride.last and ride.last.latitude for ride in rides],
        [ride.last and ride.last.longitude for ride in rides],
        [ride.delivery_id for ride in rides],
        [ride.state for ride in rides],
        [ride.nearby_told for ride in rides],
    )


def _points(steps: Sequence[Step]) -> tuple[list[object], ...]:
    points = [step.point for step in steps]
    return (
        [point and point.latitude for point in points],
        [point and point.longitude for point in points],
        [point and point.accuracy_m for point in points],
        [point and point.taken_at for point in points],
    )


def _samples(steps: Sequence[Step]) -> tuple[list[object], ...]:
    samples = [(step.ride, grain, point) for step in steps for grain, point in step.samples]
    return (
        [ride.courier_id for ride, _, _ in samples],
        [grain for _, grain, _ in samples],
        [ride.delivery_id for ride, _, _ in samples],
        [point.latitude for _, _, point in samples],
        [point.longitude for _, _, point in samples],
        [point.taken_at for _, _, point in samples],
    )


_ON_THE_MAP = sorted(ON_THE_MAP)
_COLUMNS = """c.state AS courier_state, p.latitude, p.longitude, p.accuracy_m, p.taken_at, p.received_at,
    d.id AS delivery_id, d.purchase_id, d.state, d.nearby_told, s.latitude AS door_latitude, s.longitude AS door_longitude"""
_READ = f"""
SELECT c.person_id, {_COLUMNS}
FROM couriers c
LEFT JOIN courier_positions p ON p.courier_id = c.person_id
LEFT JOIN deliveries d ON d.courier_id = c.person_id AND d.state = ANY($2)
LEFT JOIN stops s ON s.delivery_id = d.id AND s.kind = 'DROPOFF'
WHERE c.person_id = ANY($1::uuid[])
"""  # noqa: S608 - our own words

# The newest point wins, whichever call is written first; of each 20 seconds one point is kept.
_KEEP = f"""
WITH seen AS (
    SELECT * FROM unnest($4::uuid[], $5::timestamptz[], $6::float8[], $7::float8[], $8::uuid[], $9::text[], $10::bool[],
        $11::float8[], $12::float8[], $13::real[], $14::timestamptz[])
        AS a (courier_id, taken_at, latitude, longitude, delivery_id, state, nearby_told,
            to_latitude, to_longitude, to_accuracy_m, to_taken_at)
), present AS (
    SELECT a.courier_id AS person_id, {_COLUMNS},
        coalesce(c.state = 'ONLINE', false) AND ($2
            OR (p.taken_at, p.latitude, p.longitude, d.id, d.state, d.nearby_told)
                IS NOT DISTINCT FROM (a.taken_at, a.latitude, a.longitude, a.delivery_id, a.state, a.nearby_told)) AS stands,
        a.to_latitude, a.to_longitude, a.to_accuracy_m, a.to_taken_at
    FROM seen a LEFT JOIN couriers c ON c.person_id = a.courier_id
    LEFT JOIN courier_positions p ON p.courier_id = c.person_id
    LEFT JOIN deliveries d ON d.courier_id = c.person_id AND d.state = ANY($3)
    LEFT JOIN stops s ON s.delivery_id = d.id AND s.kind = 'DROPOFF'
), sampled AS (
    INSERT INTO position_samples (courier_id, grain, delivery_id, latitude, longitude, taken_at)
    SELECT k.* FROM unnest($15::uuid[], $16::bigint[], $17::uuid[], $18::float8[], $19::float8[], $20::timestamptz[])
        AS k (courier_id, grain, delivery_id, latitude, longitude, taken_at)
    WHERE k.courier_id IN (SELECT person_id FROM present WHERE stands)
    ON CONFLICT DO NOTHING
), moved AS (
    INSERT INTO courier_positions AS p (courier_id, latitude, longitude, accuracy_m, taken_at, received_at)
    SELECT person_id, to_latitude, to_longitude, to_accuracy_m, to_taken_at, $1
    FROM present WHERE stands AND to_taken_at IS NOT NULL ORDER BY person_id
    ON CONFLICT (courier_id) DO UPDATE SET latitude = EXCLUDED.latitude, longitude = EXCLUDED.longitude,
        accuracy_m = EXCLUDED.accuracy_m, taken_at = EXCLUDED.taken_at, received_at = EXCLUDED.received_at
    WHERE p.taken_at < EXCLUDED.taken_at
)
SELECT * FROM present WHERE NOT stands
"""  # noqa: S608 - our own words
