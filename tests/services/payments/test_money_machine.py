"""A purchase's money under anything in any order, with calls lost on the way: what always holds, holds after each step."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel.database import row
from services.payments import ledger
from services.payments.accounts import Account, AccountKind
from services.payments.errors import CaptureTooLarge, GiveBackTooLarge, PaymentNotAuthorised, ProviderUnavailable
from services.payments.operations import authorise, carry_out, give_back, look_up_pending_payments, void_payment
from services.payments.operations.provider_state import apply_provider_state
from services.payments.queries import Payment, captures_of, payment, refunds_of
from services.payments.rules import LiableParty, MovementState, PaymentState
from tests.conftest import TestClock
from tests.factories.payments import TestPorts, UnreliableCards, make_capture_request, make_opened_payment

CALLS = ("authorise", "capture", "void", "refund", "look_up")
METHODS = ("card_ok", "card_slow", "card_declined", "card_captured_once")
steps = st.one_of(
    st.tuples(st.just("authorise")),
    st.tuples(st.just("capture"), st.integers(0, 3), st.integers(1, 6_000)),
    st.tuples(st.just("give back"), st.integers(0, 4), st.integers(1, 6_000)),
    st.tuples(st.just("void")),
    st.tuples(st.just("carry out")),
    st.tuples(st.just("wait")),
    st.tuples(st.just("hear")),
    st.tuples(st.just("lose"), st.sampled_from(CALLS), st.booleans()),
)


@dataclass
class Machine:
    """One purchase of four orders, its payment, and a provider behind a bad line."""

    opened: Payment
    clock: TestClock
    cards: UnreliableCards = field(default_factory=UnreliableCards)
    orders: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(4)])
    refused: int = 0

    async def take(self, step: tuple[object, ...]) -> None:
        try:
            await self._take(*step)
        except (CaptureTooLarge, GiveBackTooLarge, PaymentNotAuthorised, ProviderUnavailable):
            self.refused += 1

    async def _take(self, what: object, *details: object) -> None:
        purchase_id = self.opened.purchase_id
        match what, *details:
            case "authorise", *_:
                await authorise(self.opened.id, self.cards)
            case "capture", int(order), int(amount):
                await make_capture_request(self.opened, amount, order_id=self.orders[order])
            case "give back", int(order), int(amount):
                whose = self.orders[order] if order < len(self.orders) else None
                await give_back(purchase_id, whose, amount, "machine", list(LiableParty)[amount % 4])
            case "void", *_:
                await void_payment(purchase_id)
            case "carry out", *_:
                await carry_out(self.opened.id, self.cards)
            case "wait", *_:
                await self.wait()
            case "hear", *_:
                await self._hear()
            case "lose", str(call), bool(there):
                (self.cards.lost_there if there else self.cards.lost_back).append(call)

    async def wait(self) -> None:
        self.clock.move(seconds=61)
        await look_up_pending_payments(TestPorts(self.cards))

    async def _hear(self) -> None:
        """The provider tells its present state, as a webhook would, twice."""
        ref = (await payment(self.opened.id)).provider_ref
        if ref:
            said = await self.cards.inner.look_up(ref)
            await apply_provider_state(said)
            await apply_provider_state(said)


async def _always_holds(machine: Machine) -> None:
    now = await payment(machine.opened.id)
    captures, refunds = await captures_of(now.id), await refunds_of(now.id)
    taken = sum(capture.amount for capture in captures if capture.state is MovementState.DONE)
    returned = sum(refund.amount for refund in refunds if refund.state is MovementState.DONE)
    assert now.captured == taken
    assert now.refunded == returned
    assert 0 <= returned <= taken <= now.capturing <= now.amount - now.released
    assert len(captures) == len({capture.order_id for capture in captures})
    assert set((await ledger.sum_of_everything()).values()) <= {0}
    assert await ledger.balance(Account(AccountKind.PROVIDER_CLEARING, "EUR")) == taken - returned
    there = await _at_provider(now.id)
    if there:
        # The provider may be ahead of what we have noted, never behind and never beyond what we decided.
        assert taken <= there["captured"] <= now.capturing
        assert returned <= there["refunded"] <= now.refunding


async def _comes_to_rest(machine: Machine) -> None:
    """With the line good again everything decided is done, and nobody holds money that nobody wants."""
    machine.cards.lost_there.clear()
    machine.cards.lost_back.clear()
    await machine.take(("void",))
    for _ in range(3):
        await machine.wait()
    now = await payment(machine.opened.id)
    assert now.state in {PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.FAILED}
    assert (now.captured, now.refunded) == (now.capturing, now.refunding)
    assert now.closed_at is not None
    there = await _at_provider(now.id)
    if there:
        assert (there["captured"], there["refunded"]) == (now.captured, now.refunded)
        assert there["status"] in {"CAPTURED", "VOIDED", "FAILED"}


async def _at_provider(payment_id: UUID) -> asyncpg.Record | None:
    return await row("SELECT status, captured, refunded FROM sandbox_cards_intents WHERE key = $1", str(payment_id))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(method=st.sampled_from(METHODS), amount=st.integers(1, 8_000), told=st.lists(steps, max_size=18))
async def test_money_is_never_made_or_lost(
    clock: TestClock, admin: asyncpg.Connection, method: str, amount: int, told: list[tuple[object, ...]]
) -> None:
    await admin.execute(
        "TRUNCATE payments, captures, refunds, ledger_entries, ledger_transactions, sandbox_cards_intents CASCADE"
    )
    machine = Machine(await make_opened_payment(amount, method), clock)
    for step in told:
        await machine.take(step)
        await _always_holds(machine)
    await _comes_to_rest(machine)
    await _always_holds(machine)
