"""The card provider's door: signed calls are recorded and answered 200, all others change nothing."""

from datetime import UTC, datetime
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook

from services.bootstrap import Ports
from services.kernel.database import rows
from services.payments.operations import void_payment
from services.payments.queries import payment
from services.payments.rules import PaymentState
from tests.api.apps import Doors
from tests.factories.payments import make_payment


def signed(ports: Ports, body: bytes, *, event_id: str = "msg_1") -> dict[str, str]:
    """The headers of Standard Webhooks with the house's own secret."""
    at = datetime.now(UTC)
    signature = Webhook(ports.settings.webhook_secret.get_secret_value()).sign(event_id, at, body.decode())
    return {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


async def authorised(method: str = "card_slow") -> tuple[bytes, Any]:
    """What the sandbox says about a slow card once it has decided, and the payment."""
    slow = await make_payment(method=method)
    data = {"provider_ref": slow.provider_ref, "status": "AUTHORISED", "key": str(slow.id), "many_captures": True}
    return orjson.dumps({"type": "authorisation.updated", "data": data}), slow


async def test_a_signed_call_is_recorded_once_and_answered_each_time(doors: Doors, house: Ports) -> None:
    body, slow = await authorised()
    for new in (True, False):
        answer = await doors.client.post("/webhooks/cards", content=body, headers=signed(house, body))
        assert (answer.status_code, answer.json()) == (200, {"received": True, "new": new})
    assert (await payment(slow.id)).state is PaymentState.AUTHORISED
    assert len(await rows("SELECT id FROM provider_events")) == 1


async def test_a_forged_call_is_refused(doors: Doors, house: Ports) -> None:
    body, slow = await authorised()
    headers = signed(house, body)
    for content, said in [(body + b" ", headers), (body, {}), (b"", headers), (body, headers | {"webhook-id": "msg_2"})]:
        answer = await doors.client.post("/webhooks/cards", content=content, headers=said)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert await payment(slow.id) == slow
    assert await rows("SELECT id FROM provider_events") == []


async def test_a_call_too_large_or_of_another_method_is_refused(doors: Doors, house: Ports) -> None:
    body = b" " * 2_000_000
    assert (await doors.client.post("/webhooks/cards", content=body, headers=signed(house, body))).status_code == 413
    assert (await doors.client.get("/webhooks/cards")).status_code == 405
    assert await rows("SELECT id FROM provider_events") == []


async def test_a_late_call_about_an_abandoned_payment_is_answered(doors: Doors, house: Ports) -> None:
    body, slow = await authorised()
    await void_payment(slow.purchase_id)
    answer = await doors.client.post("/webhooks/cards", content=body, headers=signed(house, body))
    assert answer.status_code == 200
    assert (await payment(slow.id)).state is PaymentState.VOIDED
