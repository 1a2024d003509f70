"""Reads of purchases and orders: the consumer's, the store's queue, what dispatch and support need; and holds for a move."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from services.identity.queries import person_by_phone
from services.kernel.actors import Actor, Consumer, StoreStaff
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.gathering import GatheredRead
from services.kernel.ids import read_spoken_number
from services.kernel.paging import Page, PageRequest, keys, moment, page_of
from services.kernel.places import Address
from services.orders.charges import Charges
from services.orders.rules import FALLEN, IN_THE_STORE, Fulfilment, OrderStage, PurchaseStage, purchase_stage
from services.payments.rules import LiableParty

NEWEST_FOR_SUPPORT = 20


# Not frozen: see OrderLine.
@dataclass(slots=True, unsafe_hash=True, kw_only=True)
class Order:
    """One store's part of a purchase as it is written, with what it takes over from the purchase."""

    id: UUID
    number: str
    purchase_id: UUID
    store_id: UUID
    stage: OrderStage
    goods: int
    goods_tax: int
    small_basket_fee: int
    delivery_fee: int
    service_fee: int
    tip: int
    fee_tax_bps: int
    distance_m: int
    commission_bps: int
    tax: int
    total: int
    given_back: int
    preparation_minutes: int
    collection_code: str
    release_at: datetime | None
    accept_by: datetime | None
    ready_at: datetime | None
    settle_after: datetime | None
    reason: str | None
    liable_party: LiableParty | None
    created_at: datetime
    placed_at: datetime | None
    accepted_at: datetime | None
    preparing_at: datetime | None
    made_ready_at: datetime | None
    handed_over_at: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None
    own_delivery_fee: int | None
    consumer_id: UUID
    currency: str
    fulfilment: Fulfilment

    @property
    def charges(self) -> Charges:
        """The order's money as the rules deal it."""
        names = [field.name for field in fields(Charges) if field.name != "order_id"]
        return Charges(order_id=self.id, **{name: getattr(self, name) for name in names})

    @classmethod
    def of(cls, record: Row) -> Self:
        liable = record["liable_party"]
        typed = {
            "stage": OrderStage(record["stage"]),
            "fulfilment": Fulfilment(record["fulfilment"]),
            "liable_party": LiableParty(liable) if liable else None,
        }
        return cls(**dict(record) | typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What the consumer pays once: the sums of the orders that have not fallen away, and a stage derived from all of them."""

    id: UUID
    number: str
    consumer_id: UUID
    fulfilment: Fulfilment
    address: Address
    currency: str
    agreed_total: int
    promised_from: datetime
    promised_until: datetime
    pay_by: datetime
    created_at: datetime
    goods: int
    small_basket_fee: int
    delivery_fee: int
    service_fee: int
    tip: int
    tax: int
    total: int
    stages: tuple[OrderStage, ...]

    @property
    def stage(self) -> PurchaseStage:
        return purchase_stage(self.stages)

    @classmethod
    def of(cls, record: Row) -> Self:
        typed = {
            "fulfilment": Fulfilment(record["fulfilment"]),
            "address": Address(**record["address"]),
            "stages": tuple(OrderStage(stage) for stage in record["stages"]),
        }
        return cls(**dict(record) | typed)


# Not frozen: to freeze them costs more than to read a purchase.
@dataclass(slots=True, unsafe_hash=True)
class OrderLine:
    """One item of an order as it was bought; each option has `name` and `price`."""

    id: UUID
    order_id: UUID
    position: int
    item_id: UUID
    product_gtin: str | None
    name: str
    quantity: int
    unit_price: int
    options: list[dict[str, Any]]
    note: str
    tax_class: str
    tax_bps: int
    tax: int
    total: int
    grams: int | None = None


_OF_PURCHASE = ("consumer_id", "currency", "fulfilment")
_ORDER = ", ".join(f"{'p' if field.name in _OF_PURCHASE else 'o'}.{field.name}" for field in fields(Order))
_ORDERS = f"SELECT {_ORDER} FROM orders o JOIN purchases p ON p.id = o.purchase_id"  # noqa: S608 - our own columns
_LINE = ", ".join(field.name for field in fields(OrderLine))
_SUMS = ("goods", "small_basket_fee", "delivery_fee", "service_fee", "tip", "tax", "total")
_FALLEN = ", ".join(f"'{stage}'" for stage in sorted(FALLEN))
_PURCHASE = ", ".join(f"{'sums' if field.name in (*_SUMS, 'stages') else 'p'}.{field.name}" for field in fields(Purchase))
_SUMMED = ", ".join(f"coalesce(sum(o.{name}) FILTER (WHERE o.stage NOT IN ({_FALLEN})), 0)::bigint AS {name}" for name in _SUMS)
PURCHASES = (
    f"SELECT {_PURCHASE} FROM purchases p CROSS JOIN LATERAL"  # noqa: S608 - our own columns
    f" (SELECT {_SUMMED}, array_agg(o.stage ORDER BY o.id) AS stages FROM orders o WHERE o.purchase_id = p.id) AS sums"
)


async def purchase(consumer: Consumer, purchase_id: UUID) -> Purchase:
    """The consumer's own purchase. Raises NotFound."""
    return _found(await row(f"{PURCHASES} WHERE p.id = $1 AND p.consumer_id = $2", purchase_id, consumer.person_id))


async def purchase_of_order(consumer: Consumer, order_id: UUID) -> Purchase:
    """The consumer's own purchase that holds this order, in one look: another's costs what none costs. Raises NotFound."""
    of_order = "(SELECT purchase_id FROM orders WHERE id = $1)"
    return _found(await row(f"{PURCHASES} WHERE p.id = {of_order} AND p.consumer_id = $2", order_id, consumer.person_id))


async def any_purchase(purchase_id: UUID) -> Purchase:
    """A purchase, whoever asks: for the house's own use, and for doors that checked before. Raises NotFound."""
    return _found(await row(f"{PURCHASES} WHERE p.id = $1", purchase_id))


async def purchases_by_ids(purchase_ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Purchases by id, whoever asks."""
    found = await _purchases.rows_of(purchase_ids)
    return {purchase_id: Purchase.of(several[0]) for purchase_id, several in found.items() if several}


_purchases = GatheredRead(f"{PURCHASES} WHERE p.id = ANY($1::uuid[])", by="id")


async def purchases_of(consumer: Consumer, page: PageRequest) -> Page[Purchase]:
    """The consumer's purchases, newest first."""
    created_at, last_id = keys(page.after, moment, UUID) if page.after is not None else (None, None)
    found = await rows(
        f"{PURCHASES} WHERE p.consumer_id = $1 AND ($2::timestamptz IS NULL OR (p.created_at, p.id) < ($2, $3::uuid))"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $4",
        consumer.person_id,
        created_at,
        last_id,
        page.first + 1,
    )
    return page_of([Purchase.of(record) for record in found], page, lambda one: (one.created_at.isoformat(), str(one.id)))


async def find_for_support(text: str) -> list[Purchase]:
    """Purchases by the number of a purchase or of one of its orders, or the newest of the person with this phone."""
    for prefix, where in (("P", "p.number = $1"), ("R", "p.id = (SELECT purchase_id FROM orders WHERE number = $1)")):
        number = read_spoken_number(prefix, text)
        if number:
            return [Purchase.of(record) for record in await rows(f"{PURCHASES} WHERE {where}", number)]
    person = await person_by_phone(text)
    if person is None:
        return []
    where = "WHERE p.consumer_id = $1 ORDER BY p.created_at DESC, p.id DESC LIMIT $2"
    return [Purchase.of(record) for record in await rows(f"{PURCHASES} {where}", person.id, NEWEST_FOR_SUPPORT)]


async def order(order_id: UUID) -> Order:
    """An order, whoever asks. Raises NotFound."""
    return _order(await row(f"{_ORDERS} WHERE o.id = $1", order_id))


async def orders_by_ids(order_ids: Sequence[UUID]) -> list[Order]:
    """The orders of these ids that exist, oldest first, whoever asks."""
    return [Order.of(record) for record in await rows(f"{_ORDERS} WHERE o.id = ANY($1::uuid[]) ORDER BY o.id", list(order_ids))]


async def orders_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[Order]]:
    """The orders of each purchase, in the order they were made; every purchase asked for has its list."""
    found = await _orders.rows_of(purchase_ids)
    return {purchase_id: [Order.of(record) for record in several] for purchase_id, several in found.items()}


_orders = GatheredRead(f"{_ORDERS} WHERE o.purchase_id = ANY($1::uuid[]) ORDER BY o.id", by="purchase_id")


async def lines_of_orders(order_ids: Sequence[UUID]) -> dict[UUID, list[OrderLine]]:
    """The lines of each order in their places; every order asked for has its list."""
    found = await _lines.rows_of(order_ids)
    return {order_id: [OrderLine(**dict(record)) for record in several] for order_id, several in found.items()}


_lines = GatheredRead(
    f"SELECT {_LINE} FROM order_lines WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, position",  # noqa: S608
    by="order_id",
)


async def store_queue(staff: StoreStaff) -> list[Order]:
    """What the store has in its hands, oldest first: from scheduled and placed to ready."""
    stages = ", ".join(f"'{stage}'" for stage in sorted(IN_THE_STORE))
    found = await rows(f"{_ORDERS} WHERE o.store_id = $1 AND o.stage IN ({stages}) ORDER BY o.created_at, o.id", staff.store_id)
    return [Order.of(record) for record in found]


async def store_order(staff: StoreStaff, order_id: UUID) -> Order:
    """An order of the store's own, once it was paid for. Raises NotFound."""
    where = "WHERE o.id = $1 AND o.store_id = $2 AND o.stage NOT IN ('PENDING_PAYMENT', 'ABANDONED')"
    return _order(await row(f"{_ORDERS} {where}", order_id, staff.store_id))


async def lock_purchase(purchase_id: UUID, consumer: Consumer | None = None) -> list[Order]:
    """Hold a purchase until the transaction ends; answers its orders as they stand then. Raises NotFound, for another's too.

    Every move of an order holds its purchase first, so whoever holds it moves all of its orders alone.
    """
    held = await row(
        "SELECT id FROM purchases WHERE id = $1 AND ($2::uuid IS NULL OR consumer_id = $2) FOR NO KEY UPDATE",
        purchase_id,
        consumer.person_id if consumer else None,
    )
    if held is None:
        raise NotFound("There is no such purchase.")
    return (await orders_of_purchases([purchase_id]))[purchase_id]


async def lock_order(actor: Actor, order_id: UUID) -> tuple[Order, list[Order]]:
    """Hold an order's purchase; answers the order and all orders of the purchase, itself among them.

    Raises NotFound for another consumer's or store's. Couriers, support and the house reach every order: their callers checked.
    """
    held = await row(
        "SELECT p.id FROM purchases p JOIN orders o ON o.purchase_id = p.id WHERE o.id = $1"
        " AND ($2::uuid IS NULL OR p.consumer_id = $2) AND ($3::uuid IS NULL OR o.store_id = $3) FOR NO KEY UPDATE OF p",
        order_id,
        actor.person_id if isinstance(actor, Consumer) else None,
        actor.store_id if isinstance(actor, StoreStaff) else None,
    )
    if held is None:
        raise NotFound("There is no such order.")
    orders = (await orders_of_purchases([held["id"]]))[held["id"]]
    return next(one for one in orders if one.id == order_id), orders


async def orders_by_stage() -> dict[OrderStage, int]:
    """How many orders stand at each stage, in the order of an order's life (the board, metrics)."""
    found = {
        record["stage"]: record["count"] for record in await rows("SELECT stage, count(*) AS count FROM orders GROUP BY stage")
    }
    return {stage: found[stage] for stage in OrderStage if stage in found}


class Terms(NamedTuple):
    """On which terms a store's orders are made: the commission agreed to, and whether it takes on only so much at a time."""

    commission_bps: int
    is_limited: bool


async def terms_of(store_ids: Sequence[UUID]) -> dict[UUID, Terms]:
    """The terms of each store."""
    found = await rows(_TERMS, list(store_ids))
    return {store_id: Terms(commission_bps, is_limited) for store_id, commission_bps, is_limited in found}


_TERMS = """
SELECT s.id, p.commission_bps, s.capacity_orders IS NOT NULL OR s.capacity_value IS NOT NULL
FROM stores s JOIN partners p ON p.id = s.partner_id WHERE s.id = ANY($1::uuid[])
"""


async def fee_schedule_of(purchase_id: UUID) -> dict[str, Any]:
    """The fees as they were when the purchase was made."""
    found = await row("SELECT fee_schedule FROM purchases WHERE id = $1", purchase_id)
    return dict(found["fee_schedule"]) if found else {}


def _found(record: Row | None) -> Purchase:
    if record is None:
        raise NotFound("There is no such purchase.")
    return Purchase.of(record)


def _order(record: Row | None) -> Order:
    if record is None:
        raise NotFound("There is no such order.")
    return Order.of(record)
