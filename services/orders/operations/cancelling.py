"""Calling an order off: free for the consumer until a store takes it, by store or support after; somebody is liable."""

from datetime import datetime
from uuid import UUID

from services.kernel.actors import Consumer, StoreStaff, SupportAgent, System
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from services.orders import rules
from services.orders.events import OrderCancelled
from services.orders.operations.moves import facts, fall_away
from services.orders.queries import Order, lock_order
from services.orders.rules import OrderStage
from services.payments.rules import LiableParty

LONGEST_REASON = 200


async def cancel_order(
    actor: Consumer | StoreStaff | SupportAgent | System,
    order_id: UUID,
    *,
    reason: str,
    liable_party: LiableParty | None = None,
    device_at: datetime | None = None,
) -> Order:
    """End the order and give its money back; the purchase's other orders go on. Again changes nothing.

    Only support may name the liable party; otherwise it is whoever cancels, or the platform.
    Raises OrderCannotMove (`not_yet_open` for a consumer after acceptance), BadInput, NotFound.
    """
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(f"Say why, in 1 to {LONGEST_REASON} characters.", field="reason")
    if liable_party is not None and not isinstance(actor, SupportAgent):
        raise BadInput("Only support names who is liable.", field="liableParty")
    async with unit_of_work(actor, reason=reason, device_at=device_at) as work:
        order, orders = await lock_order(actor, order_id)
        if order.stage is OrderStage.CANCELLED:
            return order
        liable = liable_party or rules.liable_for_cancelling(rules.who(actor))
        event = OrderCancelled(**facts(order), reason=reason, liable_party=liable)
        return await fall_away(work, order, orders, OrderStage.CANCELLED, event, reason=reason, liable=liable)
