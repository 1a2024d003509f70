"""The sandbox network: signed webhooks over real HTTP, tried again until they are heard, and its rules under our keys."""

from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.adapters.sandbox_cards import DELIVERY_TRIES, deliver_sandbox_webhooks
from services.kernel.database import rows
from services.payments.errors import ProviderRefused
from services.payments.operations import receive_webhook
from services.payments.ports import CardProvider
from services.payments.queries import payment
from services.payments.rules import PaymentState, ProviderStatus
from tests.conftest import TestClock
from tests.factories.payments import TestPorts, UnreliableCards, make_payment, only_row, sandbox
from tests.local_server import serving


@dataclass
class Gateway:
    """What stands at the other end: answers with `status` and lets payments read what it hears."""

    status: int = 200
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    new: list[bool] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.heard.append((scope["path"], body))
        if self.status == 200:
            self.new.append(await receive_webhook(body, request.headers, sandbox()))
        await Response(status_code=self.status)(scope, receive, send)


async def test_a_slow_cards_webhook_authorises_the_payment(clock: TestClock) -> None:
    gateway = Gateway()
    async with serving(gateway) as address:
        ports = TestPorts(sandbox(address))
        slow = await make_payment(method="card_slow", cards=ports.cards)
        assert await deliver_sandbox_webhooks(ports) == 0

        clock.move(seconds=3)
        assert await deliver_sandbox_webhooks(ports) == 1
        assert await deliver_sandbox_webhooks(ports) == 0

    assert [path for path, _ in gateway.heard] == ["/webhooks/cards"]
    assert (await payment(slow.id)).state is PaymentState.AUTHORISED


async def test_a_webhook_that_comes_twice_is_the_same_webhook() -> None:
    gateway = Gateway()
    async with serving(gateway) as address:
        ports = TestPorts(sandbox(address))
        await make_payment(method="card_webhook_twice", cards=ports.cards)
        assert [await deliver_sandbox_webhooks(ports) for _ in range(3)] == [1, 1, 0]

    assert gateway.heard[0] == gateway.heard[1]
    assert gateway.new == [True, False]
    assert len(await rows("SELECT id FROM provider_events")) == 1


async def test_a_gateway_that_is_away_hears_it_later(clock: TestClock) -> None:
    gateway = Gateway(status=503)
    async with serving(gateway) as address:
        ports = TestPorts(sandbox(address))
        await make_payment(cards=ports.cards)
        assert await deliver_sandbox_webhooks(ports) == 1
        assert await deliver_sandbox_webhooks(ports) == 0
        gateway.status = 200
        clock.move(seconds=1)
        assert await deliver_sandbox_webhooks(ports) == 1
        assert await deliver_sandbox_webhooks(ports) == 0
    assert gateway.new == [True]


async def test_a_gateway_that_stays_away_is_given_up(clock: TestClock) -> None:
    ports = TestPorts(sandbox())
    await make_payment(cards=ports.cards)
    calls = 0
    for _ in range(DELIVERY_TRIES + 3):
        calls += await deliver_sandbox_webhooks(ports)
        clock.move(seconds=100)
    assert calls == DELIVERY_TRIES


async def test_a_real_provider_sends_its_own_webhooks() -> None:
    stranger: CardProvider = UnreliableCards()
    await make_payment(cards=stranger)
    assert await deliver_sandbox_webhooks(TestPorts(stranger)) == 0


async def test_the_same_key_has_one_effect() -> None:
    cards, key = sandbox(), uuid4()
    held = await cards.authorise(key, 1_000, "EUR", "card_ok")
    assert await cards.authorise(key, 1_000, "EUR", "card_ok") == held
    assert held.provider_ref is not None
    capture, refund = uuid4(), uuid4()
    taken = await cards.capture(capture, held.provider_ref, 600, final=False)
    assert await cards.capture(capture, held.provider_ref, 600, final=False) == taken
    given = await cards.refund(refund, held.provider_ref, 100)
    assert await cards.refund(refund, held.provider_ref, 100) == given
    await cards.void(key, held.provider_ref)
    await cards.void(key, held.provider_ref)

    found = await only_row("SELECT status, captured, refunded FROM sandbox_cards_intents")
    assert dict(found) == {"status": "CAPTURED", "captured": 600, "refunded": 100}


async def test_the_network_refuses_more_than_there_is() -> None:
    cards = sandbox()
    held = await cards.authorise(uuid4(), 1_000, "EUR", "card_ok")
    assert held.provider_ref is not None
    with pytest.raises(ProviderRefused, match="amount_too_large"):
        await cards.capture(uuid4(), held.provider_ref, 1_001, final=False)
    await cards.capture(uuid4(), held.provider_ref, 400, final=False)
    with pytest.raises(ProviderRefused, match="amount_too_large"):
        await cards.refund(uuid4(), held.provider_ref, 401)
    await cards.void(uuid4(), held.provider_ref)
    with pytest.raises(ProviderRefused, match="not_capturable"):
        await cards.capture(uuid4(), held.provider_ref, 100, final=False)
    with pytest.raises(ProviderRefused, match="unknown"):
        await cards.look_up("sandbox_of_nobody")
    assert (await cards.look_up(held.provider_ref)).status is ProviderStatus.CAPTURED
