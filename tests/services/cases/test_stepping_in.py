"""Stepping in: an agent calls an order off or releases a courier, within the level, the states, and the case."""

import pytest

from services.cases.errors import CaseAlreadyClosed
from services.cases.operations import cancel_order_for, close_case, release_courier
from services.cases.queries import actions_of_cases
from services.dispatch.errors import DeliveryCannotMove
from services.dispatch.queries import delivery_of
from services.dispatch.rules import DeliveryState
from services.kernel import events
from services.kernel.actors import SupportLevel
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.idempotency import KeyReusedWithOtherInput
from services.kernel.ids import new_id
from services.orders.errors import OrderCannotMove
from services.orders.rules import OrderStage
from services.payments.queries import payment_of_purchase
from services.payments.rules import LiableParty, PaymentState
from tests.factories.cases import make_called_about, make_case, make_delivery, picture
from tests.factories.identity import make_agent
from tests.factories.orders import make_order, orders_of

S = OrderStage
STORE = LiableParty.STORE


async def test_an_order_is_called_off_with_a_reason_and_a_liable_party() -> None:
    order, agent = await make_order(S.PREPARING), await make_agent(SupportLevel.L2)
    case = await make_case(order)
    cancelled = await cancel_order_for(agent, order.id, "kitchen flooded", STORE, case.id)
    assert (cancelled.stage, cancelled.liable_party, cancelled.given_back) == (S.CANCELLED, STORE, order.total)
    assert (await payment_of_purchase(order.purchase_id)).state is PaymentState.VOIDED
    told = next(event for event in await events.timeline(order.purchase_id) if event.kind == "OrderCancelled")
    assert (told.actor_kind, told.actor_id, told.reason) == ("support", agent.person_id, "kitchen flooded")
    *_, last = (await actions_of_cases([case.id]))[case.id]
    assert (last.kind, last.text) == ("ORDER_CANCELLED", f"{order.number}, STORE: kitchen flooded")

    await close_case(agent, case.id, "money is back")
    before = await picture()
    assert await cancel_order_for(agent, order.id, "kitchen flooded", STORE, case.id) == cancelled
    assert await picture() == before


async def test_what_cannot_be_called_off_stays_as_it_is() -> None:
    order, gone, other = await make_order(), await make_order(S.HANDED_OVER), await make_order()
    agent = await make_agent(SupportLevel.L2)
    foreign, closed = await make_case(other), await make_case(order)
    await close_case(agent, closed.id, "solved")
    juniors = [await make_agent(SupportLevel.L1), await make_agent(SupportLevel.FINANCE)]
    before = await picture()

    for junior in juniors:
        with pytest.raises(Forbidden):
            await cancel_order_for(junior, order.id, "may I", STORE)
    for reason in ("", " ", "x" * 201):
        with pytest.raises(BadInput):
            await cancel_order_for(agent, order.id, reason, STORE)
    with pytest.raises(OrderCannotMove):
        await cancel_order_for(agent, gone.id, "too late", STORE)
    for order_id, case_id in ((new_id(), None), (order.id, foreign.id)):
        with pytest.raises(NotFound):
            await cancel_order_for(agent, order_id, "which", STORE, case_id)
    with pytest.raises(CaseAlreadyClosed):
        await cancel_order_for(agent, order.id, "rests", STORE, closed.id)
    assert await picture() == before


async def test_a_courier_is_released_and_another_is_sought_once_for_a_key() -> None:
    purchase = await make_called_about(S.READY)
    courier, delivery = await make_delivery(purchase)
    agent, case = await make_agent(SupportLevel.L2), await make_case(purchase)
    released = await release_courier(agent, delivery.id, "puncture", key="k1", case_id=case.id)
    assert (released.state, released.courier_id) == (DeliveryState.SEARCHING, None)
    told = (await events.timeline(purchase.id))[-1]
    assert (told.kind, told.payload["courier_id"], told.reason) == ("DeliveryUnassigned", str(courier.person_id), "puncture")
    *_, last = (await actions_of_cases([case.id]))[case.id]
    assert (last.kind, last.text) == ("COURIER_RELEASED", "puncture")

    before = await picture()
    assert await release_courier(agent, delivery.id, "puncture", key="k1", case_id=case.id) == released
    with pytest.raises(KeyReusedWithOtherInput):
        await release_courier(agent, delivery.id, "another reason", key="k1", case_id=case.id)
    with pytest.raises(DeliveryCannotMove):
        await release_courier(agent, delivery.id, "again", key="k2")
    assert await picture() == before


async def test_a_courier_is_not_released_by_everybody_for_anything() -> None:
    purchase = await make_called_about(S.READY)
    _, delivery = await make_delivery(purchase)
    agent = await make_agent(SupportLevel.L2)
    foreign = await make_case(await make_called_about(phone=None))
    juniors = [await make_agent(SupportLevel.L1), await make_agent(SupportLevel.FINANCE)]
    before = await picture()

    for junior in juniors:
        with pytest.raises(Forbidden):
            await release_courier(junior, delivery.id, "may I", key="k")
    for reason, key in (("", "k"), ("x" * 201, "k"), ("why", ""), ("why", "k" * 129)):
        with pytest.raises(BadInput):
            await release_courier(agent, delivery.id, reason, key=key)
    for delivery_id, case_id in ((new_id(), None), (delivery.id, foreign.id)):
        with pytest.raises(NotFound):
            await release_courier(agent, delivery_id, "which", key="k", case_id=case_id)
    assert await picture() == before
    assert (await delivery_of(delivery.id)).state is DeliveryState.ASSIGNED


async def test_the_other_orders_of_the_purchase_go_on() -> None:
    purchase = await make_called_about(S.READY, S.PLACED)
    ready, placed = await orders_of(purchase)
    await cancel_order_for(await make_agent(SupportLevel.L2), ready.id, "spilled", LiableParty.PLATFORM)
    after = {order.id: order.stage for order in await orders_of(purchase)}
    assert after == {ready.id: S.CANCELLED, placed.id: S.PLACED}
