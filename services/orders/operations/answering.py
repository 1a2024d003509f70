"""The store's answer to a placed order: taken, refused, or none before the deadline."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.catalog.marking import mark_item_out
from services.catalog.operations import take_stock
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders import rules
from services.orders.errors import OrderNotAcceptable, ReadyTimeOutOfReach
from services.orders.events import OrderAccepted, OrderExpired, OrderRejected
from services.orders.operations.deadlines import sweep
from services.orders.operations.moves import facts, fall_away, move
from services.orders.overdue import Overdue
from services.orders.queries import Order, lines_of_orders, lock_order, lock_purchase
from services.orders.rules import OrderStage, RejectReason
from services.payments.rules import LiableParty
from services.stores.operations import count_expiry, forget_expiries


async def accept_order(
    staff: StoreStaff, order_id: UUID, *, ready_at: datetime | None = None, device_at: datetime | None = None
) -> Order:
    """Take a placed order before its deadline and promise when it is ready (by default: now and the preparation time).

    Accepting it again changes nothing. Raises OrderNotAcceptable, ReadyTimeOutOfReach, NotFound.
    """
    async with unit_of_work(staff, device_at=device_at) as work:
        order, _ = await lock_order(staff, order_id)
        if order.stage is OrderStage.ACCEPTED:
            return order
        if not rules.acceptable(order.stage, order.accept_by, clock.now()):
            raise OrderNotAcceptable(order.id, order.stage, order.accept_by)
        accepted = await take_on(work, order, ready_at)
        await forget_expiries(order.store_id)
        return accepted


async def take_on(work: UnitOfWork, order: Order, ready_at: datetime | None) -> Order:
    """Accept the held order for the actor of this work; its goods are sold from now on. Raises ReadyTimeOutOfReach."""
    at = clock.now()
    promised = ready_at or at + timedelta(minutes=order.preparation_minutes)
    check_ready_time(promised, at)
    accepted = await move(work, order, OrderStage.ACCEPTED, OrderAccepted(**facts(order), ready_at=promised), ready_at=promised)
    await take_stock(order.id)
    return accepted


def check_ready_time(ready_at: datetime, at: datetime) -> None:
    """Raises ReadyTimeOutOfReach for the past and for what is too far ahead."""
    earliest, latest = rules.ready_time_limits(at)
    if not earliest <= ready_at <= latest:
        raise ReadyTimeOutOfReach(earliest, latest)


async def reject_order(
    staff: StoreStaff,
    order_id: UUID,
    *,
    reason: RejectReason,
    item_ids: Sequence[UUID] = (),
    device_at: datetime | None = None,
) -> Order:
    """Refuse a placed order; its money goes back, the items named are out of stock, the purchase's other orders go on.

    Rejecting it again changes nothing. Raises OrderCannotMove, BadInput for items that are not in the order, NotFound.
    """
    async with unit_of_work(staff, reason=reason, device_at=device_at) as work:
        order, orders = await lock_order(staff, order_id)
        if order.stage is OrderStage.REJECTED:
            return order
        missing = await _items_of(order, item_ids, reason)
        event = OrderRejected(**facts(order), reason=reason, item_ids=missing)
        rejected = await fall_away(work, order, orders, OrderStage.REJECTED, event, reason=reason, liable=LiableParty.STORE)
        for item_id in missing:
            await mark_item_out(staff, item_id)
        await forget_expiries(order.store_id)
        return rejected


async def _items_of(order: Order, item_ids: Sequence[UUID], reason: RejectReason) -> list[UUID]:
    if not item_ids:
        return []
    if reason is not RejectReason.ITEMS_UNAVAILABLE:
        raise BadInput("Items are named only where they are the reason.", field="itemIds")
    ordered = {line.item_id for line in (await lines_of_orders([order.id]))[order.id]}
    if not set(item_ids) <= ordered:
        raise BadInput("Only items of this order can be named.", field="itemIds")
    return sorted(set(item_ids))


async def expire_overdue_orders() -> int:
    """Timer: end every placed order whose store let the deadline pass; answers how many. Safe on many workers at once."""
    return await sweep(Overdue.ANSWER, _expire)


async def _expire(work: UnitOfWork, purchase_id: UUID) -> int:
    at, expired = clock.now(), 0
    while True:
        # Read again for each: ending one order deals the charges of the others anew.
        orders = await lock_purchase(purchase_id)
        order = next((one for one in orders if _is_overdue(one, at)), None)
        if order is None:
            return expired
        event = OrderExpired(**facts(order), accept_by=order.accept_by or at)
        await fall_away(
            work, order, orders, OrderStage.EXPIRED, event, reason="the store did not answer", liable=LiableParty.STORE
        )
        await count_expiry(order.store_id)
        expired += 1


def _is_overdue(order: Order, at: datetime) -> bool:
    return order.stage is OrderStage.PLACED and not rules.acceptable(order.stage, order.accept_by, at)
