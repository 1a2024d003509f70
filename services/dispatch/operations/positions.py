"""Positions: what phones send, believed or counted as refused, seen by the consumer, kept at a coarse grain for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.dispatch.errors import NotOnShift
from services.dispatch.events import CourierNearby
from services.dispatch.known_rides import Ride, Step, keep_all, rides_of
from services.dispatch.operations.moves import facts
from services.dispatch.queries import lock_delivery, stops_of
from services.dispatch.rules import DeliveryState, Point, Sifted, StopKind, sift
from services.kernel import nudges
from services.kernel.actors import Courier
from services.kernel.clock import now, speed
from services.kernel.database import run
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
class _Moving:
    """A courier as they were seen last, and what is believed of them since."""

    ride: Ride
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
    """What each call comes to: one statement that writes, however many they are, and one that reads who was not seen lately."""
    at = now()
    rides = await rides_of({call.courier_id for call in calls})
    taken, changed = await _believe_all(calls, rides, at)
    if changed:
        # Something else happened to these: what they sent is looked at again, beside what is so now.
        rest = [place for place, call in enumerate(calls) if call.courier_id in changed]
        anew, gone = await _believe_all([calls[place] for place in rest], _on_shift(changed), at, whatever=True)
        for place, one in zip(rest, anew, strict=True):
            taken[place] = NotOnShift() if calls[place].courier_id in gone else one
    return taken


async def _believe_all(
    calls: Sequence[_Call], rides: Mapping[UUID, Ride], at: datetime, *, whatever: bool = False
) -> tuple[list[_Taken | Exception], dict[UUID, Ride | None]]:
    """What each call comes to if its courier is as they were seen, and those who are not."""
    moving = {courier_id: _Moving(ride, ride.last) for courier_id, ride in rides.items()}
    limits = settings().limits
    taken = [_believe(moving.get(call.courier_id), call.points, at, limits) for call in calls]
    if not moving:
        return taken, {}
    changed = await keep_all([_step(one, limits.position_grain) for one in moving.values()], at, whatever=whatever)
    moved = [one for one in moving.values() if one.believed and one.ride.courier_id not in changed]
    await nudges.publish([f"purchase:{one.ride.purchase_id}" for one in moved if _worth_a_nudge(one, at)])
    return taken, changed


def _on_shift(rides: Mapping[UUID, Ride | None]) -> dict[UUID, Ride]:
    return {courier_id: ride for courier_id, ride in rides.items() if ride is not None}


# What a city's couriers send within these milliseconds; more than that wait for the next turn, so that no statement grows
# without bounds. A map moves once a second at most and does not show it.
_calls = Together(_take_in, most=100, apart=0.010)


def _believe(moving: _Moving | None, points: Sequence[Point], at: datetime, limits: Limits) -> _Taken | Exception:
    if moving is None:
        return NotOnShift()
    sifted = sift(moving.last, points, at, limits)
    if not sifted.accepted:
        return _Taken(sifted, None)
    moving.believed += sifted.accepted
    moving.last = sifted.accepted[-1]
    if not _is_nearby(moving.ride, moving.last):
        return _Taken(sifted, None)
    moving.is_nearby = True
    return _Taken(sifted, moving.ride.delivery_id)


def _step(moving: _Moving, grain: int) -> Step:
    """Of each 20 seconds of a delivery, the last point is kept."""
    if not moving.believed:
        return Step(moving.ride, None)
    if moving.ride.delivery_id is None:
        return Step(moving.ride, moving.believed[-1])
    kept = {int(point.taken_at.timestamp()) // grain: point for point in moving.believed}
    return Step(moving.ride, moving.believed[-1], list(kept.items()))


def _worth_a_nudge(moving: _Moving, at: datetime) -> bool:
    """The consumer's map moves at most once a second of their own time; near the door it moves when they are told so."""
    if moving.ride.delivery_id is None or moving.is_nearby:
        return False
    received_at = moving.ride.received_at
    return received_at is None or (at - received_at).total_seconds() >= max(speed(), 1.0)


def _is_nearby(ride: Ride, point: Point) -> bool:
    if ride.state != DeliveryState.TO_DROPOFF or ride.nearby_told or ride.door is None:
        return False
    return distance_m(point.latitude, point.longitude, *ride.door) <= settings().limits.nearby


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
