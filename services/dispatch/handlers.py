"""How dispatch reacts to what happens to orders."""

from services.dispatch.operations import drop_order, plan_purchase
from services.orders.events import OrderEvent


async def plan_delivery(event: OrderEvent) -> None:
    """A store answered, or moved its ready time: plan the purchase's delivery anew."""
    await plan_purchase(event.purchase_id)


async def plan_without(event: OrderEvent) -> None:
    """An order fell away: take it off the courier's stops, and plan what is left anew."""
    await drop_order(event.purchase_id, event.order_id)
    await plan_purchase(event.purchase_id)
