"""What one purchase went through, as its consumer's phone and its courier's saw it."""

from dataclasses import dataclass

# Which event of the subscription means which stage of an order.
STAGE_OF_EVENT = {
    "OrderScheduled": "SCHEDULED",
    "OrderPlaced": "PLACED",
    "OrderAccepted": "ACCEPTED",
    "OrderPreparing": "PREPARING",
    "OrderReady": "READY",
    "OrderHandedOver": "HANDED_OVER",
    "OrderDelivered": "DELIVERED",
    "OrderUndelivered": "UNDELIVERED",
    "OrderReturned": "RETURNED",
    "OrderDisposed": "DISPOSED",
    "OrderSettled": "SETTLED",
    "OrderAbandoned": "ABANDONED",
    "OrderRejected": "REJECTED",
    "OrderExpired": "EXPIRED",
    "OrderCancelled": "CANCELLED",
}
FALLEN = frozenset({"ABANDONED", "REJECTED", "EXPIRED", "CANCELLED"})
AT_THE_END = FALLEN | {"SETTLED"}
OUT_OF_SIGHT = AT_THE_END | {"DELIVERED", "UNDELIVERED", "RETURNED", "DISPOSED"}
"""Stages in which a consumer waits for nothing more."""


@dataclass(frozen=True, slots=True)
class StageAt:
    """A stage and when it was reached."""

    stage: str
    at: str


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One store's part."""

    number: str
    store: str
    stages: list[StageAt]


@dataclass(frozen=True, slots=True)
class StopStory:
    """A place where the courier was."""

    kind: str
    name: str
    state: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A purchase from checkout to the end; `sequences` are those of the events in the order in which the phone heard them."""

    purchase: str
    purchase_uuid: str
    total: str
    orders: list[OrderStory]
    stops: list[StopStory]
    sequences: list[int]
    missed: list[int]
    """What a fresh look at the whole shows and the phone did not hear while it watched."""
    time_line: list[str]
    """The kinds of events that support sees, in order."""
