"""A delivery's life, the order of its stops, whom to offer it to, and which positions are believed: decisions without I/O."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.kernel.errors import BadInput
from services.kernel.places import on_earth
from services.settings import Limits
from services.stores.rules import distance_m


class Vehicle(StrEnum):
    BICYCLE = "BICYCLE"
    CAR = "CAR"


class CourierState(StrEnum):
    OFFLINE = "OFFLINE"
    ONLINE = "ONLINE"


class DeliveryState(StrEnum):
    PLANNED = "PLANNED"
    SEARCHING = "SEARCHING"
    OFFERED = "OFFERED"
    ASSIGNED = "ASSIGNED"
    TO_PICKUP = "TO_PICKUP"
    AT_PICKUP = "AT_PICKUP"
    PICKED_UP = "PICKED_UP"
    TO_DROPOFF = "TO_DROPOFF"
    AT_DROPOFF = "AT_DROPOFF"
    DELIVERED = "DELIVERED"
    UNDELIVERABLE = "UNDELIVERABLE"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class StopKind(StrEnum):
    PICKUP = "PICKUP"
    DROPOFF = "DROPOFF"


class StopState(StrEnum):
    WAITING = "WAITING"
    AT = "AT"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class OfferState(StrEnum):
    LIVE = "LIVE"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TIMED_OUT = "TIMED_OUT"
    WITHDRAWN = "WITHDRAWN"


class Who(StrEnum):
    COURIER = "courier"
    SUPPORT = "support"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Edge:
    """One permitted step; `open` is False where the domain knows it and this release does not take it yet."""

    start: DeliveryState
    to: DeliveryState
    who: Who
    open: bool = True


_S = DeliveryState
EDGES: tuple[Edge, ...] = (
    Edge(_S.PLANNED, _S.SEARCHING, Who.HOUSE),
    Edge(_S.SEARCHING, _S.OFFERED, Who.HOUSE),
    Edge(_S.OFFERED, _S.SEARCHING, Who.HOUSE),
    Edge(_S.OFFERED, _S.SEARCHING, Who.COURIER),
    Edge(_S.SEARCHING, _S.FAILED, Who.HOUSE),
    Edge(_S.FAILED, _S.SEARCHING, Who.SUPPORT),
    Edge(_S.OFFERED, _S.ASSIGNED, Who.COURIER),
    *(
        Edge(start, _S.SEARCHING, who)
        for start in (_S.ASSIGNED, _S.TO_PICKUP, _S.AT_PICKUP)
        for who in (Who.COURIER, Who.SUPPORT, Who.HOUSE)
    ),
    Edge(_S.ASSIGNED, _S.TO_PICKUP, Who.COURIER),
    Edge(_S.TO_PICKUP, _S.AT_PICKUP, Who.COURIER),
    Edge(_S.AT_PICKUP, _S.PICKED_UP, Who.COURIER),
    Edge(_S.PICKED_UP, _S.TO_PICKUP, Who.COURIER),
    Edge(_S.PICKED_UP, _S.TO_DROPOFF, Who.COURIER),
    Edge(_S.TO_DROPOFF, _S.AT_DROPOFF, Who.COURIER),
    Edge(_S.AT_DROPOFF, _S.DELIVERED, Who.COURIER),
    Edge(_S.AT_DROPOFF, _S.UNDELIVERABLE, Who.COURIER),
    # A return is a leg of its own with a cost; it opens with the returns themselves.
    Edge(_S.UNDELIVERABLE, _S.RETURNING, Who.COURIER, open=False),
    Edge(_S.RETURNING, _S.RETURNED, Who.COURIER, open=False),
    # The store a courier was on the way to fell away: they go on from where they were.
    *(Edge(start, to, Who.HOUSE) for start in (_S.TO_PICKUP, _S.AT_PICKUP) for to in (_S.ASSIGNED, _S.PICKED_UP)),
    # When every order of it has fallen away there is nothing left to bring.
    *(
        Edge(start, _S.CANCELLED, Who.HOUSE)
        for start in (_S.PLANNED, _S.SEARCHING, _S.OFFERED, _S.FAILED, _S.ASSIGNED, _S.TO_PICKUP, _S.AT_PICKUP)
    ),
)
_OPEN = {(edge.start, edge.to, edge.who) for edge in EDGES if edge.open}

# Nobody brings it yet: its stops follow the orders. A failed search waits for support with its stops.
UNASSIGNED = frozenset({_S.PLANNED, _S.SEARCHING, _S.OFFERED, _S.FAILED})
BEFORE_PICKUP = frozenset({_S.ASSIGNED, _S.TO_PICKUP, _S.AT_PICKUP})
# After a door that stayed shut support decides, and the courier is free for other jobs.
WITH_COURIER = BEFORE_PICKUP | {_S.PICKED_UP, _S.TO_DROPOFF, _S.AT_DROPOFF, _S.RETURNING}
# The consumer sees the courier only while that courier is on the way for them.
ON_THE_MAP = WITH_COURIER - {_S.RETURNING}


def may_move(start: DeliveryState, to: DeliveryState, who: Who) -> bool:
    """Whether the step exists for this actor and is open now."""
    return (start, to, who) in _OPEN


@dataclass(frozen=True, slots=True)
class PickUp:
    """What the order of stops depends on: when the goods are ready, and where."""

    order_id: UUID
    ready_at: datetime
    latitude: float
    longitude: float


def pickup_order(pickups: Iterable[PickUp]) -> list[PickUp]:
    """The pick-ups as they become ready, so that the last goods ride the shortest; equal times by order id."""
    return sorted(pickups, key=lambda pickup: (pickup.ready_at, pickup.order_id))


def search_start(pickups: Sequence[PickUp], lead: timedelta) -> datetime:
    """When to look for a courier: the last ready time less the way there, but early enough for the first pick-up to be made."""
    between = timedelta(minutes=4) * (len(pickups) - 1)
    return max(pickup.ready_at for pickup in pickups) - lead - between


def search_radius(searching_for: timedelta, limits: Limits) -> int:
    """Metres to look around in, by straight line: wider the longer nobody was found."""
    step = int(searching_for.total_seconds() // limits.widen_search_after)
    return limits.search_radii[min(step, len(limits.search_radii) - 1)]


def search_is_over(searching_for: timedelta, limits: Limits) -> bool:
    """Whether a search has lasted so long that support decides."""
    return searching_for.total_seconds() > limits.search_gives_up_after


def on_the_widest_ring(searching_for: timedelta, limits: Limits) -> bool:
    """Whether the search has come to its last radius, where those who missed their offer are asked once more."""
    return search_radius(searching_for, limits) == limits.search_radii[-1]


# Couriers this close to each other are equally near: nobody is asked first for waiting at the counter.
EQUALLY_NEAR = 100


def courier_pay(metres: float, stops: int, limits: Limits) -> int:
    """What a courier earns for a delivery, in minor units: a base, each stop, each kilometre of straight line begun."""
    return limits.pay_base + limits.pay_per_stop * stops + limits.pay_per_km * math.ceil(metres / 1_000)


def route_length(points: Sequence[tuple[float, float]]) -> float:
    """Metres along straight lines from point to point (latitude, longitude)."""
    return sum(distance_m(*one, *other) for one, other in itertools.pairwise(points))


LONGEST_REASON = 200


def checked_reason(reason: str) -> str:
    """Why a courier or an agent does something, stripped. Raises BadInput where it is empty or too long."""
    said = reason.strip()
    if not 1 <= len(said) <= LONGEST_REASON:
        raise BadInput(f"Say why, in 1 to {LONGEST_REASON} characters.", field="reason")
    return said


class PointFault(StrEnum):
    """Why a position is not believed."""

    NOT_ON_EARTH = "NOT_ON_EARTH"
    INACCURATE = "INACCURATE"
    FROM_THE_FUTURE = "FROM_THE_FUTURE"
    STALE = "STALE"
    TOO_FAST = "TOO_FAST"


@dataclass(frozen=True, slots=True)
class Point:
    """A position as a phone took it: degrees WGS 84, accuracy in metres, UTC."""

    latitude: float
    longitude: float
    accuracy_m: float
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Sifted:
    """The points that are believed, oldest first, and how many were refused for what."""

    accepted: list[Point]
    refused: dict[PointFault, int]


FUTURE_SLACK = timedelta(seconds=30)
# A phone without a network keeps its points for a while; what is older says nothing about now.
OLDEST_POINT = timedelta(hours=1)
# Errors of measurement move that slowly: points closer in time may differ by their share of it.
ERRORS_DRIFT_IN = 4.0


def sift(last: Point | None, points: Iterable[Point], at: datetime, limits: Limits) -> Sifted:
    """Believe what can be: newer than the last point, accurate, not from the future, no faster than a car."""
    accepted: list[Point] = []
    refused: dict[PointFault, int] = {}
    for point in sorted(points, key=lambda one: one.taken_at):
        fault = _fault(last, point, at, limits)
        if fault is None:
            accepted.append(point)
            last = point
        else:
            refused[fault] = refused.get(fault, 0) + 1
    return Sifted(accepted, refused)


def _fault(last: Point | None, point: Point, at: datetime, limits: Limits) -> PointFault | None:
    if not (on_earth(point.latitude, point.longitude) and math.isfinite(point.accuracy_m)):
        return PointFault.NOT_ON_EARTH
    if not 0 <= point.accuracy_m <= limits.worst_accuracy:
        return PointFault.INACCURATE
    if point.taken_at > at + FUTURE_SLACK:
        return PointFault.FROM_THE_FUTURE
    if point.taken_at < at - OLDEST_POINT or (last is not None and point.taken_at <= last.taken_at):
        return PointFault.STALE
    return PointFault.TOO_FAST if last is not None and not _could_move(last, point, limits) else None


def _could_move(last: Point, point: Point, limits: Limits) -> bool:
    metres = distance_m(last.latitude, last.longitude, point.latitude, point.longitude)
    elapsed = (point.taken_at - last.taken_at).total_seconds()
    # Two honest points may be off by their accuracies without anybody having moved; many quick ones do not add up to a ride.
    slack = (last.accuracy_m + point.accuracy_m) * min(1.0, elapsed / ERRORS_DRIFT_IN)
    return metres <= limits.fastest_speed * elapsed + slack


# However inaccurate the position: beyond 150 m nobody has arrived.
ARRIVED_SLACK = 70.0


def at_stop(position: Point | None, latitude: float, longitude: float, at: datetime, limits: Limits) -> float | None:
    """None where the courier stands at the stop, else how many metres away (infinite without a position of the last minutes)."""
    if position is None or position.taken_at < at - timedelta(seconds=limits.position_is_fresh_for):
        return math.inf
    metres = distance_m(position.latitude, position.longitude, latitude, longitude)
    return None if metres <= limits.arrived + min(position.accuracy_m, ARRIVED_SLACK) else metres


def may_give_up(arrived_at: datetime | None, contact_attempts: int, at: datetime, limits: Limits) -> bool:
    """Whether the courier has waited and tried long enough at a door that stays shut."""
    waited = arrived_at is not None and at - arrived_at >= timedelta(seconds=limits.wait_at_door)
    return waited and contact_attempts >= limits.contact_attempts
