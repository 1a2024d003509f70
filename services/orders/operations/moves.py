"""The one way an order changes its stage: along an open edge, by compare-and-set, with one event; and how it falls away."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.catalog.operations import release_stock
from services.kernel import clock
from services.kernel.unit_of_work import UnitOfWork
from services.orders import rules
from services.orders.charges import Charges, deal_anew
from services.orders.errors import OrderCannotMove
from services.orders.events import OrderEvent
from services.orders.models import OrderRow
from services.orders.queries import Order, fee_schedule_of
from services.orders.rules import FALLEN, TIME_OF, OrderStage
from services.payments.operations import give_back
from services.payments.queries import lock_payment
from services.payments.rules import LiableParty, PaymentState
from services.settings import FeeSchedule
from services.stores.operations import give_back_slot

_DEALT = ("small_basket_fee", "delivery_fee", "service_fee", "tip", "tax", "total")


def facts(order: Order) -> dict[str, Any]:
    """What every event of the order says."""
    return {
        "order_id": order.id,
        "purchase_id": order.purchase_id,
        "store_id": order.store_id,
        "consumer_id": order.consumer_id,
        "number": order.number,
    }


def check_move(work: UnitOfWork, order: Order, to: OrderStage) -> None:
    """Raises OrderCannotMove unless the table has an open edge for the actor of this work."""
    edge = rules.edge(order.stage, to, rules.who(work.actor))
    if edge is None or not edge.open:
        raise OrderCannotMove(order.id, order.stage, to, not_yet_open=edge is not None)


async def move(work: UnitOfWork, order: Order, to: OrderStage, event: OrderEvent, **changes: Any) -> Order:
    """Take the order, whose purchase is held, to its next stage with one event. Raises OrderCannotMove."""
    check_move(work, order, to)
    if to in TIME_OF:
        changes = {TIME_OF[to]: clock.now()} | changes
    moved = await OrderRow.filter(id=order.id, stage=order.stage).update(stage=to, **changes)
    if not moved:
        raise OrderCannotMove(order.id, (await OrderRow.get(id=order.id)).stage, to)
    await work.record(event)
    return replace(order, stage=to, **changes)


async def fall_away(
    work: UnitOfWork, order: Order, orders: list[Order], to: OrderStage, event: OrderEvent, *, reason: str, liable: LiableParty
) -> Order:
    """End an order that was paid for: the rest of its purchase is priced anew, the difference given back, stock released."""
    check_move(work, order, to)
    # The payment is held before anything is recorded: whoever moves money records after holding it, too.
    payment = await lock_payment(order.purchase_id)
    given_back = await _deal_anew(order, orders)
    fallen = await move(work, order, to, event, reason=reason, liable_party=liable, given_back=given_back)
    await release_stock(order.id)
    await give_back_slot(order.id)
    # What the card network itself has let go is with the consumer already.
    if given_back and payment.state is not PaymentState.VOIDED:
        await give_back(order.purchase_id, order.id, given_back, reason, liable)
    return fallen


async def _deal_anew(falling: Order, orders: list[Order]) -> int:
    alive = [order for order in orders if order.id != falling.id and order.stage not in FALLEN]
    waiting = [order.charges for order in alive if order.stage in rules.BEFORE_HAND_OVER]
    fixed = [order.charges for order in alive if order.stage not in rules.BEFORE_HAND_OVER]
    if not waiting:
        return falling.total
    fees = FeeSchedule.model_validate(await fee_schedule_of(falling.purchase_id))
    dealt = deal_anew(falling.charges, waiting, fixed, fees)
    for charges in dealt.waiting:
        await _charge(charges.order_id, charges)
    return dealt.given_back


async def _charge(order_id: UUID, charges: Charges) -> None:
    await OrderRow.filter(id=order_id).update(**{name: getattr(charges, name) for name in _DEALT})
