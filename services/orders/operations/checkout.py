"""Checkout: a quote becomes a purchase, once, with one order for each store; then the money is held."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from services.carts.capacity import ready_for
from services.carts.operations import close_cart, take_quote
from services.carts.quotes import Quote, QuotedBasket, QuotedLine, plain
from services.catalog.operations import hold_stock
from services.kernel import clock, idempotency
from services.kernel.actors import Consumer
from services.kernel.database import row
from services.kernel.ids import new_id, spoken_number
from services.kernel.unit_of_work import unit_of_work
from services.orders import rules
from services.orders.daily import check_daily_most
from services.orders.events import PurchaseCheckedOut
from services.orders.models import OrderLineRow, OrderRow, PurchaseRow
from services.orders.queries import Purchase, purchase, terms_of
from services.orders.rules import Fulfilment, OrderStage
from services.payments.operations import authorise, open_payment
from services.payments.ports import CardProvider
from services.settings import settings
from services.stores.operations import SlotWanted, take_slots

# The hold outlives the time to pay and the store's time to answer; from acceptance on the goods are sold.
_HOLD_SLACK = timedelta(minutes=5)


async def checkout(consumer: Consumer, *, quote_id: UUID, key: str, method: str, cards: CardProvider) -> Purchase:
    """Buy what was quoted: prices, stock, hours and reach checked again under lock, totals frozen, then the money held.

    The same key gives the same purchase again, and asks for the money again where the first call was cut off before it did.
    Raises KeyReusedWithOtherInput, OperationInProgress, CardMethodUnknown, ItemSoldOut, StoreAtCapacity, and whatever refuses the
    quote.
    """
    said = {"quote_id": str(quote_id), "method": method}
    async with unit_of_work(consumer):
        earlier = await idempotency.once(consumer, "checkout", key, said)
        made = dict(earlier.result) if earlier else await _open_purchase(consumer, quote_id, method)
        if not earlier:
            await idempotency.keep(consumer, "checkout", key, made)
    await authorise(UUID(made["payment_id"]), cards)
    return await purchase(consumer, UUID(made["purchase_id"]))


async def _open_purchase(consumer: Consumer, quote_id: UUID, method: str) -> dict[str, str]:
    async with unit_of_work(consumer) as work:
        quote = await take_quote(consumer, quote_id)
        await check_daily_most(quote)
        await close_cart(quote.cart_id)
        made = await _write_purchase(quote)
        order_ids = await _write_orders(quote, made)
        await _hold_goods(quote, made, order_ids)
        payment = await open_payment(made.id, consumer.person_id, quote.priced.total, quote.currency, method)
        await work.record(
            PurchaseCheckedOut(
                purchase_id=made.id,
                consumer_id=consumer.person_id,
                number=made.number,
                order_ids=order_ids,
                store_ids=[basket.store_id for basket in quote.baskets],
                total=quote.priced.total,
                currency=quote.currency,
            )
        )
        return {"purchase_id": str(made.id), "payment_id": str(payment.id)}


async def _write_purchase(quote: Quote) -> PurchaseRow:
    at = clock.now()
    return await PurchaseRow.create(
        id=new_id(),
        number=(await _numbers("purchase_numbers", "P", 1))[0],
        consumer_id=quote.consumer_id,
        cart_id=quote.cart_id,
        quote_id=quote.id,
        fulfilment=Fulfilment.DELIVERY,
        address=plain(quote)["address"],
        currency=quote.currency,
        agreed_total=quote.priced.total,
        fee_schedule=settings().fees.model_dump(mode="json"),
        promised_from=quote.promised_from,
        promised_until=quote.promised_until,
        pay_by=at + clock.seconds(settings().limits.pay_within),
        created_at=at,
    )


async def _write_orders(quote: Quote, made: PurchaseRow) -> list[UUID]:
    numbers = await _numbers("order_numbers", "R", len(quote.baskets))
    terms = await terms_of([basket.store_id for basket in quote.baskets])
    orders = [
        _order(quote, basket, made, number, terms[basket.store_id].commission_bps)
        for basket, number in zip(quote.baskets, numbers, strict=True)
    ]
    limited = [
        SlotWanted(order.id, basket.store_id, ready_for(basket, quote.promised_from), basket.goods)
        for order, basket in zip(orders, quote.baskets, strict=True)
        if terms[basket.store_id].is_limited
    ]
    if limited:
        await take_slots(limited)
    await OrderRow.bulk_create(orders)
    await OrderLineRow.bulk_create(
        [
            _line(order.id, position, line)
            for order, basket in zip(orders, quote.baskets, strict=True)
            for position, line in enumerate(basket.lines)
        ]
    )
    return [order.id for order in orders]


def _order(quote: Quote, basket: QuotedBasket, made: PurchaseRow, number: str, commission_bps: int) -> OrderRow:
    return OrderRow(
        id=new_id(),
        number=number,
        purchase_id=made.id,
        store_id=basket.store_id,
        stage=OrderStage.PENDING_PAYMENT,
        goods=basket.goods,
        goods_tax=sum(line.tax for line in basket.lines),
        small_basket_fee=basket.small_basket_fee,
        delivery_fee=basket.delivery_fee,
        own_delivery_fee=basket.own_delivery_fee,
        service_fee=basket.service_fee,
        tip=basket.tip,
        fee_tax_bps=basket.fee_tax_bps,
        distance_m=basket.distance_m,
        commission_bps=commission_bps,
        tax=basket.tax,
        total=basket.total,
        preparation_minutes=basket.preparation_minutes,
        collection_code=f"{secrets.randbelow(10_000):04d}",
        release_at=_release_at(quote, basket, made.created_at),
        created_at=made.created_at,
    )


def _release_at(quote: Quote, basket: QuotedBasket, at: datetime) -> datetime | None:
    longest = max(_lead(one) for one in quote.baskets)
    if not rules.is_wanted_later(quote.promised_from, longest, at):
        return None
    return rules.release_time(quote.promised_from, _lead(basket))


def _lead(basket: QuotedBasket) -> timedelta:
    return timedelta(minutes=basket.preparation_minutes, seconds=basket.travel_seconds)


def _line(order_id: UUID, position: int, line: QuotedLine) -> OrderLineRow:
    return OrderLineRow(
        id=new_id(),
        order_id=order_id,
        position=position,
        item_id=line.item_id,
        product_gtin=line.gtin,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        options=[{"id": str(option.id), "name": option.name, "price": option.price} for option in line.options],
        note=line.note,
        tax_class=line.tax_class,
        tax_bps=line.tax_bps,
        tax=line.tax,
        total=line.total,
        grams=line.grams,
    )


async def _hold_goods(quote: Quote, made: PurchaseRow, order_ids: list[UUID]) -> None:
    wanted = [
        (order_id, line.item_id, line.quantity)
        for order_id, basket in zip(order_ids, quote.baskets, strict=True)
        for line in basket.lines
    ]
    answered_by = max(made.pay_by, quote.promised_from) + clock.seconds(settings().limits.accept_within)
    await hold_stock(made.id, wanted, answered_by + _HOLD_SLACK)


async def _numbers(sequence: str, prefix: str, count: int) -> list[str]:
    found = await row("SELECT array_agg(nextval($1::regclass)) AS numbers FROM generate_series(1, $2)", sequence, count)
    return [spoken_number(prefix, number) for number in (found["numbers"] if found else [])]
