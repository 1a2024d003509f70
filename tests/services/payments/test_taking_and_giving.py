"""Taking orders' parts, giving back, letting go: never more than was authorised, each once, and the ledger in step."""

import asyncio
from uuid import uuid4

import pytest

from services.bootstrap import Ports
from services.kernel.database import row
from services.payments import ledger
from services.payments.accounts import Account, AccountKind
from services.payments.errors import CaptureTooLarge, GiveBackTooLarge, PaymentNotAuthorised
from services.payments.events import CaptureRequested, MoneyReleased, OrderMoneyCaptured, PaymentVoided, RefundMade
from services.payments.operations import carry_out, give_back, request_capture, void_payment
from services.payments.queries import captures_of, payment, refunds_of_purchases
from services.payments.rules import LiableParty, MovementState, PaymentState
from tests.conftest import Statements
from tests.factories.payments import make_capture_request, make_opened_payment, make_payment, make_split, sandbox
from tests.facts import recorded, run_errands


async def test_each_order_is_captured_on_its_own(house: Ports) -> None:
    held, store = await make_payment(5_000), uuid4()
    first, second = uuid4(), uuid4()
    await make_capture_request(held, 2_000, order_id=first, store_id=store)
    await run_errands(house)

    partly = await payment(held.id)
    assert (partly.state, partly.capturing, partly.captured, partly.closed_at) == (
        PaymentState.PARTLY_CAPTURED,
        2_000,
        2_000,
        None,
    )
    assert await ledger.balance(Account(AccountKind.STORE_PAYABLE, "EUR", store)) == -1_600

    await make_capture_request(held, 3_000, order_id=second, store_id=store)
    await run_errands(house)

    paid = await payment(held.id)
    assert (paid.state, paid.captured, paid.released) == (PaymentState.CAPTURED, 5_000, 0)
    assert paid.closed_at is not None
    assert [event.order_id for event in await recorded(OrderMoneyCaptured)] == [first, second]
    assert await ledger.balances("EUR") == {
        (AccountKind.PROVIDER_CLEARING, None): 5_000,
        (AccountKind.STORE_PAYABLE, store): -4_000,
        (AccountKind.REVENUE_COMMISSION, None): -1_000,
    }
    assert await _at_provider(held.provider_ref) == ("CAPTURED", 5_000, 0)


async def test_asking_twice_for_an_order_takes_once(house: Ports, statements: Statements) -> None:
    held, order = await make_payment(5_000), uuid4()
    split = make_split(2_000)
    statements.clear()
    first = await request_capture(order, held.purchase_id, 2_000, split)
    assert await statements.count() == 4
    again = await asyncio.gather(*(request_capture(order, held.purchase_id, 2_000, split) for _ in range(10)))
    await run_errands(house)

    assert {capture.id for capture in again} == {first.id}
    assert (await payment(held.id)).captured == 2_000
    assert len(await recorded(CaptureRequested)) == 1


async def test_carrying_out_by_many_at_once_takes_once() -> None:
    held = await make_payment(5_000)
    await make_capture_request(held, 2_000)
    await asyncio.gather(*(carry_out(held.id, sandbox()) for _ in range(20)))

    assert (await payment(held.id)).captured == 2_000
    assert len(await recorded(OrderMoneyCaptured)) == 1
    assert await _at_provider(held.provider_ref) == ("AUTHORISED", 2_000, 0)
    assert await ledger.balance(Account(AccountKind.PROVIDER_CLEARING, "EUR")) == 2_000


async def test_no_more_is_taken_than_is_authorised() -> None:
    held = await make_payment(5_000)
    await make_capture_request(held, 3_000)
    with pytest.raises(CaptureTooLarge) as refused:
        await make_capture_request(held, 2_001)

    assert refused.value.left == 2_000
    assert (await payment(held.id)).capturing == 3_000
    assert len(await captures_of(held.id)) == 1


async def test_many_orders_at_once_stay_within_what_is_authorised() -> None:
    held = await make_payment(5_000)
    tries = await asyncio.gather(*(make_capture_request(held, 1_000) for _ in range(12)), return_exceptions=True)

    assert sum(isinstance(outcome, CaptureTooLarge) for outcome in tries) == 7
    assert (await payment(held.id)).capturing == 5_000


@pytest.mark.parametrize("method", ["card_slow", "card_declined"])
async def test_nothing_is_taken_from_an_unauthorised_payment(method: str) -> None:
    unpaid = await make_payment(method=method)
    with pytest.raises(PaymentNotAuthorised):
        await make_capture_request(unpaid, 100)
    with pytest.raises(PaymentNotAuthorised):
        await give_back(unpaid.purchase_id, None, 100, "rejected", LiableParty.STORE)
    assert await captures_of(unpaid.id) == []


async def test_a_split_that_does_not_add_up_is_a_mistake_of_ours() -> None:
    held = await make_payment(5_000)
    with pytest.raises(ValueError, match="the split makes 2000, not 2001"):
        await request_capture(uuid4(), held.purchase_id, 2_001, make_split(2_000))
    assert (await payment(held.id)).capturing == 0


async def test_an_order_that_falls_away_is_released_and_the_rest_is_taken(house: Ports) -> None:
    held, fallen = await make_payment(5_000), uuid4()
    given = await give_back(held.purchase_id, fallen, 2_000, "rejected", LiableParty.STORE)
    await make_capture_request(held, 3_000)
    await run_errands(house)

    assert (given.released, given.refund) == (2_000, None)
    done = await payment(held.id)
    assert (done.state, done.captured, done.released) == (PaymentState.CAPTURED, 3_000, 2_000)
    assert done.closed_at is not None
    assert await _at_provider(held.provider_ref) == ("CAPTURED", 3_000, 0)
    assert [event.amount for event in await recorded(MoneyReleased)] == [2_000]


async def test_all_orders_falling_away_void_the_payment(house: Ports) -> None:
    held = await make_payment(5_000)
    await give_back(held.purchase_id, uuid4(), 2_000, "rejected", LiableParty.STORE)
    await give_back(held.purchase_id, uuid4(), 3_000, "expired", LiableParty.STORE)
    await run_errands(house)

    assert (await payment(held.id)).state is PaymentState.VOIDED
    assert await _at_provider(held.provider_ref) == ("VOIDED", 0, 0)
    assert len(await recorded(PaymentVoided)) == 1
    assert await ledger.sum_of_everything() == {}


async def test_voiding_after_a_capture_lets_the_rest_go(house: Ports) -> None:
    held = await make_payment(5_000)
    await make_capture_request(held, 3_000)
    await void_payment(held.purchase_id)
    assert (await void_payment(held.purchase_id)).released == 2_000
    await run_errands(house)

    done = await payment(held.id)
    assert (done.state, done.captured, done.released) == (PaymentState.CAPTURED, 3_000, 2_000)
    assert await recorded(PaymentVoided) == []


async def test_voiding_what_was_never_asked_for_reaches_nobody(house: Ports) -> None:
    opened = await make_opened_payment()
    voided = await void_payment(opened.purchase_id)
    await run_errands(house)

    assert voided.state is PaymentState.VOIDED
    assert voided.closed_at is not None
    assert await row("SELECT * FROM sandbox_cards_intents") is None


async def test_what_was_taken_is_refunded_at_the_liable_partys_cost(house: Ports) -> None:
    held, order, store = await make_payment(5_000), uuid4(), uuid4()
    await make_capture_request(held, 5_000, order_id=order, store_id=store)
    given = await give_back(held.purchase_id, order, 1_200, "missing item", LiableParty.STORE)
    await give_back(held.purchase_id, order, 300, "late", LiableParty.PLATFORM)
    await run_errands(house)

    assert given.released == 0
    done = await payment(held.id)
    assert (done.state, done.captured, done.refunding, done.refunded) == (PaymentState.CAPTURED, 5_000, 1_500, 1_500)
    assert await _at_provider(held.provider_ref) == ("CAPTURED", 5_000, 1_500)
    assert await ledger.balances("EUR") == {
        (AccountKind.PROVIDER_CLEARING, None): 3_500,
        (AccountKind.STORE_PAYABLE, store): -2_800,
        (AccountKind.REVENUE_COMMISSION, None): -1_000,
        (AccountKind.LOSS_PLATFORM, None): 300,
    }
    assert [(event.amount, event.liable_party) for event in await recorded(RefundMade)] == [(1_200, "STORE"), (300, "PLATFORM")]
    made = await refunds_of_purchases([held.purchase_id])
    assert [refund.state for refund in made[held.purchase_id]] == [MovementState.DONE, MovementState.DONE]


async def test_no_more_is_given_back_than_the_order_cost(house: Ports) -> None:
    held, order = await make_payment(5_000), uuid4()
    await make_capture_request(held, 2_000, order_id=order)
    await run_errands(house)
    await give_back(held.purchase_id, order, 1_500, "late", LiableParty.PLATFORM)

    with pytest.raises(GiveBackTooLarge) as refused:
        await give_back(held.purchase_id, order, 501, "late", LiableParty.PLATFORM)
    with pytest.raises(GiveBackTooLarge):
        await give_back(held.purchase_id, uuid4(), 3_001, "late", LiableParty.PLATFORM)
    assert refused.value.left == 500
    assert (await payment(held.id)).refunding == 1_500
    assert (await payment(held.id)).released == 0


async def test_money_of_a_card_captured_once_is_taken_when_all_is_decided(house: Ports) -> None:
    held = await make_payment(5_000, "card_captured_once")
    await make_capture_request(held, 2_000)
    await run_errands(house)
    assert (await payment(held.id)).captured == 0

    await give_back(held.purchase_id, uuid4(), 500, "rejected", LiableParty.STORE)
    await make_capture_request(held, 2_500)
    await run_errands(house)

    done = await payment(held.id)
    assert (done.state, done.captured, done.released) == (PaymentState.CAPTURED, 4_500, 500)
    assert done.closed_at is not None
    assert await _at_provider(held.provider_ref) == ("CAPTURED", 4_500, 0)
    assert len(await recorded(OrderMoneyCaptured)) == 2
    assert await ledger.sum_of_everything() == {"EUR": 0}


async def _at_provider(ref: str | None) -> tuple[str, int, int]:
    found = await row("SELECT status, captured, refunded FROM sandbox_cards_intents WHERE ref = $1", ref)
    assert found is not None
    return found["status"], found["captured"], found["refunded"]
