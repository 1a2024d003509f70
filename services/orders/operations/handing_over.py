"""From the store's hands to the consumer's: by a courier, or collected; and what becomes of an order that nobody took."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import Courier, StoreStaff, SupportAgent
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders.errors import CollectionCodeWrong, OrderNotForCollection
from services.orders.events import OrderDelivered, OrderDisposed, OrderHandedOver, OrderReturned, OrderUndelivered
from services.orders.operations.moves import facts, move
from services.orders.queries import Order, lock_order
from services.orders.rules import Fulfilment, OrderStage
from services.settings import settings


async def hand_over(courier: Courier, order_ids: Sequence[UUID], *, device_at: datetime | None = None) -> list[Order]:
    """The courier takes these orders with them, all or none; their money is taken next. Again changes nothing.

    Dispatch calls it with the pick-up's proof checked. Raises OrderCannotMove naming the first that is not ready to go, NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        return [await _hand_over(work, courier, order_id) for order_id in sorted(order_ids)]


async def _hand_over(work: UnitOfWork, courier: Courier, order_id: UUID) -> Order:
    order, _ = await lock_order(courier, order_id)
    if order.stage is OrderStage.HANDED_OVER:
        return order
    event = OrderHandedOver(**facts(order), courier_id=courier.person_id)
    return await move(work, order, OrderStage.HANDED_OVER, event)


async def complete_order(courier: Courier, order_id: UUID, *, device_at: datetime | None = None) -> Order:
    """The consumer has it; the dispute window begins. Again changes nothing.

    Dispatch calls it with the drop-off's proof checked. Raises OrderCannotMove (never before the pick-up), NotFound.
    """
    async with unit_of_work(courier, device_at=device_at) as work:
        order, _ = await lock_order(courier, order_id)
        if order.stage is OrderStage.DELIVERED:
            return order
        return await _deliver(work, order, courier.person_id)


async def hand_over_to_consumer(staff: StoreStaff, order_id: UUID, code: str, *, device_at: datetime | None = None) -> Order:
    """The consumer collects the order and says its code: handed over and delivered at once. Again changes nothing.

    Raises CollectionCodeWrong, OrderNotForCollection, OrderCannotMove, NotFound.
    """
    async with unit_of_work(staff, device_at=device_at) as work:
        order, _ = await lock_order(staff, order_id)
        if order.fulfilment is not Fulfilment.COLLECTION:
            raise OrderNotForCollection(order.id)
        if not hmac.compare_digest(order.collection_code.encode(), code.strip().encode()):
            raise CollectionCodeWrong(order.id)
        if order.stage is OrderStage.DELIVERED:
            return order
        taken = await move(work, order, OrderStage.HANDED_OVER, OrderHandedOver(**facts(order), courier_id=None))
        return await _deliver(work, taken, None)


async def _deliver(work: UnitOfWork, order: Order, courier_id: UUID | None) -> Order:
    event = OrderDelivered(**facts(order), courier_id=courier_id)
    return await move(work, order, OrderStage.DELIVERED, event, settle_after=_window_ends())


async def order_undeliverable(
    actor: Courier | SupportAgent, order_id: UUID, *, reason: str, device_at: datetime | None = None
) -> Order:
    """Nobody took the order at the door, even after the wait; again changes nothing. Raises OrderCannotMove, NotFound."""
    async with unit_of_work(actor, reason=reason, device_at=device_at) as work:
        order, _ = await lock_order(actor, order_id)
        if order.stage is OrderStage.UNDELIVERED:
            return order
        courier_id = actor.person_id if isinstance(actor, Courier) else None
        event = OrderUndelivered(**facts(order), reason=_said(reason), courier_id=courier_id)
        return await move(work, order, OrderStage.UNDELIVERED, event, reason=reason)


async def return_order(actor: Courier | SupportAgent | StoreStaff, order_id: UUID, *, device_at: datetime | None = None) -> Order:
    """An undelivered order is back at its store; again changes nothing. Raises OrderCannotMove, NotFound."""
    async with unit_of_work(actor, device_at=device_at) as work:
        order, _ = await lock_order(actor, order_id)
        if order.stage is OrderStage.RETURNED:
            return order
        event = OrderReturned(**facts(order))
        return await move(work, order, OrderStage.RETURNED, event, settle_after=_window_ends())


async def dispose_order(
    actor: Courier | SupportAgent | StoreStaff, order_id: UUID, *, reason: str, device_at: datetime | None = None
) -> Order:
    """An undelivered order cannot be brought back and is thrown away; again changes nothing. Raises OrderCannotMove, NotFound."""
    async with unit_of_work(actor, reason=reason, device_at=device_at) as work:
        order, _ = await lock_order(actor, order_id)
        if order.stage is OrderStage.DISPOSED:
            return order
        event = OrderDisposed(**facts(order), reason=_said(reason))
        return await move(work, order, OrderStage.DISPOSED, event, settle_after=_window_ends())


def _window_ends() -> datetime:
    return clock.now() + clock.seconds(settings().limits.dispute_window)


def _said(reason: str) -> str:
    if not reason.strip():
        raise BadInput("Say why.", field="reason")
    return reason
