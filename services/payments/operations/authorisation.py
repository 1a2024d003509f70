"""Holding the money of a whole purchase: opened in the checkout's transaction, asked of the provider outside of any."""

import re
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import row
from services.kernel.errors import Unavailable
from services.kernel.ids import new_id
from services.kernel.unit_of_work import in_transaction_now
from services.payments import queries
from services.payments.errors import (
    CalledInsideTransaction,
    CardMethodUnknown,
    ConfirmationNotAccepted,
    PaymentNotAwaited,
    ProviderUnavailable,
)
from services.payments.operations.provider_state import apply_provider_state
from services.payments.ports import CardProvider
from services.payments.queries import Payment
from services.payments.rules import PaymentState, ProviderStatus

_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,99}")
_CARD_NUMBER = re.compile(r"[0-9]{12}")


async def open_payment(purchase_id: UUID, consumer_id: UUID, amount: int, currency: str, method: str) -> Payment:
    """Write down, in the caller's transaction, what a purchase costs and how it will be paid; one payment per purchase.

    Raises CardMethodUnknown unless `method` is a provider's token, which a card number never is.
    """
    if not _METHOD.fullmatch(method) or _CARD_NUMBER.search(method):
        raise CardMethodUnknown
    written = await row(_OPEN, new_id(), purchase_id, consumer_id, amount, currency, PaymentState.NONE, method, clock.now())
    return Payment.of(written)


_OPEN = """
INSERT INTO payments (id, purchase_id, consumer_id, amount, capturing, captured, released, refunding, refunded,
                      currency, state, method, many_captures, created_at)
VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, $5, $6, $7, NULL, $8) RETURNING *
"""


def refuse_inside_transaction() -> None:
    """Raises CalledInsideTransaction: a stranger's time must never be a lock's time."""
    if in_transaction_now():
        raise CalledInsideTransaction("A card provider is called only outside of transactions.")


async def authorise(payment_id: UUID, cards: CardProvider) -> Payment:
    """Ask the provider to hold the money; asking again is safe. Without an answer the payment stays open until one is looked up.

    Raises NotFound.
    """
    refuse_inside_transaction()
    # Written before the call: whoever finds the payment open later knows that the provider may hold something.
    asked = await row("UPDATE payments SET asked_at = $2 WHERE id = $1 AND state = 'NONE' RETURNING *", payment_id, clock.now())
    if asked is None:
        return await queries.payment(payment_id)
    payment = Payment.of(asked)
    try:
        answer = await cards.authorise(payment.id, payment.amount, payment.currency, payment.method)
    except ProviderUnavailable:
        return payment
    return await apply_provider_state(answer) or payment


async def confirm_payment(consumer: Consumer, purchase_id: UUID, answer: str, cards: CardProvider) -> Payment:
    """Pass the consumer's confirmation on to their bank; a payment that is authorised already is only returned.

    Raises PaymentNotAwaited, ConfirmationNotAccepted (it still waits), NotFound, Unavailable.
    """
    refuse_inside_transaction()
    payment = await queries.payment_of_consumer(consumer, purchase_id)
    if payment.state in {PaymentState.AUTHORISED, PaymentState.PARTLY_CAPTURED, PaymentState.CAPTURED}:
        return payment
    if payment.state is not PaymentState.NONE or payment.next_action is None or payment.provider_ref is None:
        raise PaymentNotAwaited(payment.state)
    try:
        said = await cards.confirm(payment.provider_ref, answer)
    except ProviderUnavailable as silence:
        raise Unavailable from silence
    payment = await apply_provider_state(said) or payment
    if payment.state is PaymentState.NONE and said.status is ProviderStatus.NEEDS_CONFIRMATION:
        raise ConfirmationNotAccepted
    return payment
