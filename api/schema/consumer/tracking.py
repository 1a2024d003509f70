"""The way of a purchase as its consumer sees it: stops, the PIN for the door, and the courier while they work for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, Self

import strawberry

from api.context import ConsumerInfo
from api.schema.shared.deliveries import DeliveryState, StopKind, StopState, Vehicle
from api.schema.shared.ids import opaque
from api.schema.shared.places import Position
from services.dispatch.queries import CourierOnMap as CourierFacts
from services.dispatch.queries import Delivery, couriers_on_map, deliveries_of_purchases, stops_of
from services.dispatch.queries import Stop as StopFacts
from services.dispatch.rules import ON_THE_MAP, UNASSIGNED, Point
from services.orders.queries import Purchase as PurchaseFacts
from services.orders.rules import OrderStage

# So far no store has taken anything on, and a courier is looked for once one has.
_BEFORE_ANY_DELIVERY = frozenset({OrderStage.PENDING_PAYMENT, OrderStage.SCHEDULED, OrderStage.PLACED})


@strawberry.type(description="Where the courier was last, and when.")
class CourierPosition:
    position: Position
    accuracy_m: float
    taken_at: datetime

    @classmethod
    def of(cls, point: Point) -> Self:
        place = Position(latitude=point.latitude, longitude=point.longitude)
        return cls(position=place, accuracy_m=point.accuracy_m, taken_at=point.taken_at)


@strawberry.type(description="The courier who works for this purchase now.")
class TrackedCourier:
    first_name: str
    vehicle: Vehicle
    last_seen: CourierPosition | None

    @classmethod
    def of(cls, courier: CourierFacts) -> Self:
        seen = CourierPosition.of(courier.position) if courier.position else None
        return cls(first_name=courier.name, vehicle=Vehicle(courier.vehicle), last_seen=seen)


@strawberry.type(description="A stop of the courier on the way to the consumer.")
class TrackedStop:
    id: strawberry.ID
    kind: StopKind
    state: StopState
    name: str
    arrived_at: datetime | None
    done_at: datetime | None

    @classmethod
    def of(cls, stop: StopFacts) -> Self:
        return cls(
            id=opaque("TrackedStop", stop.id),
            kind=stop.kind,
            state=stop.state,
            name=stop.name,
            arrived_at=stop.arrived_at,
            done_at=stop.done_at,
        )


@strawberry.type(description="How a purchase comes to its consumer.")
class Tracking:
    state: DeliveryState
    drop_off_pin: str | None = strawberry.field(description="To be said to the courier at the door; null once it is over.")
    courier: TrackedCourier | None = strawberry.field(description="Null before a courier took it, and after the delivery.")
    stops: list[TrackedStop]

    @classmethod
    def of(cls, delivery: Delivery, stops: Sequence[StopFacts], courier: CourierFacts | None) -> Self:
        on_the_way = delivery.state in UNASSIGNED | ON_THE_MAP
        return cls(
            state=delivery.state,
            drop_off_pin=delivery.drop_off_pin if on_the_way else None,
            courier=TrackedCourier.of(courier) if courier else None,
            stops=[TrackedStop.of(stop) for stop in stops],
        )


class OfPurchase(Protocol):
    """A noun that knows which purchase it is."""

    facts: PurchaseFacts


def known_tracking(purchases: Sequence[OfPurchase]) -> list[list[Tracking]] | None:
    """That nothing is on its way yet, where no store has answered."""
    if any(not _BEFORE_ANY_DELIVERY.issuperset(purchase.facts.stages) for purchase in purchases):
        return None
    return [[] for _ in purchases]


async def tracking_of(purchases: Sequence[OfPurchase], info: ConsumerInfo) -> list[list[Tracking]]:
    """The deliveries of these purchases, in three statements; where none is there or on the map, in one or two."""
    ids = [purchase.facts.id for purchase in purchases]
    deliveries = await deliveries_of_purchases(ids)
    stops = await stops_of([delivery.id for several in deliveries.values() for delivery in several])
    moving = [purchase_id for purchase_id in ids if any(one.state in ON_THE_MAP for one in deliveries[purchase_id])]
    couriers = await couriers_on_map(info.context.actor, moving)
    return [
        [Tracking.of(delivery, stops[delivery.id], couriers.get(delivery.id)) for delivery in deliveries[purchase_id]]
        for purchase_id in ids
    ]
