"""The one path by which a provider's word becomes true here: answer, confirmation, webhook and look-up all end in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.kernel import clock
from services.kernel.database import row
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.payments.events import (
    MoneyReleased,
    PaymentAuthorised,
    PaymentFailed,
    PaymentNeedsConfirmation,
    PaymentVoided,
    UnwantedHoldFound,
)
from services.payments.ports import Authorisation
from services.payments.queries import Payment, lock_payment_of_provider
from services.payments.rules import PaymentState, Step, state_of, step_for


async def apply_provider_state(answer: Authorisation) -> Payment | None:
    """Let a payment follow what its provider says, once: the same word again, or an older one, changes nothing more.

    None where no payment of ours is meant.
    """
    async with unit_of_work() as work:
        payment = await lock_payment_of_provider(answer.provider_ref, answer.key)
        if payment is None or (payment.provider_ref and payment.provider_ref != answer.provider_ref):
            return None
        step = step_for(payment.state, answer.status)
        if step is Step.NOTHING:
            return await _learn(payment, answer)
        named = replace(payment, provider_ref=answer.provider_ref)
        return await _FOLLOW[step](work, payment, named, answer)


async def _learn(payment: Payment, answer: Authorisation) -> Payment:
    """A webhook may authorise without telling whether parts can be captured; that is learned from whoever tells it first."""
    if payment.state is PaymentState.AUTHORISED and payment.many_captures is None and answer.many_captures is not None:
        return await _write(payment, replace(payment, many_captures=answer.many_captures))
    return payment


async def _note(_work: UnitOfWork, before: Payment, named: Payment, _answer: Authorisation) -> Payment:
    return await _write(before, named)


async def _ask(work: UnitOfWork, before: Payment, named: Payment, answer: Authorisation) -> Payment:
    wanted = dict(answer.next_action or {})
    after = await _write(before, replace(named, next_action=wanted))
    if before.next_action is None:
        await work.record(PaymentNeedsConfirmation(purchase_id=after.purchase_id, payment_id=after.id))
    return after


async def _authorise(work: UnitOfWork, before: Payment, named: Payment, answer: Authorisation) -> Payment:
    after = await _write(
        before, replace(named, state=PaymentState.AUTHORISED, many_captures=answer.many_captures, next_action=None)
    )
    await work.record(
        PaymentAuthorised(purchase_id=after.purchase_id, payment_id=after.id, amount=after.amount, currency=after.currency)
    )
    return after


async def _fail(work: UnitOfWork, before: Payment, named: Payment, answer: Authorisation) -> Payment:
    reason = answer.failure or "declined"
    closed = replace(named, state=PaymentState.FAILED, failure=reason, next_action=None, closed_at=clock.now())
    after = await _write(before, closed)
    await work.record(PaymentFailed(purchase_id=after.purchase_id, payment_id=after.id, reason=reason))
    return after


async def _let_go(work: UnitOfWork, before: Payment, named: Payment, _answer: Authorisation) -> Payment:
    if before.closed_at is None and before.provider_ref:
        return before  # on its way already
    after = await _write(before, replace(named, closed_at=None))
    await work.record(UnwantedHoldFound(purchase_id=after.purchase_id, payment_id=after.id))
    return after


async def _lose(work: UnitOfWork, before: Payment, named: Payment, _answer: Authorisation) -> Payment:
    released = before.released + before.free
    state = state_of(before.amount, before.captured, released)
    after = await _write(before, replace(named, state=state, released=released, closed_at=clock.now()))
    await record_release(work, after, before.free, reason="the provider let it go")
    return after


async def record_release(work: UnitOfWork, payment: Payment, amount: int, *, reason: str) -> None:
    """Tell that a held rest will not be taken: as a void where that was everything."""
    purchase_id, payment_id, currency = payment.purchase_id, payment.id, payment.currency
    if payment.state is PaymentState.VOIDED:
        await work.record(PaymentVoided(purchase_id=purchase_id, payment_id=payment_id, amount=amount, currency=currency))
    elif amount:
        await work.record(
            MoneyReleased(
                purchase_id=purchase_id, payment_id=payment_id, order_id=None, amount=amount, currency=currency, reason=reason
            )
        )


async def _write(before: Payment, after: Payment) -> Payment:
    written = await row(
        _WRITE,
        before.id,
        before.state,
        after.state,
        after.provider_ref,
        after.many_captures,
        after.next_action,
        after.failure,
        after.released,
        after.closed_at,
    )
    assert written is not None  # noqa: S101 - the row is locked, so its state is the one that was read
    return Payment.of(written)


_WRITE = """
UPDATE payments SET state = $3, provider_ref = $4, many_captures = $5, next_action = $6, failure = $7, released = $8,
    closed_at = $9
WHERE id = $1 AND state = $2 RETURNING *
"""

_Follow = Callable[[UnitOfWork, Payment, Payment, Authorisation], Awaitable[Payment]]
_FOLLOW: Mapping[Step, _Follow] = {
    Step.NOTE: _note,
    Step.ASK: _ask,
    Step.AUTHORISE: _authorise,
    Step.FAIL: _fail,
    Step.LET_GO: _let_go,
    Step.LOSE: _lose,
}
