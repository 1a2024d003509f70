"""The use cases of orders: bought, placed, answered, prepared, handed over, called off, settled."""

from services.orders.operations.answering import accept_order, expire_overdue_orders, reject_order
from services.orders.operations.cancelling import call_off_unpaid_orders, cancel_order
from services.orders.operations.checkout import checkout
from services.orders.operations.handing_over import (
    complete_order,
    dispose_order,
    hand_over,
    hand_over_to_consumer,
    order_undeliverable,
    return_order,
)
from services.orders.operations.placing import (
    abandon_failed_purchase,
    abandon_purchase,
    abandon_unpaid_purchases,
    place_purchase,
    release_scheduled_orders,
)
from services.orders.operations.preparing import mark_order_ready, move_ready_time, start_preparing
from services.orders.operations.settling import settle_finished_orders, take_money

__all__ = [
    "abandon_failed_purchase",
    "abandon_purchase",
    "abandon_unpaid_purchases",
    "accept_order",
    "call_off_unpaid_orders",
    "cancel_order",
    "checkout",
    "complete_order",
    "dispose_order",
    "expire_overdue_orders",
    "hand_over",
    "hand_over_to_consumer",
    "mark_order_ready",
    "move_ready_time",
    "order_undeliverable",
    "place_purchase",
    "reject_order",
    "release_scheduled_orders",
    "return_order",
    "settle_finished_orders",
    "start_preparing",
    "take_money",
]
