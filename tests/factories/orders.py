"""Purchases and orders for tests, written as rows at the stage wanted: no checkout, no card network, money as if authorised."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import Consumer, StaffRole, StoreStaff
from services.kernel.database import rows, run
from services.kernel.ids import new_id, spoken_number
from services.kernel.money import share
from services.kernel.places import Address
from services.orders import queries
from services.orders.models import OrderLineRow, OrderRow, PurchaseRow
from services.orders.queries import Order, Purchase
from services.orders.rules import FALLEN, TIME_OF, Fulfilment, OrderStage
from services.payments.models import PaymentRow
from services.payments.operations import open_payment
from services.pricing.delivery import delivery_fee
from services.pricing.rules import service_fee, tax_within
from services.settings import settings
from services.stores.queries import StoreCard
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer
from tests.factories.stores import make_store

DOOR = Address(60.1675, 24.9427, "Aleksanterinkatu 52", "Helsinki", "00100", "Ring twice")
GOODS, DISTANCE_M, FEE_TAX_BPS, FOOD_TAX_BPS = 1_500, 800, 2_550, 1_350
_S = OrderStage
_ROAD = (_S.PLACED, _S.ACCEPTED, _S.PREPARING, _S.READY, _S.HANDED_OVER, _S.DELIVERED, _S.SETTLED)
_UNPAID = frozenset({_S.PENDING_PAYMENT, _S.ABANDONED})
# Numbers of tests start far away from those that the sequences give.
_numbers = count(500_000)


async def make_purchase(
    *stages: OrderStage,
    consumer: Consumer | None = None,
    stores: Sequence[StoreCard] = (),
    address: Address = DOOR,
    tip: int = 0,
    goods: int = GOODS,
    fulfilment: Fulfilment = Fulfilment.DELIVERY,
    ready_at: datetime | None = None,
) -> Purchase:
    """A purchase with one order per stage (one placed order, if none is said), each of a new store unless stores are given.

    The money of the whole purchase is authorised, unless every order still waits for it or was abandoned; none of it is captured.
    """
    wanted = stages or (_S.PLACED,)
    owner = consumer or await make_consumer()
    sellers = [*stores, *[await make_store() for _ in wanted[len(stores) :]]]
    charges = _charges(len(wanted), goods, tip)
    purchase_id = await _write_purchase(owner, address, fulfilment, sum(one["total"] for one in charges))
    for stage, seller, charge in zip(wanted, sellers, charges, strict=True):
        await _write_order(purchase_id, seller, stage, charge, ready_at)
    await _write_payment(owner, purchase_id, sum(one["total"] for one in charges), paid=not set(wanted) <= _UNPAID)
    return await queries.any_purchase(purchase_id)


async def make_order(
    stage: OrderStage = _S.PLACED,
    *,
    consumer: Consumer | None = None,
    store: StoreCard | None = None,
    address: Address = DOOR,
    tip: int = 0,
    goods: int = GOODS,
    fulfilment: Fulfilment = Fulfilment.DELIVERY,
    ready_at: datetime | None = None,
) -> Order:
    """The only order of a purchase of its own, at the stage wanted."""
    purchase = await make_purchase(
        stage,
        consumer=consumer,
        stores=[store] if store else (),
        address=address,
        tip=tip,
        goods=goods,
        fulfilment=fulfilment,
        ready_at=ready_at,
    )
    return (await orders_of(purchase))[0]


async def orders_of(purchase: Purchase | UUID) -> list[Order]:
    """The orders of a purchase as they stand now."""
    purchase_id = purchase if isinstance(purchase, UUID) else purchase.id
    return (await queries.orders_of_purchases([purchase_id]))[purchase_id]


def staff_of(order: Order, role: StaffRole = StaffRole.CLERK) -> StoreStaff:
    """Somebody behind the counter of the order's store, as the operations know them."""
    return StoreStaff(new_id(), new_id(), order.store_id, role)


def consumer_of(order: Order | Purchase) -> Consumer:
    """Whose order it is, as the operations know them."""
    return Consumer(order.consumer_id, new_id())


def _charges(orders: int, goods: int, tip: int) -> list[dict[str, Any]]:
    fees = settings().fees
    delivery = share(delivery_fee([DISTANCE_M] * orders, fees), [1] * orders)
    service = share(service_fee(goods * orders, fees), [1] * orders)
    tips = share(tip, [1] * orders)
    return [_charge(goods, *parts) for parts in zip(delivery, service, tips, strict=True)]


def _charge(goods: int, delivery: int, service: int, tip: int) -> dict[str, Any]:
    goods_tax = tax_within(goods, FOOD_TAX_BPS)
    return {
        "goods": goods,
        "goods_tax": goods_tax,
        "small_basket_fee": 0,
        "delivery_fee": delivery,
        "service_fee": service,
        "tip": tip,
        "tax": goods_tax + tax_within(delivery, FEE_TAX_BPS) + tax_within(service, FEE_TAX_BPS),
        "total": goods + delivery + service + tip,
    }


async def _write_purchase(owner: Consumer, address: Address, fulfilment: Fulfilment, total: int) -> UUID:
    at = clock.now()
    made = await PurchaseRow.create(
        id=new_id(),
        number=spoken_number("P", next(_numbers)),
        consumer_id=owner.person_id,
        fulfilment=fulfilment,
        address=asdict(address),
        currency="EUR",
        agreed_total=total,
        fee_schedule=settings().fees.model_dump(mode="json"),
        promised_from=at + timedelta(minutes=30),
        promised_until=at + timedelta(minutes=45),
        pay_by=at + timedelta(seconds=settings().limits.pay_within),
        created_at=at,
    )
    return made.id


async def _write_order(
    purchase_id: UUID, seller: StoreCard, stage: OrderStage, charge: dict[str, Any], ready_at: datetime | None
) -> None:
    order_id = new_id()
    given_back = charge["total"] if stage in FALLEN - _UNPAID else 0
    await OrderRow.create(
        id=order_id,
        number=spoken_number("R", next(_numbers)),
        purchase_id=purchase_id,
        store_id=seller.id,
        stage=stage,
        fee_tax_bps=FEE_TAX_BPS,
        distance_m=DISTANCE_M,
        commission_bps=2_500,
        given_back=given_back,
        preparation_minutes=seller.preparation_minutes,
        collection_code="4711",
        created_at=clock.now(),
        **charge,
        **_times(stage, ready_at or clock.now() + timedelta(minutes=seller.preparation_minutes)),
    )
    item = await make_item(seller, price=charge["goods"])
    await OrderLineRow.create(
        id=new_id(),
        order_id=order_id,
        position=0,
        item_id=item.id,
        name=item.name,
        quantity=1,
        unit_price=charge["goods"],
        options=[],
        note="",
        tax_class="FOOD",
        tax_bps=FOOD_TAX_BPS,
        tax=charge["goods_tax"],
        total=charge["goods"],
    )


def _times(stage: OrderStage, ready_at: datetime) -> dict[str, Any]:
    """The deadlines and times of an order that went the whole way to its stage at this very moment."""
    at = clock.now()
    told: dict[str, Any] = {"release_at": at + timedelta(hours=2)} if stage is _S.SCHEDULED else {}
    if stage in FALLEN:
        return told | {"ended_at": at}
    behind = _behind(stage)
    told |= {TIME_OF[passed]: at for passed in behind if passed in TIME_OF}
    if _S.PLACED in behind:
        told["accept_by"] = at + timedelta(seconds=settings().limits.accept_within)
    if _S.ACCEPTED in behind:
        told["ready_at"] = ready_at
    if stage in {_S.DELIVERED, _S.RETURNED, _S.DISPOSED, _S.SETTLED}:
        told["settle_after"] = at + timedelta(seconds=settings().limits.dispute_window)
    return told


def _behind(stage: OrderStage) -> tuple[OrderStage, ...]:
    if stage in {_S.UNDELIVERED, _S.RETURNED, _S.DISPOSED}:
        return (*_ROAD[:5], _S.UNDELIVERED)
    return _ROAD[: _ROAD.index(stage) + 1] if stage in _ROAD else ()


async def _write_payment(owner: Consumer, purchase_id: UUID, total: int, *, paid: bool) -> None:
    payment = await open_payment(purchase_id, owner.person_id, total, "EUR", "card_ok")
    if paid:
        ref = f"sandbox_{payment.id.hex}"
        await run(_HELD, ref, str(payment.id), total, clock.now())
        await PaymentRow.filter(id=payment.id).update(
            state="AUTHORISED", provider_ref=ref, asked_at=clock.now(), many_captures=True
        )
        await run(_RELEASED, purchase_id)


_HELD = """
INSERT INTO sandbox_cards_intents (ref, key, amount, currency, method, status, captured, refunded, tries, created_at)
VALUES ($1, $2, $3, 'EUR', 'card_ok', 'AUTHORISED', 0, 0, 0, $4)
"""
_RELEASED = """
UPDATE payments SET released = fallen.amount, state = CASE WHEN fallen.amount = payments.amount THEN 'VOIDED' ELSE state END
FROM (SELECT coalesce(sum(given_back), 0)::bigint AS amount FROM orders WHERE purchase_id = $1) AS fallen WHERE purchase_id = $1
"""


async def picture() -> list[str]:
    """All that orders, payments, stock and events keep, as text: equal before and after means that nothing changed."""
    found = await rows(_PICTURE)
    return [record[0] for record in found]


_PICTURE = """
SELECT p::text FROM purchases p UNION ALL SELECT o::text FROM orders o UNION ALL SELECT l::text FROM order_lines l
UNION ALL SELECT m::text FROM payments m UNION ALL SELECT c::text FROM captures c UNION ALL SELECT h::text FROM stock_holds h
UNION ALL SELECT i::text FROM items i UNION ALL SELECT s::text FROM stores s UNION ALL SELECT e::text FROM events e
UNION ALL SELECT t::text FROM outbox t ORDER BY 1
"""
