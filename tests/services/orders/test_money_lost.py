"""The card network lets the money of a purchase go: what no store has taken is called off, the rest is support's to decide."""

import pytest

from services.bootstrap import Ports
from services.cases.queries import cases_of_purchases
from services.cases.rules import CaseReason
from services.kernel import events
from services.kernel.database import row
from services.orders.operations import call_off_unpaid_orders, cancel_order
from services.orders.queries import Purchase
from services.orders.rules import OrderStage
from services.payments.operations.provider_state import apply_provider_state
from services.payments.ports import Authorisation
from services.payments.queries import payment_of_purchase
from services.payments.rules import LiableParty, PaymentState, ProviderStatus
from services.worker.relay import relay_once
from tests.factories.orders import consumer_of, make_purchase, orders_of, picture, staff_of

S = OrderStage
REASON = "The card no longer pays for it."


async def lose_the_money(purchase: Purchase, ports: Ports) -> None:
    """The network says that it holds nothing any more, and the worker does what follows."""
    payment = await payment_of_purchase(purchase.id)
    await apply_provider_state(Authorisation(provider_ref=payment.provider_ref, status=ProviderStatus.VOIDED, key=payment.id))
    while await relay_once(ports):
        pass


async def stages_of(purchase: Purchase) -> list[OrderStage]:
    return [order.stage for order in await orders_of(purchase)]


async def reasons_of_cases(purchase: Purchase) -> list[CaseReason]:
    return [case.reason for case in (await cases_of_purchases([purchase.id]))[purchase.id]]


async def test_orders_that_wait_for_their_stores_are_called_off_and_the_consumer_is_told(house: Ports) -> None:
    purchase = await make_purchase(S.PLACED, S.SCHEDULED)

    await lose_the_money(purchase, house)

    fallen = await orders_of(purchase)
    assert [(order.stage, order.reason, order.liable_party) for order in fallen] == [
        (S.CANCELLED, REASON, LiableParty.PLATFORM)
    ] * 2
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.VOIDED
    told = [event.kind for event in await events.timeline(purchase.id)]
    assert told.count("OrderCancelled") == 2
    assert told.count("MoneyReleased") == 0
    assert await reasons_of_cases(purchase) == []
    assert await row("SELECT FROM outbox") is None
    before = await picture()
    assert await call_off_unpaid_orders(purchase.id) == 0
    assert await picture() == before


@pytest.mark.parametrize("stage", [S.ACCEPTED, S.PREPARING, S.READY])
async def test_what_a_store_makes_already_goes_to_support_who_may_call_it_off(stage: OrderStage, house: Ports) -> None:
    purchase = await make_purchase(S.PLACED, stage)

    await lose_the_money(purchase, house)

    assert await stages_of(purchase) == [S.CANCELLED, stage]
    assert await reasons_of_cases(purchase) == [CaseReason.PAYMENT]
    made = (await orders_of(purchase))[1]
    cancelled = await cancel_order(staff_of(made), made.id, reason="nobody pays for it")
    assert cancelled.stage is S.CANCELLED


async def test_money_that_we_let_go_ourselves_leads_to_nothing_more(house: Ports) -> None:
    purchase = await make_purchase(S.PLACED)
    order = (await orders_of(purchase))[0]
    await cancel_order(consumer_of(order), order.id, reason="changed my mind")

    while await relay_once(house):
        pass

    told = [event.kind for event in await events.timeline(purchase.id)]
    assert (told.count("PaymentVoided"), told.count("OrderCancelled")) == (1, 1)
    assert (await orders_of(purchase))[0].liable_party is LiableParty.CONSUMER
    assert await reasons_of_cases(purchase) == []
