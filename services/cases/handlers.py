"""What the house asks support to look into: a search without a courier, a door that stayed shut, money that did not move."""

from services.cases.operations import open_case_of_house
from services.cases.rules import CaseReason
from services.dispatch.events import DeliveryFailed, DeliveryUndeliverable
from services.orders.queries import orders_of_purchases
from services.orders.rules import OrderStage
from services.payments.events import CaptureFailed, PaymentVoided, RefundFailed

_MADE_OR_GONE = frozenset({OrderStage.ACCEPTED, OrderStage.PREPARING, OrderStage.READY, OrderStage.HANDED_OVER})


async def look_for_no_more(event: DeliveryFailed) -> None:
    """Nobody could be found to bring it: support decides."""
    await open_case_of_house(event.purchase_id, None, CaseReason.NO_COURIER_FOUND, "Nobody was found to bring it.")


async def look_into_shut_door(event: DeliveryUndeliverable) -> None:
    """The goods are still with the courier."""
    await open_case_of_house(event.purchase_id, None, CaseReason.NOT_DELIVERED, "Nobody took it at the door.")


async def look_into_failed_capture(event: CaptureFailed) -> None:
    """The goods are gone and the money was not taken."""
    await open_case_of_house(event.purchase_id, event.order_id, CaseReason.PAYMENT, "The card network did not pay for an order.")


async def look_into_lost_payment(event: PaymentVoided) -> None:
    """The card network let the money go while goods were being made. Where we let it go ourselves, nothing is."""
    orders = (await orders_of_purchases([event.purchase_id]))[event.purchase_id]
    if any(order.stage in _MADE_OR_GONE for order in orders):
        await open_case_of_house(
            event.purchase_id, None, CaseReason.PAYMENT, "The card network no longer pays for this purchase."
        )


async def look_into_failed_refund(event: RefundFailed) -> None:
    """The consumer was promised money that did not go back."""
    await open_case_of_house(event.purchase_id, None, CaseReason.PAYMENT, "The card network refused a refund.")
