"""Taking orders' parts at the provider, and writing down once what became of it: sums, ledger, event."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.kernel import clock
from services.kernel.database import rows, run
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.payments import ledger, queries
from services.payments.accounts import entries_of_capture
from services.payments.errors import ProviderRefused
from services.payments.events import CaptureFailed, OrderMoneyCaptured
from services.payments.operations.provider_state import apply_provider_state
from services.payments.ports import CardProvider, Movement
from services.payments.queries import Capture, Payment
from services.payments.rules import MovementState, state_of


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken in one call at the provider."""

    key: UUID
    captures: tuple[Capture, ...]
    final: bool

    @property
    def amount(self) -> int:
        return sum(capture.amount for capture in self.captures)


def parts_due(payment: Payment, captures: Sequence[Capture]) -> list[Part]:
    """The calls to make now.

    A card that can be captured in parts is captured order by order. One that can be captured only once waits until every part of
    the purchase is either asked for or released; what makes up the call is then fixed, and so is what goes under its key.
    """
    waiting = [capture for capture in captures if capture.state is MovementState.REQUESTED]
    if payment.many_captures:
        return [Part(capture.id, (capture,), final=False) for capture in waiting]
    if not waiting or payment.free:
        return []
    return [Part(payment.id, tuple(waiting), final=True)]


async def take_what_is_due(payment: Payment, cards: CardProvider) -> None:
    """Capture at the provider what was asked for and is not done. Raises ProviderUnavailable."""
    if payment.capturing == payment.captured:
        return
    provider_ref = payment.provider_ref
    assert provider_ref is not None  # noqa: S101 - the database lets nobody ask for unauthorised money
    if payment.many_captures is None:
        payment = await apply_provider_state(await cards.look_up(provider_ref)) or payment
    for part in parts_due(payment, await queries.captures_of(payment.id)):
        try:
            movement = await cards.capture(part.key, provider_ref, part.amount, final=part.final)
        except ProviderRefused as refusal:
            movement = Movement("", MovementState.FAILED, refusal.code)
        await settle_captures(payment.id, part, movement)


async def settle_captures(payment_id: UUID, part: Part, movement: Movement) -> None:
    """Write down what became of captures, once, however often and by how many it is told."""
    if movement.state is MovementState.REQUESTED:
        return
    async with unit_of_work() as work:
        payment = await queries.lock_payment_by_id(payment_id)
        settled = await rows(
            _SETTLE,
            [capture.id for capture in part.captures],
            movement.state,
            movement.provider_ref,
            movement.failure,
            clock.now(),
        )
        captures = [Capture.of(record) for record in settled]
        if not captures:
            return
        if movement.state is MovementState.DONE:
            await _taken(work, payment, captures, final=part.final)
        else:
            await _refused(work, payment, captures)


_SETTLE = """
UPDATE captures SET state = $2, provider_ref = nullif($3, ''), failure = $4, finished_at = $5
WHERE id = ANY($1::uuid[]) AND state = 'REQUESTED' RETURNING *
"""


async def _taken(work: UnitOfWork, payment: Payment, captures: Sequence[Capture], *, final: bool) -> None:
    captured = payment.captured + sum(capture.amount for capture in captures)
    state = state_of(payment.amount, captured, payment.released)
    closed_at = clock.now() if final else payment.closed_at
    await run(
        "UPDATE payments SET captured = $2, state = $3, closed_at = $4 WHERE id = $1", payment.id, captured, state, closed_at
    )
    for capture in captures:
        await ledger.post("capture", capture.id, entries_of_capture(capture.split, payment.currency), payment.purchase_id)
        await work.record(
            OrderMoneyCaptured(
                purchase_id=payment.purchase_id,
                payment_id=payment.id,
                capture_id=capture.id,
                order_id=capture.order_id,
                amount=capture.amount,
                currency=payment.currency,
            )
        )


async def _refused(work: UnitOfWork, payment: Payment, captures: Sequence[Capture]) -> None:
    # What was not taken has not to be given back: refunds that waited for it fall away with it.
    forgone = sum(capture.amount for capture in captures)
    await run(_FORGO, payment.id, [capture.order_id for capture in captures], forgone, clock.now())
    for capture in captures:
        await work.record(
            CaptureFailed(
                purchase_id=payment.purchase_id,
                payment_id=payment.id,
                capture_id=capture.id,
                order_id=capture.order_id,
                amount=capture.amount,
                reason=capture.failure or "refused",
            )
        )


_FORGO = """
WITH forgone AS (
    UPDATE refunds SET state = 'FAILED', failure = 'nothing was captured', finished_at = $4
    WHERE payment_id = $1 AND order_id = ANY($2::uuid[]) AND state = 'REQUESTED' RETURNING amount
)
UPDATE payments SET capturing = capturing - $3, refunding = refunding - (SELECT coalesce(sum(amount), 0) FROM forgone)
WHERE id = $1
"""
