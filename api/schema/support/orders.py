"""Purchases and their orders as agents see them: everything that happened, personal data masked."""

from datetime import datetime
from typing import Any, Self

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.orders import Fulfilment, LiableParty, OrderStage, PurchaseStage
from api.schema.support.cases import SupportCase
from api.schema.support.deliveries import SupportDelivery
from api.schema.support.payments import SupportPayment
from api.schema.support.time_line import SupportPush, SupportTimeLine, SupportTimeLineEntry
from services.cases.queries import MaskedPerson, captures_of_purchases, cases_of_purchases, masked_people, time_lines
from services.cases.rules import mask_address
from services.dispatch.queries import deliveries_of_purchases
from services.kernel.paging import PageRequest
from services.kernel.places import Address
from services.notifications.queries import pushes_of_purchases
from services.orders import queries
from services.orders.queries import Order as OrderFacts
from services.orders.queries import OrderLine as LineFacts
from services.orders.queries import Purchase as PurchaseFacts
from services.orders.rules import Who, may_move
from services.payments.queries import payments_of_purchases, refunds_of_purchases
from services.stores.queries import StoreCard, store_cards


@strawberry.type(description="Whose goods they are.")
class SupportStore:
    id: strawberry.ID
    name: str
    street: str
    takes_orders: bool

    @classmethod
    def of(cls, card: StoreCard) -> Self:
        street = f"{card.street} {card.housenumber}".strip()
        return cls(id=opaque("SupportStore", card.id), name=card.name, street=street, takes_orders=card.takes_orders)


@strawberry.type(description="So many pieces of one item, as they were bought.")
class SupportOrderLine:
    name: str
    quantity: int
    options: list[str]
    note: str
    unit_price: Money
    total: Money

    @classmethod
    def of(cls, line: LineFacts, currency: str) -> Self:
        return cls(
            name=line.name,
            quantity=line.quantity,
            options=[one["name"] for one in line.options],
            note=line.note,
            unit_price=Money.minor(line.unit_price, currency),
            total=Money.minor(line.total, currency),
        )


async def stores_of(orders: "list[SupportOrder]") -> list[SupportStore]:
    """Whose goods they are, in one statement."""
    cards = {card.id: card for card in await store_cards(list({order.facts.store_id for order in orders}))}
    return [SupportStore.of(cards[order.facts.store_id]) for order in orders]


async def lines_of(orders: "list[SupportOrder]") -> list[list[SupportOrderLine]]:
    """The lines of these orders, in one statement."""
    lines = await queries.lines_of_orders([order.facts.id for order in orders])
    return [[SupportOrderLine.of(line, order.facts.currency) for line in lines[order.facts.id]] for order in orders]


_TIMES = [
    "created_at",
    "placed_at",
    "release_at",
    "accept_by",
    "accepted_at",
    "preparing_at",
    "ready_at",
    "made_ready_at",
    "handed_over_at",
    "finished_at",
    "settle_after",
    "ended_at",
]


@strawberry.type(description="One store's part of a purchase.")
class SupportOrder:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as R-7K4M2X.")
    stage: OrderStage
    cancellable: bool = strawberry.field(description="Whether support may call it off now.")
    reason: str | None = strawberry.field(description="Why it was refused or called off.")
    liable_party: LiableParty | None
    goods: Money
    tip: Money
    total: Money
    given_back: Money = strawberry.field(description="What went back when it fell away.")
    created_at: datetime
    placed_at: datetime | None
    release_at: datetime | None = strawberry.field(description="When an order wanted later is placed.")
    accept_by: datetime | None = strawberry.field(description="Until when the store has to answer.")
    accepted_at: datetime | None
    preparing_at: datetime | None
    ready_at: datetime | None = strawberry.field(description="When it is promised to be ready.")
    made_ready_at: datetime | None
    handed_over_at: datetime | None
    finished_at: datetime | None = strawberry.field(description="When it was delivered, or was not.")
    settle_after: datetime | None = strawberry.field(description="When nobody may dispute it any more.")
    ended_at: datetime | None
    facts: strawberry.Private[OrderFacts]
    store: SupportStore = batch(stores_of, description="Whose goods they are.")
    lines: list[SupportOrderLine] = batch(lines_of, description="What was bought.")

    @classmethod
    def of(cls, order: OrderFacts) -> Self:
        money: dict[str, Any] = {
            name: Money.minor(getattr(order, name), order.currency) for name in ("goods", "tip", "total", "given_back")
        }
        times: dict[str, Any] = {name: getattr(order, name) for name in _TIMES}
        return cls(
            id=opaque("SupportOrder", order.id),
            number=order.number,
            stage=order.stage,
            cancellable=may_move(order.stage, OrderStage.CANCELLED, Who.SUPPORT),
            reason=order.reason,
            liable_party=order.liable_party,
            facts=order,
            **money,
            **times,
        )


@strawberry.type(description="Whose purchase it is, masked.")
class SupportConsumer:
    name: str = strawberry.field(description="First name and initial.")
    phone: str | None = strawberry.field(description="Masked; `revealContact` shows it for a reason.")
    locale: str

    @classmethod
    def of(cls, person: MaskedPerson) -> Self:
        return cls(name=person.name, phone=person.phone, locale=person.locale)


@strawberry.type(description="The part of the town a purchase goes to; `revealContact` shows the door for a reason.")
class MaskedAddress:
    street: str
    postcode: str
    city: str

    @classmethod
    def of(cls, address: Address) -> Self:
        masked = mask_address(address)
        return cls(street=masked.street, postcode=masked.postcode, city=masked.city)


async def consumers_of(purchases: "list[SupportPurchase]") -> list[SupportConsumer]:
    """Whose purchases these are, in one statement."""
    people = await masked_people({purchase.facts.consumer_id for purchase in purchases})
    return [SupportConsumer.of(people[purchase.facts.consumer_id]) for purchase in purchases]


async def orders_of(purchases: "list[SupportPurchase]") -> list[list[SupportOrder]]:
    """The orders of these purchases, in one statement."""
    orders = await queries.orders_of_purchases(_ids(purchases))
    return [[SupportOrder.of(order) for order in orders[purchase.facts.id]] for purchase in purchases]


async def payments_of(purchases: "list[SupportPurchase]") -> list[SupportPayment | None]:
    """How these purchases are paid, in three statements."""
    ids = _ids(purchases)
    payments, captures, refunds = (
        await payments_of_purchases(ids),
        await captures_of_purchases(ids),
        await refunds_of_purchases(ids),
    )
    return [SupportPayment.of(payments[one], captures[one], refunds[one]) if one in payments else None for one in ids]


async def deliveries_of(purchases: "list[SupportPurchase]") -> list[list[SupportDelivery]]:
    """The deliveries of these purchases, in one statement."""
    deliveries = await deliveries_of_purchases(_ids(purchases))
    return [[SupportDelivery.of(delivery) for delivery in deliveries[one]] for one in _ids(purchases)]


async def cases_of(purchases: "list[SupportPurchase]") -> list[list[SupportCase]]:
    """The cases of these purchases, in one statement."""
    cases = await cases_of_purchases(_ids(purchases))
    return [[SupportCase.of(case) for case in cases[one]] for one in _ids(purchases)]


async def pushes_of(purchases: "list[SupportPurchase]") -> list[list[SupportPush]]:
    """What was pushed about these purchases, in one statement."""
    pushes = await pushes_of_purchases(_ids(purchases))
    return [[SupportPush.of(push) for push in pushes[one]] for one in _ids(purchases)]


async def time_lines_of(purchases: "list[SupportPurchase]", first: int = 100, after_sequence: int = 0) -> list[SupportTimeLine]:
    """A page of the time-line of each of these purchases, in one statement. Raises BadInput."""
    page = PageRequest(first)
    events = await time_lines(_ids(purchases), after=after_sequence, first=page.first + 1)
    return [SupportTimeLine.of(events[one], page.first, after_sequence) for one in _ids(purchases)]


@strawberry.type(description="A purchase with all that happened to it.")
class SupportPurchase:
    id: strawberry.ID
    number: str = strawberry.field(description="To be said aloud, such as P-7K4M2X.")
    stage: PurchaseStage
    fulfilment: Fulfilment
    address: MaskedAddress
    promised_from: datetime
    promised_until: datetime
    pay_by: datetime
    created_at: datetime
    goods: Money = strawberry.field(description="Like all sums here: of the orders that have not fallen away.")
    delivery_fee: Money
    service_fee: Money
    tip: Money
    total: Money
    agreed_total: Money = strawberry.field(description="What was agreed at checkout.")
    facts: strawberry.Private[PurchaseFacts]
    consumer: SupportConsumer = batch(consumers_of, description="Whose it is.")
    orders: list[SupportOrder] = batch(orders_of, description="One for each store.")
    payment: SupportPayment | None = batch(payments_of, description="How it is paid.")
    deliveries: list[SupportDelivery] = batch(deliveries_of, description="How it comes, oldest first.")
    cases: list[SupportCase] = batch(cases_of, description="What support was asked about it, oldest first.")
    pushes: list[SupportPush] = batch(pushes_of, description="What people were told about it.")
    time_line: SupportTimeLine = batch(time_lines_of, description="What happened, in order; at most 100 entries a page.")

    @classmethod
    def of(cls, purchase: PurchaseFacts) -> Self:
        names = ("goods", "delivery_fee", "service_fee", "tip", "total", "agreed_total")
        money: dict[str, Any] = {name: Money.minor(getattr(purchase, name), purchase.currency) for name in names}
        return cls(
            id=opaque("SupportPurchase", purchase.id),
            number=purchase.number,
            stage=purchase.stage,
            fulfilment=purchase.fulfilment,
            address=MaskedAddress.of(purchase.address),
            promised_from=purchase.promised_from,
            promised_until=purchase.promised_until,
            pay_by=purchase.pay_by,
            created_at=purchase.created_at,
            facts=purchase,
            **money,
        )


def _ids(purchases: "list[SupportPurchase]") -> list[Any]:
    return [purchase.facts.id for purchase in purchases]


@strawberry.type(description="A purchase as it stands, and what happened to it since the last message.")
class SupportPurchaseUpdate:
    sequence: int = strawberry.field(description="Of the last event told: say it to resume without a gap or a repeat.")
    entries: list[SupportTimeLineEntry] = strawberry.field(description="In order, at most 100 at once.")
    purchase: SupportPurchase
