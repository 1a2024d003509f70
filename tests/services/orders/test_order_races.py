"""Two at once: exactly one wins, the loser is told the present stage, and the events stay in one unbroken row."""

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from services.bootstrap import Ports
from services.kernel import clock as house_clock
from services.kernel import events
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.orders import queries
from services.orders.errors import OrderCannotMove, OrderNotAcceptable
from services.orders.operations import (
    accept_order,
    cancel_order,
    complete_order,
    expire_overdue_orders,
    hand_over,
    mark_order_ready,
    reject_order,
    start_preparing,
)
from services.orders.queries import Order
from services.orders.rules import OrderStage, RejectReason
from services.payments.operations import authorise
from services.payments.queries import payment_of_purchase
from tests.factories.orders import consumer_of, make_order, make_purchase, orders_of, staff_of
from tests.facts import run_errands

S = OrderStage
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L1)
COURIER = Courier(new_id(), new_id())
ROUNDS = 12


async def both(*attempts: Awaitable[object]) -> Sequence[object]:
    return await asyncio.gather(*attempts, return_exceptions=True)


async def transitions(order: Order) -> list[str]:
    told = await events.timeline(order.purchase_id)
    assert [row.sequence for row in told] == list(range(1, len(told) + 1))
    return [row.kind for row in told if row.kind.startswith("Order") and row.payload["order_id"] == str(order.id)]


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_accept_against_cancel(turn: int) -> None:
    order = await make_order()
    attempts = [accept_order(staff_of(order), order.id), cancel_order(consumer_of(order), order.id, reason="no")]

    answers = await both(*(attempts if turn % 2 else attempts[::-1]))

    stage = (await queries.order(order.id)).stage
    assert stage in {S.ACCEPTED, S.CANCELLED}
    (refused,) = [answer for answer in answers if not isinstance(answer, Order)]
    assert isinstance(refused, OrderNotAcceptable if stage is S.CANCELLED else OrderCannotMove)
    assert refused.stage is stage
    assert len(await transitions(order)) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_accept_against_expiry_on_a_running_clock(turn: int) -> None:
    order = await make_order()
    assert order.accept_by
    # The deadline passes while the two are under way.
    house_clock.set_anchor(house_clock.Anchor(house_clock.wall(), order.accept_by - house_clock.seconds(0.001 * turn), 1.0))

    async def expire_until_answered() -> int:
        while not (expired := await expire_overdue_orders()):
            if (await queries.order(order.id)).stage is not S.PLACED:
                return 0
        return expired

    answers = await both(accept_order(staff_of(order), order.id), expire_until_answered())

    stage = (await queries.order(order.id)).stage
    if stage is S.ACCEPTED:
        assert isinstance(answers[0], Order)
        assert answers[1] == 0
    else:
        assert stage is S.EXPIRED
        assert isinstance(answers[0], OrderNotAcceptable)
        assert answers[0].stage in {S.PLACED, S.EXPIRED}
        assert answers[1] == 1
    assert len(await transitions(order)) == 1


@pytest.mark.parametrize("turn", range(ROUNDS // 2))
async def test_cancel_against_deliver(turn: int) -> None:
    order = await make_order(S.READY)

    async def bring() -> Order:
        await hand_over(COURIER, [order.id])
        return await complete_order(COURIER, order.id)

    attempts = [bring(), cancel_order(AGENT, order.id, reason="called off")]
    answers = await both(*(attempts if turn % 2 else attempts[::-1]))

    stage = (await queries.order(order.id)).stage
    assert stage in {S.CANCELLED, S.DELIVERED}
    (refused,) = [answer for answer in answers if not isinstance(answer, Order)]
    assert isinstance(refused, OrderCannotMove)
    assert refused.stage in ({S.CANCELLED} if stage is S.CANCELLED else {S.HANDED_OVER, S.DELIVERED})
    payment = await payment_of_purchase(order.purchase_id)
    assert payment.released == (order.total if stage is S.CANCELLED else 0)
    assert await transitions(order) == (["OrderCancelled"] if stage is S.CANCELLED else ["OrderHandedOver", "OrderDelivered"])


async def test_twenty_taps_accept_once() -> None:
    order = await make_order()
    answers = await both(*(accept_order(staff_of(order), order.id) for _ in range(20)))
    assert all(isinstance(answer, Order) and answer.stage is S.ACCEPTED for answer in answers)
    assert await transitions(order) == ["OrderAccepted"]


async def test_many_sweepers_expire_each_order_once() -> None:
    orders = [await make_order() for _ in range(6)]
    house_clock.stand_still_at(house_clock.now() + house_clock.seconds(600))

    touched = [await answer for answer in asyncio.as_completed([expire_overdue_orders() for _ in range(4)])]

    assert sum(touched) == 6
    for order in orders:
        assert await transitions(order) == ["OrderExpired"]


async def test_the_events_of_a_purchase_have_no_gap_whoever_acts_at_once(house: Ports) -> None:
    purchase = await make_purchase(S.PENDING_PAYMENT, S.PENDING_PAYMENT, S.PENDING_PAYMENT)
    await authorise((await payment_of_purchase(purchase.id)).id, house.cards)
    await run_errands(house)
    first, second, third = await orders_of(purchase)

    async def cook(order: Order) -> None:
        for step in (accept_order, start_preparing, mark_order_ready):
            await step(staff_of(order), order.id)

    await asyncio.gather(cook(first), cook(second), reject_order(staff_of(third), third.id, reason=RejectReason.OTHER))
    await asyncio.gather(hand_over(COURIER, [first.id, second.id]), run_errands(house))
    await asyncio.gather(complete_order(COURIER, first.id), complete_order(COURIER, second.id), run_errands(house))

    told = await events.timeline(purchase.id)
    assert [row.sequence for row in told] == list(range(1, len(told) + 1))
    for order in (first, second):
        moves = [kind for kind in await transitions(order) if kind != "OrderMoneyCaptured"]
        assert moves == ["OrderPlaced", "OrderAccepted", "OrderPreparing", "OrderReady", "OrderHandedOver", "OrderDelivered"]
    assert await transitions(third) == ["OrderPlaced", "OrderRejected"]


async def test_two_orders_of_one_purchase_fall_away_at_once_and_every_cent_goes_back() -> None:
    purchase = await make_purchase(S.PLACED, S.PLACED, S.PLACED, tip=250)
    first, second, third = await orders_of(purchase)

    answers = await both(
        reject_order(staff_of(first), first.id, reason=RejectReason.TOO_BUSY),
        cancel_order(consumer_of(purchase), second.id, reason="no"),
        accept_order(staff_of(third), third.id),
    )

    assert all(isinstance(answer, Order) for answer in answers)
    payment = await payment_of_purchase(purchase.id)
    left = await queries.order(third.id)
    assert payment.amount - payment.released == left.total == 1_500 + 190 + 75 + 250
