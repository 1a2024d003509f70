"""Between checkout and the store: paid purchases go to their stores, unpaid ones are abandoned, scheduled orders wait."""

from datetime import datetime
from uuid import UUID

from services.catalog.operations import release_stock
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders import rules
from services.orders.errors import OrderCannotMove
from services.orders.events import OrderAbandoned, OrderPlaced, OrderScheduled
from services.orders.operations.answering import take_on
from services.orders.operations.deadlines import sweep
from services.orders.operations.moves import facts, move
from services.orders.overdue import Overdue
from services.orders.queries import Order, lock_purchase
from services.orders.rules import AUTO_ACCEPT, PAYMENT, OrderStage
from services.payments.operations import void_payment
from services.payments.queries import lock_payment, payment_of_purchase
from services.payments.rules import PaymentState
from services.stores.operations import give_back_slot
from services.stores.queries import store_cards

_UNPAID = frozenset({PaymentState.NONE, PaymentState.FAILED, PaymentState.VOIDED})


async def place_purchase(purchase_id: UUID) -> int:
    """The whole purchase is paid for: each order goes to its store, on its own clock, or waits for its time; answers how many.

    Again changes nothing. Money that came after the purchase was abandoned is let go.
    """
    async with unit_of_work(PAYMENT) as work:
        orders = await lock_purchase(purchase_id)
        waiting = [order for order in orders if order.stage is OrderStage.PENDING_PAYMENT]
        for order in waiting:
            if order.release_at and order.release_at > clock.now():
                event = OrderScheduled(**facts(order), release_at=order.release_at)
                await move(work, order, OrderStage.SCHEDULED, event)
            else:
                await _place(work, order)
        if all(order.stage is OrderStage.ABANDONED for order in orders):
            await void_payment(purchase_id, "the purchase was abandoned before the money came")
        return len(waiting)


async def _place(work: UnitOfWork, order: Order) -> Order:
    accept_by = rules.accept_deadline(clock.now())
    placed = await move(work, order, OrderStage.PLACED, OrderPlaced(**facts(order), accept_by=accept_by), accept_by=accept_by)
    store = (await store_cards([order.store_id]))[0]
    if not store.auto_accept:
        return placed
    async with unit_of_work(AUTO_ACCEPT) as by_itself:
        return await take_on(by_itself, placed, None)


async def release_scheduled_orders() -> int:
    """Timer: hand scheduled orders to their stores when their time has come; answers how many. Safe on many workers at once."""
    return await sweep(Overdue.RELEASE, _release)


async def _release(work: UnitOfWork, purchase_id: UUID) -> int:
    at = clock.now()
    due = [order for order in await lock_purchase(purchase_id) if _is_due(order, at)]
    for order in due:
        await _place(work, order)
    return len(due)


def _is_due(order: Order, at: datetime) -> bool:
    return order.stage is OrderStage.SCHEDULED and order.release_at is not None and order.release_at <= at


async def abandon_unpaid_purchases() -> int:
    """Timer: end purchases that nobody paid for in time; answers how many orders. One that is authorised is left to be placed."""
    return await sweep(Overdue.PAYMENT, _abandon_if_unpaid)


async def _abandon_if_unpaid(work: UnitOfWork, purchase_id: UUID) -> int:
    if (await payment_of_purchase(purchase_id)).state not in _UNPAID:
        return 0
    return await _abandon(work, await lock_purchase(purchase_id), "not paid in time")


async def abandon_failed_purchase(purchase_id: UUID, reason: str) -> int:
    """The payment failed: the purchase ends, its stock goes back; answers how many orders. Again changes nothing."""
    async with unit_of_work(PAYMENT, reason=reason) as work:
        return await _abandon(work, await lock_purchase(purchase_id), reason)


async def abandon_purchase(consumer: Consumer, purchase_id: UUID) -> list[Order]:
    """Give up a purchase that is not paid for yet; again changes nothing.

    Raises OrderCannotMove once it is paid for or authorised, NotFound.
    """
    async with unit_of_work(consumer, reason="given up by the consumer") as work:
        orders = await lock_purchase(purchase_id, consumer)
        paid = (await payment_of_purchase(purchase_id)).state not in _UNPAID
        for order in orders:
            if order.stage is not OrderStage.ABANDONED and (paid or order.stage is not OrderStage.PENDING_PAYMENT):
                raise OrderCannotMove(order.id, order.stage, OrderStage.ABANDONED)
        await _abandon(work, orders, "given up by the consumer")
        return await lock_purchase(purchase_id)


async def _abandon(work: UnitOfWork, orders: list[Order], reason: str) -> int:
    waiting = [order for order in orders if order.stage is OrderStage.PENDING_PAYMENT]
    if waiting:
        await lock_payment(waiting[0].purchase_id)
    for order in waiting:
        await move(work, order, OrderStage.ABANDONED, OrderAbandoned(**facts(order)), reason=reason)
        await release_stock(order.id)
        await give_back_slot(order.id)
    if waiting:
        await void_payment(waiting[0].purchase_id, reason)
    return len(waiting)
