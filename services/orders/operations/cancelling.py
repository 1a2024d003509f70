"""Calling an order off: free for the consumer until a store takes it, by store or support after; somebody is liable."""

from datetime import datetime
from uuid import UUID

from services.kernel.actors import Consumer, StoreStaff, SupportAgent, System
from services.kernel.errors import BadInput
from services.kernel.unit_of_work import unit_of_work
from services.orders import rules
from services.orders.events import OrderCancelled
from services.orders.operations.moves import facts, fall_away
from services.orders.queries import Order, lock_order, lock_purchase
from services.orders.rules import OrderStage
from services.payments.rules import LiableParty

LONGEST_REASON = 200
_PLATFORM = System("unpaid orders")
_NOT_YET_TAKEN = (OrderStage.SCHEDULED, OrderStage.PLACED)


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


async def call_off_unpaid_orders(purchase_id: UUID) -> int:
    """The card network let the money go: what no store has taken yet is called off; answers how many. Again changes nothing.

    Goods that a store makes already are support's to decide on.
    """
    reason = "The card no longer pays for it."
    async with unit_of_work(_PLATFORM, reason=reason) as work:
        waiting = [order for order in await lock_purchase(purchase_id) if order.stage in _NOT_YET_TAKEN]
        liable = rules.liable_for_cancelling(rules.who(_PLATFORM))
        for order in waiting:
            # Held already; what the one before left of the purchase is read again.
            orders = await lock_purchase(purchase_id)
            standing = next(one for one in orders if one.id == order.id)
            event = OrderCancelled(**facts(standing), reason=reason, liable_party=liable)
            await fall_away(work, standing, orders, OrderStage.CANCELLED, event, reason=reason, liable=liable)
        return len(waiting)
