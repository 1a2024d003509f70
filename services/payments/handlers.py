"""Reactions of payments to what was decided about money: bring the provider to it, outside of any transaction."""

from services.payments.events import PaymentEvent
from services.payments.operations import carry_out
from services.payments.ports import HasCards


async def carry_out_money(event: PaymentEvent, ports: HasCards) -> None:
    """Capture, refund or let go what the event decided; safe to run twice, every call has its own key."""
    await carry_out(event.payment_id, ports.cards)
