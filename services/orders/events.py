"""What happened to purchases and their orders; every transition writes exactly one of these."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PurchaseCheckedOut(Event):
    purchase_id: UUID
    consumer_id: UUID
    number: str
    order_ids: list[UUID]
    store_ids: list[UUID]
    total: int
    currency: str

    @property
    def stream(self) -> UUID:
        return self.purchase_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"purchase:{self.purchase_id}",)


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """What every event of one order says."""

    order_id: UUID
    purchase_id: UUID
    store_id: UUID
    consumer_id: UUID
    number: str

    @property
    def stream(self) -> UUID:
        return self.purchase_id

    @property
    def topics(self) -> tuple[str, ...]:
        return (f"purchase:{self.purchase_id}", f"store:{self.store_id}")


@dataclass(frozen=True, kw_only=True)
class OrderAbandoned(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderScheduled(OrderEvent):
    release_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(OrderEvent):
    ready_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderRejected(OrderEvent):
    reason: str
    item_ids: list[UUID]


@dataclass(frozen=True, kw_only=True)
class OrderExpired(OrderEvent):
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class OrderPreparing(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderReady(OrderEvent):
    ready_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderReadyTimeMoved(OrderEvent):
    """Not a transition: the stage stays, the promise moves."""

    ready_at: datetime
    earlier_ready_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderHandedOver(OrderEvent):
    courier_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderDelivered(OrderEvent):
    courier_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderUndelivered(OrderEvent):
    reason: str
    courier_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderReturned(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderDisposed(OrderEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    reason: str
    liable_party: str


@dataclass(frozen=True, kw_only=True)
class OrderSettled(OrderEvent):
    pass
