"""Holding a purchase's money: every card's way to an answer, and that nothing happens twice."""

import asyncio
from uuid import uuid4

import pytest

from services.adapters.sandbox_cards import RIGHT_ANSWER
from services.kernel.database import rows
from services.kernel.errors import NotFound, Unavailable
from services.kernel.unit_of_work import unit_of_work
from services.payments.errors import CalledInsideTransaction, CardMethodUnknown, ConfirmationNotAccepted, PaymentNotAwaited
from services.payments.events import PaymentAuthorised, PaymentFailed, PaymentNeedsConfirmation
from services.payments.operations import authorise, confirm_payment, look_up_pending_payments, open_payment
from services.payments.queries import payment, payments_of_purchases
from services.payments.rules import PaymentState
from tests.conftest import Statements, TestClock
from tests.factories.payments import (
    TestPorts,
    UnreliableCards,
    make_opened_payment,
    make_paying_consumer,
    make_payment,
    only_row,
    sandbox,
)
from tests.facts import recorded


async def test_a_good_card_is_authorised_once(statements: Statements) -> None:
    await make_payment()  # the driver asks for types once a connection
    opened = await make_opened_payment(4_200)
    statements.clear()
    held = await authorise(opened.id, sandbox())

    # One to note that we ask, three in the sandbox's own house, and lock, state and event of ours.
    assert await statements.count() == 7
    assert (held.state, held.amount, held.captured, held.many_captures) == (PaymentState.AUTHORISED, 4_200, 0, True)
    assert await authorise(opened.id, sandbox()) == held
    assert (await recorded(PaymentAuthorised))[1:] == [
        PaymentAuthorised(purchase_id=held.purchase_id, payment_id=held.id, amount=4_200, currency="EUR")
    ]
    assert await payments_of_purchases([held.purchase_id, uuid4()]) == {held.purchase_id: held}


async def test_a_declined_card_fails_the_payment() -> None:
    failed = await make_payment(method="card_declined")

    assert (failed.state, failed.failure) == (PaymentState.FAILED, "card_declined")
    assert await recorded(PaymentFailed) == [
        PaymentFailed(purchase_id=failed.purchase_id, payment_id=failed.id, reason="card_declined")
    ]
    assert await recorded(PaymentAuthorised) == []


async def test_an_unknown_method_fails_the_payment() -> None:
    failed = await make_payment(method="card_of_nobody")
    assert (failed.state, failed.failure, failed.provider_ref) == (PaymentState.FAILED, "method_unknown", None)


@pytest.mark.parametrize("method", ["4242424242424242", "x4242424242424242", "", "card ok", "card'; --", "x" * 101])
async def test_what_is_not_a_token_is_refused_and_not_kept(method: str) -> None:
    with pytest.raises(CardMethodUnknown):
        await open_payment(uuid4(), uuid4(), 100, "EUR", method)
    assert await rows("SELECT id FROM payments") == []


async def test_confirmation_with_the_right_code() -> None:
    consumer = make_paying_consumer()
    waiting = await make_payment(method="card_needs_confirmation", consumer=consumer)
    assert (waiting.state, waiting.next_action) == (PaymentState.NONE, {"type": "code", "hint": "The sandbox's code is 1234."})
    assert len(await recorded(PaymentNeedsConfirmation)) == 1

    with pytest.raises(ConfirmationNotAccepted):
        await confirm_payment(consumer, waiting.purchase_id, "0000", sandbox())
    confirmed = await confirm_payment(consumer, waiting.purchase_id, RIGHT_ANSWER, sandbox())

    assert (confirmed.state, confirmed.next_action) == (PaymentState.AUTHORISED, None)
    assert await confirm_payment(consumer, waiting.purchase_id, RIGHT_ANSWER, sandbox()) == confirmed
    assert len(await recorded(PaymentNeedsConfirmation)) == 1
    assert len(await recorded(PaymentAuthorised)) == 1


async def test_three_wrong_codes_fail_the_payment() -> None:
    consumer = make_paying_consumer()
    waiting = await make_payment(method="card_needs_confirmation", consumer=consumer)
    for _ in range(2):
        with pytest.raises(ConfirmationNotAccepted):
            await confirm_payment(consumer, waiting.purchase_id, "0000", sandbox())
    failed = await confirm_payment(consumer, waiting.purchase_id, "0000", sandbox())

    assert (failed.state, failed.failure) == (PaymentState.FAILED, "confirmation_failed")
    with pytest.raises(PaymentNotAwaited) as refused:
        await confirm_payment(consumer, waiting.purchase_id, RIGHT_ANSWER, sandbox())
    assert refused.value.state is PaymentState.FAILED


async def test_somebody_elses_payment_is_not_found() -> None:
    waiting = await make_payment(method="card_needs_confirmation")
    with pytest.raises(NotFound):
        await confirm_payment(make_paying_consumer(), waiting.purchase_id, RIGHT_ANSWER, sandbox())
    assert (await payment(waiting.id)).state is PaymentState.NONE


async def test_a_confirmation_that_is_not_asked_for_is_refused() -> None:
    consumer = make_paying_consumer()
    slow = await make_payment(method="card_slow", consumer=consumer)
    with pytest.raises(PaymentNotAwaited):
        await confirm_payment(consumer, slow.purchase_id, RIGHT_ANSWER, sandbox())


async def test_a_confirmation_without_an_answer_says_so() -> None:
    consumer, cards = make_paying_consumer(), UnreliableCards(lost_there=["confirm"])
    waiting = await make_payment(method="card_needs_confirmation", consumer=consumer)
    with pytest.raises(Unavailable):
        await confirm_payment(consumer, waiting.purchase_id, RIGHT_ANSWER, cards)
    assert (await confirm_payment(consumer, waiting.purchase_id, RIGHT_ANSWER, cards)).state is PaymentState.AUTHORISED


async def test_a_slow_card_stays_open_until_it_is_looked_up(clock: TestClock) -> None:
    slow = await make_payment(method="card_slow")
    assert slow.state is PaymentState.NONE
    assert await look_up_pending_payments(TestPorts(sandbox())) == 0

    clock.move(seconds=61)
    assert await look_up_pending_payments(TestPorts(sandbox())) == 1

    assert (await payment(slow.id)).state is PaymentState.AUTHORISED
    assert await look_up_pending_payments(TestPorts(sandbox())) == 0


@pytest.mark.parametrize("lost", ["lost_there", "lost_back"])
async def test_an_answer_that_was_lost_is_looked_up(clock: TestClock, lost: str) -> None:
    cards = UnreliableCards()
    getattr(cards, lost).append("authorise")
    silent = await make_payment(cards=cards)
    assert (silent.state, silent.provider_ref) == (PaymentState.NONE, None)

    clock.move(seconds=61)
    await look_up_pending_payments(TestPorts(cards))

    assert (await payment(silent.id)).state is PaymentState.AUTHORISED
    assert len(await recorded(PaymentAuthorised)) == 1
    held = await only_row("SELECT count(*) AS holds FROM sandbox_cards_intents")
    assert held["holds"] == 1


async def test_fifty_at_once_have_one_effect() -> None:
    opened = await make_opened_payment()
    answers = await asyncio.gather(*(authorise(opened.id, sandbox()) for _ in range(50)))

    assert {answer.state for answer in answers} == {PaymentState.AUTHORISED}
    assert len(await recorded(PaymentAuthorised)) == 1
    held = await only_row("SELECT count(*) AS holds FROM sandbox_cards_intents")
    assert held["holds"] == 1


async def test_no_provider_is_called_inside_a_transaction() -> None:
    opened, cards = await make_opened_payment(), UnreliableCards()
    with pytest.raises(CalledInsideTransaction):
        async with unit_of_work():
            await authorise(opened.id, cards)
    assert cards.calls == []
