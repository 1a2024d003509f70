"""Purchases and their orders as their consumer sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from api.schema.consumer.stores import Store
from api.schema.consumer.tracking import Tracking, known_tracking, tracking_of
from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.orders import Fulfilment, OrderStage, PaymentState, PurchaseStage
from api.schema.shared.places import Address
from services.kernel.clock import now
from services.kernel.events import EventRow
from services.orders import news, queries
from services.orders.queries import Order as OrderFacts
from services.orders.queries import OrderLine as LineFacts
from services.orders.queries import Purchase as PurchaseFacts
from services.orders.rules import Who, may_move
from services.orders.trees import PurchaseTree
from services.payments.queries import Payment as PaymentFacts
from services.payments.queries import payments_of_purchases
from services.stores.shown import shown_stores

# What of a purchase's life is the consumer's to see; searches and offers among couriers are not.
SHOWN_EVENTS = frozenset(
    [
        "PurchaseCheckedOut",
        "PaymentAuthorised",
        "PaymentFailed",
        "PaymentNeedsConfirmation",
        "PaymentVoided",
        "MoneyReleased",
        "OrderMoneyCaptured",
        "RefundRequested",
        "RefundMade",
        "OrderAbandoned",
        "OrderScheduled",
        "OrderPlaced",
        "OrderAccepted",
        "OrderRejected",
        "OrderExpired",
        "OrderPreparing",
        "OrderReady",
        "OrderReadyTimeMoved",
        "OrderHandedOver",
        "OrderDelivered",
        "OrderUndelivered",
        "OrderReturned",
        "OrderDisposed",
        "OrderCancelled",
        "OrderSettled",
        "DeliveryAssigned",
        "CourierArrivedAtPickup",
        "OrdersPickedUp",
        "CourierNearby",
        "CourierArrivedAtDropoff",
        "DeliveryCompleted",
        "DeliveryFailed",
    ]
)


@strawberry.type(description="A choice on the goods of an order's line.")
class OrderLineOption:
    name: str
    price: Money


@strawberry.type(description="So many pieces of one item, as they were bought.")
class OrderLine:
    id: strawberry.ID
    item_id: strawberry.ID
    name: str
    quantity: int
    grams: int | None = strawberry.field(description="What one of the quantity weighs, where it is priced by weight; else null.")
    note: str
    options: list[OrderLineOption]
    unit_price: Money
    total: Money
    tax: Money

    @classmethod
    def of(cls, line: LineFacts, currency: str) -> Self:
        return cls(
            id=opaque("OrderLine", line.id),
            item_id=opaque("Item", line.item_id),
            name=line.name,
            quantity=line.quantity,
            grams=line.grams,
            note=line.note,
            options=[OrderLineOption(name=one["name"], price=Money.minor(one["price"], currency)) for one in line.options],
            unit_price=Money.minor(line.unit_price, currency),
            total=Money.minor(line.total, currency),
            tax=Money.minor(line.tax, currency),
        )


async def lines_of(orders: "list[Order]") -> list[list[OrderLine]]:
    """The lines of these orders, in one statement."""
    lines = await queries.lines_of_orders([order.facts.id for order in orders])
    return [[OrderLine.of(line, order.facts.currency) for line in lines[order.facts.id]] for order in orders]


def known_lines(orders: "list[Order]") -> list[list[OrderLine]] | None:
    """The lines as they were read with the orders."""
    if any(order.lines_read is None for order in orders):
        return None
    return [[OrderLine.of(line, order.facts.currency) for line in order.lines_read or ()] for order in orders]


async def stores_of(orders: "list[Order]") -> list[Store]:
    """Whose goods they are, in one statement at most."""
    cards = await shown_stores({order.facts.store_id for order in orders}, at=now())
    return [Store.shown(cards[order.facts.store_id]) for order in orders]


@strawberry.type(description="One store's part of a purchase.")
class Order:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as R-7K4M2X.")
    stage: OrderStage
    goods: Money
    fees: Money = strawberry.field(description="Its share of the purchase's fees, and its small-basket fee.")
    tip: Money
    tax: Money = strawberry.field(description="The tax within goods and fees.")
    total: Money
    given_back: Money = strawberry.field(description="What went back when it fell away.")
    accept_by: datetime | None = strawberry.field(description="Until when the store has to answer.")
    ready_at: datetime | None = strawberry.field(description="When the store means to have it ready, or had it.")
    reason: str | None = strawberry.field(description="Why it was refused or called off.")
    cancellable: bool = strawberry.field(description="Whether the consumer may call it off now, for nothing.")
    collection_code: str | None = strawberry.field(description="To be said at the counter; null where a courier brings it.")
    placed_at: datetime | None
    accepted_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None
    facts: strawberry.Private[OrderFacts]
    lines_read: strawberry.Private[list[LineFacts] | None]
    store: Store = batch(stores_of, description="Whose goods they are.")
    lines: list[OrderLine] = batch(lines_of, known=known_lines, description="What was bought.")

    @classmethod
    def of(cls, order: OrderFacts, lines: list[LineFacts] | None = None) -> Self:
        money: dict[str, Any] = {
            name: Money.minor(getattr(order, name), order.currency) for name in ("goods", "tip", "tax", "total", "given_back")
        }
        fees = order.small_basket_fee + order.delivery_fee + order.service_fee
        return cls(
            id=opaque("Order", order.id),
            number=order.number,
            stage=order.stage,
            fees=Money.minor(fees, order.currency),
            accept_by=order.accept_by,
            ready_at=order.ready_at,
            reason=order.reason,
            cancellable=may_move(order.stage, OrderStage.CANCELLED, Who.CONSUMER),
            collection_code=order.collection_code if order.fulfilment is Fulfilment.COLLECTION else None,
            placed_at=order.placed_at,
            accepted_at=order.accepted_at,
            handed_over_at=order.handed_over_at,
            delivered_at=order.finished_at if order.stage in {OrderStage.DELIVERED, OrderStage.SETTLED} else None,
            facts=order,
            lines_read=lines,
            **money,
        )


@strawberry.type(description="What the bank wants of the consumer before the money is held.")
class PaymentNextAction:
    kind: str = strawberry.field(description="The card network's word for it, such as `code` or `redirect_to_url`.")
    hint: str | None = strawberry.field(description="What to tell the consumer, where the network says it.")
    url: str | None = strawberry.field(description="Where to send the consumer.")
    client_secret: str | None = strawberry.field(description="For the card network's own kit in the app.")

    @classmethod
    def of(cls, wanted: Mapping[str, Any]) -> Self:
        more = {name: wanted.get(name) for name in ("hint", "url", "client_secret")}
        return cls(kind=str(wanted.get("type") or "unknown"), **more)


@strawberry.type(description="The money of a purchase.")
class PurchasePayment:
    state: PaymentState
    amount: Money = strawberry.field(description="What was agreed at checkout.")
    captured: Money
    released: Money = strawberry.field(description="What was held and will never be taken.")
    refunded: Money
    next_action: PaymentNextAction | None = strawberry.field(description="Null while nothing is wanted of the consumer.")
    failure: str | None = strawberry.field(description="Why it failed, as a code such as `card_declined`.")

    @classmethod
    def of(cls, payment: PaymentFacts) -> Self:
        names = ("amount", "captured", "released", "refunded")
        money: dict[str, Any] = {name: Money.minor(getattr(payment, name), payment.currency) for name in names}
        wanted = payment.next_action
        return cls(
            state=payment.state,
            next_action=PaymentNextAction.of(wanted) if wanted else None,
            failure=payment.failure,
            **money,
        )


async def orders_of(purchases: "list[Purchase]") -> list[list[Order]]:
    """The orders of these purchases, in one statement."""
    orders = await queries.orders_of_purchases([purchase.facts.id for purchase in purchases])
    return [[Order.of(order) for order in orders[purchase.facts.id]] for purchase in purchases]


def known_orders(purchases: "list[Purchase]") -> list[list[Order]] | None:
    """The orders as they were read with the purchases."""
    trees = [purchase.tree for purchase in purchases if purchase.tree and purchase.tree.orders is not None]
    if len(trees) < len(purchases):
        return None
    return [
        [Order.of(order, None if tree.lines is None else tree.lines[order.id]) for order in tree.orders or ()] for tree in trees
    ]


async def payments_of(purchases: "list[Purchase]") -> list[PurchasePayment | None]:
    """How these purchases are paid, in one statement."""
    payments = await payments_of_purchases([purchase.facts.id for purchase in purchases])
    found = [payments.get(purchase.facts.id) for purchase in purchases]
    return [PurchasePayment.of(payment) if payment else None for payment in found]


def known_payments(purchases: "list[Purchase]") -> list[PurchasePayment | None] | None:
    """How it is paid as it was read with the purchases."""
    read = [purchase.tree.payments for purchase in purchases if purchase.tree and purchase.tree.payments is not None]
    return [PurchasePayment.of(one[0]) if one else None for one in read] if len(read) == len(purchases) else None


async def sequences_of(purchases: "list[Purchase]") -> list[int]:
    """The last sequence of these purchases, in one statement."""
    sequences = await news.sequences_of_purchases([purchase.facts.id for purchase in purchases])
    return [sequences[purchase.facts.id] for purchase in purchases]


def known_sequences(purchases: "list[Purchase]") -> list[int] | None:
    """The last sequence as it was read with the purchases."""
    read = [purchase.tree.sequence for purchase in purchases if purchase.tree and purchase.tree.sequence is not None]
    return read if len(read) == len(purchases) else None


@strawberry.type(description="What the consumer pays once: one order for each store.")
class Purchase:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as P-7K4M2X.")
    stage: PurchaseStage
    fulfilment: Fulfilment
    address: Address
    promised_from: datetime
    promised_until: datetime
    pay_by: datetime = strawberry.field(description="When it is given up unless it is paid for.")
    created_at: datetime
    goods: Money = strawberry.field(description="Like all sums here: of the orders that have not fallen away.")
    small_basket_fee: Money
    delivery_fee: Money
    service_fee: Money
    tip: Money
    tax: Money = strawberry.field(description="The tax within goods and fees.")
    total: Money
    agreed_total: Money = strawberry.field(description="What was agreed at checkout; never more is taken.")
    facts: strawberry.Private[PurchaseFacts]
    tree: strawberry.Private[PurchaseTree | None]
    orders: list[Order] = batch(orders_of, known=known_orders, description="One for each store, each with a life of its own.")
    tracking: list[Tracking] = batch(
        tracking_of, known=known_tracking, description="How it comes: mostly one delivery, none before a store accepted."
    )
    payment: PurchasePayment | None = batch(payments_of, known=known_payments, description="How it is paid.")
    sequence: int = batch(
        sequences_of, known=known_sequences, description="Of its last event: where `purchaseUpdated` may begin."
    )

    @classmethod
    def of(cls, purchase: PurchaseFacts, tree: PurchaseTree | None = None) -> Self:
        names = ("goods", "small_basket_fee", "delivery_fee", "service_fee", "tip", "tax", "total", "agreed_total")
        money: dict[str, Any] = {name: Money.minor(getattr(purchase, name), purchase.currency) for name in names}
        return cls(
            id=opaque("Purchase", purchase.id),
            number=purchase.number,
            stage=purchase.stage,
            fulfilment=purchase.fulfilment,
            address=Address.of(purchase.address),
            promised_from=purchase.promised_from,
            promised_until=purchase.promised_until,
            pay_by=purchase.pay_by,
            created_at=purchase.created_at,
            facts=purchase,
            tree=tree,
            **money,
        )


@strawberry.type(description="Something that happened to a purchase.")
class PurchaseEvent:
    sequence: int = strawberry.field(description="Rising within the purchase; numbers between are not the consumer's to see.")
    kind: str = strawberry.field(description="Such as OrderAccepted; more kinds may come.")
    order_id: strawberry.ID | None
    recorded_at: datetime

    @classmethod
    def of(cls, event: EventRow) -> Self:
        order_id = news.order_id_of(event)
        return cls(
            sequence=event.sequence,
            kind=event.kind,
            order_id=opaque("Order", order_id) if order_id else None,
            recorded_at=event.recorded_at,
        )


@strawberry.type(description="A purchase as it stands, and what happened to it since the last message.")
class PurchaseUpdate:
    sequence: int = strawberry.field(description="Of the last event told: say it to resume without a gap or a repeat.")
    events: list[PurchaseEvent] = strawberry.field(description="In order; empty where only the courier moved.")
    purchase: Purchase
