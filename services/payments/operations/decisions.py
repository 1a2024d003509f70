"""Decisions about held money, made under the payment's lock: take an order's part, give some back, let the rest go."""

from dataclasses import dataclass
from uuid import UUID

from services.kernel import clock
from services.kernel.database import row
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.payments import queries
from services.payments.errors import CaptureTooLarge, GiveBackTooLarge, PaymentNotAuthorised
from services.payments.events import CaptureRequested, MoneyReleased, RefundRequested
from services.payments.operations.provider_state import record_release
from services.payments.queries import Capture, Payment, Refund
from services.payments.rules import LiableParty, MovementState, PaymentState, Split, state_of

_HOLDS = {PaymentState.AUTHORISED, PaymentState.PARTLY_CAPTURED, PaymentState.CAPTURED}
_ENDED = {PaymentState.VOIDED, PaymentState.FAILED}


@dataclass(frozen=True, slots=True)
class GivenBack:
    """How money went back: `released` was held and will not be taken, `refund` was taken already."""

    released: int
    refund: Refund | None


async def request_capture(order_id: UUID, purchase_id: UUID, amount: int, split: Split) -> Capture:
    """Decide to take an order's part of the purchase's money; the provider and the ledger follow.

    Deciding it again changes nothing. Raises PaymentNotAuthorised, CaptureTooLarge, NotFound; ValueError where the split does
    not add up to the amount.
    """
    if split.total != amount or amount <= 0:
        raise ValueError(f"the split makes {split.total}, not {amount}")
    async with unit_of_work() as work:
        payment = await queries.lock_payment(purchase_id)
        earlier = await queries.capture_of_order(order_id)
        if earlier:
            return earlier
        if payment.state not in _HOLDS:
            raise PaymentNotAuthorised(payment.state)
        if amount > payment.free:
            raise CaptureTooLarge(payment.free)
        written = await row(_REQUEST_CAPTURE, new_id(), payment.id, order_id, amount, split.plain(), clock.now())
        capture = Capture.of(written)
        await work.record(
            CaptureRequested(
                purchase_id=purchase_id,
                payment_id=payment.id,
                capture_id=capture.id,
                order_id=order_id,
                amount=amount,
                currency=payment.currency,
            )
        )
        return capture


_REQUEST_CAPTURE = """
WITH claimed AS (UPDATE payments SET capturing = capturing + $4 WHERE id = $2 RETURNING id)
INSERT INTO captures (id, payment_id, order_id, amount, split, state, created_at)
SELECT $1, id, $3, $4, $5, 'REQUESTED', $6 FROM claimed RETURNING *
"""


async def give_back(purchase_id: UUID, order_id: UUID | None, amount: int, reason: str, liable_party: LiableParty) -> GivenBack:
    """Give back part of what a purchase cost: what was not taken is released, what was taken for the order is refunded.

    With `order_id` None it is refunded from whatever was taken, if that is enough, and otherwise released.
    Raises GiveBackTooLarge, PaymentNotAuthorised, NotFound.
    """
    if amount <= 0:
        raise ValueError("give back a positive amount")
    async with unit_of_work() as work:
        payment = await queries.lock_payment(purchase_id)
        if payment.state not in _HOLDS:
            raise PaymentNotAuthorised(payment.state)
        taken = await _taken(payment, order_id)
        if taken is None or (order_id is None and amount > taken):
            await _release(work, payment, amount, order_id, reason)
            return GivenBack(amount, None)
        if amount > taken:
            raise GiveBackTooLarge(taken)
        refund = await _request_refund(work, payment, order_id=order_id, amount=amount, reason=reason, liable_party=liable_party)
        return GivenBack(0, refund)


async def _taken(payment: Payment, order_id: UUID | None) -> int | None:
    """What was taken and not given back yet, for the order or at all; None where nothing was taken for the order."""
    if order_id is None:
        return payment.capturing - payment.refunding
    capture = await queries.capture_of_order(order_id)
    if capture is None or capture.state is MovementState.FAILED or capture.payment_id != payment.id:
        return None
    # Refunds of the purchase as a whole may have used up what is left of the order's part.
    return min(capture.amount - await queries.refunded_of_order(order_id), payment.capturing - payment.refunding)


async def _release(work: UnitOfWork, payment: Payment, amount: int, order_id: UUID | None, reason: str) -> None:
    if amount > payment.free:
        raise GiveBackTooLarge(payment.free)
    state = state_of(payment.amount, payment.captured, payment.released + amount)
    written = await row(_RELEASE, payment.id, amount, state)
    await work.record(
        MoneyReleased(
            purchase_id=payment.purchase_id,
            payment_id=payment.id,
            order_id=order_id,
            amount=amount,
            currency=payment.currency,
            reason=reason,
        )
    )
    if state is PaymentState.VOIDED:
        await record_release(work, Payment.of(written), amount, reason=reason)


_RELEASE = "UPDATE payments SET released = released + $2, state = $3 WHERE id = $1 RETURNING *"


async def _request_refund(
    work: UnitOfWork, payment: Payment, *, order_id: UUID | None, amount: int, reason: str, liable_party: LiableParty
) -> Refund:
    refund_id = new_id()
    written = await row(_REQUEST_REFUND, refund_id, payment.id, order_id, amount, reason, liable_party, clock.now())
    await work.record(
        RefundRequested(
            purchase_id=payment.purchase_id,
            payment_id=payment.id,
            refund_id=refund_id,
            order_id=order_id,
            amount=amount,
            currency=payment.currency,
            reason=reason,
            liable_party=liable_party,
        )
    )
    return Refund.of(written)


_REQUEST_REFUND = """
WITH claimed AS (UPDATE payments SET refunding = refunding + $4 WHERE id = $2 RETURNING id)
INSERT INTO refunds (id, payment_id, order_id, amount, reason, liable_party, state, created_at)
SELECT $1, id, $3, $4, $5, $6, 'REQUESTED', $7 FROM claimed RETURNING *
"""


async def void_payment(purchase_id: UUID, reason: str = "nothing more will be taken") -> Payment:
    """Let go whatever is held and was not asked for; a payment that ended already is only returned. Raises NotFound."""
    async with unit_of_work() as work:
        payment = await queries.lock_payment(purchase_id)
        if payment.state in _ENDED or payment.free == 0:
            return payment
        state = state_of(payment.amount, payment.captured, payment.released + payment.free)
        # A provider that was never asked holds nothing.
        closed_at = clock.now() if payment.asked_at is None else None
        written = await row(_VOID, payment.id, payment.free, state, closed_at)
        after = Payment.of(written)
        await record_release(work, after, payment.free, reason=reason)
        return after


_VOID = "UPDATE payments SET released = released + $2, state = $3, next_action = NULL, closed_at = $4 WHERE id = $1 RETURNING *"
