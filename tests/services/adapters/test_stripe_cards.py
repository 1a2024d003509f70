"""Stripe's adapter over real HTTP, against a server that answers as Stripe documents; and payments on top of it."""

import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from services.adapters.stripe_cards import StripeCards
from services.payments import ledger
from services.payments.errors import ProviderRefused, ProviderUnavailable, WebhookForged
from services.payments.operations import (
    carry_out,
    confirm_payment,
    give_back,
    look_up_pending_payments,
    receive_webhook,
    void_payment,
)
from services.payments.ports import Movement
from services.payments.queries import payment, refunds_of
from services.payments.rules import LiableParty, MovementState, PaymentState, ProviderStatus
from tests.conftest import TestClock
from tests.factories.payments import TestPorts, make_capture_request, make_paying_consumer, make_payment, only_row
from tests.local_server import serving
from tests.services.adapters.stripe_double import KEY, SECRET, StripeDouble, event

VISA = "pm_card_visa"


@pytest.fixture
def stripe() -> StripeDouble:
    return StripeDouble()


@pytest.fixture
async def cards(stripe: StripeDouble) -> AsyncIterator[StripeCards]:
    async with serving(stripe) as address:
        adapter = StripeCards(KEY, SECRET, address)
        yield adapter
        await adapter.close()


async def hold(cards: StripeCards, amount: int = 1_000, method: str = VISA, key: UUID | None = None) -> str:
    held = await cards.authorise(key or uuid4(), amount, "EUR", method)
    assert held.provider_ref is not None
    return held.provider_ref


async def test_money_is_held_with_manual_capture_in_parts_under_our_key(stripe: StripeDouble, cards: StripeCards) -> None:
    key = uuid4()
    held = await cards.authorise(key, 1_000, "EUR", VISA)

    assert (held.status, held.provider_ref, held.key, held.many_captures) == (ProviderStatus.AUTHORISED, "pi_1", key, True)
    path, idempotency_key, form = stripe.calls[0]
    assert (path, idempotency_key) == ("POST /v1/payment_intents", f"authorise-{key}")
    assert form == {
        "amount": "1000",
        "currency": "eur",
        "payment_method": VISA,
        "payment_method_types[0]": "card",
        "capture_method": "manual",
        "confirm": "true",
        "use_stripe_sdk": "true",
        "payment_method_options[card][request_multicapture]": "if_available",
        "metadata[pannier_payment]": str(key),
        "expand[0]": "latest_charge",
    }


async def test_a_declined_card_is_an_answer(cards: StripeCards) -> None:
    declined = await cards.authorise(uuid4(), 1_000, "EUR", "pm_card_visa_chargeDeclined")
    assert (declined.status, declined.provider_ref, declined.failure) == (ProviderStatus.FAILED, "pi_1", "generic_decline")
    assert (await cards.look_up("pi_1")).failure == "generic_decline"


async def test_a_method_that_stripe_does_not_know_is_a_failure(cards: StripeCards) -> None:
    unknown = await cards.authorise(uuid4(), 1_000, "EUR", "card_ok")
    assert (unknown.status, unknown.provider_ref, unknown.failure) == (ProviderStatus.FAILED, None, "resource_missing")


async def test_parts_are_captured_and_the_rest_let_go(stripe: StripeDouble, cards: StripeCards) -> None:
    ref, key = await hold(cards), uuid4()
    assert await cards.capture(key, ref, 300, final=False) == Movement("ch_pi_1")
    assert await cards.capture(key, ref, 300, final=False) == Movement("ch_pi_1")
    await cards.capture(uuid4(), ref, 200, final=False)
    await cards.void(uuid4(), ref)
    await cards.void(uuid4(), ref)

    assert stripe.calls[1] == (
        "POST /v1/payment_intents/pi_1/capture",
        f"capture-{key}",
        {"amount_to_capture": "300", "final_capture": "false"},
    )
    assert (stripe.intents[ref]["amount_received"], stripe.intents[ref]["status"]) == (500, "succeeded")


async def test_what_was_not_captured_is_cancelled(stripe: StripeDouble, cards: StripeCards) -> None:
    ref = await hold(cards)
    await cards.void(uuid4(), ref)
    assert stripe.intents[ref]["status"] == "canceled"
    assert (await cards.look_up(ref)).status is ProviderStatus.VOIDED


async def test_stripes_no_is_told_with_its_code(cards: StripeCards) -> None:
    ref = await hold(cards)
    with pytest.raises(ProviderRefused, match="amount_too_large"):
        await cards.capture(uuid4(), ref, 1_001, final=False)
    with pytest.raises(ProviderRefused, match="charge_already_refunded"):
        await cards.refund(uuid4(), ref, 1)
    with pytest.raises(ProviderRefused, match="resource_missing"):
        await cards.look_up("pi_of_nobody")


@pytest.mark.parametrize("trouble", ["500", "503", "409", "429", "lost"])
async def test_a_trouble_that_stays_is_no_answer(stripe: StripeDouble, cards: StripeCards, trouble: str) -> None:
    ref = await hold(cards)
    stripe.troubles = [trouble, trouble]
    with pytest.raises(ProviderUnavailable):
        await cards.capture(uuid4(), ref, 100, final=False)


@pytest.mark.parametrize("trouble", ["500", "lost"])
async def test_a_trouble_that_passes_is_overcome_with_the_same_key(
    stripe: StripeDouble, cards: StripeCards, trouble: str
) -> None:
    ref = await hold(cards)
    stripe.troubles = [trouble]
    await cards.capture(uuid4(), ref, 100, final=False)
    assert stripe.intents[ref]["amount_received"] == 100


async def test_a_wrong_key_of_ours_is_no_answer_either(stripe: StripeDouble) -> None:
    async with serving(stripe) as address:
        adapter = StripeCards("sk_test_wrong", SECRET, address)
        with pytest.raises(ProviderUnavailable):
            await adapter.authorise(uuid4(), 100, "EUR", VISA)
        await adapter.close()
    assert stripe.intents == {}


async def test_webhooks_are_believed_when_signed_and_fresh(stripe: StripeDouble, cards: StripeCards) -> None:
    key = uuid4()
    ref = await hold(cards, key=key)
    said = stripe.shown(ref)
    heard = cards.read_webhook(*event("payment_intent.amount_capturable_updated", said))
    assert (heard.id, heard.kind) == ("evt_1", "payment_intent.amount_capturable_updated")
    assert heard.authorisation is not None
    assert (heard.authorisation.status, heard.authorisation.key) == (ProviderStatus.AUTHORISED, key)
    assert heard.authorisation.many_captures is None
    other = cards.read_webhook(*event("charge.captured", {"id": "ch_1", "object": "charge"}))
    assert (other.authorisation, other.refund) == (None, None)

    body, headers = event("payment_intent.succeeded", said)
    for raw, signed in [
        event("payment_intent.succeeded", said, secret="whsec_of_somebody"),
        event("payment_intent.succeeded", said, at=int(time.time()) - 400),
        (body + b" ", headers),
        (body, {}),
        (body, {"Stripe-Signature": "t=1"}),
        event("payment_intent.succeeded", {"object": "payment_intent", "status": "odd"}),
    ]:
        with pytest.raises(WebhookForged):
            cards.read_webhook(raw, signed)


async def test_a_purchase_from_holding_to_refund(stripe: StripeDouble, cards: StripeCards) -> None:
    held, order = await make_payment(5_000, VISA, cards=cards), uuid4()
    assert (held.state, held.many_captures) == (PaymentState.AUTHORISED, True)
    await make_capture_request(held, 2_000, order_id=order)
    await carry_out(held.id, cards)
    await make_capture_request(held, 1_000)
    await void_payment(held.purchase_id)
    await give_back(held.purchase_id, order, 700, "late", LiableParty.PLATFORM)
    await carry_out(held.id, cards)

    done = await payment(held.id)
    assert (done.state, done.captured, done.released, done.refunded) == (PaymentState.CAPTURED, 3_000, 2_000, 700)
    assert done.closed_at is not None
    there = stripe.intents["pi_1"]
    assert (there["status"], there["amount_received"], there["amount_refunded"]) == ("succeeded", 3_000, 700)
    assert await ledger.sum_of_everything() == {"EUR": 0}


async def test_an_account_without_multicapture_captures_once_at_the_end(stripe: StripeDouble, cards: StripeCards) -> None:
    stripe.multicapture = False
    held = await make_payment(5_000, VISA, cards=cards)
    await make_capture_request(held, 2_000)
    await carry_out(held.id, cards)
    assert stripe.intents["pi_1"]["amount_received"] == 0

    await make_capture_request(held, 1_000)
    await void_payment(held.purchase_id)
    await carry_out(held.id, cards)

    assert (await payment(held.id)).captured == 3_000
    assert (stripe.intents["pi_1"]["status"], stripe.intents["pi_1"]["amount_received"]) == ("succeeded", 3_000)


async def test_strong_authentication_is_the_apps_and_stripe_is_asked_what_came_of_it(
    stripe: StripeDouble, cards: StripeCards
) -> None:
    consumer = make_paying_consumer()
    waiting = await make_payment(5_000, "pm_card_threeDSecure2Required", cards=cards, consumer=consumer)
    assert (waiting.state, waiting.next_action) == (
        PaymentState.NONE,
        {"type": "use_stripe_sdk", "client_secret": "pi_1_secret_1", "url": None},
    )
    stripe.intents["pi_1"] |= {"status": "requires_capture", "next_action": None}

    confirmed = await confirm_payment(consumer, waiting.purchase_id, "", cards)

    assert (confirmed.state, confirmed.next_action, confirmed.many_captures) == (PaymentState.AUTHORISED, None, True)
    told = await only_row("SELECT string_agg(payload::text, ' ') AS told FROM events")
    assert "secret" not in told["told"]


async def test_a_webhook_before_the_answer_does_not_cost_the_captures_in_parts(stripe: StripeDouble, cards: StripeCards) -> None:
    waiting = await make_payment(5_000, "pm_card_threeDSecure2Required", cards=cards)
    stripe.intents["pi_1"] |= {"status": "requires_capture", "next_action": None}
    await receive_webhook(*event("payment_intent.amount_capturable_updated", stripe.shown("pi_1")), cards)
    held = await payment(waiting.id)
    assert (held.state, held.many_captures) == (PaymentState.AUTHORISED, None)

    await make_capture_request(held, 2_000)
    await carry_out(held.id, cards)

    taken = await payment(waiting.id)
    assert (taken.many_captures, taken.captured) == (True, 2_000)


async def test_a_refund_that_is_pending_is_settled_by_the_webhook_or_the_look_up(
    stripe: StripeDouble, cards: StripeCards, clock: TestClock
) -> None:
    held, order = await make_payment(5_000, "pm_card_pendingRefund", cards=cards), uuid4()
    await make_capture_request(held, 5_000, order_id=order)
    await give_back(held.purchase_id, order, 500, "late", LiableParty.PLATFORM)
    await give_back(held.purchase_id, order, 300, "late", LiableParty.PLATFORM)
    await carry_out(held.id, cards)
    await carry_out(held.id, cards)
    assert [refund.state for refund in await refunds_of(held.id)] == [MovementState.REQUESTED] * 2
    assert len(stripe.refunds) == 2

    for refund in stripe.refunds.values():
        refund["status"] = "succeeded"
    await receive_webhook(*event("refund.updated", stripe.refunds["re_1"]), cards)
    assert (await payment(held.id)).refunded == 500
    clock.move(seconds=61)
    await look_up_pending_payments(TestPorts(cards))

    assert (await payment(held.id)).refunded == 800
    # What was done and is then said to have failed is a break that stays listed.
    await receive_webhook(*event("refund.failed", stripe.refunds["re_1"] | {"status": "failed"}, event_id="evt_2"), cards)
    unhandled = await only_row("SELECT id FROM provider_events WHERE handled_at IS NULL")
    assert unhandled["id"] == "evt_2"
