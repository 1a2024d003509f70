"""Stepping in: an agent calls an order off or releases a courier, through the rooms that own them, and the case remembers it."""

from uuid import UUID

from services.cases.operations.writing import case_for, write_action
from services.cases.rules import LONGEST_REASON, ActionKind, Power, check_power, checked_text
from services.dispatch.operations import unassign
from services.dispatch.queries import Delivery, delivery_of
from services.kernel import idempotency
from services.kernel.actors import SupportAgent
from services.kernel.unit_of_work import unit_of_work
from services.orders.operations import cancel_order
from services.orders.queries import Order, lock_order
from services.orders.rules import OrderStage
from services.payments.rules import LiableParty


async def cancel_order_for(
    agent: SupportAgent, order_id: UUID, reason: str, liable_party: LiableParty, case_id: UUID | None = None
) -> Order:
    """Call an order off for its consumer: its money goes back at the cost of the liable party. Again changes nothing.

    Raises Forbidden, NotFound, BadInput, OrderCannotMove, CaseAlreadyClosed.
    """
    check_power(agent.level, Power.CANCEL_ORDERS)
    why = checked_text(reason, "reason", LONGEST_REASON)
    async with unit_of_work(agent, reason=why):
        order, _ = await lock_order(agent, order_id)
        if order.stage is OrderStage.CANCELLED:
            return order
        case = await case_for(order.purchase_id, case_id)
        cancelled = await cancel_order(agent, order_id, reason=why, liable_party=liable_party)
        if case:
            await write_action(case, ActionKind.ORDER_CANCELLED, f"{cancelled.number}, {liable_party}: {why}", agent)
        return cancelled


async def release_courier(
    agent: SupportAgent, delivery_id: UUID, reason: str, *, key: str, case_id: UUID | None = None
) -> Delivery:
    """Take the delivery from its courier before the first pick-up and look for another, once for each key.

    Raises Forbidden, NotFound, BadInput, DeliveryCannotMove, CaseAlreadyClosed, KeyReusedWithOtherInput, OperationInProgress.
    """
    check_power(agent.level, Power.RELEASE_COURIERS)
    why = checked_text(reason, "reason", LONGEST_REASON)
    async with unit_of_work(agent, reason=why):
        asked = {"delivery": delivery_id, "reason": why, "case": case_id}
        earlier = await idempotency.once(agent, "release_courier", key, asked)
        if earlier:
            return await delivery_of(delivery_id)
        case = await case_for((await delivery_of(delivery_id)).purchase_id, case_id)
        released = await unassign(agent, delivery_id, why)
        if case:
            await write_action(case, ActionKind.COURIER_RELEASED, why, agent)
        await idempotency.keep(agent, "release_courier", key, {"delivery_id": delivery_id})
        return released
