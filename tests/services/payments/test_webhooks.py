"""A provider's calls: believed only when signed, recorded once, one effect however often and in whatever order they come."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from services.bootstrap import Ports
from services.kernel.database import rows
from services.payments.errors import WebhookForged
from services.payments.events import PaymentAuthorised, PaymentFailed, PaymentVoided, UnwantedHoldFound
from services.payments.operations import authorise, receive_webhook, void_payment
from services.payments.queries import payment
from services.payments.rules import PaymentState
from tests.conftest import Statements, TestClock
from tests.factories.payments import (
    SECRET,
    UnreliableCards,
    make_capture_request,
    make_opened_payment,
    make_payment,
    only_row,
    sandbox,
)
from tests.facts import recorded, run_errands


def webhook(
    key: UUID, ref: str | None, status: str, *, event_id: str = "msg_1", secret: str = SECRET, age: float = 0
) -> tuple[bytes, Mapping[str, str]]:
    """A call as the sandbox makes it."""
    data: dict[str, Any] = {
        "provider_ref": ref,
        "status": status,
        "key": str(key),
        "many_captures": True,
        "next_action": None,
        "failure": None,
    }
    body = orjson.dumps({"type": "authorisation.updated", "data": data})
    at = datetime.now(UTC) - timedelta(seconds=age)
    signature = Webhook(secret).sign(event_id, at, body.decode())
    return body, {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


async def test_fifty_times_the_same_call_has_one_effect(statements: Statements) -> None:
    slow = await make_payment(method="card_slow")
    call = webhook(slow.id, slow.provider_ref, "AUTHORISED")
    new = await asyncio.gather(*(receive_webhook(*call, sandbox()) for _ in range(50)))

    assert sorted(new) == [False] * 49 + [True]
    assert (await payment(slow.id)).state is PaymentState.AUTHORISED
    assert len(await recorded(PaymentAuthorised)) == 1
    statements.clear()
    assert not await receive_webhook(*call, sandbox())
    assert await statements.count() == 1


async def test_fifty_calls_about_the_same_thing_have_one_effect() -> None:
    slow = await make_payment(method="card_slow")
    calls = [webhook(slow.id, slow.provider_ref, "AUTHORISED", event_id=f"msg_{number}") for number in range(50)]
    assert all(await asyncio.gather(*(receive_webhook(*call, sandbox()) for call in calls)))

    assert len(await recorded(PaymentAuthorised)) == 1
    kept = await rows("SELECT payload, handled_at FROM provider_events")
    assert len(kept) == 50
    assert kept[0]["payload"] == {"provider_ref": slow.provider_ref, "status": "AUTHORISED"}
    assert all(record["handled_at"] for record in kept)


async def test_a_call_may_come_before_the_answer() -> None:
    """The provider's call arrives while we still wait for the answer: nobody here knows its name for the payment yet."""
    opened = await make_opened_payment()
    answer = await sandbox().authorise(opened.id, opened.amount, opened.currency, opened.method)
    assert await receive_webhook(*webhook(opened.id, answer.provider_ref, "AUTHORISED"), sandbox())
    assert (await payment(opened.id)).state is PaymentState.AUTHORISED

    await authorise(opened.id, sandbox())
    assert len(await recorded(PaymentAuthorised)) == 1


async def test_late_and_disordered_calls_change_nothing() -> None:
    held = await make_payment()
    for number, status in enumerate(["PENDING", "NEEDS_CONFIRMATION", "FAILED", "AUTHORISED"]):
        await receive_webhook(*webhook(held.id, held.provider_ref, status, event_id=f"msg_{number}"), sandbox())

    assert await payment(held.id) == held
    assert await recorded(PaymentFailed) == []


async def test_a_provider_that_lets_the_money_go_voids_the_payment() -> None:
    held = await make_payment()
    await receive_webhook(*webhook(held.id, held.provider_ref, "VOIDED"), sandbox())

    assert (await payment(held.id)).state is PaymentState.VOIDED
    assert len(await recorded(PaymentVoided)) == 1


async def test_a_provider_that_lets_the_rest_go_leaves_what_was_asked_for(house: Ports) -> None:
    held = await make_payment(5_000)
    await make_capture_request(held, 2_000)
    await run_errands(house)
    await receive_webhook(*webhook(held.id, held.provider_ref, "VOIDED"), sandbox())

    done = await payment(held.id)
    assert (done.state, done.captured, done.released) == (PaymentState.CAPTURED, 2_000, 3_000)


async def test_money_held_for_an_abandoned_payment_is_let_go(house: Ports, clock: TestClock) -> None:
    slow = await make_payment(method="card_slow")
    cards = UnreliableCards(lost_there=["void"])
    await void_payment(slow.purchase_id)
    clock.move(seconds=4)
    await receive_webhook(*webhook(slow.id, slow.provider_ref, "AUTHORISED"), cards)
    await run_errands(house)

    assert (await payment(slow.id)).state is PaymentState.VOIDED
    assert await recorded(PaymentAuthorised) == []
    found = await only_row("SELECT status FROM sandbox_cards_intents")
    assert found["status"] == "VOIDED"


async def test_money_held_for_a_failed_payment_is_let_go(house: Ports) -> None:
    opened = await make_opened_payment()
    await receive_webhook(*webhook(opened.id, None, "FAILED"), sandbox())
    assert (await payment(opened.id)).state is PaymentState.FAILED

    answer = await sandbox().authorise(opened.id, opened.amount, opened.currency, opened.method)
    await receive_webhook(*webhook(opened.id, answer.provider_ref, "AUTHORISED", event_id="msg_2"), sandbox())
    await run_errands(house)

    assert len(await recorded(UnwantedHoldFound)) == 1
    found = await only_row("SELECT status FROM sandbox_cards_intents")
    assert found["status"] == "VOIDED"


async def test_a_call_about_nothing_of_ours_is_kept_as_unhandled() -> None:
    assert await receive_webhook(*webhook(uuid4(), "somebody_elses", "AUTHORISED"), sandbox())
    kept = await only_row("SELECT handled_at FROM provider_events")
    assert kept["handled_at"] is None


async def test_forged_old_and_broken_calls_are_refused_and_leave_nothing() -> None:
    slow = await make_payment(method="card_slow")
    body, headers = webhook(slow.id, slow.provider_ref, "AUTHORISED")
    other = "whsec_" + "QUJD" * 8
    refused: list[tuple[bytes, Mapping[str, str]]] = [
        webhook(slow.id, slow.provider_ref, "AUTHORISED", secret=other),
        webhook(slow.id, slow.provider_ref, "AUTHORISED", age=400),
        webhook(slow.id, slow.provider_ref, "AUTHORISED", age=-400),
        webhook(slow.id, slow.provider_ref, "NONSENSE"),
        (body.replace(b"AUTHORISED", b"FAILED    "), headers),
        (body, {**headers, "webhook-id": "msg_other"}),
        (body, {**headers, "webhook-signature": "v1"}),
        (body, {**headers, "webhook-signature": "v1,%%%"}),
        (body, {**headers, "webhook-timestamp": "nan"}),
        (body, {}),
        (b"\xff\xfe", headers),
    ]
    for raw, signed in refused:
        with pytest.raises(WebhookForged):
            await receive_webhook(raw, signed, sandbox())

    assert await payment(slow.id) == slow
    assert await rows("SELECT id FROM provider_events") == []
