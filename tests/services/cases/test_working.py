"""Cases: opened by agents, consumers and the house, noted on, closed; and who may not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.bootstrap import Ports
from services.cases.errors import CaseAlreadyClosed
from services.cases.events import CaseClosed, CaseNoted, CaseOpened
from services.cases.operations import ask_for_help, close_case, note_on_case, open_case
from services.cases.queries import actions_of_cases, case_queue, cases_of_consumer, cases_of_purchases, support_case
from services.cases.rules import CaseReason, CaseState
from services.dispatch.events import DeliveryFailed, DeliveryUndeliverable
from services.kernel.errors import BadInput, NotFound
from services.kernel.events import Event
from services.kernel.idempotency import KeyReusedWithOtherInput
from services.kernel.ids import new_id, read_spoken_number
from services.kernel.paging import PageRequest
from services.kernel.unit_of_work import unit_of_work
from services.orders.queries import Purchase
from services.orders.rules import OrderStage
from services.payments.events import CaptureFailed, RefundFailed
from tests.conftest import NOON, TestClock
from tests.factories.cases import LEVELS, make_called_about, make_case, picture
from tests.factories.identity import make_agent, make_consumer
from tests.factories.orders import consumer_of, make_order, orders_of
from tests.facts import recorded, run_errands

S = OrderStage


async def test_a_case_is_opened_once_for_a_key() -> None:
    order, agent = await make_order(), await make_agent()
    case = await open_case(agent, order.purchase_id, order.id, CaseReason.LATE, " still waiting ", key="k")
    assert (case.order_id, case.reason, case.state, case.opened_by) == (order.id, "LATE", "OPEN", agent.person_id)
    assert read_spoken_number("C", case.number) == case.number
    (opened,) = (await actions_of_cases([case.id]))[case.id]
    assert (opened.kind, opened.text, opened.actor_as, opened.at) == ("OPENED", "still waiting", "support", NOON)
    (fact,) = await recorded(CaseOpened)
    assert (fact.case_number, fact.case_reason, fact.stream) == (case.number, "LATE", order.purchase_id)

    before = await picture()
    assert await open_case(agent, order.purchase_id, order.id, CaseReason.LATE, "still waiting", key="k") == case
    with pytest.raises(KeyReusedWithOtherInput):
        await open_case(agent, order.purchase_id, order.id, CaseReason.DAMAGED, "still waiting", key="k")
    assert await picture() == before


async def test_a_case_that_cannot_be_meant_is_not_opened() -> None:
    order, other, agent = await make_order(), await make_order(), await make_agent()
    before = await picture()
    for purchase_id, order_id in ((new_id(), None), (order.purchase_id, other.id), (order.purchase_id, new_id())):
        with pytest.raises(NotFound):
            await open_case(agent, purchase_id, order_id, CaseReason.LATE, "late", key="k")
    for note, key in (("", "k"), ("x" * 1001, "k"), ("\0", "k"), ("late", "")):
        with pytest.raises(BadInput):
            await open_case(agent, order.purchase_id, None, CaseReason.LATE, note, key=key)
    assert await picture() == before


async def test_agents_of_every_level_note_and_close(clock: TestClock) -> None:
    case = await make_case(await make_order())
    for level in LEVELS:
        agent = await make_agent(level)
        clock.move(seconds=1)
        await note_on_case(agent, case.id, f"seen by {level}", key="k")
        await note_on_case(agent, case.id, f"seen by {level}", key="k")
    assert len(await recorded(CaseNoted)) == 3
    closed = await close_case(agent, case.id, "solved")
    assert (closed.state, closed.closed_at) == (CaseState.CLOSED, clock.now())
    actions = (await actions_of_cases([case.id]))[case.id]
    assert [action.text for action in actions] == ["She called.", "seen by L1", "seen by L2", "seen by FINANCE", "solved"]

    before = await picture()
    assert await close_case(agent, case.id, "solved again") == closed
    # What was written before it was closed may be said again.
    assert (await note_on_case(agent, case.id, "seen by FINANCE", key="k")).id == case.id
    with pytest.raises(CaseAlreadyClosed):
        await note_on_case(agent, case.id, "one more", key="k2")
    for text in ("", "x" * 1001):
        with pytest.raises(BadInput):
            await note_on_case(agent, case.id, text, key="k3")
        with pytest.raises(BadInput):
            await close_case(agent, case.id, text)
    for unknown in (note_on_case(agent, new_id(), "where", key="k4"), close_case(agent, new_id(), "where")):
        with pytest.raises(NotFound):
            await unknown
    assert await picture() == before
    assert len(await recorded(CaseClosed)) == 1


async def test_two_who_close_at_once_close_once() -> None:
    case, one, other = await make_case(await make_order()), await make_agent(), await make_agent()
    await asyncio.gather(*(close_case(agent, case.id, "solved") for agent in (one, other, one, other)))
    assert len(await recorded(CaseClosed)) == 1
    assert [action.kind for action in (await actions_of_cases([case.id]))[case.id]] == ["OPENED", "CLOSED"]


async def test_a_consumer_asks_for_help_about_an_order_of_their_own() -> None:
    order = await make_order(S.DELIVERED)
    consumer = consumer_of(order)
    case = await ask_for_help(consumer, order.id, CaseReason.MISSING_ITEMS, "no soup", key="k")
    assert (case.opened_as, case.opened_by, case.purchase_id) == ("consumer", consumer.person_id, order.purchase_id)
    assert await ask_for_help(consumer, order.id, CaseReason.MISSING_ITEMS, "no soup", key="k") == case
    assert (await cases_of_consumer(consumer, PageRequest())).rows == [case]
    stranger = await make_consumer("Onni Laine")
    assert (await cases_of_consumer(stranger, PageRequest())).rows == []

    before = await picture()
    for who, order_id in ((stranger, order.id), (consumer, new_id())):
        with pytest.raises(NotFound):
            await ask_for_help(who, order_id, CaseReason.LATE, "mine?", key="k9")
    for reason, message in ((CaseReason.LATE, " "), (CaseReason.LATE, "x" * 1001), (CaseReason.NO_COURIER_FOUND, "nobody")):
        with pytest.raises(BadInput):
            await ask_for_help(consumer, order.id, reason, message, key="k9")
    assert await picture() == before


async def test_open_cases_wait_in_their_order_page_by_page(clock: TestClock) -> None:
    agent, cases = await make_agent(), []
    for _ in range(5):
        cases.append(await make_case(await make_order()))
        clock.move(seconds=1)
    await close_case(agent, cases[1].id, "solved")
    first = await case_queue(agent, PageRequest(3))
    second = await case_queue(agent, PageRequest(3, first.end_cursor))
    assert [case.id for case in first.rows + second.rows] == [cases[place].id for place in (0, 2, 3, 4)]
    assert (first.has_next, second.has_next) == (True, False)


def _money(kind: type[CaptureFailed | RefundFailed]) -> Callable[[Purchase], Awaitable[Event]]:
    async def make(purchase: Purchase) -> Event:
        (order,) = await orders_of(purchase)
        more: dict[str, Any] = (
            {"capture_id": new_id(), "order_id": order.id} if kind is CaptureFailed else {"refund_id": new_id()}
        )
        return kind(purchase_id=purchase.id, payment_id=new_id(), amount=5, reason="no", **more)

    return make


def _delivery(kind: type[DeliveryFailed | DeliveryUndeliverable]) -> Callable[[Purchase], Awaitable[Event]]:
    async def make(purchase: Purchase) -> Event:
        more: dict[str, Any] = {"stop_id": new_id(), "reason_given": "shut"} if kind is DeliveryUndeliverable else {}
        return kind(delivery_id=new_id(), purchase_id=purchase.id, consumer_id=purchase.consumer_id, store_ids=[], **more)

    return make


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (_delivery(DeliveryFailed), CaseReason.NO_COURIER_FOUND),
        (_delivery(DeliveryUndeliverable), CaseReason.NOT_DELIVERED),
        (_money(CaptureFailed), CaseReason.PAYMENT),
        (_money(RefundFailed), CaseReason.PAYMENT),
    ],
)
async def test_what_the_house_cannot_mend_becomes_one_case(
    event: Callable[[Purchase], Awaitable[Event]], reason: CaseReason, house: Ports
) -> None:
    purchase = await make_called_about(S.HANDED_OVER)
    for _ in range(2):
        fact = await event(purchase)
        async with unit_of_work() as work:
            await work.record(fact)
        await run_errands(house)
    (case,) = (await cases_of_purchases([purchase.id]))[purchase.id]
    assert (case.reason, case.opened_as, case.opened_by) == (reason, "system", None)
    await close_case(await make_agent(), case.id, "looked into")
    async with unit_of_work() as work:
        await work.record(fact)
    await run_errands(house)
    assert len((await cases_of_purchases([purchase.id]))[purchase.id]) == 2
    assert (await support_case(case.id)).state is CaseState.CLOSED
