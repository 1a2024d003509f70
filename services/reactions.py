"""The choreography: which event sets off what, all on one page.

A `Reaction` runs inside one unit of work with its inbox row: its effects in the database happen exactly once.
A `Telling` is a reaction that is given the event's id too: what it tells is told once for it.
A `Reach` reaches outside (a card network): it runs without a transaction, may run twice, and carries its own key.
Errands of one lane, which is the handler's domain, keep the order of their purchase's events.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.bootstrap import Ports
from services.cases import handlers as cases
from services.dispatch import handlers as dispatch
from services.dispatch.events import (
    CourierArrivedAtDropoff,
    CourierArrivedAtPickup,
    CourierNearby,
    DeliveryAssigned,
    DeliveryCancelled,
    DeliveryCompleted,
    DeliveryFailed,
    DeliveryUnassigned,
    DeliveryUndeliverable,
    JobOffered,
    JobOfferEnded,
    OrdersPickedUp,
)
from services.kernel import outbox
from services.kernel.events import Event
from services.notifications import handlers as notifications
from services.orders import handlers as orders
from services.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderDelivered,
    OrderExpired,
    OrderHandedOver,
    OrderPlaced,
    OrderPreparing,
    OrderReady,
    OrderReadyTimeMoved,
    OrderRejected,
    OrderScheduled,
)
from services.payments import handlers as payments
from services.payments.events import (
    CaptureFailed,
    CaptureRequested,
    MoneyReleased,
    PaymentAuthorised,
    PaymentFailed,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    UnwantedHoldFound,
)
from services.stores import handlers as stores
from services.stores.events import StaffInvited


@dataclass(frozen=True, slots=True)
class Reaction:
    event: type[Event]
    handler: Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Telling(Reaction):
    pass


@dataclass(frozen=True, slots=True)
class Reach:
    event: type[Event]
    handler: Callable[[Any, Ports], Awaitable[None]]


REACTIONS: tuple[Reaction | Reach, ...] = (
    Reach(StaffInvited, stores.tell_invited),
    Reaction(PaymentAuthorised, orders.place_paid_orders),
    Reaction(PaymentFailed, orders.abandon_failed_purchase),
    Reaction(PaymentVoided, orders.call_off_unpaid_orders),
    Reaction(OrderHandedOver, orders.take_money_at_hand_over),
    Reaction(OrderAccepted, dispatch.plan_delivery),
    Reaction(OrderReadyTimeMoved, dispatch.plan_delivery),
    Reaction(OrderRejected, dispatch.plan_without),
    Reaction(OrderExpired, dispatch.plan_without),
    Reaction(OrderCancelled, dispatch.plan_without),
    Reaction(DeliveryFailed, cases.look_for_no_more),
    Reaction(DeliveryUndeliverable, cases.look_into_shut_door),
    Reaction(CaptureFailed, cases.look_into_failed_capture),
    Reaction(RefundFailed, cases.look_into_failed_refund),
    Reaction(PaymentVoided, cases.look_into_lost_payment),
    Reach(CaptureRequested, payments.carry_out_money),
    Reach(RefundRequested, payments.carry_out_money),
    Reach(MoneyReleased, payments.carry_out_money),
    Reach(PaymentVoided, payments.carry_out_money),
    Reach(UnwantedHoldFound, payments.carry_out_money),
    Telling(OrderScheduled, notifications.tell_consumer),
    Telling(OrderPlaced, notifications.tell_consumer),
    Telling(OrderAccepted, notifications.tell_consumer),
    Telling(OrderReadyTimeMoved, notifications.tell_consumer),
    Telling(OrderPreparing, notifications.tell_consumer),
    Telling(OrderReady, notifications.tell_consumer),
    Telling(OrderRejected, notifications.tell_consumer),
    Telling(OrderExpired, notifications.tell_consumer),
    Telling(OrderCancelled, notifications.tell_consumer),
    Telling(OrderDelivered, notifications.tell_consumer),
    Telling(DeliveryAssigned, notifications.tell_consumer),
    Telling(OrdersPickedUp, notifications.tell_consumer),
    Telling(CourierNearby, notifications.tell_consumer),
    Telling(CourierArrivedAtDropoff, notifications.tell_consumer),
    Telling(DeliveryCompleted, notifications.tell_consumer),
    Telling(DeliveryUndeliverable, notifications.tell_consumer),
    Telling(OrderPlaced, notifications.tell_store),
    Telling(OrderExpired, notifications.tell_store),
    Telling(OrderCancelled, notifications.tell_store),
    Telling(CourierArrivedAtPickup, notifications.tell_store),
    Telling(JobOffered, notifications.tell_courier),
    Telling(DeliveryUnassigned, notifications.tell_courier),
    Telling(DeliveryCancelled, notifications.tell_courier),
    Reaction(JobOfferEnded, notifications.withdraw_offer),
)


def name_of(handler: Callable[..., object]) -> str:
    """A handler's name in outbox and inbox: `orders.place_paid_orders`."""
    return f"{lane_of(handler)}.{handler.__name__}"


def lane_of(handler: Callable[..., object]) -> str:
    """The lane of a handler: the domain it is written in."""
    return handler.__module__.split(".")[1]


BY_NAME = {name_of(reaction.handler): reaction for reaction in REACTIONS}


def wire() -> None:
    """Tell the outbox who reacts to what; every process that records events calls it once."""
    routes: dict[str, list[outbox.Route]] = defaultdict(list)
    for reaction in REACTIONS:
        routes[reaction.event.kind].append(outbox.Route(name_of(reaction.handler), lane_of(reaction.handler)))
    outbox.wire(routes)
