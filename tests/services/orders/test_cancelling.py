"""Calling an order off: who may when, who is liable, what goes back."""

import pytest

from services.kernel import events
from services.kernel.actors import SupportAgent, SupportLevel, System
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from services.orders import queries
from services.orders.errors import OrderCannotMove
from services.orders.operations import cancel_order
from services.orders.rules import OrderStage
from services.payments.queries import payment_of_purchase
from services.payments.rules import LiableParty, PaymentState
from tests.factories.identity import make_consumer
from tests.factories.orders import consumer_of, make_order, make_purchase, orders_of, picture, staff_of

S = OrderStage
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L1)
EARLY = (S.SCHEDULED, S.PLACED)
TAKEN = (S.ACCEPTED, S.PREPARING, S.READY)


@pytest.mark.parametrize("stage", EARLY)
async def test_it_is_free_for_the_consumer_until_a_store_takes_it(stage: OrderStage) -> None:
    order = await make_order(stage)

    cancelled = await cancel_order(consumer_of(order), order.id, reason="changed my mind")

    assert (cancelled.stage, cancelled.liable_party, cancelled.given_back) == (S.CANCELLED, LiableParty.CONSUMER, order.total)
    assert (await payment_of_purchase(order.purchase_id)).state is PaymentState.VOIDED
    told = (await events.timeline(order.purchase_id))[0]
    assert (told.kind, told.reason, told.actor_kind) == ("OrderCancelled", "changed my mind", "consumer")
    before = await picture()
    assert await cancel_order(consumer_of(order), order.id, reason="again") == cancelled
    assert await picture() == before


@pytest.mark.parametrize("stage", TAKEN)
async def test_after_acceptance_it_is_not_yet_open_to_the_consumer(stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    with pytest.raises(OrderCannotMove) as refused:
        await cancel_order(consumer_of(order), order.id, reason="too late")

    assert (refused.value.stage, refused.value.not_yet_open) == (stage, True)
    assert await picture() == before


@pytest.mark.parametrize("stage", TAKEN)
async def test_a_store_calls_off_what_it_took_and_is_liable(stage: OrderStage) -> None:
    order = await make_order(stage)
    cancelled = await cancel_order(staff_of(order), order.id, reason="the oven broke")
    assert (cancelled.stage, cancelled.liable_party) == (S.CANCELLED, LiableParty.STORE)


@pytest.mark.parametrize("stage", [*EARLY, *TAKEN])
async def test_support_calls_off_and_names_who_is_liable(stage: OrderStage) -> None:
    order = await make_order(stage)
    cancelled = await cancel_order(AGENT, order.id, reason="courier lost", liable_party=LiableParty.COURIER)
    assert (cancelled.stage, cancelled.liable_party) == (S.CANCELLED, LiableParty.COURIER)
    (other,) = await orders_of(await make_purchase(stage))
    assert (await cancel_order(AGENT, other.id, reason="nobody's fault")).liable_party is LiableParty.PLATFORM


async def test_the_platform_calls_off_only_early(clock: object) -> None:
    early, taken = await make_order(S.PLACED), await make_order(S.ACCEPTED)
    assert (await cancel_order(System("closing down"), early.id, reason="city closed")).liable_party is LiableParty.PLATFORM
    with pytest.raises(OrderCannotMove):
        await cancel_order(System("closing down"), taken.id, reason="city closed")


@pytest.mark.parametrize("stage", sorted(set(S) - {*EARLY, *TAKEN, S.CANCELLED}))
async def test_nobody_calls_off_what_left_or_ended(stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    for actor in (consumer_of(order), AGENT):
        with pytest.raises(OrderCannotMove) as refused:
            await cancel_order(actor, order.id, reason="too late")
        assert (refused.value.stage, refused.value.not_yet_open) == (stage, False)
    assert await picture() == before


async def test_strangers_empty_reasons_and_self_named_liability_change_nothing() -> None:
    order = await make_order()
    stranger = await make_consumer("Onni Laine")
    before = await picture()

    with pytest.raises(NotFound):
        await cancel_order(stranger, order.id, reason="not mine")
    for reason in ("", "   ", "x" * 201):
        with pytest.raises(BadInput):
            await cancel_order(consumer_of(order), order.id, reason=reason)
    with pytest.raises(BadInput):
        await cancel_order(staff_of(order), order.id, reason="not us", liable_party=LiableParty.PLATFORM)
    assert await picture() == before


async def test_the_other_orders_go_on(clock: object) -> None:
    purchase = await make_purchase(S.HANDED_OVER, S.READY, S.PLACED, tip=300)
    gone, ready, placed = await orders_of(purchase)

    await cancel_order(AGENT, ready.id, reason="spilled")

    after = {order.id: order for order in await orders_of(purchase)}
    assert after[gone.id] == gone
    assert after[placed.id].stage is S.PLACED
    payment = await payment_of_purchase(purchase.id)
    assert payment.amount - payment.released == after[gone.id].total + after[placed.id].total
    assert (await queries.any_purchase(purchase.id)).total == payment.amount - payment.released
