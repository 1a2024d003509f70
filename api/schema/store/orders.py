"""Orders as the store sees them that fills them: whose they are by first name and initial, never where they go."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.orders import Fulfilment, OrderStage, RejectReason
from api.schema.shared.problems import Problem
from services.identity.queries import people_by_ids
from services.orders import errors, queries
from services.orders.queries import Order as OrderFacts
from services.orders.queries import OrderLine as LineFacts
from services.orders.rules import first_name_and_initial


@strawberry.type(description="A choice on the goods of a line.")
class StoreOrderLineOption:
    name: str
    price: Money


@strawberry.type(description="So many pieces of one item to prepare.")
class StoreOrderLine:
    item_id: strawberry.ID
    gtin: str | None
    name: str
    quantity: int
    grams: int | None = strawberry.field(description="What one of the quantity weighs, where it is priced by weight; else null.")
    note: str
    options: list[StoreOrderLineOption]
    total: Money

    @classmethod
    def of(cls, line: LineFacts, currency: str) -> Self:
        return cls(
            item_id=opaque("StoreItem", line.item_id),
            gtin=line.product_gtin,
            name=line.name,
            quantity=line.quantity,
            grams=line.grams,
            note=line.note,
            options=[StoreOrderLineOption(name=one["name"], price=Money.minor(one["price"], currency)) for one in line.options],
            total=Money.minor(line.total, currency),
        )


async def lines_of(orders: "list[StoreOrder]") -> list[list[StoreOrderLine]]:
    """The lines of these orders, in one statement."""
    lines = await queries.lines_of_orders([order.facts.id for order in orders])
    return [[StoreOrderLine.of(line, order.facts.currency) for line in lines[order.facts.id]] for order in orders]


async def customers_of(orders: "list[StoreOrder]") -> list[str]:
    """First name and initial of whoever ordered, in one statement."""
    people = await people_by_ids({order.facts.consumer_id for order in orders})
    names = [people[order.facts.consumer_id].name if order.facts.consumer_id in people else "" for order in orders]
    return [first_name_and_initial(name) for name in names]


@strawberry.type(description="What the store is asked to fill.")
class StoreOrder:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as R-7K4M2X.")
    stage: OrderStage
    fulfilment: Fulfilment
    goods: Money
    created_at: datetime
    release_at: datetime | None = strawberry.field(description="When an order wanted later will be placed.")
    accept_by: datetime | None = strawberry.field(description="Until when it has to be answered.")
    ready_at: datetime | None = strawberry.field(description="When it is promised to be ready, or was.")
    reason: str | None = strawberry.field(description="Why it was refused or called off.")
    pickup_code: str | None = strawberry.field(description="To be said to the courier; null where the consumer collects.")
    facts: strawberry.Private[OrderFacts]
    customer: str = batch(customers_of, description="First name and initial.")
    lines: list[StoreOrderLine] = batch(lines_of, description="What to prepare.")

    @classmethod
    def of(cls, order: OrderFacts) -> Self:
        return cls(
            id=opaque("StoreOrder", order.id),
            number=order.number,
            stage=order.stage,
            fulfilment=order.fulfilment,
            goods=Money.minor(order.goods, order.currency),
            created_at=order.created_at,
            release_at=order.release_at,
            accept_by=order.accept_by,
            ready_at=order.ready_at,
            reason=order.reason,
            pickup_code=order.collection_code if order.fulfilment is Fulfilment.DELIVERY else None,
            facts=order,
        )


@strawberry.input(description="Take a placed order.")
class AcceptOrderInput:
    order_id: strawberry.ID
    ready_at: datetime | None = strawberry.field(default=None, description="Without it: now and the store's preparation time.")
    device_at: datetime | None = None


@strawberry.input(description="Refuse a placed order.")
class RejectOrderInput:
    order_id: strawberry.ID
    reason: RejectReason
    item_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="What cannot be had, for ITEMS_UNAVAILABLE; it is out of stock from now on."
    )
    device_at: datetime | None = None


@strawberry.input(description="An order, for a step that needs to be told nothing else.")
class StoreOrderInput:
    order_id: strawberry.ID
    device_at: datetime | None = None


@strawberry.input(description="Promise another time.")
class MoveOrderReadyTimeInput:
    order_id: strawberry.ID
    ready_at: datetime
    device_at: datetime | None = None


@strawberry.input(description="Give an order to the consumer who collects it.")
class HandOverOrderInput:
    order_id: strawberry.ID
    code: str
    device_at: datetime | None = None


@strawberry.type(description="The store has taken the order.")
class AcceptOrderSuccess:
    order: StoreOrder


@strawberry.type(description="The store has refused the order; its money goes back.")
class RejectOrderSuccess:
    order: StoreOrder


@strawberry.type(description="The order is being prepared.")
class StartPreparingOrderSuccess:
    order: StoreOrder


@strawberry.type(description="The order can be fetched.")
class MarkOrderReadySuccess:
    order: StoreOrder


@strawberry.type(description="Another time is promised.")
class MoveOrderReadyTimeSuccess:
    order: StoreOrder


@strawberry.type(description="The consumer has the order.")
class HandOverOrderSuccess:
    order: StoreOrder


@strawberry.type(description="The order can no longer be accepted.")
class OrderNotAcceptableProblem(Problem):
    stage: OrderStage
    accept_by: datetime | None

    @classmethod
    def of(cls, refusal: errors.OrderNotAcceptable) -> Self:
        return cls(message=str(refusal), stage=refusal.stage, accept_by=refusal.accept_by)


@strawberry.type(description="The order's present stage does not allow it.")
class StoreOrderCannotMoveProblem(Problem):
    stage: OrderStage
    not_yet_open: bool = strawberry.field(description="True where it will be possible in a later release.")

    @classmethod
    def of(cls, refusal: errors.OrderCannotMove) -> Self:
        return cls(message=str(refusal), stage=refusal.stage, not_yet_open=refusal.not_yet_open)


@strawberry.type(description="The ready time lies in the past or too far ahead.")
class ReadyTimeOutOfReachProblem(Problem):
    earliest: datetime
    latest: datetime

    @classmethod
    def of(cls, refusal: errors.ReadyTimeOutOfReach) -> Self:
        return cls(message=str(refusal), earliest=refusal.earliest, latest=refusal.latest)


@strawberry.type(description="The code is not this order's.")
class CollectionCodeWrongProblem(Problem):
    pass


@strawberry.type(description="A courier fetches this order.")
class OrderNotForCollectionProblem(Problem):
    pass


AcceptOrderResult = Annotated[
    AcceptOrderSuccess | OrderNotAcceptableProblem | ReadyTimeOutOfReachProblem,
    strawberry.union("AcceptOrderResult", description="What came of taking an order."),
]
RejectOrderResult = Annotated[
    RejectOrderSuccess | StoreOrderCannotMoveProblem,
    strawberry.union("RejectOrderResult", description="What came of refusing an order."),
]
StartPreparingOrderResult = Annotated[
    StartPreparingOrderSuccess | StoreOrderCannotMoveProblem,
    strawberry.union("StartPreparingOrderResult", description="What came of beginning an order."),
]
MarkOrderReadyResult = Annotated[
    MarkOrderReadySuccess | StoreOrderCannotMoveProblem,
    strawberry.union("MarkOrderReadyResult", description="What came of finishing an order."),
]
MoveOrderReadyTimeResult = Annotated[
    MoveOrderReadyTimeSuccess | StoreOrderCannotMoveProblem | ReadyTimeOutOfReachProblem,
    strawberry.union("MoveOrderReadyTimeResult", description="What came of promising another time."),
]
HandOverOrderResult = Annotated[
    HandOverOrderSuccess | StoreOrderCannotMoveProblem | CollectionCodeWrongProblem | OrderNotForCollectionProblem,
    strawberry.union("HandOverOrderResult", description="What came of giving an order to its consumer."),
]
