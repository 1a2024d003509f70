"""The order in the kitchen or between the shelves: begun, ready, and the ready time moved."""

from datetime import datetime
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.unit_of_work import unit_of_work
from services.orders.errors import OrderCannotMove
from services.orders.events import OrderPreparing, OrderReady, OrderReadyTimeMoved
from services.orders.models import OrderRow
from services.orders.operations.answering import check_ready_time
from services.orders.operations.moves import facts, move
from services.orders.queries import Order, lock_order
from services.orders.rules import OrderStage

_IN_WORK = frozenset({OrderStage.ACCEPTED, OrderStage.PREPARING})


async def start_preparing(staff: StoreStaff, order_id: UUID, *, device_at: datetime | None = None) -> Order:
    """Begin an accepted order; beginning it again changes nothing. Raises OrderCannotMove, NotFound."""
    async with unit_of_work(staff, device_at=device_at) as work:
        order, _ = await lock_order(staff, order_id)
        if order.stage is OrderStage.PREPARING:
            return order
        return await move(work, order, OrderStage.PREPARING, OrderPreparing(**facts(order)))


async def mark_order_ready(staff: StoreStaff, order_id: UUID, *, device_at: datetime | None = None) -> Order:
    """The order can be fetched from now on; again changes nothing. Raises OrderCannotMove, NotFound."""
    async with unit_of_work(staff, device_at=device_at) as work:
        order, _ = await lock_order(staff, order_id)
        if order.stage is OrderStage.READY:
            return order
        at = clock.now()
        return await move(work, order, OrderStage.READY, OrderReady(**facts(order), ready_at=at), ready_at=at)


async def move_ready_time(staff: StoreStaff, order_id: UUID, *, ready_at: datetime, device_at: datetime | None = None) -> Order:
    """Promise another ready time for an order in work; the same time again changes nothing.

    Raises OrderCannotMove where it is not accepted or ready already, ReadyTimeOutOfReach, NotFound.
    """
    async with unit_of_work(staff, device_at=device_at) as work:
        order, _ = await lock_order(staff, order_id)
        if order.stage not in _IN_WORK or order.ready_at is None:
            raise OrderCannotMove(order.id, order.stage, order.stage)
        if order.ready_at == ready_at:
            return order
        check_ready_time(ready_at, clock.now())
        await OrderRow.filter(id=order.id).update(ready_at=ready_at)
        await work.record(OrderReadyTimeMoved(**facts(order), ready_at=ready_at, earlier_ready_at=order.ready_at))
        return (await lock_order(staff, order_id))[0]
