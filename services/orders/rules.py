"""The stages of an order and the only edges between them, the derived stage of a purchase, and what is decided on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kernel.actors import Actor, System
from services.payments.rules import LiableParty
from services.settings import settings


class OrderStage(StrEnum):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    SCHEDULED = "SCHEDULED"
    PLACED = "PLACED"
    ACCEPTED = "ACCEPTED"
    PREPARING = "PREPARING"
    READY = "READY"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    RETURNED = "RETURNED"
    DISPOSED = "DISPOSED"
    SETTLED = "SETTLED"
    ABANDONED = "ABANDONED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class PurchaseStage(StrEnum):
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    SCHEDULED = "SCHEDULED"
    PLACED = "PLACED"
    ACCEPTED = "ACCEPTED"
    PREPARING = "PREPARING"
    READY = "READY"
    ON_THE_WAY = "ON_THE_WAY"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    CANCELLED = "CANCELLED"
    ABANDONED = "ABANDONED"


class Fulfilment(StrEnum):
    """Who brings it: a courier, or the consumer collects it."""

    DELIVERY = "DELIVERY"
    COLLECTION = "COLLECTION"


class RejectReason(StrEnum):
    ITEMS_UNAVAILABLE = "ITEMS_UNAVAILABLE"
    TOO_BUSY = "TOO_BUSY"
    CLOSING = "CLOSING"
    OTHER = "OTHER"


class Who(StrEnum):
    """Who may take an edge: a person's audience, or the part of the house that acts by itself."""

    CONSUMER = "consumer"
    STORE = "store"
    COURIER = "courier"
    SUPPORT = "support"
    PAYMENT = "payment"
    TIMER = "timer"
    AUTO_ACCEPT = "auto-accept"
    PLATFORM = "platform"


PAYMENT = System("payment")
TIMER = System("timer")
AUTO_ACCEPT = System("auto-accept")


@dataclass(frozen=True, slots=True)
class Edge:
    """One permitted step; `open` is False where the domain knows it and this release does not take it yet."""

    start: OrderStage | None
    to: OrderStage
    who: Who
    open: bool = True


def _edges(starts: Iterable[OrderStage | None], to: OrderStage, *who: Who, opened: bool = True) -> list[Edge]:
    return [Edge(start, to, each, opened) for start in starts for each in who]


_S = OrderStage
EDGES: tuple[Edge, ...] = tuple(
    _edges([None], _S.PENDING_PAYMENT, Who.CONSUMER)
    + _edges([_S.PENDING_PAYMENT], _S.PLACED, Who.PAYMENT)
    + _edges([_S.PENDING_PAYMENT], _S.SCHEDULED, Who.PAYMENT)
    + _edges([_S.PENDING_PAYMENT], _S.ABANDONED, Who.TIMER, Who.CONSUMER, Who.PAYMENT)
    + _edges([_S.SCHEDULED], _S.PLACED, Who.TIMER)
    + _edges([_S.PLACED], _S.ACCEPTED, Who.STORE, Who.AUTO_ACCEPT)
    + _edges([_S.PLACED], _S.REJECTED, Who.STORE)
    + _edges([_S.PLACED], _S.EXPIRED, Who.TIMER)
    + _edges([_S.SCHEDULED, _S.PLACED], _S.CANCELLED, Who.CONSUMER, Who.SUPPORT, Who.PLATFORM)
    + _edges([_S.ACCEPTED], _S.PREPARING, Who.STORE)
    # Substitutions, removals and picked weights come with the line-by-line picking.
    + _edges([_S.PREPARING], _S.PREPARING, Who.STORE, Who.CONSUMER, Who.TIMER, opened=False)
    + _edges([_S.ACCEPTED, _S.PREPARING], _S.READY, Who.STORE)
    + _edges([_S.ACCEPTED, _S.PREPARING, _S.READY], _S.CANCELLED, Who.SUPPORT, Who.STORE)
    # A consumer who cancels after acceptance pays by a fee policy, which does not exist yet.
    + _edges([_S.ACCEPTED, _S.PREPARING, _S.READY], _S.CANCELLED, Who.CONSUMER, opened=False)
    + _edges([_S.READY, _S.PREPARING], _S.HANDED_OVER, Who.COURIER, Who.STORE)
    + _edges([_S.HANDED_OVER], _S.DELIVERED, Who.COURIER, Who.STORE)
    + _edges([_S.HANDED_OVER], _S.UNDELIVERED, Who.COURIER, Who.SUPPORT, Who.STORE)
    + _edges([_S.UNDELIVERED], _S.RETURNED, Who.COURIER, Who.SUPPORT, Who.STORE)
    + _edges([_S.UNDELIVERED], _S.DISPOSED, Who.COURIER, Who.SUPPORT, Who.STORE)
    + _edges([_S.DELIVERED, _S.RETURNED, _S.DISPOSED], _S.SETTLED, Who.TIMER)
)
_TABLE = {(edge.start, edge.to, edge.who): edge for edge in EDGES}

FALLEN = frozenset({_S.ABANDONED, _S.REJECTED, _S.EXPIRED, _S.CANCELLED})
TERMINAL = FALLEN | {_S.SETTLED}
BEFORE_HAND_OVER = frozenset({_S.SCHEDULED, _S.PLACED, _S.ACCEPTED, _S.PREPARING, _S.READY})
# What a store's queue shows: everything that is still in its hands.
IN_THE_STORE = BEFORE_HAND_OVER

_SYSTEMS = {PAYMENT.name: Who.PAYMENT, TIMER.name: Who.TIMER, AUTO_ACCEPT.name: Who.AUTO_ACCEPT}


def who(actor: Actor) -> Who:
    """The actor's part in the table of edges; a system without a part of its own is the platform."""
    if isinstance(actor, System):
        return _SYSTEMS.get(actor.name, Who.PLATFORM)
    return Who(actor.kind)


def edge(start: OrderStage | None, to: OrderStage, by: Who) -> Edge | None:
    """The edge, open or not, or None where the domain has none."""
    return _TABLE.get((start, to, by))


def may_move(start: OrderStage | None, to: OrderStage, by: Who) -> bool:
    """Whether the step exists for this actor and is open now."""
    found = edge(start, to, by)
    return found is not None and found.open


_PROGRESS: tuple[tuple[frozenset[OrderStage], PurchaseStage], ...] = (
    (frozenset({_S.PENDING_PAYMENT}), PurchaseStage.AWAITING_PAYMENT),
    (frozenset({_S.SCHEDULED}), PurchaseStage.SCHEDULED),
    (frozenset({_S.PLACED}), PurchaseStage.PLACED),
    (frozenset({_S.ACCEPTED}), PurchaseStage.ACCEPTED),
    (frozenset({_S.PREPARING}), PurchaseStage.PREPARING),
    (frozenset({_S.READY}), PurchaseStage.READY),
    (frozenset({_S.HANDED_OVER}), PurchaseStage.ON_THE_WAY),
    (frozenset({_S.DELIVERED, _S.SETTLED}), PurchaseStage.DELIVERED),
    (frozenset({_S.UNDELIVERED, _S.RETURNED, _S.DISPOSED}), PurchaseStage.UNDELIVERED),
)


def purchase_stage(stages: Iterable[OrderStage]) -> PurchaseStage:
    """The stage of a purchase: that of its least advanced order that has not fallen away."""
    everything = set(stages)
    for stages_here, answer in _PROGRESS:
        if everything & stages_here:
            return answer
    return PurchaseStage.ABANDONED if everything <= {_S.ABANDONED} else PurchaseStage.CANCELLED


# Which column remembers when a stage was reached.
TIME_OF: dict[OrderStage, str] = {
    _S.PLACED: "placed_at",
    _S.ACCEPTED: "accepted_at",
    _S.PREPARING: "preparing_at",
    _S.READY: "made_ready_at",
    _S.HANDED_OVER: "handed_over_at",
    _S.DELIVERED: "finished_at",
    _S.UNDELIVERED: "finished_at",
    _S.SETTLED: "ended_at",
} | dict.fromkeys(FALLEN, "ended_at")


def acceptable(stage: OrderStage, accept_by: datetime | None, at: datetime) -> bool:
    """Whether a store may still take the order."""
    return stage is OrderStage.PLACED and accept_by is not None and at <= accept_by


def accept_deadline(at: datetime) -> datetime:
    """Until when the store must answer an order placed now."""
    return at + timedelta(seconds=settings().limits.accept_within)


# A promise that begins so much later than the kitchens and the way need was wished for, and is not just far.
_WANTED_LATER = timedelta(minutes=45)


def is_wanted_later(promised_from: datetime, longest_lead: timedelta, at: datetime) -> bool:
    """Whether the promised window is one the consumer chose, and not the soonest possible."""
    return promised_from - longest_lead - at > _WANTED_LATER


def release_time(promised_from: datetime, lead: timedelta) -> datetime:
    """When a scheduled order goes to its store: the promised time less preparation and way, and the time to answer."""
    return promised_from - lead - timedelta(seconds=settings().limits.accept_within)


def ready_time_limits(at: datetime) -> tuple[datetime, datetime]:
    """The earliest and latest ready time a store may promise at this moment."""
    return at, at + timedelta(seconds=settings().limits.ready_within)


def liable_for_cancelling(by: Who) -> LiableParty:
    """Who bears a cancellation where nobody says otherwise."""
    return {Who.CONSUMER: LiableParty.CONSUMER, Who.STORE: LiableParty.STORE}.get(by, LiableParty.PLATFORM)


def first_name_and_initial(name: str) -> str:
    """What a store sees of a person: `Aino K.`"""
    first, _, rest = " ".join(name.split()).partition(" ")
    return f"{first} {rest.rsplit(' ', 1)[-1][0]}." if rest else first
