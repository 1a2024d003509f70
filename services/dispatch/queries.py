"""Reads of dispatch: a courier's work, a purchase's delivery, who is on the map; and holds for a move."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from services.dispatch.rules import (
    EQUALLY_NEAR,
    ON_THE_MAP,
    UNASSIGNED,
    WITH_COURIER,
    DeliveryState,
    OfferState,
    Point,
    StopKind,
    StopState,
    on_the_widest_ring,
    search_radius,
)
from services.kernel.actors import Consumer, Courier
from services.kernel.clock import now
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.gathering import GatheredRead
from services.kernel.places import Address
from services.settings import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One courier's job as it is written."""

    id: UUID
    purchase_id: UUID
    consumer_id: UUID
    courier_id: UUID | None
    state: DeliveryState
    search_from: datetime | None
    searching_since: datetime | None
    drop_off_pin: str
    wrong_pins: int
    pay: int
    currency: str
    nearby_told: bool
    created_at: datetime
    assigned_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, record: Row) -> Self:
        values = {field.name: record[field.name] for field in fields(cls)}
        return cls(**values | {"state": DeliveryState(record["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place of a delivery, with the orders that change hands there."""

    id: UUID
    delivery_id: UUID
    kind: StopKind
    position: int
    store_id: UUID | None
    name: str
    latitude: float
    longitude: float
    address: Address
    state: StopState
    contact_attempts: int
    wrong_codes: int
    codes_locked_until: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    order_ids: tuple[UUID, ...]

    @classmethod
    def of(cls, record: Row) -> Self:
        typed = {
            "kind": StopKind(record["kind"]),
            "state": StopState(record["state"]),
            "address": Address(**record["address"]),
            "order_ids": tuple(record["order_ids"]),
        }
        return cls(**dict(record) | typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOffer:
    """A delivery shown to one courier until a time."""

    id: UUID
    delivery_id: UUID
    courier_id: UUID
    state: OfferState
    distance_m: int
    reason: str | None
    offered_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(**dict(record) | {"state": OfferState(record["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a courier has before them: whether they are on shift, a live offer, a delivery in hand."""

    online: bool
    misses_in_row: int
    offer: JobOffer | None
    offered_delivery: Delivery | None
    delivery: Delivery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOnMap:
    """Where the courier is who works for a purchase, and what they are called."""

    purchase_id: UUID
    delivery_id: UUID
    courier_id: UUID
    name: str
    vehicle: str
    state: DeliveryState
    position: Point | None


_DELIVERY = ", ".join(field.name for field in fields(Delivery))
_STOP = ", ".join(f"s.{field.name}" for field in fields(Stop) if field.name != "order_ids")
_OFFER = ", ".join(field.name for field in fields(JobOffer))


async def delivery_of(delivery_id: UUID) -> Delivery:
    """A delivery without a hold. Raises NotFound."""
    return _found(await row(f"SELECT {_DELIVERY} FROM deliveries WHERE id = $1", delivery_id))  # noqa: S608 - our own columns


async def lock_delivery(delivery_id: UUID) -> Delivery:
    """A delivery, held until the transaction ends. Raises NotFound."""
    return _found(await row(f"SELECT {_DELIVERY} FROM deliveries WHERE id = $1 FOR NO KEY UPDATE", delivery_id))  # noqa: S608


async def lock_delivery_if_free(delivery_id: UUID) -> Delivery | None:
    """A delivery, held until the transaction ends; None where somebody else holds it at this moment."""
    return await _lock_one("id = $1", delivery_id, how="FOR NO KEY UPDATE SKIP LOCKED")


async def lock_courier(courier_id: UUID) -> bool:
    """Hold a courier until the transaction ends: whoever gives or takes them work does. Answers whether they are on shift."""
    found = await row("SELECT state FROM couriers WHERE person_id = $1 FOR NO KEY UPDATE", courier_id)
    return found is not None and found["state"] == "ONLINE"


async def own_delivery_of_stop(courier: Courier, stop_id: UUID) -> Delivery:
    """The courier's delivery that the stop belongs to, without a hold.

    Raises NotFound, also for another courier's, and for one that was over some time ago: its door is nobody's business any more.
    """
    return _found(
        await row(
            f"SELECT {_DELIVERY} FROM deliveries WHERE courier_id = $1 AND id = (SELECT delivery_id FROM stops WHERE id = $2)"  # noqa: S608
            " AND (finished_at IS NULL OR finished_at > $3)",
            courier.person_id,
            stop_id,
            now() - timedelta(seconds=settings().limits.door_shown_after),
        )
    )


async def lock_unassigned(purchase_id: UUID) -> Delivery | None:
    """The purchase's delivery that nobody has accepted yet, held."""
    return await _lock_one("purchase_id = $1 AND state = ANY($2)", purchase_id, sorted(UNASSIGNED))


async def lock_bringing(purchase_id: UUID, order_id: UUID) -> Delivery | None:
    """The delivery that brings, or is to bring, this order of the purchase, held: from then on nobody accepts it either."""
    return await _lock_one(
        "purchase_id = $1 AND state = ANY($2) AND id IN (SELECT s.delivery_id FROM stops s"
        " JOIN stop_orders o ON o.stop_id = s.id WHERE o.order_id = $3)",
        purchase_id,
        sorted(UNASSIGNED | WITH_COURIER),
        order_id,
    )


async def _lock_one(where: str, *arguments: object, how: str = "FOR NO KEY UPDATE") -> Delivery | None:
    found = await row(f"SELECT {_DELIVERY} FROM deliveries WHERE {where} {how}", *arguments)  # noqa: S608 - our own conditions
    return Delivery.of(found) if found else None


async def stops_of(delivery_ids: Sequence[UUID]) -> dict[UUID, list[Stop]]:
    """Each delivery's stops in order; cancelled ones too."""
    found = await _stops.rows_of(delivery_ids)
    return {delivery_id: [Stop.of(record) for record in several] for delivery_id, several in found.items()}


_stops = GatheredRead(
    f"SELECT {_STOP}, array(SELECT o.order_id FROM stop_orders o WHERE o.stop_id = s.id ORDER BY o.order_id) AS order_ids"  # noqa: S608
    " FROM stops s WHERE s.delivery_id = ANY($1) ORDER BY s.delivery_id, s.position",
    by="delivery_id",
)


async def offer_of(courier: Courier, offer_id: UUID) -> JobOffer:
    """The courier's own offer. Raises NotFound."""
    found = await row(f"SELECT {_OFFER} FROM job_offers WHERE id = $1 AND courier_id = $2", offer_id, courier.person_id)  # noqa: S608
    if found is None:
        raise NotFound("offer")
    return JobOffer.of(found)


async def live_offer_of_delivery(delivery_id: UUID) -> JobOffer | None:
    """The delivery's live offer, if it has one."""
    found = await row(f"SELECT {_OFFER} FROM job_offers WHERE delivery_id = $1 AND state = 'LIVE'", delivery_id)  # noqa: S608
    return JobOffer.of(found) if found else None


async def work_of(courier: Courier) -> Work:
    """What the courier has before them now."""
    person = await row("SELECT state, misses_in_row FROM couriers WHERE person_id = $1", courier.person_id)
    offer = await row(
        f"SELECT {_OFFER} FROM job_offers WHERE courier_id = $1 AND state = 'LIVE' AND expires_at > $2",  # noqa: S608
        courier.person_id,
        now(),
    )
    found = await rows(
        f"SELECT {_DELIVERY} FROM deliveries WHERE id = $1 OR (courier_id = $2 AND state = ANY($3))",  # noqa: S608
        offer["delivery_id"] if offer else None,
        courier.person_id,
        sorted(WITH_COURIER),
    )
    deliveries = [Delivery.of(record) for record in found]
    return Work(
        online=person is not None and person["state"] == "ONLINE",
        misses_in_row=person["misses_in_row"] if person else 0,
        offer=JobOffer.of(offer) if offer else None,
        offered_delivery=next((one for one in deliveries if one.courier_id != courier.person_id), None),
        delivery=next((one for one in deliveries if one.courier_id == courier.person_id), None),
    )


async def deliveries_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[Delivery]]:
    """Each purchase's deliveries, oldest first."""
    found = await _deliveries.rows_of(purchase_ids)
    return {purchase_id: [Delivery.of(record) for record in several] for purchase_id, several in found.items()}


_deliveries = GatheredRead(
    f"SELECT {_DELIVERY} FROM deliveries WHERE purchase_id = ANY($1) ORDER BY created_at, id",  # noqa: S608
    by="purchase_id",
)


async def couriers_on_map(consumer: Consumer, purchase_ids: Sequence[UUID]) -> dict[UUID, CourierOnMap]:
    """By delivery, the couriers who work for these purchases of the consumer at this moment; nobody before and nobody after."""
    if not purchase_ids:
        return {}
    found = await _on_the_map.rows_of(purchase_ids)
    moving = [record for several in found.values() for record in several if record["consumer_id"] == consumer.person_id]
    return {record["delivery_id"]: _on_map(record) for record in moving}


_STATES_ON_THE_MAP = ", ".join(f"'{state}'" for state in sorted(ON_THE_MAP))
_on_the_map = GatheredRead(
    "SELECT d.purchase_id, d.consumer_id, d.id AS delivery_id, d.courier_id, e.name, c.vehicle, d.state,"  # noqa: S608
    " p.latitude, p.longitude, p.accuracy_m, p.taken_at"
    " FROM deliveries d JOIN couriers c ON c.person_id = d.courier_id JOIN people e ON e.id = d.courier_id"
    " LEFT JOIN courier_positions p ON p.courier_id = d.courier_id"
    f" WHERE d.purchase_id = ANY($1) AND d.state IN ({_STATES_ON_THE_MAP})",
    by="purchase_id",
)


def _on_map(record: Row) -> CourierOnMap:
    return CourierOnMap(
        purchase_id=record["purchase_id"],
        delivery_id=record["delivery_id"],
        courier_id=record["courier_id"],
        name=next(iter(record["name"].split()), ""),
        vehicle=record["vehicle"],
        state=DeliveryState(record["state"]),
        position=_point(record),
    )


async def position_of(courier_id: UUID) -> Point | None:
    """The courier's last believed position."""
    found = await row("SELECT latitude, longitude, accuracy_m, taken_at FROM courier_positions WHERE courier_id = $1", courier_id)
    return _point(found) if found else None


def _point(record: Row) -> Point | None:
    if record["taken_at"] is None:
        return None
    return Point(record["latitude"], record["longitude"], record["accuracy_m"], record["taken_at"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A courier who could take a delivery, and how far they are from its first stop."""

    courier_id: UUID
    distance_m: int


async def nearest_free_couriers(delivery: Delivery, first: Stop, limit: int = 5) -> list[Candidate]:
    """Couriers on shift without work, with a fresh position inside the present radius, nearest first.

    Who declined this delivery, or gave it back, is not asked again; who missed their offer is, last, on the widest ring.
    """
    at, limits = now(), settings().limits
    searching_for = at - (delivery.searching_since or at)
    found = await rows(
        _CANDIDATES,
        first.latitude,
        first.longitude,
        search_radius(searching_for, limits),
        at - timedelta(seconds=limits.position_is_fresh_for),
        delivery.id,
        sorted(WITH_COURIER),
        limit,
        _NEVER_AGAIN if on_the_widest_ring(searching_for, limits) else [*_NEVER_AGAIN, OfferState.TIMED_OUT],
        EQUALLY_NEAR,
    )
    return [Candidate(record["courier_id"], round(record["metres"])) for record in found]


_NEVER_AGAIN = [OfferState.ACCEPTED, OfferState.DECLINED]
# Among the equally near the order differs by delivery: nobody comes first for standing at the counter. They are found by the
# corner of their cell of a hundredth of a degree, which is at most 1,600 m from anywhere in it.
_CANDIDATES = """
SELECT p.courier_id, earth_distance(ll_to_earth(p.latitude, p.longitude), ll_to_earth($1, $2)) AS metres, asked.times
FROM courier_positions p JOIN couriers c ON c.person_id = p.courier_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.state = 'TIMED_OUT') AS times, coalesce(bool_or(o.state = ANY($8)), false) AS enough
    FROM job_offers o WHERE o.delivery_id = $5 AND o.courier_id = p.courier_id) AS asked
WHERE earth_box(ll_to_earth($1, $2), $3::float8 + 1700)
    @> ll_to_earth(p.latitude_cell / 100.0::float8, p.longitude_cell / 100.0::float8)
  AND earth_distance(ll_to_earth(p.latitude, p.longitude), ll_to_earth($1, $2)) <= $3
  AND p.taken_at >= $4 AND c.state = 'ONLINE' AND NOT asked.enough
  AND NOT EXISTS (SELECT FROM job_offers o WHERE o.courier_id = p.courier_id AND o.state = 'LIVE')
  AND NOT EXISTS (SELECT FROM deliveries d WHERE d.courier_id = p.courier_id AND d.state = ANY($6))
ORDER BY asked.times, floor(earth_distance(ll_to_earth(p.latitude, p.longitude), ll_to_earth($1, $2)) / $9),
    md5($5::text || p.courier_id::text)
LIMIT $7
"""


async def couriers_by_state() -> dict[str, int]:
    """How many couriers are offline, free, or at work (the board, metrics)."""
    found = await rows(
        "SELECT CASE WHEN d.id IS NOT NULL THEN 'at work' WHEN c.state = 'ONLINE' THEN 'free' ELSE 'offline' END AS state,"
        " count(*) AS count"
        " FROM couriers c LEFT JOIN deliveries d ON d.courier_id = c.person_id AND d.state = ANY($1) GROUP BY 1 ORDER BY 1",
        sorted(WITH_COURIER),
    )
    return {record["state"]: record["count"] for record in found}


def _found(record: Row | None) -> Delivery:
    if record is None:
        raise NotFound("delivery")
    return Delivery.of(record)
