"""What happened to deliveries, told within their purchase; and to couriers' shifts, told within the courier."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DeliveryEvent(Event):
    """What every event of one delivery says."""

    delivery_id: UUID
    purchase_id: UUID
    consumer_id: UUID
    courier_id: UUID | None = None
    store_ids: list[UUID]

    @property
    def stream(self) -> UUID:
        return self.purchase_id

    @property
    def topics(self) -> tuple[str, ...]:
        courier = (f"courier:{self.courier_id}",) if self.courier_id else ()
        return (f"purchase:{self.purchase_id}", *courier, *(f"store:{store_id}" for store_id in self.store_ids))


@dataclass(frozen=True, kw_only=True)
class DeliveryPlanned(DeliveryEvent):
    order_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class DeliverySearching(DeliveryEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class JobOffered(DeliveryEvent):
    offer_id: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class JobOfferEnded(DeliveryEvent):
    """The offer ended without a yes: declined, timed out or withdrawn."""

    offer_id: UUID
    outcome: str


@dataclass(frozen=True, kw_only=True)
class DeliveryAssigned(DeliveryEvent):
    offer_id: UUID


@dataclass(frozen=True, kw_only=True)
class DeliveryUnassigned(DeliveryEvent):
    by: str


@dataclass(frozen=True, kw_only=True)
class DeliveryReplanned(DeliveryEvent):
    """An order fell away from a delivery in a courier's hands; the others ride on."""

    order_id: UUID
    order_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class StopEvent(DeliveryEvent):
    """What every event at one stop says."""

    stop_id: UUID


@dataclass(frozen=True, kw_only=True)
class CourierSetOut(StopEvent):
    """On the way to the stop, a pick-up or the drop-off."""

    stop_kind: str


@dataclass(frozen=True, kw_only=True)
class CourierArrivedAtPickup(StopEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrdersPickedUp(StopEvent):
    order_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class CourierNearby(DeliveryEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class CourierArrivedAtDropoff(StopEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ContactAttempted(StopEvent):
    """The courier tried to reach the consumer at the door, and how often by then."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class DeliveryCompleted(StopEvent):
    order_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class DeliveryUndeliverable(StopEvent):
    reason_given: str


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(DeliveryEvent):
    """Nobody could be found; support decides."""


@dataclass(frozen=True, kw_only=True)
class DeliveryCancelled(DeliveryEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ShiftEvent(Event):
    courier_id: UUID

    @property
    def stream(self) -> UUID:
        return self.courier_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"courier:{self.courier_id}",)


@dataclass(frozen=True, kw_only=True)
class ShiftStarted(ShiftEvent):
    vehicle: str


@dataclass(frozen=True, kw_only=True)
class ShiftEnded(ShiftEvent):
    """Ended by the courier, or by the house after too many missed offers."""

    by: str
