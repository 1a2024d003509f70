"""Deliveries as their courier sees them: stops in order, what changes hands, and what can go wrong on the way."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.deliveries import DeliveryState, StopKind, StopState
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.orders import OrderStage
from api.schema.shared.places import Address
from api.schema.shared.problems import Problem
from services.dispatch import errors
from services.dispatch.queries import Delivery as DeliveryFacts
from services.dispatch.queries import Stop as StopFacts
from services.dispatch.queries import stops_of
from services.orders.errors import OrderCannotMove
from services.orders.queries import orders_by_ids


@strawberry.type(description="An order that changes hands at a stop.")
class StopOrder:
    id: strawberry.ID
    number: str = strawberry.field(description="What to say at the counter.")
    ready_at: datetime | None = strawberry.field(description="When the store means to have it ready.")


async def orders_of(stops: list["Stop"]) -> list[list[StopOrder]]:
    """The orders of each stop."""
    found = {order.id: order for order in await orders_by_ids([order_id for stop in stops for order_id in stop.facts.order_ids])}
    return [
        [
            StopOrder(id=opaque("StopOrder", order_id), number=found[order_id].number, ready_at=found[order_id].ready_at)
            for order_id in stop.facts.order_ids
        ]
        for stop in stops
    ]


@strawberry.type(description="A place where the courier picks up or drops off.")
class Stop:
    id: strawberry.ID
    kind: StopKind
    state: StopState
    name: str = strawberry.field(description="The store, or the street of the door.")
    address: Address
    arrived_at: datetime | None
    done_at: datetime | None
    contact_attempts: int = strawberry.field(description="How often the courier tried to reach the consumer at the door.")
    facts: strawberry.Private[StopFacts]
    orders: list[StopOrder] = batch(orders_of, description="What changes hands here.")

    @classmethod
    def of(cls, stop: StopFacts) -> Self:
        return cls(
            id=opaque("Stop", stop.id),
            kind=stop.kind,
            state=stop.state,
            name=stop.name,
            address=Address.of(stop.address),
            arrived_at=stop.arrived_at,
            done_at=stop.done_at,
            contact_attempts=stop.contact_attempts,
            facts=stop,
        )


async def stops_of_deliveries(deliveries: list["Delivery"]) -> list[list[Stop]]:
    """The stops of each delivery, in their order."""
    found = await stops_of([delivery.facts.id for delivery in deliveries])
    return [[Stop.of(stop) for stop in found[delivery.facts.id]] for delivery in deliveries]


@strawberry.type(description="One courier's job: its stops in order.")
class Delivery:
    id: strawberry.ID
    state: DeliveryState
    pay: Money = strawberry.field(description="What the courier earns for it, without the tip.")
    assigned_at: datetime | None
    facts: strawberry.Private[DeliveryFacts]
    stops: list[Stop] = batch(stops_of_deliveries, description="Where to go, in this order; called off stops too.")

    @classmethod
    def of(cls, delivery: DeliveryFacts) -> Self:
        return cls(
            id=opaque("Delivery", delivery.id),
            state=delivery.state,
            pay=Money.minor(delivery.pay, delivery.currency),
            assigned_at=delivery.assigned_at,
            facts=delivery,
        )


@strawberry.input(description="Which stop, and when the courier pressed the button.")
class StopInput:
    stop_id: strawberry.ID
    device_at: datetime | None = strawberry.field(default=None, description="The phone's time, where the call comes late.")


@strawberry.input(description="Take orders along against the codes the store says.")
class CollectOrdersInput:
    stop_id: strawberry.ID
    codes: list[str] = strawberry.field(description="One for each order of the stop, in any order.")
    device_at: datetime | None = None


@strawberry.input(description="Hand everything over against the consumer's PIN.")
class DeliverOrdersInput:
    stop_id: strawberry.ID
    pin: str
    device_at: datetime | None = None


@strawberry.input(description="Give up at a door that stays shut.")
class ReportUndeliverableInput:
    stop_id: strawberry.ID
    reason: str
    device_at: datetime | None = None


@strawberry.input(description="Give the delivery back before the first pick-up.")
class ReturnJobInput:
    delivery_id: strawberry.ID
    reason: str


@strawberry.type(description="The delivery's present state does not lead there.")
class DeliveryCannotMoveProblem(Problem):
    state: DeliveryState
    to: DeliveryState

    @classmethod
    def of(cls, refusal: errors.DeliveryCannotMove) -> Self:
        return cls(message=str(refusal), state=refusal.state, to=refusal.to)


@strawberry.type(description="Another stop comes first, or this one is over.")
class StopNotNextProblem(Problem):
    state: StopState
    next_stop_id: strawberry.ID | None

    @classmethod
    def of(cls, refusal: errors.StopNotNext) -> Self:
        following = opaque("Stop", refusal.next_stop_id) if refusal.next_stop_id else None
        return cls(message=str(refusal), state=refusal.state, next_stop_id=following)


@strawberry.type(description="The last position is too far from the stop.")
class NotAtStopProblem(Problem):
    metres: int | None = strawberry.field(description="How far; null without a position.")

    @classmethod
    def of(cls, refusal: errors.NotAtStop) -> Self:
        return cls(message=str(refusal), metres=refusal.metres)


@strawberry.type(description="The codes are not those of the orders at this stop.")
class PickupCodeWrongProblem(Problem):
    tries_left: int = strawberry.field(description="At zero no codes are taken for a while.")
    locked_until: datetime | None = strawberry.field(description="When codes are taken again; null while there are tries left.")

    @classmethod
    def of(cls, refusal: errors.PickupCodeWrong) -> Self:
        return cls(message=str(refusal), tries_left=refusal.tries_left, locked_until=refusal.locked_until)


@strawberry.type(description="An order at this stop is not ready to go.")
class OrderNotReadyProblem(Problem):
    order_id: strawberry.ID
    stage: OrderStage

    @classmethod
    def of(cls, refusal: OrderCannotMove) -> Self:
        return cls(message=str(refusal), order_id=opaque("StopOrder", refusal.order_id), stage=refusal.stage)


@strawberry.type(description="The PIN is not the consumer's.")
class DropOffPinWrongProblem(Problem):
    tries_left: int = strawberry.field(description="At zero only support can help.")

    @classmethod
    def of(cls, refusal: errors.DropOffPinWrong) -> Self:
        return cls(message=str(refusal), tries_left=refusal.tries_left)


@strawberry.type(description="The wait at the door is not over, or the consumer was not called often enough.")
class CannotGiveUpYetProblem(Problem):
    wait_until: datetime | None
    contact_attempts_left: int

    @classmethod
    def of(cls, refusal: errors.CannotGiveUpYet) -> Self:
        return cls(message=str(refusal), wait_until=refusal.wait_until, contact_attempts_left=refusal.contact_attempts_left)


@strawberry.type(description="On the way.")
class SetOutSuccess:
    delivery: Delivery


@strawberry.type(description="At the stop.")
class ArriveAtStopSuccess:
    delivery: Delivery


@strawberry.type(description="The orders ride along now.")
class CollectOrdersSuccess:
    delivery: Delivery


@strawberry.type(description="Everything is in the consumer's hands.")
class DeliverOrdersSuccess:
    delivery: Delivery


@strawberry.type(description="The attempt is noted.")
class NoteContactAttemptSuccess:
    stop: Stop


@strawberry.type(description="Support takes over.")
class ReportUndeliverableSuccess:
    delivery: Delivery


@strawberry.type(description="Another courier is sought.")
class ReturnJobSuccess:
    returned_at: datetime


SetOutResult = Annotated[
    SetOutSuccess | StopNotNextProblem | DeliveryCannotMoveProblem,
    strawberry.union("SetOutResult", description="What came of setting out."),
]
ArriveAtStopResult = Annotated[
    ArriveAtStopSuccess | NotAtStopProblem | StopNotNextProblem | DeliveryCannotMoveProblem,
    strawberry.union("ArriveAtStopResult", description="What came of arriving."),
]
CollectOrdersResult = Annotated[
    CollectOrdersSuccess | PickupCodeWrongProblem | OrderNotReadyProblem | StopNotNextProblem | DeliveryCannotMoveProblem,
    strawberry.union("CollectOrdersResult", description="What came of collecting."),
]
DeliverOrdersResult = Annotated[
    DeliverOrdersSuccess | DropOffPinWrongProblem | StopNotNextProblem | DeliveryCannotMoveProblem,
    strawberry.union("DeliverOrdersResult", description="What came of handing over."),
]
NoteContactAttemptResult = Annotated[
    NoteContactAttemptSuccess | StopNotNextProblem,
    strawberry.union("NoteContactAttemptResult", description="What came of noting it."),
]
ReportUndeliverableResult = Annotated[
    ReportUndeliverableSuccess | CannotGiveUpYetProblem | StopNotNextProblem | DeliveryCannotMoveProblem,
    strawberry.union("ReportUndeliverableResult", description="What came of giving up."),
]
ReturnJobResult = Annotated[
    ReturnJobSuccess | DeliveryCannotMoveProblem,
    strawberry.union("ReturnJobResult", description="What came of giving the delivery back."),
]
