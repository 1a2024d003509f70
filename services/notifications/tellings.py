"""Which fact is told to whom, as a table: its kind, its place among the stages, how urgent it is and how long it matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.dispatch.events import (
    CourierArrivedAtDropoff,
    CourierArrivedAtPickup,
    CourierNearby,
    DeliveryAssigned,
    DeliveryCancelled,
    DeliveryCompleted,
    DeliveryEvent,
    DeliveryUnassigned,
    DeliveryUndeliverable,
    JobOffered,
    OrdersPickedUp,
)
from services.kernel.actors import Audience
from services.kernel.events import Event
from services.notifications.rules import GIVE_UP_AFTER, Priority
from services.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderExpired,
    OrderPlaced,
    OrderPreparing,
    OrderReady,
    OrderReadyTimeMoved,
    OrderRejected,
    OrderScheduled,
)

Told = OrderEvent | DeliveryEvent
CAN_WAIT, AT_ONCE = Priority.NORMAL, Priority.HIGH


@dataclass(frozen=True, slots=True)
class Telling:
    """`rank`: a later stage has a higher one and takes the place of those below; 0 stands alone.

    `collapsible`: a device that was away gets the newest one only.
    """

    kind: str
    rank: int
    priority: Priority
    collapsible: bool = False


def _stage(kind: str, rank: int, priority: Priority = CAN_WAIT) -> Telling:
    return Telling(kind, rank, priority, collapsible=True)


TELLINGS: Mapping[Audience, Mapping[type[Event], Telling]] = {
    Audience.CONSUMER: {
        OrderScheduled: _stage("order_scheduled", 5),
        OrderPlaced: _stage("order_placed", 10),
        OrderAccepted: _stage("order_accepted", 20),
        OrderReadyTimeMoved: _stage("order_ready_time_moved", 25),
        OrderPreparing: _stage("order_preparing", 30),
        OrderReady: _stage("order_ready", 40),
        DeliveryAssigned: _stage("delivery_assigned", 50),
        OrdersPickedUp: _stage("orders_picked_up", 60),
        CourierNearby: _stage("courier_nearby", 70, AT_ONCE),
        CourierArrivedAtDropoff: _stage("courier_arrived", 80, AT_ONCE),
        DeliveryCompleted: _stage("delivery_completed", 90),
        OrderDelivered: _stage("order_collected", 90),
        # Bad news is never swallowed by another store's good news.
        OrderRejected: Telling("order_rejected", 0, AT_ONCE),
        OrderExpired: Telling("order_expired", 0, AT_ONCE),
        OrderCancelled: Telling("order_cancelled", 0, AT_ONCE),
        DeliveryUndeliverable: Telling("delivery_undeliverable", 0, AT_ONCE),
    },
    # A tablet and a courier must not miss one for another: nothing of theirs is collapsed on the way.
    Audience.STORE: {
        OrderPlaced: Telling("order_placed", 10, AT_ONCE),
        CourierArrivedAtPickup: Telling("courier_arrived", 50, AT_ONCE),
        OrderExpired: Telling("order_expired", 90, CAN_WAIT),
        OrderCancelled: Telling("order_cancelled", 90, AT_ONCE),
    },
    Audience.COURIER: {
        JobOffered: Telling("job_offered", 10, AT_ONCE),
        DeliveryUnassigned: Telling("delivery_unassigned", 80, AT_ONCE),
        DeliveryCancelled: Telling("delivery_cancelled", 90, AT_ONCE),
    },
}


def telling(audience: Audience, event: Told) -> Telling | None:
    """How this fact is told to this audience; None: not at all."""
    if audience is Audience.CONSUMER and isinstance(event, OrderDelivered) and event.courier_id:
        # The delivery tells it once for all orders that came with it.
        return None
    if isinstance(event, DeliveryUnassigned) and event.by == Audience.COURIER:
        return None
    return TELLINGS[audience].get(type(event))


def matters_until(event: Told, at: datetime) -> datetime:
    """When a push about the fact is of no use any more; never later than an hour after it was made."""
    ends_at = {JobOffered: "expires_at", OrderPlaced: "accept_by"}.get(type(event))
    latest = at + GIVE_UP_AFTER
    return min(latest, getattr(event, ends_at)) if ends_at else latest


def time_told(event: Told) -> datetime | None:
    """The time of day that the words may name."""
    match event:
        case OrderAccepted() | OrderReadyTimeMoved():
            return event.ready_at
        case OrderPlaced():
            return event.accept_by
    return None
