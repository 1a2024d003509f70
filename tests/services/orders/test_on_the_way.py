"""From accepted to settled: prepared, handed over, delivered, and what becomes of what nobody took."""

from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.kernel import events
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from services.orders import queries
from services.orders.errors import CollectionCodeWrong, OrderCannotMove, OrderNotForCollection, ReadyTimeOutOfReach
from services.orders.operations import (
    accept_order,
    complete_order,
    dispose_order,
    hand_over,
    hand_over_to_consumer,
    mark_order_ready,
    move_ready_time,
    order_undeliverable,
    return_order,
    settle_finished_orders,
    start_preparing,
)
from services.orders.queries import Order
from services.orders.rules import Fulfilment, OrderStage, PurchaseStage
from services.payments import ledger
from services.payments.queries import capture_of_order, payment_of_purchase
from services.payments.rules import MovementState, PaymentState
from tests.conftest import TestClock
from tests.factories.orders import make_order, make_purchase, orders_of, picture, staff_of
from tests.facts import run_errands

S = OrderStage
COURIER = Courier(new_id(), new_id())
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L1)


async def bring_to_the_courier(order: Order, clock: TestClock) -> None:
    staff = staff_of(order)
    await accept_order(staff, order.id)
    clock.move(minutes=2)
    assert (await start_preparing(staff, order.id)).preparing_at == clock.now()
    clock.move(minutes=9)
    ready = await mark_order_ready(staff, order.id)
    assert (ready.made_ready_at, ready.ready_at) == (clock.now(), clock.now())
    (taken,) = await hand_over(COURIER, [order.id])
    assert (taken.stage, taken.handed_over_at) == (S.HANDED_OVER, clock.now())


async def test_the_money_is_taken_when_the_order_leaves_the_store(house: Ports, clock: TestClock) -> None:
    order = await make_order(tip=100)
    await bring_to_the_courier(order, clock)

    await run_errands(house)

    capture = await capture_of_order(order.id)
    assert capture is not None
    assert (capture.amount, capture.state) == (order.total, MovementState.DONE)
    # 15.00 of goods at 25 % commission, and all of the tip for the courier.
    assert (capture.split.goods, capture.split.commission, capture.split.tip) == (1_500, 375, 100)
    assert capture.split.courier_id == COURIER.person_id
    assert (await payment_of_purchase(order.purchase_id)).state is PaymentState.CAPTURED


async def test_an_order_goes_the_whole_way(house: Ports, clock: TestClock) -> None:
    order = await make_order()
    await bring_to_the_courier(order, clock)
    await run_errands(house)
    clock.move(minutes=12)
    delivered = await complete_order(COURIER, order.id)
    assert (delivered.stage, delivered.settle_after) == (S.DELIVERED, clock.now() + timedelta(days=1))
    clock.move(hours=23, minutes=59)
    assert await settle_finished_orders() == 0
    clock.move(minutes=1)
    assert await settle_finished_orders() == 1
    assert await settle_finished_orders() == 0

    assert (await queries.order(order.id)).stage is S.SETTLED
    assert set((await ledger.sum_of_everything()).values()) == {0}
    told = [row.kind for row in await events.timeline(order.purchase_id)]
    way = (
        "OrderAccepted OrderPreparing OrderReady OrderHandedOver CaptureRequested OrderMoneyCaptured OrderDelivered OrderSettled"
    )
    assert [kind for kind in told if kind.startswith(("Order", "Capture"))] == way.split()


async def test_nothing_is_settled_whose_money_is_not_in_the_ledger(clock: TestClock) -> None:
    order = await make_order(S.READY)
    await hand_over(COURIER, [order.id])
    await complete_order(COURIER, order.id)
    clock.move(days=2)

    assert await settle_finished_orders() == 0
    assert (await queries.order(order.id)).stage is S.DELIVERED


async def test_every_step_said_again_changes_nothing(clock: TestClock) -> None:
    order = await make_order(S.ACCEPTED)
    staff = staff_of(order)
    for step in (
        lambda: start_preparing(staff, order.id),
        lambda: mark_order_ready(staff, order.id),
        lambda: hand_over(COURIER, [order.id]),
        lambda: complete_order(COURIER, order.id),
    ):
        done = await step()
        before = await picture()
        assert await step() == done
        assert await picture() == before


@pytest.mark.parametrize("stage", sorted(set(S) - {S.READY, S.PREPARING, S.HANDED_OVER}))
async def test_nothing_is_handed_over_from_elsewhere(stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    with pytest.raises(OrderCannotMove) as refused:
        await hand_over(COURIER, [order.id])
    assert (refused.value.stage, refused.value.to) == (stage, S.HANDED_OVER)
    assert await picture() == before


@pytest.mark.parametrize("stage", sorted(set(S) - {S.HANDED_OVER, S.DELIVERED}))
async def test_nothing_is_delivered_before_it_was_picked_up(stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    with pytest.raises(OrderCannotMove) as refused:
        await complete_order(COURIER, order.id)
    assert (refused.value.stage, refused.value.to) == (stage, S.DELIVERED)
    assert await picture() == before


async def test_orders_are_handed_over_all_or_none() -> None:
    purchase = await make_purchase(S.READY, S.ACCEPTED)
    before = await picture()

    with pytest.raises(OrderCannotMove):
        await hand_over(COURIER, [order.id for order in await orders_of(purchase)])
    assert await picture() == before


async def test_the_ready_time_moves_within_limits(clock: TestClock) -> None:
    order = await make_order(S.ACCEPTED)
    staff, later = staff_of(order), clock.now() + timedelta(minutes=40)

    moved = await move_ready_time(staff, order.id, ready_at=later)
    assert (moved.stage, moved.ready_at) == (S.ACCEPTED, later)
    (told,) = await events.timeline(order.purchase_id)
    assert told.kind == "OrderReadyTimeMoved"
    before = await picture()
    assert await move_ready_time(staff, order.id, ready_at=later) == moved
    with pytest.raises(ReadyTimeOutOfReach):
        await move_ready_time(staff, order.id, ready_at=clock.now() + timedelta(hours=4))
    assert await picture() == before


@pytest.mark.parametrize("stage", [S.PLACED, S.READY, S.HANDED_OVER, S.CANCELLED])
async def test_the_ready_time_of_what_is_not_in_work_does_not_move(clock: TestClock, stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    with pytest.raises(OrderCannotMove):
        await move_ready_time(staff_of(order), order.id, ready_at=clock.now() + timedelta(minutes=40))
    assert await picture() == before


async def test_a_collected_order_is_handed_over_and_delivered_by_its_code(house: Ports) -> None:
    order = await make_order(S.READY, fulfilment=Fulfilment.COLLECTION)
    staff = staff_of(order)
    before = await picture()
    with pytest.raises(CollectionCodeWrong):
        await hand_over_to_consumer(staff, order.id, "0000")
    assert await picture() == before

    delivered = await hand_over_to_consumer(staff, order.id, " 4711 ")

    assert delivered.stage is S.DELIVERED
    assert [row.kind for row in await events.timeline(order.purchase_id)] == ["OrderHandedOver", "OrderDelivered"]
    assert await hand_over_to_consumer(staff, order.id, "4711") == delivered


async def test_a_couriers_order_is_not_for_collection() -> None:
    order = await make_order(S.READY)
    before = await picture()
    with pytest.raises(OrderNotForCollection):
        await hand_over_to_consumer(staff_of(order), order.id, "4711")
    assert await picture() == before


async def test_what_nobody_took_comes_back_or_is_thrown_away_and_is_settled(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.READY, S.READY)
    first, second = await orders_of(purchase)
    await hand_over(COURIER, [first.id, second.id])
    for order in (first, second):
        await order_undeliverable(COURIER, order.id, reason="nobody at the door")
    assert (await queries.any_purchase(purchase.id)).stage is PurchaseStage.UNDELIVERED

    assert (await return_order(staff_of(first), first.id)).stage is S.RETURNED
    assert (await dispose_order(AGENT, second.id, reason="melted")).stage is S.DISPOSED
    before = await picture()
    assert (await return_order(staff_of(first), first.id)).stage is S.RETURNED
    with pytest.raises(OrderCannotMove):
        await complete_order(COURIER, first.id)
    assert await picture() == before
    await run_errands(house)
    clock.move(days=1)
    assert await settle_finished_orders() == 2


async def test_it_must_be_said_why_nobody_took_it() -> None:
    order = await make_order(S.HANDED_OVER)
    before = await picture()
    with pytest.raises(BadInput):
        await order_undeliverable(COURIER, order.id, reason=" ")
    assert await picture() == before


async def test_staff_of_another_store_cannot_touch_it() -> None:
    order, other = await make_order(S.ACCEPTED), await make_order(S.ACCEPTED)
    stranger = staff_of(other)
    before = await picture()
    for attempt in (
        start_preparing(stranger, order.id),
        mark_order_ready(stranger, order.id),
        move_ready_time(stranger, order.id, ready_at=order.created_at),
        hand_over_to_consumer(stranger, order.id, "4711"),
        return_order(stranger, order.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await picture() == before
