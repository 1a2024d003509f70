"""Giving taken money back at the provider, and writing down once what became of it: sums, ledger, event."""

from uuid import UUID

from services.kernel import clock
from services.kernel.database import row, run
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.payments import ledger, queries
from services.payments.accounts import entries_of_refund
from services.payments.errors import ProviderRefused
from services.payments.events import RefundFailed, RefundMade
from services.payments.ports import CardProvider, Movement
from services.payments.queries import Payment, Refund
from services.payments.rules import LiableParty, MovementState


async def give_back_what_is_due(payment: Payment, cards: CardProvider) -> None:
    """Refund at the provider what was decided and is not done, as far as it was captured. Raises ProviderUnavailable."""
    refundable = payment.captured - payment.refunded
    for refund in await queries.refunds_of(payment.id):
        if refund.state is not MovementState.REQUESTED or refund.amount > refundable:
            continue
        refundable -= refund.amount
        await settle_refund(refund.id, await _ask(payment, refund, cards))


async def _ask(payment: Payment, refund: Refund, cards: CardProvider) -> Movement:
    assert payment.provider_ref is not None  # noqa: S101 - something was captured by it
    try:
        # The key would only repeat the provider's first word, so an undecided refund is looked up by its name.
        if refund.provider_ref:
            return await cards.look_up_refund(refund.provider_ref)
        return await cards.refund(refund.id, payment.provider_ref, refund.amount)
    except ProviderRefused as refusal:
        return Movement(refund.provider_ref or "", MovementState.FAILED, refusal.code)


async def settle_refund(refund_id: UUID, movement: Movement) -> bool:
    """Write down what became of a refund, once; False where it is not ours, or was done and is now said to have failed."""
    async with unit_of_work() as work:
        found = await row("SELECT payment_id FROM refunds WHERE id = $1", refund_id)
        if found is None:
            return False
        payment = await queries.lock_payment_by_id(found["payment_id"])
        settled = await row(_SETTLE, refund_id, movement.state, movement.provider_ref, movement.failure, clock.now())
        if settled is None:
            standing = await row("SELECT state FROM refunds WHERE id = $1", refund_id)
            fell_back = movement.state is MovementState.FAILED and standing and standing["state"] == MovementState.DONE
            return not fell_back
        refund = Refund.of(settled)
        if movement.state is MovementState.DONE:
            await _made(work, payment, refund)
        elif movement.state is MovementState.FAILED:
            await _refused(work, payment, refund)
        return True


_SETTLE = """
UPDATE refunds SET state = $2, provider_ref = coalesce(nullif($3, ''), provider_ref), failure = $4,
    finished_at = CASE WHEN $2 <> 'REQUESTED' THEN $5::timestamptz END
WHERE id = $1 AND state = 'REQUESTED' RETURNING *
"""


async def _made(work: UnitOfWork, payment: Payment, refund: Refund) -> None:
    await run("UPDATE payments SET refunded = refunded + $2 WHERE id = $1", payment.id, refund.amount)
    store_id = await _store_of(refund) if refund.liable_party is LiableParty.STORE else None
    entries = entries_of_refund(refund.amount, payment.currency, refund.liable_party, store_id)
    await ledger.post("refund", refund.id, entries, payment.purchase_id)
    await work.record(
        RefundMade(
            purchase_id=payment.purchase_id,
            payment_id=payment.id,
            refund_id=refund.id,
            order_id=refund.order_id,
            amount=refund.amount,
            currency=payment.currency,
            reason=refund.reason,
            liable_party=refund.liable_party,
        )
    )


async def _store_of(refund: Refund) -> UUID | None:
    capture = await queries.capture_of_order(refund.order_id) if refund.order_id else None
    return capture.split.store_id if capture else None


async def _refused(work: UnitOfWork, payment: Payment, refund: Refund) -> None:
    await run("UPDATE payments SET refunding = refunding - $2 WHERE id = $1", payment.id, refund.amount)
    await work.record(
        RefundFailed(
            purchase_id=payment.purchase_id,
            payment_id=payment.id,
            refund_id=refund.id,
            amount=refund.amount,
            reason=refund.failure or "refused",
        )
    )
