"""Bringing the provider to what was decided: each call under its own key, outside of transactions, each result written once.

It may be run at any time, twice, or by two workers: what is done is skipped, what may be done is asked for again by its key.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from services.kernel import clock
from services.kernel.database import row, rows, run
from services.kernel.errors import NotFound
from services.payments import queries
from services.payments.errors import ProviderRefused, ProviderUnavailable
from services.payments.operations.authorisation import refuse_inside_transaction
from services.payments.operations.captures import take_what_is_due
from services.payments.operations.provider_state import apply_provider_state
from services.payments.operations.refunds import give_back_what_is_due
from services.payments.ports import CardProvider, HasCards
from services.payments.queries import Payment
from services.payments.rules import PaymentState, ProviderStatus

_log = structlog.get_logger(__name__)
LOOK_AFTER = timedelta(minutes=1)
AT_ONCE = 50
_ENDED = {PaymentState.VOIDED, PaymentState.FAILED, PaymentState.CAPTURED}
_HOLDS_NOTHING = {ProviderStatus.VOIDED, ProviderStatus.FAILED, ProviderStatus.CAPTURED}


async def carry_out(payment_id: UUID, cards: CardProvider) -> None:
    """Capture, refund and let go at the provider whatever was decided for a payment and is not done.

    Raises ProviderUnavailable (run it again later), NotFound.
    """
    refuse_inside_transaction()
    await take_what_is_due(await queries.payment(payment_id), cards)
    await give_back_what_is_due(await queries.payment(payment_id), cards)
    await _close(await queries.payment(payment_id), cards)


async def capture_requested(capture_id: UUID, cards: CardProvider) -> None:
    """Carry out the payment that a capture belongs to. Raises ProviderUnavailable, NotFound."""
    found = await row("SELECT payment_id FROM captures WHERE id = $1", capture_id)
    if found is None:
        raise NotFound("There is no such capture.")
    await carry_out(found["payment_id"], cards)


async def _close(payment: Payment, cards: CardProvider) -> None:
    """Once nothing more will be taken, let the provider hold nothing."""
    if payment.closed_at or payment.state not in _ENDED or payment.capturing != payment.captured:
        return
    provider_ref = payment.provider_ref or await _name_of(payment, cards)
    if provider_ref:
        await _let_go(payment, provider_ref, cards)
    await run("UPDATE payments SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", payment.id, clock.now())


async def _name_of(payment: Payment, cards: CardProvider) -> str | None:
    """The provider's name for a payment it was asked about and never answered: asking again by the same key tells it."""
    answer = await cards.authorise(payment.id, payment.amount, payment.currency, payment.method)
    await apply_provider_state(answer)
    return None if answer.status is ProviderStatus.FAILED else answer.provider_ref


async def _let_go(payment: Payment, provider_ref: str, cards: CardProvider) -> None:
    try:
        await cards.void(payment.id, provider_ref)
    except ProviderRefused:
        # It cannot be voided now: either nothing is held any more, or the provider is still deciding and is asked again later.
        if (await cards.look_up(provider_ref)).status not in _HOLDS_NOTHING:
            raise ProviderUnavailable("still deciding") from None


async def look_up_pending_payments(ports: HasCards) -> int:
    """Ask about payments left open for a minute, so that a crash between a provider's act and our note of it heals.

    Answers how many were looked at.
    """
    refuse_inside_transaction()
    due = await rows(_DUE, clock.now(), clock.now() - LOOK_AFTER, AT_ONCE)
    for record in due:
        payment = Payment.of(record)
        try:
            await _look_up(payment, ports.cards)
        except ProviderUnavailable:
            _log.info("provider_unavailable", payment=str(payment.id))
        except Exception as failure:  # noqa: BLE001 - one payment's trouble must not keep the others waiting
            _log.warning("look_up_failed", payment=str(payment.id), error=type(failure).__name__)
    return len(due)


async def _look_up(payment: Payment, cards: CardProvider) -> None:
    if payment.state is not PaymentState.NONE:
        await carry_out(payment.id, cards)
    elif payment.provider_ref:
        await apply_provider_state(await cards.look_up(payment.provider_ref))
    else:
        await apply_provider_state(await cards.authorise(payment.id, payment.amount, payment.currency, payment.method))


_DUE = """
WITH left_open AS (
    SELECT id FROM payments WHERE closed_at IS NULL AND asked_at <= $2 AND state IN ('NONE', 'VOIDED', 'FAILED', 'CAPTURED')
    UNION SELECT payment_id FROM captures WHERE state = 'REQUESTED' AND created_at <= $2
    UNION SELECT payment_id FROM refunds WHERE state = 'REQUESTED' AND created_at <= $2
), claimed AS (
    SELECT p.id FROM payments p WHERE p.id IN (SELECT id FROM left_open) AND (p.looked_up_at IS NULL OR p.looked_up_at <= $2)
    ORDER BY p.created_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE payments SET looked_up_at = $1 FROM claimed WHERE payments.id = claimed.id RETURNING payments.*
"""
