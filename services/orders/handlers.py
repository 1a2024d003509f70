"""What orders do when money moves or an order leaves its store; each may run twice and changes things once."""

from services.orders import operations
from services.orders.events import OrderHandedOver
from services.payments.events import PaymentAuthorised, PaymentFailed, PaymentVoided


async def place_paid_orders(event: PaymentAuthorised) -> None:
    await operations.place_purchase(event.purchase_id)


async def abandon_failed_purchase(event: PaymentFailed) -> None:
    await operations.abandon_failed_purchase(event.purchase_id, event.reason)


async def call_off_unpaid_orders(event: PaymentVoided) -> None:
    await operations.call_off_unpaid_orders(event.purchase_id)


async def take_money_at_hand_over(event: OrderHandedOver) -> None:
    await operations.take_money(event.order_id, event.courier_id)
